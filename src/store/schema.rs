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
    upgrades: &[include_str!("upgrade/2.sql"), include_str!("upgrade/3.sql")],
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::store::file::StateFile;

    /// A schema of three versions, as one will look some day.
    const THIRD: Schema<'static> = Schema {
        fresh: "CREATE TABLE a (x INTEGER, y TEXT); CREATE INDEX i ON a (y);",
        upgrades: &[
            "CREATE TABLE b (x INTEGER, y TEXT); INSERT INTO b (x) SELECT x FROM a;
             DROP TABLE a; ALTER TABLE b RENAME TO a;",
            "CREATE INDEX i ON a (y);",
        ],
    };

    const FIRST: Schema<'static> = Schema {
        fresh: "CREATE TABLE a (x INTEGER);",
        upgrades: &[],
    };

    fn made(schema: Schema<'_>) -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        schema.make(&mut connection).unwrap();
        connection
    }

    /// All that two files of one version have in common.
    fn description(connection: &Connection) -> Vec<String> {
        let mut statement = connection
            .prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")
            .unwrap();
        let text = |row: &rusqlite::Row<'_>, column| row.get::<_, Option<String>>(column);
        let rows = statement.query_map([], |row| {
            let sql = text(row, 3)?.unwrap_or_default().replace('"', "");
            let words: Vec<&str> = sql.split_whitespace().collect();
            Ok(format!(
                "{:?} {:?} {:?} {words:?}",
                text(row, 0),
                text(row, 1),
                text(row, 2)
            ))
        });
        let mut all: Vec<String> = rows.unwrap().map(Result::unwrap).collect();
        for pragma in [
            "application_id",
            "auto_vacuum",
            "encoding",
            "page_size",
            "user_version",
        ] {
            let value = connection
                .pragma_query_value(None, pragma, |row| row.get::<_, rusqlite::types::Value>(0));
            all.push(format!("{pragma} {:?}", value.unwrap()));
        }
        all
    }

    /// Every schema that ever was, with its version.
    fn kept() -> Vec<(i64, String)> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/store");
        let entries = std::fs::read_dir(root).unwrap().map(Result::unwrap);
        let schema = |path: &Path| {
            let stem = path.file_stem()?.to_str()?.strip_prefix("schema-")?;
            Some((stem.parse().ok()?, std::fs::read_to_string(path).unwrap()))
        };
        let mut kept: Vec<_> = entries.filter_map(|entry| schema(&entry.path())).collect();
        kept.sort();
        kept
    }

    #[test]
    fn every_version_that_ever_was_is_kept_and_the_last_one_is_made_new() {
        let kept = kept();
        let versions: Vec<i64> = kept.iter().map(|(version, _)| *version).collect();
        assert_eq!(versions, (1..=SCHEMA.version()).collect::<Vec<_>>());
        assert_eq!(kept.last().unwrap().1, SCHEMA.fresh);
    }

    #[test]
    fn every_older_schema_upgraded_equals_a_new_one() {
        let new = description(&made(SCHEMA));
        for (version, fresh) in kept() {
            let upgrades = &SCHEMA.upgrades[..usize::try_from(version - 1).unwrap()];
            let old = Schema {
                fresh: &fresh,
                upgrades,
            };
            let mut connection = made(old);
            SCHEMA.upgrade(&mut connection, version).unwrap();
            assert_eq!(description(&connection), new, "from version {version}");
        }
    }

    #[test]
    fn every_upgrade_in_the_folder_is_one_that_is_made() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/upgrade");
        let files = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
        let is_sql = |path: &Path| path.extension().is_some_and(|end| end == "sql");
        let count = files.filter(|entry| is_sql(&entry.path())).count();
        assert_eq!(count, SCHEMA.upgrades.len());
    }

    #[test]
    fn upgraded_over_several_versions_equals_made_new() {
        let mut connection = made(FIRST);
        connection.execute("INSERT INTO a VALUES (7)", []).unwrap();
        assert_eq!(THIRD.standing(&connection).unwrap(), Standing::Older(1));
        THIRD.upgrade(&mut connection, 1).unwrap();
        assert_eq!(THIRD.standing(&connection).unwrap(), Standing::Current);
        assert_eq!(description(&connection), description(&made(THIRD)));
        let kept: i64 = connection
            .query_row("SELECT x FROM a", [], |row| row.get(0))
            .unwrap();
        assert_eq!(kept, 7);
    }

    #[test]
    fn upgrade_that_fails_half_way_leaves_the_file_as_it_was() {
        let broken = Schema {
            upgrades: &[THIRD.upgrades[0], "CREATE INDEX i ON nothing (y);"],
            ..THIRD
        };
        let mut connection = made(FIRST);
        let before = description(&connection);
        broken.upgrade(&mut connection, 1).unwrap_err();
        assert_eq!(description(&connection), before);
    }

    #[test]
    fn later_version_is_refused() {
        let standing = FIRST.standing(&made(THIRD));
        assert!(matches!(
            standing,
            Err(Unusable::Newer { found: 3, known: 1 })
        ));
    }

    #[test]
    fn database_of_another_program_is_refused() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE theirs (x)").unwrap();
        let standing = FIRST.standing(&connection);
        assert!(matches!(standing, Err(Unusable::Foreign)));
    }

    #[test]
    fn before_an_upgrade_the_file_is_copied_aside() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.db");
        let open = |schema| {
            let connection = Connection::open(&path).unwrap();
            StateFile::open(&path, connection, schema).unwrap().0
        };
        let file = open(FIRST);
        file.connection
            .execute("INSERT INTO a VALUES (7)", [])
            .unwrap();
        let old = description(&file.connection);
        file.close().unwrap();
        let file = open(THIRD);
        assert_eq!(description(&file.connection), description(&made(THIRD)));
        let copy = Connection::open(directory.path().join("state.db.v1.bak")).unwrap();
        assert_eq!(description(&copy), old);
        let kept: i64 = copy
            .query_row("SELECT x FROM a", [], |row| row.get(0))
            .unwrap();
        assert_eq!(kept, 7);
    }
}
