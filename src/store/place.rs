//! Where the state file is: its directory, its lock, and what is set aside beside it.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};

use super::file::{StateFile, Unusable};
use super::schema::SCHEMA;

/// How a connection is made.
pub(super) type Connect = Box<dyn Fn(&Path) -> rusqlite::Result<Connection> + Send>;

/// The real way to make a connection: to a file that is there, and whose path is no URI.
pub(super) fn connect() -> Connect {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Box::new(move |path| Connection::open_with_flags(path, flags))
}

/// A state file's path, with the lock that keeps others off.
pub(super) struct Place {
    path: PathBuf,
    connect: Connect,
    lock: Option<File>,
}

/// How many damaged files may lie beside the state file: a disk that spoils each new file must not
/// be filled with them.
const MOST_SET_ASIDE: usize = 5;

/// The files of a database, by what is added to its name.
const PARTS: [&str; 4] = ["", "-journal", "-wal", "-shm"];

impl Place {
    pub(super) fn new(path: PathBuf, connect: Connect) -> Self {
        Self {
            path,
            connect,
            lock: None,
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the file, or begins one where there is none, and says whether it did.
    pub(super) fn open(&mut self) -> Result<(StateFile, bool), Unusable> {
        self.prepare()?;
        touch(&self.path)?;
        StateFile::open(&self.path, (self.connect)(&self.path)?, SCHEMA)
    }

    /// Gives the lock back, or forgets one that no longer keeps anybody off.
    pub(super) fn let_go(&mut self) {
        self.lock = None;
    }

    /// Renames a damaged file, and says so in a sentence.
    pub(super) fn set_aside(&self, damage: &str, now: Timestamp) -> Result<String, Unusable> {
        let aside = self.free_name(now)?;
        for part in PARTS {
            match fs::rename(with(&self.path, part), with(&aside, part)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(format!(
            "the state file `{}` was damaged ({damage}); it was set aside as `{}`, and a new one begun",
            self.path.display(),
            aside.display()
        ))
    }

    fn free_name(&self, now: Timestamp) -> Result<PathBuf, Unusable> {
        let time = now.strftime("%Y%m%dT%H%M%SZ");
        let name = |number| with(&self.path, &format!(".damaged-{time}.{number}"));
        let first = with(&self.path, &format!(".damaged-{time}"));
        if self.count_set_aside()? >= MOST_SET_ASIDE {
            return Err(Unusable::DamagedAgain {
                most: MOST_SET_ASIDE,
            });
        }
        let free = |path: &PathBuf| fs::symlink_metadata(path).is_err();
        std::iter::once(first)
            .chain((2..=MOST_SET_ASIDE + 1).map(name))
            .find(free)
            .ok_or(Unusable::DamagedAgain {
                most: MOST_SET_ASIDE,
            })
    }

    fn count_set_aside(&self) -> io::Result<usize> {
        let mut start = self.path.file_name().unwrap_or_default().to_owned();
        start.push(".damaged-");
        let start = start.to_string_lossy().into_owned();
        let names = fs::read_dir(self.directory())?
            .filter_map(Result::ok)
            .map(|entry| entry.file_name().to_string_lossy().into_owned());
        let whole = |name: &String| {
            name.starts_with(&start) && !PARTS[1..].iter().any(|part| name.ends_with(part))
        };
        Ok(names.filter(whole).count())
    }

    fn directory(&self) -> &Path {
        match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            Some(_) | None => Path::new("."),
        }
    }

    /// Sees to the directory and the lock.
    fn prepare(&mut self) -> Result<(), Unusable> {
        if self.lock.is_none() {
            DirBuilder::new()
                .recursive(true)
                .mode(0o750)
                .create(self.directory())?;
            self.lock = Some(lock(&with(&self.path, ".lock"))?);
        }
        Ok(())
    }
}

/// Takes the lock, which the system gives back however the program ends.
fn lock(path: &Path) -> Result<File, Unusable> {
    let file = private().truncate(false).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Unusable::InUse),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Makes an empty file where there is none: SQLite would let everybody read it.
fn touch(path: &Path) -> Result<(), Unusable> {
    match fs::metadata(path) {
        Ok(found) if found.is_file() => Ok(()),
        Ok(_) => Err(Unusable::NoFile),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            private().truncate(false).open(path)?;
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// How files are made here: for the owner, and for the group to read.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).write(true).mode(0o640);
    options
}

/// A path with something added to its last part.
pub(super) fn with(path: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(end);
    name.into()
}
