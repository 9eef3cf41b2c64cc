//! Reads the state file.
//!
//! A row that a later version, or another hand, wrote in a way that is not understood is left out
//! as far as it is not: no row stops the start.

mod outbox;

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use super::batch::{Saved, SavedAccount, SavedCheck};
use super::form::{self, Chains, from_micros};
use crate::domain::check::{CheckId, Name};
use crate::domain::status::{Change, Hold};

/// Everything that is needed at the start.
pub(super) fn saved(connection: &Connection, now: Timestamp) -> rusqlite::Result<Saved> {
    let saved = Saved {
        checks: checks(connection)?,
        credentials: credentials(connection)?,
        accounts: accounts(connection)?,
        ..Saved::default()
    };
    outbox::add(saved, connection, now)
}

fn checks(connection: &Connection) -> rusqlite::Result<BTreeMap<CheckId, SavedCheck>> {
    const SQL: &str = "SELECT endpoint, name, definition, last, good, held_until, held_why, held_span, history, \
        holder_body, baseline, seen.at AS at FROM saved \
        JOIN checks ON checks.id = saved.check_id LEFT JOIN seen USING (check_id)";
    let mut chains = Chains::default();
    let mut statement = connection.prepare(SQL)?;
    let mut rows = statement.query([])?;
    let mut checks = BTreeMap::new();
    while let Some(row) = rows.next()? {
        if let Some(check) = check(row, &mut chains)? {
            checks.insert(check.id.clone(), check);
        }
    }
    Ok(checks)
}

fn check(row: &Row<'_>, chains: &mut Chains) -> rusqlite::Result<Option<SavedCheck>> {
    let Some(id) = id(row)? else {
        return Ok(None);
    };
    let mut seen = |column: &str| -> rusqlite::Result<_> {
        Ok(text(row, column)?.and_then(|text| form::from_text(text, chains)))
    };
    let mut last = seen("last")?;
    let good = seen("good")?;
    let at = time(row, "at")?;
    if let (Some(last), Some(at)) = (&mut last, at) {
        last.at = at;
    }
    let why = text(row, "held_why")?.map(ToOwned::to_owned);
    let until = time(row, "held_until")?;
    let span: Option<i64> = row.get("held_span")?;
    let span = span.and_then(form::from_span);
    let Ok(history) = text(row, "history")?.unwrap_or_default().parse();
    let body: Option<Vec<u8>> = row.get("holder_body")?;
    let baseline = text(row, "baseline")?.map(form::baseline::from_text);
    let definition: i64 = row.get("definition")?;
    Ok(Some(SavedCheck {
        id,
        definition: definition.cast_unsigned(),
        last,
        good: good.map(Into::into),
        held: until.zip(why).map(|(until, why)| Hold { until, why, span }),
        history,
        holder_body: body.and_then(|bytes| bytes.try_into().ok()),
        baseline: baseline.unwrap_or_default(),
    }))
}

fn accounts(connection: &Connection) -> rusqlite::Result<BTreeMap<Name, SavedAccount>> {
    const SQL: &str = "SELECT name, rejected_at, is_counted_out, wronged_at FROM accounts";
    let mut statement = connection.prepare(SQL)?;
    let mut rows = statement.query([])?;
    let mut accounts = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let name = text(row, "name")?.and_then(Name::parse);
        let rejected = text(row, "rejected_at")?;
        let rejected: Option<Vec<i64>> = rejected.and_then(|text| serde_json::from_str(text).ok());
        let account = SavedAccount {
            rejected_at: rejected
                .into_iter()
                .flatten()
                .filter_map(from_micros)
                .collect(),
            is_counted_out: row.get("is_counted_out")?,
            wronged_at: time(row, "wronged_at")?,
        };
        accounts.extend(name.map(|name| (name, account)));
    }
    Ok(accounts)
}

fn credentials(connection: &Connection) -> rusqlite::Result<BTreeMap<Name, Timestamp>> {
    let mut statement = connection.prepare("SELECT name, accepted_at FROM credentials")?;
    let mut rows = statement.query([])?;
    let mut credentials = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let name = text(row, "name")?.and_then(Name::parse);
        credentials.extend(name.zip(time(row, "accepted_at")?));
    }
    Ok(credentials)
}

/// The newest changes of an endpoint's checks, the newest first.
pub(super) fn changes(
    connection: &Connection,
    endpoint: &Name,
    most: usize,
) -> rusqlite::Result<Vec<Change>> {
    // Only numbers are sorted; of the evidence, only what is asked for is read.
    const SQL: &str = "SELECT endpoint, name, before, seen FROM changes \
        JOIN checks ON checks.id = changes.check_id \
        WHERE changes.id IN (SELECT changes.id FROM checks \
            JOIN changes ON changes.check_id = checks.id WHERE checks.endpoint = ?1 \
            ORDER BY changes.at DESC, changes.id DESC LIMIT ?2) \
        ORDER BY changes.at DESC, changes.id DESC";
    let mut chains = Chains::default();
    let mut statement = connection.prepare_cached(SQL)?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut rows = statement.query((endpoint.as_str(), most))?;
    let mut changes = Vec::new();
    while let Some(row) = rows.next()? {
        changes.extend(change(row, &mut chains)?);
    }
    Ok(changes)
}

fn change(row: &Row<'_>, chains: &mut Chains) -> rusqlite::Result<Option<Change>> {
    let id = id(row)?;
    let before = text(row, "before")?.and_then(form::verdict);
    let seen = text(row, "seen")?.and_then(|text| form::from_text(text, chains));
    Ok(id.zip(seen).map(|(id, seen)| Change { id, before, seen }))
}

fn id(row: &Row<'_>) -> rusqlite::Result<Option<CheckId>> {
    let endpoint = text(row, "endpoint")?.and_then(Name::parse);
    let names = endpoint.zip(text(row, "name")?.and_then(Name::parse));
    Ok(names.map(|(endpoint, check)| CheckId { endpoint, check }))
}

fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    let micros: Option<i64> = row.get(column)?;
    Ok(micros.and_then(from_micros))
}

/// A text; `None` also where its bytes are none, which no check of the file finds.
fn text<'a>(row: &'a Row<'_>, column: &str) -> rusqlite::Result<Option<&'a str>> {
    Ok(match row.get_ref(column)? {
        ValueRef::Text(bytes) => str::from_utf8(bytes).ok(),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Blob(_) => None,
    })
}
