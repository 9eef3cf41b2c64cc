//! What the snapshot says of incidents, of what is owed, and of silences.

use std::collections::BTreeMap;
use std::time::Duration;

use super::lines::{Lines, Value};
use super::table::{
    DEAD_LETTERS, INCIDENT_OPEN, OUTBOX_OLDEST_AGE, OUTBOX_PENDING, SILENCES_ACTIVE,
};
use crate::domain::check::CheckId;
use crate::domain::finding::{Class, Severity};
use crate::domain::incident::Incident;
use crate::domain::notice::{DeliveryState, Owed};
use crate::domain::status::Snapshot;

/// Where the open incidents stand in a snapshot, ordered by their labels, each set of labels once:
/// a series that occurs twice would cost the whole exposition.
pub(super) fn open_incidents(snapshot: &Snapshot) -> Vec<usize> {
    let mut open: BTreeMap<(&CheckId, Class, Severity), usize> = BTreeMap::new();
    for (at, incident) in snapshot.incidents.iter().enumerate() {
        if incident.is_open() {
            open.insert((&incident.check, incident.class, incident.severity), at);
        }
    }
    open.into_values().collect()
}

pub(super) fn incident_open(incident: &Incident, lines: &mut Lines) {
    let labels = [
        incident.check.endpoint.as_str(),
        incident.check.check.as_str(),
        incident.class.as_str(),
        incident.severity.as_str(),
    ];
    lines.sample(&INCIDENT_OPEN, &labels, Value::One);
}

pub(super) fn outbox_pending(snapshot: &Snapshot, lines: &mut Lines) {
    for (receiver, backlog) in backlogs(snapshot) {
        let pending = Value::Count(backlog.pending);
        lines.sample(&OUTBOX_PENDING, &[receiver], pending);
    }
}

pub(super) fn outbox_oldest_age(snapshot: &Snapshot, lines: &mut Lines) {
    for (receiver, backlog) in backlogs(snapshot) {
        let age = Value::Seconds(backlog.oldest_age);
        lines.sample(&OUTBOX_OLDEST_AGE, &[receiver], age);
    }
}

pub(super) fn dead_letters(snapshot: &Snapshot, lines: &mut Lines) {
    for (receiver, backlog) in backlogs(snapshot) {
        let refused = Value::Count(backlog.refused);
        lines.sample(&DEAD_LETTERS, &[receiver], refused);
    }
}

pub(super) fn silences_active(snapshot: &Snapshot, lines: &mut Lines) {
    let silences = snapshot.silences.iter();
    let active = silences.filter(|silence| silence.is_active(snapshot.taken_at));
    let active = u64::try_from(active.count()).unwrap_or(u64::MAX);
    lines.sample(&SILENCES_ACTIVE, &[], Value::Count(active));
}

/// What one receiver is owed, and what was refused in its name.
#[derive(Clone, Copy, Default)]
struct Backlog {
    pending: u64,
    oldest_age: Duration,
    refused: u64,
}

/// The backlog of everybody who can be told, and of whoever is owed something nevertheless.
fn backlogs(snapshot: &Snapshot) -> BTreeMap<&str, Backlog> {
    let receivers = snapshot.receivers.iter();
    let mut backlogs: BTreeMap<&str, Backlog> = receivers
        .map(|receiver| (receiver.as_str(), Backlog::default()))
        .collect();
    for owed in &snapshot.notices {
        let was_refused = was_refused(owed);
        if !owed.is_pending() && !was_refused {
            continue;
        }
        let backlog = backlogs.entry(owed.notice.receiver.as_str()).or_default();
        backlog.refused += u64::from(was_refused);
        if owed.is_pending() {
            let age = snapshot.taken_at.duration_since(owed.notice.created_at);
            // A clock that was set back makes no age below zero.
            let age = Duration::try_from(age).unwrap_or_default();
            backlog.pending += 1;
            backlog.oldest_age = backlog.oldest_age.max(age);
        }
    }
    backlogs
}

fn was_refused(owed: &Owed) -> bool {
    let mut deliveries = owed.deliveries.values();
    deliveries.any(|delivery| delivery.state == DeliveryState::Rejected)
}
