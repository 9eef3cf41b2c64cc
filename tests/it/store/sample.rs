//! Incidents, notices and silences as the keeper hands them over.

use std::collections::BTreeMap;
use std::sync::Arc;

use authvigil::domain::check::Role;
use authvigil::domain::finding::{Class, Severity};
use authvigil::domain::incident::{Ended, Incident, IncidentId, Resolution};
use authvigil::domain::notice::{
    Delivery, DeliveryState, MessageId, Notice, NoticeId, Occasion, Owed, Said, Story, Telling,
    Thread, Way,
};
use authvigil::domain::routing::{MatchRule, Matcher};
use authvigil::domain::silence::{Silence, SilenceId};

use super::*;

pub(super) fn oncall() -> Name {
    Name::parse("oncall").unwrap()
}

/// An open incident of one of the checks.
pub(super) fn incident(number: i64) -> Incident {
    let check = id("orders", &format!("check-{number}"));
    let finding = Finding::new(Reason::AnonymousAdmitted, "401", "200 \u{0}\r\n<b>");
    let labels = BTreeMap::from([("team".to_owned(), "payments".to_owned())]);
    Incident {
        id: IncidentId::new(&check, Class::Bypass, at(number)),
        check,
        class: Class::Bypass,
        reason: Reason::AnonymousAdmitted,
        severity: Severity::Critical,
        since: at(number - 1),
        opened_at: at(number),
        ended: None,
        reproduced: None,
        flapping: false,
        labels: Arc::new(labels.clone()),
        story: Arc::new(Story {
            at: at(number),
            request: "GET https://orders.example.com/".to_owned(),
            persona: "anonymous".to_owned(),
            role: Role::Refused,
            findings: vec![finding],
            beside: Vec::new(),
            status_line: Some("HTTP/1.1 200 OK".to_owned()),
            challenge_lines: vec!["Basic realm=\"ÿ\u{1}\"".to_owned()],
            silence: None,
            remote_addr: None,
            good_at: Some(at(number - 9)),
            differences: Vec::new(),
            control_failing: false,
            reproduction: Some("curl -sS 'https://orders.example.com/'".to_owned()),
            labels,
            runbook_url: None,
            page_url: Some(
                "https://monitor.example.com/endpoints/orders"
                    .parse()
                    .unwrap(),
            ),
        }),
    }
}

/// The same incident, once it has ended.
pub(super) fn ended(number: i64, seconds: i64) -> Incident {
    Incident {
        ended: Some(Ended {
            at: at(seconds),
            resolution: Resolution::Recovered,
        }),
        ..incident(number)
    }
}

/// What was last said of an incident.
pub(super) fn telling(incident: &Incident, said: Said) -> Telling {
    Telling {
        incident: incident.id.clone(),
        receiver: oncall(),
        said,
        at: at(1),
        group: "endpoint=orders".to_owned(),
        mails: vec![message_id(1)],
        thread: vec![message_id(2), message_id(3)],
    }
}

fn message_id(number: i64) -> MessageId {
    MessageId::parse(&format!("<{number}@example.com>")).unwrap()
}

/// A notice that tells of an incident, and how it stands on each of two ways.
pub(super) fn owed(number: i64, incident: Incident, states: [DeliveryState; 2]) -> Arc<Owed> {
    let notice = Notice {
        id: NoticeId::parse(&format!("{number:016}")).unwrap(),
        receiver: oncall(),
        created_at: at(number),
        occasion: Occasion::Opened { cause: None },
        thread: Thread {
            message_id: message_id(number),
            in_reply_to: None,
            references: Vec::new(),
        },
        incidents: vec![Arc::new(incident)],
    };
    let delivery = |state| Delivery {
        state,
        attempts: 3,
        tried_at: Some(at(number + 1)),
        said: Some("250 \u{0} taken".to_owned()),
    };
    let ways = [Way::Email("a@example.com".to_owned()), Way::Webhook];
    Arc::new(Owed {
        notice: Arc::new(notice),
        deliveries: ways.into_iter().zip(states.map(delivery)).collect(),
    })
}

pub(super) fn silence(number: u32, ends_at: i64) -> Arc<Silence> {
    Arc::new(Silence {
        id: SilenceId::parse(&format!("{number:08x}")).unwrap(),
        matchers: vec![Matcher {
            label: "endpoint".to_owned(),
            rule: MatchRule::Is("orders".to_owned()),
        }],
        starts_at: at(0),
        ends_at: at(ends_at),
        comment: "maintenance".to_owned(),
        author: "root".to_owned(),
    })
}

/// An incident that was just opened, with what is owed of it.
pub(super) fn opened(number: i64) -> Batch {
    let incident = incident(number);
    Batch {
        tellings: vec![telling(&incident, Said::Opened)],
        notices: vec![owed(number, incident.clone(), [DeliveryState::Pending; 2])],
        incidents: vec![Arc::new(incident)],
        ..Batch::default()
    }
}

pub(super) fn incidents(incidents: impl IntoIterator<Item = Incident>) -> Batch {
    Batch {
        incidents: incidents.into_iter().map(Arc::new).collect(),
        ..Batch::default()
    }
}

pub(super) fn notices(notices: impl IntoIterator<Item = Arc<Owed>>) -> Batch {
    Batch {
        notices: notices.into_iter().collect(),
        ..Batch::default()
    }
}

/// The file itself, for another hand.
pub(super) fn by_another_hand(shelf: &Shelf, sql: &str) {
    let connection = rusqlite::Connection::open(shelf.path("state.db")).unwrap();
    connection.execute_batch(sql).unwrap();
}
