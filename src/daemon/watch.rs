//! Notices that the files of a configuration have changed, however that was done: written in place,
//! replaced by a rename, or swapped below a symbolic link.

use std::collections::BTreeSet;
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

/// File systems of a network tell nothing, so the files are looked at as often as this.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Watches files and directories.
#[derive(Debug)]
pub(super) struct Watch {
    /// `None` where the system has no more watches to give; then the files are looked at.
    watcher: Option<RecommendedWatcher>,
    words: mpsc::Receiver<()>,
    directories: BTreeSet<PathBuf>,
    files: Vec<PathBuf>,
    footprints: Vec<Option<Footprint>>,
    /// When the files are looked at next, whatever was told.
    look: Interval,
    /// Whether something was told and not passed on yet.
    restless: bool,
}

/// What is different about a file after it was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Footprint {
    device: u64,
    inode: u64,
    length: u64,
    modified: (i64, i64),
}

impl Watch {
    /// A watch on nothing yet.
    pub(super) fn new() -> Self {
        let (sender, words) = mpsc::channel(1);
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if event.map_or(true, |event| is_change(&event)) {
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
            directories: BTreeSet::new(),
            files: Vec::new(),
            footprints: Vec::new(),
            look: tokio::time::interval(LOOK_EVERY),
            restless: false,
        }
    }

    /// Watches these files and directories in the place of those before. Says whether any is new.
    pub(super) fn look_at(&mut self, files: &[PathBuf], directories: &BTreeSet<PathBuf>) -> bool {
        let anything_new = self.files != files || !directories.is_subset(&self.directories);
        if let Some(watcher) = &mut self.watcher {
            for gone in self.directories.difference(directories) {
                let _gone_anyway = watcher.unwatch(whole(gone)).is_ok();
            }
            for new in directories.difference(&self.directories) {
                if let Err(error) = watcher.watch(whole(new), RecursiveMode::NonRecursive) {
                    debug!(%error, directory = %new.display(), "this directory cannot be watched");
                }
            }
        }
        self.directories.clone_from(directories);
        if self.files != files {
            self.footprints = files.iter().map(|file| footprint(file)).collect();
            files.clone_into(&mut self.files);
        }
        anything_new
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
                    let footprints: Vec<_> = self.files.iter().map(|it| footprint(it)).collect();
                    self.restless = self.footprints != footprints;
                    self.footprints = footprints;
                }
            }
        }
        while let Ok(Some(())) = timeout(CALM, self.words.recv()).await {}
        self.restless = false;
    }
}

/// Whether somebody did more than read: this program reads the files itself.
fn is_change(event: &Event) -> bool {
    !matches!(event.kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write))
}

/// The directory of a file that is named without one.
fn whole(directory: &Path) -> &Path {
    if directory.as_os_str().is_empty() {
        Path::new(".")
    } else {
        directory
    }
}

fn footprint(file: &Path) -> Option<Footprint> {
    let metadata = std::fs::metadata(file).ok()?;
    Some(Footprint {
        device: metadata.dev(),
        inode: metadata.ino(),
        length: metadata.len(),
        modified: (metadata.mtime(), metadata.mtime_nsec()),
    })
}
