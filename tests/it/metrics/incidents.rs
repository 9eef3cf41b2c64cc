//! What is told of incidents, notices and silences.

use std::sync::Arc;

use authvigil::domain::check::Name;
use authvigil::domain::finding::{Class, Reason, Severity};
use authvigil::domain::incident::Incident;
use authvigil::domain::notice::{Attempt, Owed, Way};
use authvigil::domain::status::Snapshot;
use jiff::ToSpan as _;

use super::{CONFIGURATION, lines, lines_of, metrics};
use crate::support::incidents::{email, incident, opened, owed, recovered, silence, tried};
use crate::support::status::{now, snapshot};

fn open(id: &str, reason: Reason) -> Incident {
    incident(id, reason, now() - 5.minutes())
}

fn with_incidents(incidents: Vec<Incident>) -> Snapshot {
    Snapshot {
        incidents: incidents.into_iter().map(Arc::new).collect(),
        ..snapshot(CONFIGURATION)
    }
}

fn with_notices(receivers: &[&str], notices: Vec<Owed>) -> Snapshot {
    let receivers = receivers.iter().map(|name| Name::parse(name).unwrap());
    Snapshot {
        receivers: receivers.collect(),
        notices: notices.into_iter().map(Arc::new).collect(),
        ..snapshot(CONFIGURATION)
    }
}

/// A notice that is this many seconds old and was not tried yet.
fn aged(receiver: &str, seconds: i64, ways: &[Way]) -> Owed {
    owed(receiver, opened(), now() - seconds.seconds(), &[], ways)
}

#[test]
fn an_open_incident_is_a_series_until_it_ends() {
    let bypass = open("orders/anonymous", Reason::AnonymousAdmitted);
    let slow = open("orders/valid", Reason::TooSlow);
    let all = with_incidents(vec![slow.clone(), bypass.clone()]);
    let of_bypass = r#"{endpoint="orders",check="anonymous",class="bypass",severity="critical"} 1"#;
    let of_slow = r#"{endpoint="orders",check="valid",class="response",severity="warning"} 1"#;
    assert_eq!(lines(&all, "authvigil_incident_open"), [of_bypass, of_slow]);
    let all = with_incidents(vec![recovered(slow, now()), bypass]);
    assert_eq!(lines(&all, "authvigil_incident_open"), [of_bypass]);
}

#[test]
fn two_incidents_with_the_same_labels_are_one_series() {
    let mut again = open("orders/valid", Reason::TooSlow);
    again.opened_at += 1.second();
    let graver = Incident {
        severity: Severity::Critical,
        ..again.clone()
    };
    let all = with_incidents(vec![open("orders/valid", Reason::TooSlow), again, graver]);
    assert_eq!(lines(&all, "authvigil_incident_open").len(), 2);
}

#[test]
fn incidents_are_counted_by_class_from_0() {
    let (metrics, all) = (metrics(), snapshot(CONFIGURATION));
    metrics.incident_opened(Class::Bypass);
    metrics.incident_opened(Class::Bypass);
    let mut expected = Class::ALL.map(|class| {
        let count = if class == Class::Bypass { 2 } else { 0 };
        format!(r#"{{class="{}"}} {count}"#, class.as_str())
    });
    expected.sort();
    assert_eq!(
        lines_of(&metrics, &all, "authvigil_incidents_total"),
        expected
    );
}

#[test]
fn tries_are_counted_by_receiver_and_outcome_from_0() {
    let (metrics, all) = (metrics(), with_notices(&["oncall", "tickets"], vec![]));
    let oncall = Name::parse("oncall").unwrap();
    metrics.tried(&oncall, &Attempt::Retried("451 later".to_owned()));
    metrics.tried(&oncall, &Attempt::Retried("451 later".to_owned()));
    metrics.tried(&oncall, &Attempt::Delivered("250 ok".to_owned()));
    assert_eq!(
        lines_of(&metrics, &all, "authvigil_notices_total"),
        [
            r#"{outcome="delivered",receiver="oncall"} 1"#,
            r#"{outcome="delivered",receiver="tickets"} 0"#,
            r#"{outcome="rejected",receiver="oncall"} 0"#,
            r#"{outcome="rejected",receiver="tickets"} 0"#,
            r#"{outcome="retried",receiver="oncall"} 2"#,
            r#"{outcome="retried",receiver="tickets"} 0"#,
        ]
    );
}

#[test]
fn an_empty_outbox_is_0_for_everybody_who_can_be_told() {
    let all = with_notices(&["oncall", "tickets"], vec![]);
    for family in [
        "outbox_pending",
        "outbox_oldest_age_seconds",
        "dead_letters",
    ] {
        assert_eq!(
            lines(&all, &format!("authvigil_{family}")),
            [r#"{receiver="oncall"} 0"#, r#"{receiver="tickets"} 0"#],
            "{family}"
        );
    }
}

#[test]
fn what_is_owed_is_counted_and_the_oldest_of_it_has_an_age() {
    let mail = [email("a@example.com"), email("b@example.com")];
    let delivered = Attempt::Delivered(String::new());
    let all = with_notices(
        &["oncall"],
        vec![
            aged("oncall", 30, &mail),
            aged("oncall", 90, &mail),
            tried(aged("oncall", 900, &mail), &delivered, now()),
            aged("gone", 7, &mail),
        ],
    );
    assert_eq!(
        lines(&all, "authvigil_outbox_pending"),
        [r#"{receiver="gone"} 1"#, r#"{receiver="oncall"} 2"#]
    );
    assert_eq!(
        lines(&all, "authvigil_outbox_oldest_age_seconds"),
        [r#"{receiver="gone"} 7"#, r#"{receiver="oncall"} 90"#]
    );
}

#[test]
fn a_clock_that_was_set_back_makes_no_age_below_0() {
    let all = with_notices(&[], vec![aged("oncall", -60, &[Way::File])]);
    assert_eq!(
        lines(&all, "authvigil_outbox_oldest_age_seconds"),
        [r#"{receiver="oncall"} 0"#]
    );
}

#[test]
fn a_notice_that_was_refused_is_a_dead_letter_and_not_pending() {
    let refused = Attempt::Rejected("550 no such user".to_owned());
    let letter = tried(
        aged("oncall", 900, &[email("a@example.com")]),
        &refused,
        now(),
    );
    let all = with_notices(&["oncall"], vec![letter]);
    assert_eq!(
        lines(&all, "authvigil_dead_letters"),
        [r#"{receiver="oncall"} 1"#]
    );
    assert_eq!(
        lines(&all, "authvigil_outbox_pending"),
        [r#"{receiver="oncall"} 0"#]
    );
}

#[test]
fn silences_count_while_they_hold() {
    let mut all = snapshot(CONFIGURATION);
    assert_eq!(lines(&all, "authvigil_silences_active"), ["0"]);
    all.silences = vec![
        Arc::new(silence("bypass", now(), -5..5)),
        Arc::new(silence("bypass", now(), 1..5)),
    ];
    assert_eq!(lines(&all, "authvigil_silences_active"), ["1"]);
}
