//! The queue is played through by a clock of the test's own; the work is run against carriers that
//! do what the test says.

mod laws;
mod queue;
mod work;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::check::{CheckId, Name, Role};
use crate::domain::finding::{Class, Finding, Reason};
use crate::domain::incident::{Incident, IncidentId};
use crate::domain::notice::{
    Delivery, MessageId, Notice, NoticeId, Occasion, Owed, Story, Thread, Way,
};

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

/// The first moment of every play.
fn begin() -> Timestamp {
    "2026-11-22T08:00:00Z".parse().unwrap()
}

fn mail(to: &str) -> Way {
    Way::Email(format!("{to}@example.com"))
}

/// A notice about incidents of these endpoints, in the order of its number.
fn notice(number: i64, class: Class, endpoints: &[&str]) -> Notice {
    let id = NoticeId::parse(&format!("{number:016}")).unwrap();
    let incidents = endpoints.iter().map(|it| Arc::new(incident(it, class)));
    Notice {
        thread: Thread {
            message_id: MessageId::of(&id, "example.com"),
            in_reply_to: None,
            references: Vec::new(),
        },
        id,
        receiver: name("oncall"),
        created_at: begin() + std::time::Duration::from_millis(number.unsigned_abs()),
        occasion: Occasion::Ended,
        incidents: incidents.collect(),
    }
}

/// A notice that is owed on these ways.
fn owed(notice: Notice, ways: &[Way]) -> Arc<Owed> {
    let deliveries = ways.iter().map(|way| (way.clone(), Delivery::default()));
    Arc::new(Owed {
        notice: Arc::new(notice),
        deliveries: deliveries.collect(),
    })
}

fn incident(endpoint: &str, class: Class) -> Incident {
    let check = CheckId {
        endpoint: name(endpoint),
        check: name("anonymous"),
    };
    let story = Story {
        at: begin(),
        request: "GET https://orders.example.com/".to_owned(),
        persona: "anonymous".to_owned(),
        role: Role::Refused,
        findings: vec![Finding::new(Reason::AnonymousAdmitted, "401", "200")],
        beside: Vec::new(),
        status_line: None,
        challenge_lines: Vec::new(),
        silence: None,
        remote_addr: None,
        good_at: None,
        differences: Vec::new(),
        control_failing: false,
        reproduction: None,
        labels: BTreeMap::new(),
        runbook_url: None,
        page_url: None,
    };
    Incident {
        id: IncidentId::new(&check, class, begin()),
        check,
        class,
        reason: Reason::AnonymousAdmitted,
        severity: Reason::AnonymousAdmitted.severity(),
        since: begin(),
        opened_at: begin(),
        ended: None,
        reproduced: None,
        flapping: false,
        labels: Arc::default(),
        story: Arc::new(story),
    }
}
