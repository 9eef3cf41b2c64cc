//! Lets go of what is too old or too much, a little at a time. What is open or owed stays.
//!
//! Pages that become free are used again, and given back where many are: the file shrinks after a
//! shorter retention, and stays the size it has come to where as much comes as goes.

mod outbox;

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior};

use super::file::{StateFile, Unusable};
use super::form::{from_micros, micros};
use super::settings::Retention;

/// The time between two looks.
pub(super) const PERIOD: Duration = Duration::from_hours(1);

/// How many changes go in one transaction, so that nobody waits long for the file.
const CHUNK: i64 = 500;

/// How many free pages may stay, to be used again.
const FREE_PAGES: i64 = 1_000;

/// A clock that goes on by more than this between two looks may have leapt, and is believed once it
/// has gone on as long without another leap.
const LEAP: Duration = Duration::from_hours(24);

/// Tells whether a clock may decide what is too old.
///
/// One that leaps ahead for a moment would make everything old, and what was let go of does not come
/// back with the right time. A pause of the program looks the same, and costs no more than a delay.
#[derive(Clone, Copy, Debug)]
pub(super) struct Calendar {
    last: Timestamp,
    believed_from: Timestamp,
}

impl Calendar {
    /// Begins at the latest time that is known to have been.
    pub(super) fn from(last: Timestamp) -> Self {
        Self {
            last,
            believed_from: Timestamp::MIN,
        }
    }

    /// The time, where it is believed.
    pub(super) fn look(&mut self, now: Timestamp) -> Option<Timestamp> {
        let later = |time: Timestamp| time.checked_add(LEAP).unwrap_or(Timestamp::MAX);
        let leapt = now > later(self.last);
        self.believed_from = if leapt {
            later(now)
        } else {
            // A clock that was put back is not waited for.
            self.believed_from.min(later(now))
        };
        self.last = now;
        (!leapt && self.believed_from <= now).then_some(now)
    }
}

/// The latest time that a file has, if it has any.
pub(super) fn latest(connection: &Connection) -> rusqlite::Result<Option<Timestamp>> {
    const SQL: &str = "SELECT max(at) FROM \
        (SELECT max(at) AS at FROM seen UNION ALL SELECT max(at) FROM changes)";
    let at: Option<i64> = connection.query_row(SQL, [], |row| row.get(0))?;
    Ok(at.and_then(from_micros))
}

/// Whether there is more to let go of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    Nothing,
    More,
}

/// Lets go of the oldest changes, incidents that ended, and notices of which nothing is owed, as far
/// as they are beyond number and, where the time is known, age.
pub(super) fn clean(
    file: &mut StateFile,
    retention: Retention,
    now: Option<Timestamp>,
) -> Result<Left, Unusable> {
    let connection = &file.connection;
    let too_old = now.map_or(Ok(0), |now| too_old(connection, retention, now))?;
    let gone = too_old + too_many(connection, retention)?;
    let gone = gone + now.map_or(Ok(0), |now| accounts(connection, now))?;
    if gone + outbox::clean(connection, retention, now)? > 0 {
        give_back(connection)?;
        return Ok(Left::More);
    }
    forget_checks(file)?;
    Ok(Left::Nothing)
}

fn too_old(
    connection: &Connection,
    retention: Retention,
    now: Timestamp,
) -> rusqlite::Result<usize> {
    const SQL: &str = "DELETE FROM changes WHERE id IN \
        (SELECT id FROM changes WHERE at < ?1 ORDER BY at LIMIT ?2)";
    let row = [micros(before(now, retention.max_age)), CHUNK];
    connection.prepare_cached(SQL)?.execute(row)
}

/// Accounts of which nothing was heard for long: what is counted of one ends much sooner.
fn accounts(connection: &Connection, now: Timestamp) -> rusqlite::Result<usize> {
    const QUIET: Duration = Duration::from_hours(24);
    const SQL: &str = "DELETE FROM accounts WHERE latest_at < ?1";
    let oldest = micros(before(now, QUIET));
    connection.prepare_cached(SQL)?.execute([oldest])
}

fn too_many(connection: &Connection, retention: Retention) -> rusqlite::Result<usize> {
    const SQL: &str = "DELETE FROM changes WHERE id IN \
        (SELECT id FROM changes ORDER BY at, id LIMIT ?1)";
    let count: i64 = connection
        .prepare_cached("SELECT count(*) FROM changes")?
        .query_row([], |row| row.get(0))?;
    let most = i64::try_from(retention.max_changes).unwrap_or(i64::MAX);
    match count - most {
        ..=0 => Ok(0),
        beyond => connection.prepare_cached(SQL)?.execute([beyond.min(CHUNK)]),
    }
}

/// So long before a moment, or the beginning of time.
fn before(now: Timestamp, age: Duration) -> Timestamp {
    now.checked_sub(age).unwrap_or(Timestamp::MIN)
}

/// Gives pages back, where there are more than will soon be used.
fn give_back(connection: &Connection) -> rusqlite::Result<()> {
    let free: i64 = connection.query_row("PRAGMA freelist_count", [], |row| row.get(0))?;
    if free <= FREE_PAGES {
        return Ok(());
    }
    // Each row that is asked for frees one page.
    let sql = format!("PRAGMA incremental_vacuum({})", free - FREE_PAGES);
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

/// Forgets the names of checks that nothing speaks of any more.
fn forget_checks(file: &mut StateFile) -> rusqlite::Result<()> {
    const STRAYS: &str = "DELETE FROM seen WHERE check_id NOT IN (SELECT check_id FROM saved)";
    const SQL: &str = "DELETE FROM checks WHERE id NOT IN (SELECT check_id FROM saved) \
        AND NOT EXISTS (SELECT 1 FROM changes WHERE check_id = checks.id)";
    let behaviour = TransactionBehavior::Immediate;
    let transaction = file.connection.transaction_with_behavior(behaviour)?;
    transaction.execute(STRAYS, [])?;
    if transaction.execute(SQL, [])? > 0 {
        file.numbers.clear();
    }
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::check::CheckId;
    use crate::store::Batch;
    use crate::store::pending::Pending;
    use crate::store::place::{Place, connect};
    use crate::store::samples::{account, at, change, id, saved};
    use crate::store::write::commit;

    fn committed(file: &mut StateFile, batch: Batch) {
        let mut pending = Pending::default();
        pending.add(batch);
        commit(file, &pending).unwrap();
    }

    fn names(file: &StateFile) -> Vec<String> {
        let sql = "SELECT name FROM checks ORDER BY name";
        let mut statement = file.connection.prepare(sql).unwrap();
        let names = statement.query_map([], |row| row.get(0)).unwrap();
        names.map(Result::unwrap).collect()
    }

    fn cleaned(file: &mut StateFile, seconds: i64) {
        let retention = Retention {
            max_age: Duration::from_mins(1),
            max_changes: 10,
        };
        while clean(file, retention, Some(at(seconds))).unwrap() == Left::More {}
    }

    const HOUR: i64 = 3_600;

    /// Which of these times are believed, each in hours after the latest that is known.
    fn believed(hours: impl IntoIterator<Item = i64>) -> Vec<i64> {
        let mut calendar = Calendar::from(at(0));
        let mut believes = |hour: &i64| calendar.look(at(hour * HOUR)).is_some();
        hours.into_iter().filter(|hour| believes(hour)).collect()
    }

    #[test]
    fn clock_that_goes_is_believed() {
        assert_eq!(believed([0, 1, 24, 48]), [0, 1, 24, 48]);
    }

    #[test]
    fn clock_that_leaps_ahead_and_back_is_believed_neither_ahead_nor_for_a_day_after() {
        let far = 90 * 24;
        assert_eq!(believed([0, far, far + 1, 1, 2, 24, 25, 26]), [0, 25, 26]);
    }

    #[test]
    fn clock_that_goes_on_for_a_day_after_a_pause_is_believed_again() {
        assert_eq!(believed([100, 101, 123, 124, 125]), [124, 125]);
    }

    #[test]
    fn clock_at_the_end_of_time_is_not_believed() {
        let mut calendar = Calendar::from(at(0));
        assert_eq!(calendar.look(Timestamp::MAX), None);
    }

    #[test]
    fn latest_time_of_a_file_is_that_of_a_probe_or_a_change() {
        let directory = tempfile::tempdir().unwrap();
        let mut place = Place::new(directory.path().join("state.db"), connect());
        let mut file = place.open().unwrap().0;
        let mut after = |batch| {
            committed(&mut file, batch);
            latest(&file.connection).unwrap()
        };
        let nothing = after(Batch::default());
        let change = after(Batch {
            changes: vec![change(0, 5)],
            ..Batch::default()
        });
        let seen = after(Batch {
            seen: vec![(id(1), at(7))],
            ..Batch::default()
        });
        assert_eq!((nothing, change, seen), (None, Some(at(5)), Some(at(7))));
    }

    #[test]
    fn account_is_forgotten_a_day_after_anything_was_counted_of_it() {
        let directory = tempfile::tempdir().unwrap();
        let mut place = Place::new(directory.path().join("state.db"), connect());
        let mut file = place.open().unwrap().0;
        let batch = Batch {
            accounts: vec![(id(0).check, account(1))],
            ..Batch::default()
        };
        committed(&mut file, batch);
        let mut left = |hours| {
            cleaned(&mut file, hours * HOUR);
            let sql = "SELECT count(*) FROM accounts";
            let count: i64 = file
                .connection
                .query_row(sql, [], |row| row.get(0))
                .unwrap();
            count
        };
        assert_eq!([left(23), left(25)], [1, 0]);
    }

    #[test]
    fn check_is_forgotten_once_nothing_speaks_of_it_and_may_come_back() {
        let directory = tempfile::tempdir().unwrap();
        let mut place = Place::new(directory.path().join("state.db"), connect());
        let mut file = place.open().unwrap().0;
        let removed: Vec<CheckId> = vec![id(0), id(1)];
        let batch = Batch {
            checks: vec![saved(0, 0), saved(1, 0), saved(2, 0)],
            changes: vec![change(1, 0)],
            ..Batch::default()
        };
        committed(&mut file, batch);
        let batch = Batch {
            removed: removed.clone(),
            // A probe that was under way when its check was removed.
            seen: vec![(id(0), at(1))],
            ..Batch::default()
        };
        committed(&mut file, batch);
        cleaned(&mut file, 10);
        let while_it_has_a_change = names(&file);
        cleaned(&mut file, 100);
        let afterwards = names(&file);
        let batch = Batch {
            checks: vec![saved(0, 200)],
            ..Batch::default()
        };
        committed(&mut file, batch);
        assert_eq!(while_it_has_a_change, ["check-1", "check-2"]);
        assert_eq!(afterwards, ["check-2"]);
        assert_eq!(names(&file), ["check-0", "check-2"]);
    }
}
