//! What the store is owed of the live state.

use super::event::Moment;
use super::live::Live;
use crate::domain::check::CheckId;
use crate::store::{Batch, SavedCheck};

impl Live {
    /// Every check, in order.
    pub(super) fn ids(&self) -> impl Iterator<Item = CheckId> {
        self.endpoints.iter().flat_map(|status| {
            let checks = status.endpoint.checks.iter();
            checks.map(|check| status.endpoint.check_id(check))
        })
    }

    /// The state file was begun anew: it is owed everything that matters at the next start.
    pub(super) fn owe_all(&mut self, now: Moment) {
        self.unsaved.checks = self.ids().collect();
        // Of an incident that is settled, nobody would know that it was told.
        for incident in self.cases.all() {
            if !self.dispatch.is_settled(&incident.id) {
                self.unsaved.incident(incident);
            }
        }
        self.unsaved.tellings = self.dispatch.tellings().cloned().collect();
        for owed in self.outbox.all() {
            self.unsaved.notice(owed);
        }
        self.unsaved.silences = self.dispatch.silences(now.steady);
        self.unsaved.accounts.clone_from(&self.accounts);
        self.unsaved.memo = Some(self.dispatch.memo().clone());
    }

    /// What the store is owed; it counts as stored from here on.
    pub(super) fn batch(&mut self) -> Option<Batch> {
        if self.unsaved.is_empty() {
            return None;
        }
        let unsaved = std::mem::take(&mut self.unsaved);
        let checks = unsaved.checks.iter().filter_map(|id| self.saved_check(id));
        Some(Batch {
            checks: checks.collect(),
            changes: unsaved.changes,
            seen: unsaved.seen.into_iter().collect(),
            credentials: unsaved.credentials.into_iter().collect(),
            accounts: unsaved.accounts.into_iter().collect(),
            removed: unsaved.removed,
            incidents: unsaved.incidents.into_values().collect(),
            tellings: unsaved.tellings,
            notices: unsaved.notices.into_values().collect(),
            silences: unsaved.silences,
            memo: unsaved.memo,
        })
    }

    fn saved_check(&self, id: &CheckId) -> Option<SavedCheck> {
        let place = self.place(id)?;
        let watch = self.watches.get(place.endpoint)?;
        let status = self
            .endpoints
            .get(place.endpoint)?
            .checks
            .get(place.check)?;
        let holder = self.persona(place)?.is_holder();
        Some(SavedCheck {
            id: id.clone(),
            definition: watch.checks.get(place.check)?.question,
            last: status.last.clone(),
            good: status.good.clone(),
            held: status.held.clone(),
            history: status.history.clone(),
            holder_body: watch.holder_body.filter(|_| holder),
            baseline: status.baseline.clone(),
        })
    }
}
