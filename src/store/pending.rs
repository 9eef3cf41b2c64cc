//! What waits for the disk.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;

use super::batch::{Batch, SavedAccount, SavedCheck};
use crate::domain::check::{CheckId, Name};
use crate::domain::incident::{Incident, IncidentId};
use crate::domain::notice::{Memo, NoticeId, Owed, Telling};
use crate::domain::silence::{Silence, SilenceId};
use crate::domain::status::Change;

/// Batches, merged: of everything that has a name the newest, and the changes in their order.
///
/// So what waits is bounded by what is watched, by [`Pending::MOST_CHANGES`], and by what is owed:
/// of that nothing ever makes room.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Pending {
    pub(super) removed: BTreeSet<CheckId>,
    pub(super) checks: BTreeMap<CheckId, SavedCheck>,
    pub(super) seen: BTreeMap<CheckId, Timestamp>,
    pub(super) credentials: BTreeMap<Name, Timestamp>,
    pub(super) accounts: BTreeMap<Name, SavedAccount>,
    pub(super) changes: VecDeque<Change>,
    pub(super) incidents: BTreeMap<IncidentId, Arc<Incident>>,
    pub(super) tellings: BTreeMap<(IncidentId, Name), Telling>,
    pub(super) notices: BTreeMap<NoticeId, Arc<Owed>>,
    pub(super) silences: BTreeMap<SilenceId, Arc<Silence>>,
    pub(super) memo: Option<Memo>,
    /// How many changes were dropped, because too many waited.
    pub(super) lost: u64,
}

impl Pending {
    /// How many changes may wait; the oldest make room.
    pub(super) const MOST_CHANGES: usize = 10_000;

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.removed.is_empty()
            && self.checks.is_empty()
            && self.seen.is_empty()
            && self.credentials.is_empty()
            && !self.is_irreplaceable()
    }

    /// Whether something waits that no later probe tells anew.
    pub(super) fn is_irreplaceable(&self) -> bool {
        !self.changes.is_empty()
            || !self.accounts.is_empty()
            || !self.incidents.is_empty()
            || !self.tellings.is_empty()
            || !self.notices.is_empty()
            || !self.silences.is_empty()
            || self.memo.is_some()
    }

    /// Adds a batch that is newer than all that waits.
    pub(super) fn add(&mut self, batch: Batch) {
        self.remove(batch.removed);
        batch.checks.into_iter().for_each(|check| self.save(check));
        self.seen.extend(batch.seen);
        self.credentials.extend(batch.credentials);
        self.accounts.extend(batch.accounts);
        for change in batch.changes {
            self.change(change);
        }
        let told = |telling: Telling| {
            (
                (telling.incident.clone(), telling.receiver.clone()),
                telling,
            )
        };
        self.incidents
            .extend(by_name(batch.incidents, |incident| &incident.id));
        self.tellings.extend(batch.tellings.into_iter().map(told));
        self.notices
            .extend(by_name(batch.notices, |owed| &owed.notice.id));
        self.silences
            .extend(by_name(batch.silences, |silence| &silence.id));
        self.memo = batch.memo.or(self.memo.take());
    }

    /// Puts what could not be written back, beneath what came meanwhile.
    pub(super) fn put_back(&mut self, older: Self) {
        let newer = std::mem::replace(self, older);
        self.remove(newer.removed);
        newer
            .checks
            .into_values()
            .for_each(|check| self.save(check));
        self.seen.extend(newer.seen);
        self.credentials.extend(newer.credentials);
        self.accounts.extend(newer.accounts);
        newer
            .changes
            .into_iter()
            .for_each(|change| self.change(change));
        self.incidents.extend(newer.incidents);
        self.tellings.extend(newer.tellings);
        self.notices.extend(newer.notices);
        self.silences.extend(newer.silences);
        self.memo = newer.memo.or(self.memo.take());
        self.lost += newer.lost;
    }

    fn remove(&mut self, removed: impl IntoIterator<Item = CheckId>) {
        for id in removed {
            self.checks.remove(&id);
            self.seen.remove(&id);
            self.removed.insert(id);
        }
    }

    fn save(&mut self, check: SavedCheck) {
        self.seen.remove(&check.id);
        self.checks.insert(check.id.clone(), check);
    }

    fn change(&mut self, change: Change) {
        if self.changes.len() == Self::MOST_CHANGES {
            self.changes.pop_front();
            self.lost += 1;
        }
        self.changes.push_back(change);
    }
}

/// What is shared, each with its name.
fn by_name<N: Clone, T>(all: Vec<Arc<T>>, name: fn(&T) -> &N) -> impl Iterator<Item = (N, Arc<T>)> {
    all.into_iter().map(move |one| (name(&one).clone(), one))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::store::samples::{account, at, change, id, owed, saved, telling};

    fn batch() -> impl Strategy<Value = Batch> {
        let check = || 0..4_i64;
        let parts = (
            vec(check(), 0..3),
            vec((check(), 0..100_i64), 0..3),
            vec((check(), 0..100_i64), 0..3),
            vec((check(), 0..100_i64), 0..3),
            vec((check(), 0..100_i64), 0..3),
            vec((check(), 0..100_u32), 0..3),
            vec((check(), 0..100_i64), 0..3),
            vec((check(), 0..5_i64), 0..3),
            proptest::option::of(0..100_i64),
        );
        parts.prop_map(
            |(removed, checks, seen, credentials, changes, notices, told, accounts, memo)| Batch {
                removed: removed.into_iter().map(id).collect(),
                checks: checks.into_iter().map(|(n, s)| saved(n, s)).collect(),
                seen: seen.into_iter().map(|(n, s)| (id(n), at(s))).collect(),
                credentials: credentials
                    .into_iter()
                    .map(|(n, s)| (id(n).check, at(s)))
                    .collect(),
                changes: changes.into_iter().map(|(n, s)| change(n, s)).collect(),
                notices: notices.into_iter().map(|(n, s)| owed(n, s)).collect(),
                tellings: told.into_iter().map(|(n, s)| telling(n, s)).collect(),
                accounts: accounts
                    .into_iter()
                    .map(|(n, times)| (id(n).check, account(times)))
                    .collect(),
                memo: memo.map(|second| Memo {
                    heartbeat_at: Some(at(second)),
                    isolation: None,
                }),
                ..Batch::default()
            },
        )
    }

    fn merged(batches: impl IntoIterator<Item = Batch>) -> Pending {
        let mut pending = Pending::default();
        batches.into_iter().for_each(|batch| pending.add(batch));
        pending
    }

    proptest! {
        #[test]
        fn what_is_put_back_lies_beneath_what_came_meanwhile(
            older in vec(batch(), 0..4),
            newer in vec(batch(), 0..4),
        ) {
            let mut again = merged(newer.clone());
            again.put_back(merged(older.clone()));
            prop_assert_eq!(again, merged(older.into_iter().chain(newer)));
        }
    }

    #[test]
    fn of_a_notice_that_is_handed_over_again_the_newest_counts() {
        let notices = |attempts| Batch {
            notices: vec![owed(1, attempts)],
            ..Batch::default()
        };
        let pending = merged([notices(0), notices(2)]);
        let waiting: Vec<_> = pending.notices.into_values().collect();
        assert_eq!(waiting, [owed(1, 2)]);
    }

    #[test]
    fn nothing_that_is_owed_makes_room() {
        let most = i64::try_from(Pending::MOST_CHANGES).unwrap();
        let pending = merged([Batch {
            notices: (0..=most).map(|number| owed(number, 0)).collect(),
            ..Batch::default()
        }]);
        assert_eq!(pending.notices.len(), Pending::MOST_CHANGES + 1);
    }

    #[test]
    fn the_oldest_change_makes_room_and_is_counted() {
        let beyond = 3;
        let most = i64::try_from(Pending::MOST_CHANGES).unwrap();
        let pending = merged([Batch {
            changes: (0..most + beyond).map(|second| change(0, second)).collect(),
            ..Batch::default()
        }]);
        let first = pending.changes.front().map(|change| change.seen.at);
        let told = (pending.changes.len(), pending.lost, first);
        assert_eq!(told, (Pending::MOST_CHANGES, 3, Some(at(beyond))));
    }
}
