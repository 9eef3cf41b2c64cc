//! Files of secrets that others can get at: each is told of once, and again when it has changed.

use std::collections::HashMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tracing::warn;

use crate::domain::secret::exposure;

/// What was looked at so far.
#[derive(Debug, Default)]
pub(super) struct Places(Mutex<HashMap<PathBuf, State>>);

/// What a file was like; another one deserves another look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    device: u64,
    inode: u64,
    mode: u32,
    owner: u32,
    /// When any of it, or what is in it, was last changed: seconds and nanoseconds.
    changed: (i64, i64),
}

impl Places {
    /// Looks at a file that was opened, and tells the log what is wrong with its place.
    pub(super) async fn look(&self, path: &Path, metadata: &Metadata) {
        // A pipe or a device is no file of anybody's, and lies where it lies.
        if metadata.is_file() && self.is_news(path, State::of(metadata)) {
            for trouble in troubles(path, metadata).await {
                warn!(path = %path.display(), "a secret lies in the open: {trouble}");
            }
        }
    }

    fn is_news(&self, path: &Path, state: State) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(path.to_owned(), state) != Some(state)
    }
}

impl State {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            mode: metadata.mode(),
            owner: metadata.uid(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// What is wrong with a file's mode and owner, and with the directories above it.
async fn troubles(path: &Path, metadata: &Metadata) -> Vec<String> {
    let me = nix::unistd::geteuid().as_raw();
    let own = exposure(metadata.mode(), metadata.uid(), me);
    let mut troubles: Vec<String> = own.iter().map(ToString::to_string).collect();
    for directory in path.ancestors().skip(1) {
        // The last ancestor of a relative path is nothing, which is here.
        let here = Path::new(".");
        let directory = Some(directory)
            .filter(|it| *it != Path::new(""))
            .unwrap_or(here);
        let mode = tokio::fs::metadata(directory).await.map(|it| it.mode());
        if mode.is_ok_and(lets_anybody_replace) {
            let directory = directory.display();
            troubles.push(format!(
                "every user of this machine can replace what is in `{directory}`"
            ));
        }
    }
    troubles
}

/// Whether every user of the machine may replace what is in a directory of this mode.
fn lets_anybody_replace(mode: u32) -> bool {
    /// Others may write, which in a directory means to add, rename and remove.
    const OTHERS_WRITE: u32 = 0o002;
    /// Only owners rename and remove.
    const STICKY: u32 = 0o1000;
    mode & OTHERS_WRITE != 0 && mode & STICKY == 0
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    struct Scene {
        directory: tempfile::TempDir,
        file: PathBuf,
    }

    fn scene(mode: u32) -> Scene {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("secret");
        std::fs::write(&file, "hunter2").unwrap();
        set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        Scene { directory, file }
    }

    async fn told(file: &Path) -> Vec<String> {
        troubles(file, &file.metadata().unwrap()).await
    }

    #[tokio::test]
    async fn a_file_of_our_own_that_others_cannot_read_is_no_trouble() {
        assert_eq!(told(&scene(0o600).file).await, Vec::<String>::new());
    }

    #[tokio::test]
    async fn a_file_that_others_can_read_is_told_of() {
        assert_eq!(
            told(&scene(0o644).file).await,
            ["every user of this machine can read it"]
        );
    }

    #[tokio::test]
    async fn a_directory_that_others_can_write_to_is_told_of() {
        let scene = scene(0o600);
        let directory = scene.directory.path();
        set_permissions(directory, Permissions::from_mode(0o777)).unwrap();
        assert_eq!(
            told(&scene.file).await,
            [format!(
                "every user of this machine can replace what is in `{}`",
                directory.display()
            )]
        );
    }

    #[test]
    fn a_sticky_directory_keeps_what_is_in_it() {
        assert_eq!(
            [0o777, 0o1777, 0o775].map(lets_anybody_replace),
            [true, false, false]
        );
    }

    #[test]
    fn a_file_is_news_once_and_again_when_it_has_changed() {
        let scene = scene(0o644);
        let places = Places::default();
        let is_news = || {
            let state = State::of(&scene.file.metadata().unwrap());
            places.is_news(&scene.file, state)
        };
        assert_eq!([is_news(), is_news()], [true, false]);
        set_permissions(&scene.file, Permissions::from_mode(0o640)).unwrap();
        assert_eq!([is_news(), is_news()], [true, false]);
    }
}
