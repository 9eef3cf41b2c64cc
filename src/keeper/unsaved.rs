//! What the store has not been given yet.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::domain::check::{CheckId, Name};
use crate::domain::status::Change;

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
    /// Checks that are no longer configured.
    pub(super) removed: Vec<CheckId>,
}

impl Unsaved {
    /// Whether something must not wait for the next turn of the clock.
    pub(super) fn is_urgent(&self) -> bool {
        !self.changes.is_empty()
    }

    /// Whether there is nothing at all.
    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
            && self.checks.is_empty()
            && self.seen.is_empty()
            && self.credentials.is_empty()
            && self.removed.is_empty()
    }
}
