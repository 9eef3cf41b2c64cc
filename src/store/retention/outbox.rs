//! Incidents that ended, notices that were told, and silences that are over.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;

use super::{CHUNK, before};
use crate::store::form::micros;
use crate::store::settings::Retention;

/// How long a silence is kept after its end.
const SILENCE: Duration = Duration::from_hours(24);

/// Lets go of some of it, and says of how much. What a receiver was told goes with its incident.
pub(super) fn clean(
    connection: &Connection,
    retention: Retention,
    now: Option<Timestamp>,
) -> rusqlite::Result<usize> {
    // Where the time is not known, nothing is older than the beginning of time.
    let oldest = |age| micros(now.map_or(Timestamp::MIN, |now| before(now, age)));
    let most = i64::try_from(retention.max_changes).unwrap_or(i64::MAX);
    let gone = incidents(connection, oldest(retention.max_age), most)?
        + notices(connection, oldest(retention.max_age), most)?
        + silences(connection, oldest(SILENCE))?;
    Ok(gone + tellings(connection)?)
}

/// The ones that ended before a time, and the oldest of those beyond a number.
fn incidents(connection: &Connection, oldest: i64, most: i64) -> rusqlite::Result<usize> {
    const SQL: &str = "DELETE FROM incidents WHERE id IN \
        (SELECT id FROM incidents WHERE ended_at IS NOT NULL AND (ended_at < ?1 \
            OR id IN (SELECT id FROM incidents WHERE ended_at IS NOT NULL \
                ORDER BY ended_at DESC LIMIT -1 OFFSET ?2)) \
        LIMIT ?3)";
    let mut statement = connection.prepare_cached(SQL)?;
    statement.execute([oldest, most, CHUNK])
}

/// Those of which nothing is owed.
fn notices(connection: &Connection, oldest: i64, most: i64) -> rusqlite::Result<usize> {
    const SQL: &str = "WITH \
        pending AS (SELECT notice FROM deliveries \
            WHERE state <> 'delivered' AND state <> 'rejected'), \
        beyond AS (SELECT id FROM notices WHERE id NOT IN pending \
            ORDER BY created_at DESC, id DESC LIMIT -1 OFFSET ?2) \
        DELETE FROM notices WHERE id IN (SELECT id FROM notices \
            WHERE id NOT IN pending AND (created_at < ?1 OR id IN beyond) LIMIT ?3)";
    let mut statement = connection.prepare_cached(SQL)?;
    statement.execute([oldest, most, CHUNK])
}

fn tellings(connection: &Connection) -> rusqlite::Result<usize> {
    const SQL: &str = "DELETE FROM tellings WHERE incident NOT IN (SELECT id FROM incidents)";
    connection.prepare_cached(SQL)?.execute([])
}

fn silences(connection: &Connection, oldest: i64) -> rusqlite::Result<usize> {
    const SQL: &str = "DELETE FROM silences WHERE ends_at < ?1";
    connection.prepare_cached(SQL)?.execute([oldest])
}
