//! Writes what waits, in one transaction.

mod outbox;

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Params, Transaction, TransactionBehavior, params};

use super::batch::{SavedAccount, SavedCheck};
use super::file::{StateFile, Unusable};
use super::form::{self, micros};
use super::pending::Pending;
use crate::domain::check::{CheckId, Name};
use crate::domain::finding::Verdict;
use crate::domain::status::Change;

/// Commits all that waits, or nothing of it.
///
/// A change, an incident and what is owed are on the disk when this returns. What can be learned anew by the next probe is only
/// handed to the system: it survives a crash of the program, and a power cut may take the last of it.
pub(super) fn commit(file: &mut StateFile, pending: &Pending) -> Result<(), Unusable> {
    let synchronous = if pending.is_irreplaceable() {
        "FULL"
    } else {
        "NORMAL"
    };
    let StateFile {
        connection,
        numbers,
        ..
    } = file;
    connection.pragma_update(None, "synchronous", synchronous)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    Rows {
        transaction: &transaction,
        numbers,
    }
    .write(pending)?;
    transaction.commit()?;
    Ok(())
}

/// The rows of one transaction.
struct Rows<'a> {
    transaction: &'a Transaction<'a>,
    numbers: &'a mut HashMap<CheckId, i64>,
}

impl Rows<'_> {
    fn write(&mut self, pending: &Pending) -> Result<(), Unusable> {
        for id in &pending.removed {
            self.remove(id)?;
        }
        for check in pending.checks.values() {
            self.save(check)?;
        }
        for (id, at) in &pending.seen {
            self.seen(id, *at)?;
        }
        for (name, at) in &pending.credentials {
            self.accepted(name, *at)?;
        }
        for (name, account) in &pending.accounts {
            self.account(name, account)?;
        }
        for change in &pending.changes {
            self.change(change)?;
        }
        self.write_outbox(pending)
    }

    /// The check itself stays for as long as a change names it.
    fn remove(&mut self, id: &CheckId) -> Result<(), Unusable> {
        let check = self.number(id)?;
        self.run("DELETE FROM saved WHERE check_id = ?1", [check])?;
        self.run("DELETE FROM seen WHERE check_id = ?1", [check])
    }

    fn save(&mut self, saved: &SavedCheck) -> Result<(), Unusable> {
        const SQL: &str = "INSERT OR REPLACE INTO saved \
            (check_id, definition, last, good, held_until, held_why, held_span, history, \
            holder_body, baseline) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        let check = self.number(&saved.id)?;
        let held = saved.held.as_ref();
        let row = params![
            check,
            saved.definition.cast_signed(),
            saved.last.as_ref().map(form::to_text).transpose()?,
            saved.good.as_deref().map(form::to_text).transpose()?,
            held.map(|hold| micros(hold.until)),
            held.map(|hold| &hold.why),
            held.and_then(|hold| hold.span).map(form::span),
            saved.history.to_string(),
            saved.holder_body,
            form::baseline::to_text(&saved.baseline)?,
        ];
        self.run(SQL, row)?;
        match &saved.last {
            Some(last) => self.seen(&saved.id, last.at),
            None => self.run("DELETE FROM seen WHERE check_id = ?1", [check]),
        }
    }

    fn seen(&mut self, id: &CheckId, at: Timestamp) -> Result<(), Unusable> {
        const SQL: &str = "INSERT INTO seen (check_id, at) VALUES (?1, ?2) \
            ON CONFLICT DO UPDATE SET at = excluded.at";
        let check = self.number(id)?;
        self.run(SQL, [check, micros(at)])
    }

    fn accepted(&self, name: &Name, at: Timestamp) -> Result<(), Unusable> {
        const SQL: &str = "INSERT OR REPLACE INTO credentials (name, accepted_at) VALUES (?1, ?2)";
        self.run(SQL, params![name.as_str(), micros(at)])
    }

    /// One of which nothing is counted any more has no row.
    fn account(&self, name: &Name, account: &SavedAccount) -> Result<(), Unusable> {
        const SQL: &str = "INSERT OR REPLACE INTO accounts \
            (name, latest_at, rejected_at, is_counted_out, wronged_at) VALUES (?1, ?2, ?3, ?4, ?5)";
        let Some(latest) = account.latest() else {
            return self.run("DELETE FROM accounts WHERE name = ?1", [name.as_str()]);
        };
        let rejected: Vec<i64> = account.rejected_at.iter().map(|at| micros(*at)).collect();
        let row = params![
            name.as_str(),
            micros(latest),
            serde_json::to_string(&rejected)?,
            account.is_counted_out,
            account.wronged_at.map(micros),
        ];
        self.run(SQL, row)
    }

    fn change(&mut self, change: &Change) -> Result<(), Unusable> {
        const SQL: &str =
            "INSERT INTO changes (check_id, at, before, seen) VALUES (?1, ?2, ?3, ?4)";
        let row = params![
            self.number(&change.id)?,
            micros(change.seen.at),
            change.before.map(Verdict::as_str),
            form::to_text(&change.seen)?,
        ];
        self.run(SQL, row)
    }

    fn run(&self, sql: &str, row: impl Params) -> Result<(), Unusable> {
        self.transaction.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }

    /// The number of a check: a new one where it has none.
    fn number(&mut self, id: &CheckId) -> rusqlite::Result<i64> {
        const NEW: &str = "INSERT INTO checks (endpoint, name) VALUES (?1, ?2)";
        const KNOWN: &str = "SELECT id FROM checks WHERE endpoint = ?1 AND name = ?2";
        if let Some(number) = self.numbers.get(id) {
            return Ok(*number);
        }
        let row = [id.endpoint.as_str(), id.check.as_str()];
        let mut statement = self.transaction.prepare_cached(KNOWN)?;
        let known = statement.query_row(row, |row| row.get(0)).optional()?;
        let new = || self.transaction.prepare_cached(NEW)?.insert(row);
        let number = known.map_or_else(new, Ok)?;
        self.numbers.insert(id.clone(), number);
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Batch;
    use crate::store::place::{Place, connect};
    use crate::store::samples::{account, at, change, id, owed, telling};

    /// How the disk was asked to keep a batch, as `PRAGMA synchronous` counts.
    fn synchronous(batch: Batch) -> i64 {
        let directory = tempfile::tempdir().unwrap();
        let mut place = Place::new(directory.path().join("state.db"), connect());
        let mut file = place.open().unwrap().0;
        let mut pending = Pending::default();
        pending.add(batch);
        commit(&mut file, &pending).unwrap();
        file.connection
            .pragma_query_value(None, "synchronous", |row| row.get(0))
            .unwrap()
    }

    #[test]
    fn change_is_synced_to_the_disk() {
        let batch = Batch {
            changes: vec![change(0, 1)],
            ..Batch::default()
        };
        let full = 2;
        assert_eq!(synchronous(batch), full);
    }

    #[test]
    fn what_is_counted_of_an_account_is_synced_to_the_disk() {
        let batch = Batch {
            accounts: vec![(id(0).check, account(1))],
            ..Batch::default()
        };
        let full = 2;
        assert_eq!(synchronous(batch), full);
    }

    #[test]
    fn what_is_owed_is_synced_to_the_disk() {
        let batch = Batch {
            notices: vec![owed(0, 1)],
            ..Batch::default()
        };
        let full = 2;
        assert_eq!(synchronous(batch), full);
    }

    #[test]
    fn what_was_said_is_synced_to_the_disk() {
        let batch = Batch {
            tellings: vec![telling(0, 1)],
            ..Batch::default()
        };
        let full = 2;
        assert_eq!(synchronous(batch), full);
    }

    #[test]
    fn what_the_next_probe_tells_anew_is_left_to_the_system() {
        let batch = Batch {
            seen: vec![(id(0), at(1))],
            ..Batch::default()
        };
        let normal = 1;
        assert_eq!(synchronous(batch), normal);
    }
}
