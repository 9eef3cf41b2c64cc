//! Notices that the files of a configuration have changed, however that was done: written in place,
//! replaced by a rename, or swapped below a symbolic link.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;
use tokio::time::{Interval, timeout};
use tracing::debug;

/// Whoever writes one file may write another one right after it.
const CALM: Duration = Duration::from_millis(300);

/// Where something changes all the time, nobody waits for calm longer than this.
const STORM: Duration = Duration::from_secs(2);

/// File systems of a network tell nothing, so everything is looked at as often as this.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Watches files and directories.
#[derive(Debug)]
pub(super) struct Watch {
    /// `None` where the system has no more watches to give; then the files are looked at.
    watcher: Option<RecommendedWatcher>,
    words: mpsc::Receiver<()>,
    /// The directories that are watched, each as the one that it was then.
    watched: BTreeMap<PathBuf, Identity>,
    /// Files and directories.
    places: Vec<PathBuf>,
    footprints: Vec<Option<Footprint>>,
    /// When the places are looked at next, whatever was told.
    look: Interval,
    /// Whether something was told and not passed on yet.
    restless: bool,
}

/// What is different about a file after another one took its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

/// What is different about a file after it was changed, and about a directory after a file came or
/// went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Footprint {
    identity: Identity,
    length: u64,
    modified: (i64, i64),
}

impl Watch {
    /// A watch on nothing yet. The state file may lie among what will be watched, and changes often.
    pub(super) fn new(state: &Path) -> Self {
        let (sender, words) = mpsc::channel(1);
        let state = state.file_name().unwrap_or_default().to_owned();
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if event.map_or(true, |event| is_change(&event) && !is_of(&event, &state)) {
                // One word waits already, and that is enough.
                let _told = sender.try_send(()).is_ok();
            }
        });
        if let Err(error) = &watcher {
            debug!(%error, "changes are looked for, for want of a watch");
        }
        Self {
            watcher: watcher.ok(),
            words,
            watched: BTreeMap::new(),
            places: Vec::new(),
            footprints: Vec::new(),
            look: tokio::time::interval(LOOK_EVERY),
            restless: false,
        }
    }

    /// Watches these files and directories in the place of those before. Says whether any is new.
    pub(super) fn look_at(&mut self, files: &[PathBuf], directories: &BTreeSet<PathBuf>) -> bool {
        let is_new = self.watch(directories);
        let places: Vec<PathBuf> = files.iter().chain(directories).cloned().collect();
        if self.places == places {
            return is_new;
        }
        self.footprints = places.iter().map(|place| footprint(place)).collect();
        self.places = places;
        true
    }

    /// Watches these directories, also one that was made or made anew since it was last asked for.
    /// Says whether any is new.
    fn watch(&mut self, directories: &BTreeSet<PathBuf>) -> bool {
        let Some(watcher) = &mut self.watcher else {
            return false;
        };
        let found: BTreeMap<&PathBuf, Identity> = directories
            .iter()
            .filter_map(|directory| Some((directory, footprint(whole(directory))?.identity)))
            .collect();
        self.watched.retain(|directory, identity| {
            let stays = found.get(directory) == Some(identity);
            if !stays {
                let _gone_anyway = watcher.unwatch(whole(directory)).is_ok();
            }
            stays
        });
        let mut is_new = false;
        for (directory, identity) in found {
            if self.watched.contains_key(directory) {
                continue;
            }
            match watcher.watch(whole(directory), RecursiveMode::NonRecursive) {
                Ok(()) => {
                    self.watched.insert(directory.clone(), identity);
                    is_new = true;
                }
                Err(error) => {
                    debug!(%error, directory = %directory.display(), "this directory cannot be watched");
                }
            }
        }
        is_new
    }

    /// Waits until something may have changed, and until whoever did it has had time to end.
    ///
    /// Nothing is lost where this is given up and called again.
    pub(super) async fn changed(&mut self) {
        while !self.restless {
            tokio::select! {
                word = self.words.recv(), if self.watcher.is_some() => {
                    self.restless = word.is_some();
                    if word.is_none() {
                        self.watcher = None;
                    }
                }
                _ = self.look.tick() => {
                    let footprints: Vec<_> = self.places.iter().map(|it| footprint(it)).collect();
                    self.restless = self.footprints != footprints;
                    self.footprints = footprints;
                }
            }
        }
        let calm = async { while let Ok(Some(())) = timeout(CALM, self.words.recv()).await {} };
        let _calm_or_not = timeout(STORM, calm).await.is_ok();
        self.restless = false;
    }
}

/// Whether somebody did more than read: this program reads the files itself.
fn is_change(event: &Event) -> bool {
    !matches!(event.kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write))
}

/// Whether all that changed is a state file, its log or its lock.
fn is_of(event: &Event, state: &OsStr) -> bool {
    let mut names = event.paths.iter().filter_map(|path| path.file_name());
    let of_state = |name: &OsStr| {
        name.as_encoded_bytes()
            .starts_with(state.as_encoded_bytes())
    };
    !event.paths.is_empty() && !state.is_empty() && names.all(of_state)
}

/// The directory of a file that is named without one.
fn whole(directory: &Path) -> &Path {
    if directory.as_os_str().is_empty() {
        Path::new(".")
    } else {
        directory
    }
}

fn footprint(place: &Path) -> Option<Footprint> {
    let metadata = std::fs::metadata(place).ok()?;
    Some(Footprint {
        identity: Identity {
            device: metadata.dev(),
            inode: metadata.ino(),
        },
        length: metadata.len(),
        modified: (metadata.mtime(), metadata.mtime_nsec()),
    })
}
