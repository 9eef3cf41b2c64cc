//! Incidents, notices and silences, as a keeper might have them.

use std::collections::BTreeMap;
use std::sync::Arc;

use authvigil::domain::check::{CheckId, Name, Role};
use authvigil::domain::finding::{Finding, Reason};
use authvigil::domain::incident::{Ended, Incident, IncidentId, Resolution};
use authvigil::domain::notice::{
    Attempt, Delivery, MessageId, Notice, NoticeId, Occasion, Owed, Story, Thread, Way,
};
use authvigil::domain::routing::{MatchRule, Matcher};
use authvigil::domain::silence::{Silence, SilenceId};
use jiff::{Timestamp, ToSpan as _};

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

/// An open incident of a check, named as in `orders/anonymous`, for this reason and since this moment;
/// it was confirmed a minute later.
pub(crate) fn incident(id: &str, reason: Reason, since: Timestamp) -> Incident {
    let (endpoint, check) = id.split_once('/').unwrap();
    let check = CheckId {
        endpoint: name(endpoint),
        check: name(check),
    };
    let finding = Finding::new(reason, "401", "200 OK");
    let labels = [
        ("endpoint", endpoint),
        ("class", reason.class().as_str()),
        ("team", "payments"),
    ];
    let labels = labels.map(|(label, value)| (label.to_owned(), value.to_owned()));
    let opened_at = since + 1.minute();
    Incident {
        id: IncidentId::new(&check, reason.class(), opened_at),
        class: reason.class(),
        reason,
        severity: finding.severity,
        since,
        opened_at,
        ended: None,
        reproduced: None,
        flapping: false,
        labels: Arc::new(BTreeMap::from(labels)),
        story: Arc::new(story(check.check.as_str(), finding, opened_at)),
        check,
    }
}

/// The same, recovered at this moment.
pub(crate) fn recovered(incident: Incident, at: Timestamp) -> Incident {
    let resolution = Resolution::Recovered;
    Incident {
        ended: Some(Ended { at, resolution }),
        ..incident
    }
}

fn story(persona: &str, finding: Finding, at: Timestamp) -> Story {
    Story {
        at,
        request: "GET https://orders.example.com/".to_owned(),
        persona: persona.to_owned(),
        role: Role::Refused,
        findings: vec![finding],
        beside: Vec::new(),
        status_line: Some("HTTP/1.1 200 OK".to_owned()),
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
    }
}

/// A notice to a receiver about incidents, made at this moment and not tried yet on any of its ways.
pub(crate) fn owed(
    receiver: &str,
    occasion: Occasion,
    at: Timestamp,
    about: &[&Arc<Incident>],
    ways: &[Way],
) -> Owed {
    let id = format!("{receiver:0<12}{:x}", at.as_second());
    let id = NoticeId::parse(&id.replace('-', "0")).unwrap();
    let notice = Notice {
        receiver: name(receiver),
        created_at: at,
        occasion,
        thread: Thread {
            message_id: MessageId::of(&id, "example.com"),
            in_reply_to: None,
            references: Vec::new(),
        },
        id,
        incidents: about.iter().map(|incident| Arc::clone(incident)).collect(),
    };
    let deliveries = ways.iter().map(|way| (way.clone(), Delivery::default()));
    Owed {
        notice: Arc::new(notice),
        deliveries: deliveries.collect(),
    }
}

/// The occasion of a first notice.
pub(crate) fn opened() -> Occasion {
    Occasion::Opened { cause: None }
}

/// A way by mail.
pub(crate) fn email(address: &str) -> Way {
    Way::Email(address.to_owned())
}

/// The same notice after a try on every way.
pub(crate) fn tried(mut owed: Owed, attempt: &Attempt, at: Timestamp) -> Owed {
    for delivery in owed.deliveries.values_mut() {
        delivery.note(attempt.clone(), at);
    }
    owed
}

/// A silence for everything of a class, over these minutes around a moment.
pub(crate) fn silence(class: &str, around: Timestamp, minutes: std::ops::Range<i64>) -> Silence {
    Silence {
        id: SilenceId::parse("0badcafe").unwrap(),
        matchers: vec![Matcher {
            label: "class".to_owned(),
            rule: MatchRule::Is(class.to_owned()),
        }],
        starts_at: around + minutes.start.minutes(),
        ends_at: around + minutes.end.minutes(),
        comment: "the lock is being changed".to_owned(),
        author: "ada".to_owned(),
    }
}
