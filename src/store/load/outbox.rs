//! Incidents, what was said of them, and what is owed.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, Row};

use super::{text, time};
use crate::domain::check::Name;
use crate::domain::incident::{Incident, IncidentId};
use crate::domain::notice::{Delivery, DeliveryState, Memo, NoticeId, Owed, Telling, Way};
use crate::domain::silence::Silence;
use crate::store::batch::Saved;
use crate::store::form::{self, micros};

/// For how long an incident that ended is of interest, and how many of them are.
const ENDED: (Duration, u32) = (Duration::from_hours(7 * 24), 1_000);

/// For how long a notice that was refused is of interest, and how many of them are.
const REJECTED: (Duration, u32) = (Duration::from_hours(30 * 24), 200);

/// How many notices of which nothing is owed are of interest.
const FINISHED: u32 = 500;

/// What is known of incidents, notices and silences, added to what is known of checks.
pub(super) fn add(
    saved: Saved,
    connection: &Connection,
    now: Timestamp,
) -> rusqlite::Result<Saved> {
    let mut known = form::incident::Incidents::default();
    let incidents = incidents(connection, now, &mut known)?;
    let tellings = tellings(connection, &incidents)?;
    let (notices, illegible) = notices(connection, now, &mut known)?;
    Ok(Saved {
        incidents,
        tellings,
        notices,
        illegible,
        silences: silences(connection, now)?,
        memo: memo(connection)?,
        ..saved
    })
}

fn incidents(
    connection: &Connection,
    now: Timestamp,
    known: &mut form::incident::Incidents,
) -> rusqlite::Result<Vec<Arc<Incident>>> {
    const SQL: &str = "SELECT body FROM incidents WHERE ended_at IS NULL \
        OR id IN (SELECT id FROM incidents WHERE ended_at >= ?1 ORDER BY ended_at DESC LIMIT ?2) \
        OR id IN (SELECT incident FROM tellings WHERE said <> 'ended') \
        ORDER BY opened_at, id";
    let (longest, most) = ENDED;
    let mut statement = connection.prepare(SQL)?;
    let mut rows = statement.query((micros(before(now, longest)), most))?;
    let mut incidents = Vec::new();
    while let Some(row) = rows.next()? {
        let body = text(row, "body")?;
        incidents.extend(body.and_then(|body| form::incident::from_text(body, known)));
    }
    Ok(incidents)
}

fn tellings(
    connection: &Connection,
    incidents: &[Arc<Incident>],
) -> rusqlite::Result<Vec<Telling>> {
    const SQL: &str = "SELECT receiver, said, at, body FROM tellings WHERE incident = ?1 \
        ORDER BY receiver";
    let mut statement = connection.prepare(SQL)?;
    let mut tellings = Vec::new();
    for incident in incidents {
        let mut rows = statement.query([incident.id.as_str()])?;
        while let Some(row) = rows.next()? {
            tellings.extend(telling(row, &incident.id)?);
        }
    }
    Ok(tellings)
}

fn telling(row: &Row<'_>, incident: &IncidentId) -> rusqlite::Result<Option<Telling>> {
    let receiver = text(row, "receiver")?.and_then(Name::parse);
    let said = text(row, "said")?.and_then(form::told::said);
    let at = time(row, "at")?;
    let body = text(row, "body")?.and_then(form::told::telling_from_text);
    let all = receiver.zip(said).zip(at.zip(body));
    Ok(
        all.map(|((receiver, said), (at, (group, mails, thread)))| Telling {
            incident: incident.clone(),
            receiver,
            said,
            at,
            group,
            mails,
            thread,
        }),
    )
}

/// The notices, and how many more are owed.
fn notices(
    connection: &Connection,
    now: Timestamp,
    known: &mut form::incident::Incidents,
) -> rusqlite::Result<(Vec<Arc<Owed>>, usize)> {
    const SQL: &str = "WITH \
        pending AS (SELECT notice FROM deliveries \
            WHERE state <> 'delivered' AND state <> 'rejected'), \
        rejected AS (SELECT notice FROM deliveries WHERE state = 'rejected'), \
        refused AS (SELECT id FROM notices \
            WHERE created_at >= ?1 AND id IN rejected AND id NOT IN pending \
            ORDER BY created_at DESC, id DESC LIMIT ?2), \
        finished AS (SELECT id FROM notices WHERE id NOT IN rejected AND id NOT IN pending \
            ORDER BY created_at DESC, id DESC LIMIT ?3) \
        SELECT id, body FROM notices WHERE id IN pending OR id IN refused OR id IN finished \
        ORDER BY created_at, id";
    let mut illegible = pending(connection)?;
    let (longest, most) = REJECTED;
    let mut statement = connection.prepare(SQL)?;
    let mut rows = statement.query((micros(before(now, longest)), most, FINISHED))?;
    let mut notices = Vec::new();
    while let Some(row) = rows.next()? {
        let Some(read) = text(row, "body")?.and_then(|body| form::notice::from_text(body, known))
        else {
            continue;
        };
        let (deliveries, all_known) = deliveries(connection, &read.notice.id)?;
        if read.is_whole && all_known {
            illegible.remove(read.notice.id.as_str());
        }
        notices.push(Arc::new(Owed {
            notice: Arc::new(read.notice),
            deliveries,
        }));
    }
    Ok((notices, illegible.len()))
}

/// The names of all notices that are owed.
fn pending(connection: &Connection) -> rusqlite::Result<HashSet<String>> {
    const SQL: &str = "SELECT DISTINCT notice FROM deliveries \
        WHERE state <> 'delivered' AND state <> 'rejected'";
    let mut statement = connection.prepare(SQL)?;
    let mut rows = statement.query([])?;
    let mut names = HashSet::new();
    while let Some(row) = rows.next()? {
        // Bytes that are no text are as good as any other name that leads to nothing.
        let name = row.get_ref("notice")?.as_bytes().unwrap_or_default();
        names.insert(String::from_utf8_lossy(name).into_owned());
    }
    Ok(names)
}

/// What became of a notice on each way that is known, and whether all are that are still owed.
fn deliveries(
    connection: &Connection,
    id: &NoticeId,
) -> rusqlite::Result<(BTreeMap<Way, Delivery>, bool)> {
    const SQL: &str = "SELECT way, address, state, attempts, tried_at, said FROM deliveries \
        WHERE notice = ?1";
    let mut statement = connection.prepare_cached(SQL)?;
    let mut rows = statement.query([id.as_str()])?;
    let mut deliveries = BTreeMap::new();
    let mut all_known = true;
    while let Some(row) = rows.next()? {
        let address = text(row, "address")?;
        let kind = text(row, "way")?;
        let way = kind
            .zip(address)
            .and_then(|(kind, address)| form::notice::way(kind, address));
        let delivery = delivery(row)?;
        all_known &= way.is_some() || delivery.state != DeliveryState::Pending;
        deliveries.extend(way.map(|way| (way, delivery)));
    }
    Ok((deliveries, all_known))
}

fn delivery(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    let attempts: i64 = row.get("attempts")?;
    Ok(Delivery {
        state: form::notice::state(text(row, "state")?.unwrap_or_default()),
        attempts: u32::try_from(attempts).unwrap_or_default(),
        tried_at: time(row, "tried_at")?,
        said: text(row, "said")?.map(ToOwned::to_owned),
    })
}

fn silences(connection: &Connection, now: Timestamp) -> rusqlite::Result<Vec<Arc<Silence>>> {
    const SQL: &str = "SELECT body FROM silences WHERE ends_at > ?1 ORDER BY ends_at, id";
    let mut statement = connection.prepare(SQL)?;
    let mut rows = statement.query([micros(now)])?;
    let mut silences = Vec::new();
    while let Some(row) = rows.next()? {
        silences.extend(
            text(row, "body")?
                .and_then(form::silence::from_text)
                .map(Arc::new),
        );
    }
    Ok(silences)
}

fn memo(connection: &Connection) -> rusqlite::Result<Memo> {
    let mut statement = connection.prepare("SELECT body FROM memo")?;
    let mut rows = statement.query([])?;
    let memo = match rows.next()? {
        Some(row) => text(row, "body")?.map(form::told::memo_from_text),
        None => None,
    };
    Ok(memo.unwrap_or_default())
}

/// So long before a moment, or the beginning of time.
fn before(now: Timestamp, age: Duration) -> Timestamp {
    now.checked_sub(age).unwrap_or(Timestamp::MIN)
}
