//! What the store has not been given yet.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::check::{CheckId, Name};
use crate::domain::incident::{Incident, IncidentId};
use crate::domain::notice::{Memo, NoticeId, Owed, Telling};
use crate::domain::silence::Silence;
use crate::domain::status::Change;
use crate::store::SavedAccount;

/// Gathers what is to be stored.
#[derive(Debug, Default)]
pub(super) struct Unsaved {
    /// Verdict changes, in order.
    pub(super) changes: Vec<Change>,
    /// Checks whose whole state is to be written.
    pub(super) checks: BTreeSet<CheckId>,
    /// Checks that were probed and came to nothing new.
    pub(super) seen: BTreeMap<CheckId, Timestamp>,
    /// Credentials that were accepted.
    pub(super) credentials: BTreeMap<Name, Timestamp>,
    /// Accounts of which something else is counted.
    pub(super) accounts: BTreeMap<Name, SavedAccount>,
    /// Checks that are no longer configured.
    pub(super) removed: Vec<CheckId>,
    /// Incidents that are not as they were stored.
    pub(super) incidents: BTreeMap<IncidentId, Arc<Incident>>,
    /// What was said of them.
    pub(super) tellings: Vec<Telling>,
    /// Notices that are owed, or were tried.
    pub(super) notices: BTreeMap<NoticeId, Arc<Owed>>,
    /// Silences that were made or ended.
    pub(super) silences: Vec<Arc<Silence>>,
    /// What was said that is about no incident.
    pub(super) memo: Option<Memo>,
    /// Whether there is something else that must not wait.
    pub(super) urgent: bool,
}

impl Unsaved {
    /// Whether something must not wait for the next turn of the clock.
    pub(super) fn is_urgent(&self) -> bool {
        self.urgent
            || !self.accounts.is_empty()
            || !self.changes.is_empty()
            || !self.incidents.is_empty()
            || !self.tellings.is_empty()
            || !self.silences.is_empty()
            || self.memo.is_some()
    }

    /// An incident is as it is now.
    pub(super) fn incident(&mut self, incident: Arc<Incident>) {
        self.incidents.insert(incident.id.clone(), incident);
    }

    /// A notice is as it is now.
    pub(super) fn notice(&mut self, owed: Arc<Owed>) {
        self.notices.insert(owed.notice.id.clone(), owed);
    }

    /// Whether there is nothing at all.
    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
            && self.checks.is_empty()
            && self.seen.is_empty()
            && self.credentials.is_empty()
            && self.removed.is_empty()
            && self.notices.is_empty()
            && !self.is_urgent()
    }
}
