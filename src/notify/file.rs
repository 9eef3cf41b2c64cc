//! Mail files in a directory: for trying things out, and for those who pick them up.

use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::letter::Letter;
use super::mime;
use super::settings::Mailbox;
use super::words::one_line;
use crate::domain::notice::{Attempt, NoticeId};

/// A directory that takes `.eml` files.
#[derive(Clone, Debug)]
pub struct Folder {
    directory: PathBuf,
    from: Mailbox,
}

impl Folder {
    /// A folder that need not exist yet. The sender is the relay's where there is one.
    pub fn new(directory: PathBuf, from: Option<Mailbox>) -> Self {
        let from = from.unwrap_or_else(|| Mailbox {
            name: Some("authvigil".to_owned()),
            address: "authvigil@localhost".to_owned(),
        });
        Self { directory, from }
    }

    /// Writes a letter, and tells its path. A repeat writes the same file again, so that there is one
    /// however often it is tried.
    pub async fn deliver(&self, notice: &NoticeId, letter: &Letter) -> Attempt {
        let mail = match mime::compose(letter, &self.from, None) {
            Ok(mail) => mail,
            Err(error) => return Attempt::Rejected(one_line(&error.to_string())),
        };
        let directory = self.directory.clone();
        let name = file_name(notice, letter);
        let path = directory.join(&name);
        let writing = tokio::task::spawn_blocking(move || write(&directory, &name, &mail));
        let written = match writing.await {
            Ok(written) => written,
            Err(broken) => Err(io::Error::other(broken)),
        };
        let path = path.display();
        match written {
            Ok(()) => Attempt::Delivered(one_line(&path.to_string())),
            Err(error) => {
                Attempt::Retried(one_line(&format!("`{path}` cannot be written: {error}")))
            }
        }
    }
}

/// Sorted by name, files are sorted by time.
fn file_name(notice: &NoticeId, letter: &Letter) -> String {
    format!("{}-{notice}.eml", letter.date.strftime("%Y%m%dT%H%M%SZ"))
}

/// Whoever looks sees a whole file or none, also after a crash.
fn write(directory: &Path, name: &str, mail: &[u8]) -> io::Result<()> {
    make(directory)?;
    // A name with a leading dot, and not `.eml` at its end, is nobody's mail yet.
    let temporary = directory.join(format!(".{name}.new"));
    let written = write_whole(&temporary, mail)
        .map(|()| give_to_owner_of(directory, &temporary))
        .and_then(|()| std::fs::rename(&temporary, directory.join(name)))
        .and_then(|()| std::fs::File::open(directory)?.sync_all());
    if written.is_err() {
        // Whether it is there at all decides nothing.
        drop(std::fs::remove_file(&temporary));
    }
    written
}

/// Makes a directory, and those above it that are missing. They belong to whoever owns what is there:
/// root, who tries a receiver by hand, must not shut the daemon out.
fn make(directory: &Path) -> io::Result<()> {
    let is_missing = |it: &&Path| !it.as_os_str().is_empty() && !it.exists();
    let missing: Vec<&Path> = directory.ancestors().take_while(is_missing).collect();
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o750)
        .create(directory)?;
    for made in missing.into_iter().rev() {
        if let Some(above) = made.parent() {
            give_to_owner_of(above, made);
        }
    }
    Ok(())
}

/// Gives a file or directory to the owner of another one, where this user may do that.
fn give_to_owner_of(other: &Path, made: &Path) {
    if let Ok(owner) = std::fs::metadata(other) {
        // Only root may; what anybody else makes is theirs.
        drop(std::os::unix::fs::chown(
            made,
            Some(owner.uid()),
            Some(owner.gid()),
        ));
    }
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // What a crash left, or what somebody else put there, is not written through.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Err(_) | Ok(()) => {}
    }
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o640)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests;
