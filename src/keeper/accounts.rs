//! What hangs on an account: checks that are held back because its password was rejected, and where
//! that is told.
//!
//! One wrong password is one regression, however many checks it would open the door to: the lockout
//! of those that were rejected tells of it. The others show that they are not probed, and open no
//! incident as long as whoever would hear of them knows of that lockout.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::event::Moment;
use super::incidents::labels;
use super::live::{Live, Place};
use crate::domain::check::Name;
use crate::domain::finding::Class;

impl Live {
    /// Whether a lockout that is open says why a check is not probed, to everybody who would be told
    /// if it were locked out itself. Where one of them hears nothing of the lockout, it does not.
    pub(super) fn is_told_by_lockout(&self, place: Place, now: Moment) -> bool {
        let Some(endpoint) = self.endpoint(place) else {
            return false;
        };
        let check = endpoint.checks.get(place.check);
        let held = check.filter(|_| self.is_held_by_account(place, now));
        let Some((check, credential)) = held.and_then(|it| Some((it, it.persona.credential()?)))
        else {
            return false;
        };
        let lockouts = self.cases.open_of(Class::Lockout).filter(|lockout| {
            let of = lockout.labels.get("credential");
            of.is_some_and(|name| name == credential.as_str())
        });
        let lockouts: Vec<_> = lockouts.collect();
        let Some(lockout) = lockouts.first() else {
            return false;
        };
        let labels = labels(&endpoint, check, (lockout.reason, lockout.severity));
        let routes = self.policy.routes_of(&labels).into_iter();
        let mut receivers: BTreeSet<&Name> = routes.map(|it| &it.route.receiver).collect();
        for lockout in lockouts {
            receivers.retain(|receiver| !self.dispatch.tells(&lockout.id, receiver, now.steady));
        }
        receivers.is_empty()
    }

    /// Whether it is the account that keeps a check from being probed. A hold that is over counts
    /// until the turn after it must have come: it renews the hold, or ends it with an answer.
    fn is_held_by_account(&self, place: Place, now: Moment) -> bool {
        let watched = self.watches.get(place.endpoint);
        let watched = watched.and_then(|watch| watch.checks.get(place.check));
        let patience = watched.and_then(|it| SignedDuration::try_from(it.patience).ok());
        let hold = self.status(place).and_then(|status| status.held.as_ref());
        let (Some(hold), Some(patience)) = (hold, patience) else {
            return false;
        };
        let due = hold.until.saturating_add(patience);
        hold.span.is_none() && due.is_ok_and(|due| now.wall < due)
    }
}
