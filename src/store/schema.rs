//! Versions of the schema: how a new file is made, and how an old one is brought up.
//!
//! To make version N: change `schema.sql`, write the way from N-1 into `upgrade/N.sql`, add it to
//! [`SCHEMA`], and copy `schema.sql` to `tests/fixtures/store/schema-N.sql`.
//! The tests hold that every older schema in that folder, upgraded, equals the new one.

use rusqlite::{Connection, TransactionBehavior};

use super::file::Unusable;

/// The schema of this program.
pub(super) const SCHEMA: Schema<'static> = Schema {
    fresh: include_str!("schema.sql"),
    upgrades: &[],
};

/// `AVGL`: tells a state file from any other SQLite database.
const APPLICATION: i64 = 0x4156_474C;

/// A schema with the ways that lead to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schema<'a> {
    /// What makes a new file.
    fresh: &'a str,
    /// What leads from version 1 to 2, from 2 to 3, and so on.
    upgrades: &'a [&'a str],
}

/// How a file stands to a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing is in it yet.
    Empty,
    /// It is of this version, and the schema's own is later.
    Older(i64),
    /// It fits.
    Current,
}

impl Schema<'_> {
    /// The version of the schema: 1, and one more for each upgrade.
    fn version(self) -> i64 {
        1 + i64::try_from(self.upgrades.len()).unwrap_or(i64::MAX - 1)
    }

    /// Looks which version a file is of.
    pub(super) fn standing(self, connection: &Connection) -> Result<Standing, Unusable> {
        let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        let found = number("PRAGMA user_version")?;
        let application = number("PRAGMA application_id")?;
        let tables = number("SELECT count(*) FROM sqlite_schema")?;
        match (application, found) {
            (0, 0) if tables == 0 => Ok(Standing::Empty),
            (APPLICATION, 1..) if found < self.version() => Ok(Standing::Older(found)),
            (APPLICATION, 1..) if found == self.version() => Ok(Standing::Current),
            (APPLICATION, 1..) => Err(Unusable::Newer {
                found,
                known: self.version(),
            }),
            _ => Err(Unusable::Foreign),
        }
    }

    /// Makes the schema in an empty file. Whatever happens in between, the file is empty or whole.
    pub(super) fn make(self, connection: &mut Connection) -> rusqlite::Result<()> {
        // Only an empty file can still be told to give pages back.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(self.fresh)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", self.version())?;
        transaction.commit()
    }

    /// Goes every step from a version to the schema's own, or none.
    pub(super) fn upgrade(self, connection: &mut Connection, from: i64) -> rusqlite::Result<()> {
        let done = usize::try_from(from - 1).unwrap_or(usize::MAX);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for step in self.upgrades.iter().skip(done) {
            transaction.execute_batch(step)?;
        }
        transaction.pragma_update(None, "user_version", self.version())?;
        transaction.commit()
    }
}
