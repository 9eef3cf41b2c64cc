//! Mail files in a directory: for trying things out, and for those who pick them up.

use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
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
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o750)
        .create(directory)?;
    // A name with a leading dot, and not `.eml` at its end, is nobody's mail yet.
    let temporary = directory.join(format!(".{name}.new"));
    let written = write_whole(&temporary, mail)
        .and_then(|()| std::fs::rename(&temporary, directory.join(name)))
        .and_then(|()| std::fs::File::open(directory)?.sync_all());
    if written.is_err() {
        // Whether it is there at all decides nothing.
        drop(std::fs::remove_file(&temporary));
    }
    written
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
