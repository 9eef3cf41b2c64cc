//! One open state file that was found to be sound and of this schema.

use std::collections::HashMap;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::{Connection, ErrorCode};

use super::place::{private, with};
use super::schema::{Schema, Standing};
use crate::domain::check::CheckId;

/// An open state file.
#[derive(Debug)]
pub(super) struct StateFile {
    pub(super) connection: Connection,
    /// The numbers of checks, as far as they were looked up.
    pub(super) numbers: HashMap<CheckId, i64>,
    /// Which file it is, as the system counts them.
    inode: u64,
}

/// Why a state file cannot be used at present.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    #[error("another authvigil uses it")]
    InUse,
    #[error("it is damaged: {0}")]
    Damaged(String),
    #[error(
        "it is damaged once more, and {most} damaged ones were set aside before; look at the disk, then remove them"
    )]
    DamagedAgain { most: usize },
    #[error(
        "it is of schema version {found}, and this program knows versions up to {known}; it is left as it is"
    )]
    Newer { found: i64, known: i64 },
    #[error("it is a database of another program, and is left as it is")]
    Foreign,
    #[error("it is no regular file")]
    NoFile,
    #[error("it was removed, or another file put in its place")]
    Replaced,
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Unusable {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged(error.to_string())
            }
            Some(_) | None => Self::Sqlite(error),
        }
    }
}

impl From<serde_json::Error> for Unusable {
    fn from(error: serde_json::Error) -> Self {
        Self::Io(error.into())
    }
}

/// How long a reader from outside may hold things up.
const BUSY: Duration = Duration::from_secs(1);

/// A larger file is not read as a whole at the start; of it, what is loaded is looked at, but for
/// notices, which are large and of which few are.
const WHOLE_CHECK: i64 = 64 << 20;

/// How large the log may stay once it is folded into the file.
const LOG_SIZE: i64 = 16 << 20;

impl StateFile {
    /// Takes a connection that was just made, and says whether the file was empty.
    pub(super) fn open(
        path: &Path,
        mut connection: Connection,
        schema: Schema<'_>,
    ) -> Result<(Self, bool), Unusable> {
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "foreign_keys", false)?;
        let standing = schema.standing(&connection)?;
        match standing {
            Standing::Empty => schema.make(&mut connection)?,
            Standing::Older(version) => {
                check(&connection)?;
                copy(&connection, &with(path, &format!(".v{version}.bak")))?;
                schema.upgrade(&mut connection, version)?;
            }
            Standing::Current => check(&connection)?,
        }
        connection.pragma_update(None, "foreign_keys", true)?;
        // Where the file system has no shared memory, SQLite stays with its older way: slower,
        // and as safe.
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        connection.pragma_update_and_check(None, "journal_size_limit", LOG_SIZE, |_| Ok(()))?;
        connection.set_prepared_statement_cache_capacity(64);
        let file = Self {
            connection,
            numbers: HashMap::new(),
            inode: keep_private(path)?,
        };
        Ok((file, standing == Standing::Empty))
    }

    /// Whether the path still leads to this file.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        fs::metadata(path).is_ok_and(|found| found.ino() == self.inode)
    }

    /// Folds the log into the file and lets go of it.
    pub(super) fn close(self) -> Result<(), Unusable> {
        self.connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        self.connection.close().map_err(|(_, error)| error.into())
    }
}

/// Looks for damage: in all of the file, or, where that takes too long, in what is loaded.
fn check(connection: &Connection) -> Result<(), Unusable> {
    let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let size = number("PRAGMA page_count")?.saturating_mul(number("PRAGMA page_size")?);
    let checks = if size <= WHOLE_CHECK {
        &["PRAGMA quick_check(1)"][..]
    } else {
        &[
            "PRAGMA quick_check(checks)",
            "PRAGMA quick_check(saved)",
            "PRAGMA quick_check(seen)",
            "PRAGMA quick_check(credentials)",
            "PRAGMA quick_check(accounts)",
            "PRAGMA quick_check(incidents)",
            "PRAGMA quick_check(tellings)",
            "PRAGMA quick_check(deliveries)",
            "PRAGMA quick_check(silences)",
            "PRAGMA quick_check(memo)",
        ]
    };
    for sql in checks {
        let found: String = connection.query_row(sql, [], |row| row.get(0))?;
        if found != "ok" {
            return Err(Unusable::Damaged(found.replace('\n', " ")));
        }
    }
    Ok(())
}

/// Copies the file as it is, before an upgrade.
fn copy(connection: &Connection, to: &Path) -> Result<(), Unusable> {
    /// SQLite's pages a step; nobody else waits for the file.
    const PAGES: std::ffi::c_int = 1024;
    match fs::remove_file(to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        Ok(()) | Err(_) => {}
    }
    private().create_new(true).open(to)?;
    let mut copy = Connection::open(to)?;
    Backup::new(connection, &mut copy)?.run_to_completion(PAGES, Duration::ZERO, None)?;
    copy.close().map_err(|(_, error)| error.into())
}

/// Takes from others what they may not do, and tells which file it is.
fn keep_private(path: &Path) -> io::Result<u64> {
    const MOST: u32 = 0o640;
    let found = fs::metadata(path)?;
    let mode = found.permissions().mode() & 0o7777;
    if mode & !MOST != 0 {
        // Some file systems know no modes, and a file of another owner cannot be helped; what is
        // kept holds no secret.
        fs::set_permissions(path, Permissions::from_mode(mode & MOST)).ok();
    }
    Ok(found.ino())
}
