//! Incidents and silences as JSON.

use std::sync::Arc;

use authvigil::domain::finding::Reason;
use authvigil::domain::incident::{Incident, Reproduced};
use authvigil::domain::notice::{Attempt, Way};
use authvigil::domain::status::Snapshot;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::port::{Port, snapshot};
use crate::support::incidents::{email, incident, opened, owed, recovered, silence, tried};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn bypass() -> Incident {
    incident("orders/anonymous", Reason::AnonymousAdmitted, at(0))
}

/// What the port answers of this state.
fn answered(snapshot: Snapshot, path: &str) -> String {
    let port = Port::open();
    *port.board.snapshot.lock().unwrap() = Some(Arc::new(snapshot));
    let answer = port.get(path);
    assert!(answer.whole);
    answer.text().to_owned()
}

fn read(snapshot: Snapshot, path: &str) -> Value {
    serde_json::from_str(&answered(snapshot, path)).unwrap()
}

fn incidents(snapshot: Snapshot) -> Value {
    read(snapshot, "/api/v1/incidents")
}

fn with_incidents(incidents: Vec<Incident>) -> Snapshot {
    Snapshot {
        incidents: incidents.into_iter().map(Arc::new).collect(),
        ..snapshot("orders")
    }
}

#[test]
fn an_incident_is_shown_with_its_notices_and_what_became_of_them() {
    let open = Arc::new(Incident {
        reproduced: Some(Reproduced { again: 3, of: 3 }),
        ..bypass()
    });
    let mail = owed(
        "oncall",
        opened(),
        at(61),
        &[&open],
        &[email("a@example.com")],
    );
    let refused = Attempt::Retried("451 4.7.1 try again later".to_owned());
    let state = Snapshot {
        incidents: vec![Arc::clone(&open)],
        notices: vec![Arc::new(tried(mail, &refused, at(62)))],
        ..snapshot("orders")
    };
    let finding = json!({"reason": "anonymous_admitted", "class": "bypass", "severity": "critical",
        "expected": "401", "saw": "200 OK", "rule": Reason::AnonymousAdmitted.rule()});
    let delivery = json!({"way": "email", "address": "a@example.com", "state": "pending",
        "attempts": 1, "tried_at": "2023-11-14T22:14:22Z", "said": "451 4.7.1 try again later"});
    let notice = &state.notices[0].notice;
    let expected = json!({
        "version": 1,
        "started_at": "2023-11-14T22:13:20Z",
        "taken_at": "2023-11-14T22:14:20Z",
        "summary": {"open": 1, "resolved": 0},
        "incidents": [{
            "id": open.id.as_str(), "endpoint": "orders", "check": "anonymous",
            "persona": "anonymous", "class": "bypass", "reason": "anonymous_admitted",
            "severity": "critical", "state": "open", "since": "2023-11-14T22:13:20Z",
            "opened_at": "2023-11-14T22:14:20Z", "resolved_at": null, "resolution": null,
            "reproduced": {"again": 3, "of": 3}, "flapping": false, "findings": [finding],
            "labels": {"class": "bypass", "endpoint": "orders", "team": "payments"},
            "notices": [{
                "id": notice.id.as_str(), "receiver": "oncall", "occasion": "opened",
                "created_at": "2023-11-14T22:14:21Z", "deliveries": [delivery],
            }],
        }],
    });
    assert_eq!(incidents(state), expected);
}

#[test]
fn an_incident_that_ended_says_when_and_how() {
    let ended = with_incidents(vec![recovered(bypass(), at(600))]);
    let whole = incidents(ended);
    let told = [
        "state",
        "resolved_at",
        "resolution",
        "reproduced",
        "notices",
    ];
    assert_eq!(
        told.map(|field| whole["incidents"][0][field].clone()),
        [
            json!("resolved"),
            json!("2023-11-14T22:23:20Z"),
            json!("recovered"),
            Value::Null,
            json!([])
        ]
    );
    assert_eq!(whole["summary"], json!({"open": 0, "resolved": 1}));
}

#[test]
fn no_incident_is_still_a_document() {
    assert_eq!(incidents(snapshot("orders"))["incidents"], json!([]));
}

#[test]
fn an_incident_has_its_own_notices_and_nobody_elses() {
    let [mine, other] = ["orders/anonymous", "orders/invalid"]
        .map(|id| Arc::new(incident(id, Reason::AnonymousAdmitted, at(0))));
    let ways = [Way::File];
    let state = Snapshot {
        notices: vec![
            Arc::new(owed("both", opened(), at(63), &[&mine, &other], &ways)),
            Arc::new(owed("other", opened(), at(62), &[&other], &ways)),
            Arc::new(owed("nobody", opened(), at(61), &[], &ways)),
        ],
        incidents: vec![mine, other],
        ..snapshot("orders")
    };
    let receivers = |incident: &Value| -> Vec<Value> {
        let notices = incident["notices"].as_array().unwrap().iter();
        notices.map(|notice| notice["receiver"].clone()).collect()
    };
    let whole = incidents(state);
    let told: Vec<Vec<Value>> = whole["incidents"]
        .as_array()
        .unwrap()
        .iter()
        .map(receivers)
        .collect();
    assert_eq!(
        told,
        [vec![json!("both")], vec![json!("both"), json!("other")]]
    );
}

#[test]
fn an_address_shows_no_secret() {
    let open = Arc::new(bypass());
    let ways = [
        Way::Alertmanager("http://127.0.0.1:9093/?token=hunter2".to_owned()),
        Way::Webhook,
    ];
    let state = Snapshot {
        notices: vec![Arc::new(owed("tickets", opened(), at(61), &[&open], &ways))],
        incidents: vec![open],
        ..snapshot("orders")
    };
    let whole = incidents(state);
    let deliveries = &whole["incidents"][0]["notices"][0]["deliveries"];
    assert_eq!(
        [&deliveries[0]["address"], &deliveries[1]["address"]],
        [
            &json!("http://127.0.0.1:9093/?token=[redacted]"),
            &Value::Null
        ]
    );
}

#[test]
fn thirty_thousand_incidents_of_one_notice_come_whole_and_in_order() {
    let numbered = |number| {
        Arc::new(incident(
            &format!("e{number}/anonymous"),
            Reason::Timeout,
            at(0),
        ))
    };
    let all: Vec<Arc<Incident>> = (0..30_000).map(numbered).collect();
    let about: Vec<&Arc<Incident>> = all.iter().collect();
    let notice = Arc::new(owed("oncall", opened(), at(61), &about, &[Way::File]));
    let whole = incidents(Snapshot {
        incidents: all.clone(),
        notices: vec![notice],
        ..snapshot("orders")
    });
    let listed = whole["incidents"].as_array().unwrap();
    assert_eq!(
        (listed.len(), &whole["summary"]["open"]),
        (30_000, &json!(30_000))
    );
    for (number, incident) in listed.iter().enumerate() {
        assert_eq!(incident["endpoint"], format!("e{number}"));
        assert_eq!(incident["notices"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn nothing_that_a_relay_said_steers_a_terminal() {
    let open = Arc::new(bypass());
    let mail = owed(
        "oncall",
        opened(),
        at(61),
        &[&open],
        &[email("a@example.com")],
    );
    let said = Attempt::Rejected("550 \u{1b}[2J\u{9b}31m\u{202e}no\nsuch \"user\"".to_owned());
    let text = answered(
        Snapshot {
            notices: vec![Arc::new(tried(mail, &said, at(62)))],
            incidents: vec![open],
            ..snapshot("orders")
        },
        "/api/v1/incidents",
    );
    let steers = |char: char| char != '\n' && authvigil::document::steers(char);
    assert!(
        !text.trim_end().contains('\n') && !text.contains(steers),
        "{text}"
    );
}

#[test]
fn silences_say_what_they_cover_until_when_and_why() {
    let lasting = silence("bypass", at(60), -5..55);
    let coming = silence("outage", at(60), 5..65);
    let state = Snapshot {
        silences: vec![Arc::new(lasting), Arc::new(coming)],
        ..snapshot("orders")
    };
    let silence = |class: &str, starts_at: &str, ends_at: &str| {
        json!({"id": "0badcafe", "matchers": [format!("class=\"{class}\"")],
            "starts_at": starts_at, "ends_at": ends_at, "comment": "the lock is being changed",
            "author": "ada"})
    };
    let expected = json!({
        "version": 1,
        "started_at": "2023-11-14T22:13:20Z",
        "taken_at": "2023-11-14T22:14:20Z",
        "silences": [
            silence("bypass", "2023-11-14T22:09:20Z", "2023-11-14T23:09:20Z"),
            silence("outage", "2023-11-14T22:19:20Z", "2023-11-14T23:19:20Z"),
        ],
    });
    assert_eq!(read(state, "/api/v1/silences"), expected);
}
