//! An incident, and what was told of it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::result::Finding;
use crate::domain::incident::{Incident, Reproduced};
use crate::domain::notice::{Delivery, Owed, Way};
use crate::domain::observation::without_query_values;

/// One incident with its notices.
#[derive(Debug, Serialize)]
pub struct IncidentDocument<'a> {
    id: &'a str,
    endpoint: &'a str,
    check: &'a str,
    persona: &'a str,
    class: &'static str,
    reason: &'static str,
    severity: &'static str,
    state: &'static str,
    since: Timestamp,
    opened_at: Timestamp,
    resolved_at: Option<Timestamp>,
    resolution: Option<&'static str>,
    reproduced: Option<ReproducedDocument>,
    flapping: bool,
    findings: Vec<Finding<'a>>,
    labels: &'a BTreeMap<String, String>,
    notices: Vec<NoticeDocument<'a>>,
}

#[derive(Debug, Serialize)]
struct ReproducedDocument {
    again: u32,
    of: u32,
}

#[derive(Debug, Serialize)]
struct NoticeDocument<'a> {
    id: &'a str,
    receiver: &'a str,
    occasion: &'static str,
    created_at: Timestamp,
    deliveries: Vec<DeliveryDocument<'a>>,
}

#[derive(Debug, Serialize)]
struct DeliveryDocument<'a> {
    way: &'static str,
    address: Option<Cow<'a, str>>,
    state: &'static str,
    attempts: u32,
    tried_at: Option<Timestamp>,
    said: Option<&'a str>,
}

impl<'a> IncidentDocument<'a> {
    /// The document of an incident, and of the notices about it, the newest first.
    pub fn of(incident: &'a Incident, notices: impl Iterator<Item = &'a Owed>) -> Self {
        let ended = incident.ended.as_ref();
        Self {
            id: incident.id.as_str(),
            endpoint: incident.check.endpoint.as_str(),
            check: incident.check.check.as_str(),
            persona: &incident.story.persona,
            class: incident.class.as_str(),
            reason: incident.reason.as_str(),
            severity: incident.severity.as_str(),
            state: if ended.is_some() { "resolved" } else { "open" },
            since: incident.since,
            opened_at: incident.opened_at,
            resolved_at: ended.map(|ended| ended.at),
            resolution: ended.map(|ended| ended.resolution.as_str()),
            reproduced: incident.reproduced.map(ReproducedDocument::of),
            flapping: incident.flapping,
            findings: incident.story.findings.iter().map(Finding::of).collect(),
            labels: &incident.labels,
            notices: notices.map(NoticeDocument::of).collect(),
        }
    }
}

impl ReproducedDocument {
    fn of(reproduced: Reproduced) -> Self {
        let Reproduced { again, of } = reproduced;
        Self { again, of }
    }
}

impl<'a> NoticeDocument<'a> {
    fn of(owed: &'a Owed) -> Self {
        let deliveries = owed.deliveries.iter();
        Self {
            id: owed.notice.id.as_str(),
            receiver: owed.notice.receiver.as_str(),
            occasion: owed.notice.occasion.as_str(),
            created_at: owed.notice.created_at,
            deliveries: deliveries.map(DeliveryDocument::of).collect(),
        }
    }
}

impl<'a> DeliveryDocument<'a> {
    fn of((way, delivery): (&'a Way, &'a Delivery)) -> Self {
        Self {
            way: way.as_str(),
            address: shown_address(way),
            state: delivery.state.as_str(),
            attempts: delivery.attempts,
            tried_at: delivery.tried_at,
            said: delivery.said.as_deref(),
        }
    }
}

/// Where a way leads, without what may be secret of it.
pub fn shown_address(way: &Way) -> Option<Cow<'_, str>> {
    match way {
        Way::Email(address) => Some(Cow::Borrowed(address)),
        Way::Alertmanager(url) => Some(Cow::Owned(without_query_values(url))),
        Way::Webhook | Way::File => None,
    }
}
