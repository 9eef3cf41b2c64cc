//! The live state as JSON.

use std::sync::Arc;
use std::time::Duration;

use authvigil::domain::finding::{Finding, Reason};
use authvigil::domain::incident::IncidentId;
use authvigil::domain::judge::{Expiring, Judgement};
use authvigil::domain::observation::{
    Answer, Body, Field, HttpVersion, Observation, Outcome, Phases,
};
use authvigil::domain::status::{CheckStatus, EndpointStatus, Hold, Seen, Snapshot};
use http::HeaderName;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::port::{Port, snapshot};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn seen(findings: Vec<Finding>, observation: Option<Observation>) -> Seen {
    Seen {
        at: at(30),
        since: at(10),
        judgement: Judgement::of(findings),
        observation,
    }
}

fn unauthorized(challenge: &[u8]) -> Observation {
    let field = Field {
        name: HeaderName::from_static("www-authenticate"),
        value: challenge.to_vec(),
    };
    Observation {
        outcome: Outcome::Answer(Answer {
            status: 401,
            http_version: HttpVersion::Http11,
            fields: vec![field],
            body: Body::default(),
            first_location: None,
        }),
        phases: Phases::default(),
        duration: Duration::from_millis(250),
        remote_addr: None,
        tls: None,
    }
}

/// A snapshot whose endpoints have these checks, one each.
fn of_checks(checks: Vec<CheckStatus>) -> Snapshot {
    let mut whole = snapshot("orders");
    let endpoint = Arc::clone(&whole.endpoints[0].endpoint);
    let of_check = |status| {
        Arc::new(EndpointStatus {
            endpoint: Arc::clone(&endpoint),
            checks: vec![Arc::new(status)],
            certificate: None,
        })
    };
    whole.endpoints = checks.into_iter().map(of_check).collect();
    whole
}

fn status_of(checks: Vec<CheckStatus>) -> Value {
    let port = Port::open();
    *port.board.snapshot.lock().unwrap() = Some(Arc::new(of_checks(checks)));
    let answer = port.get("/api/v1/status");
    assert!(answer.whole);
    serde_json::from_slice(&answer.body).unwrap()
}

fn seen_as(findings: Vec<Finding>) -> CheckStatus {
    CheckStatus {
        last: Some(seen(findings, None)),
        ..CheckStatus::default()
    }
}

fn bypass() -> Finding {
    Finding::new(Reason::AnonymousAdmitted, "401", "200")
}

fn expiring() -> Finding {
    Finding::new(Reason::CertificateExpiring, "14 days", "3 days")
}

#[test]
fn a_result_is_that_of_check_with_its_times() {
    let status = CheckStatus {
        last: Some(seen(vec![], Some(unauthorized(b"Basic realm=\"orders\"")))),
        held: Some(Hold {
            until: at(90),
            why: "429".to_owned(),
            span: None,
        }),
        ..CheckStatus::default()
    };
    let phases = json!({"resolve": null, "connect": null, "tls": null, "processing": null,
        "transfer": null});
    let challenge = json!({"scheme": "basic", "token68": null, "params": {"realm": "orders"}});
    let expected = json!({
        "version": 1,
        "started_at": "2023-11-14T22:13:20Z",
        "taken_at": "2023-11-14T22:14:20Z",
        "summary": {"pass": 1, "fail": 0, "unknown": 0, "pending": 0},
        "results": [{
            "endpoint": "orders", "check": "anonymous", "persona": "anonymous",
            "verdict": "pass", "class": null, "reason": null, "severity": null,
            "findings": [], "advice": [],
            "observation": {
                "status": 401, "http_version": "HTTP/1.1", "remote_addr": null,
                "www_authenticate": ["Basic realm=\"orders\""], "challenges": [challenge],
                "location": null, "duration_seconds": 0.25, "phases": phases, "tls": null,
                "error": null,
            },
            "observed_at": "2023-11-14T22:13:50Z", "since": "2023-11-14T22:13:30Z",
            "held_until": "2023-11-14T22:14:50Z", "incident_id": null, "tokens_of": null,
        }],
    });
    assert_eq!(status_of(vec![status]), expected);
}

#[test]
fn a_result_names_the_incident_that_it_belongs_to() {
    let id = IncidentId::parse("0123456789abcdef");
    let failing = CheckStatus {
        incident: id,
        ..seen_as(vec![bypass()])
    };
    let whole = status_of(vec![failing]);
    assert_eq!(whole["results"][0]["incident_id"], "0123456789abcdef");
}

#[test]
fn a_check_without_a_verdict_is_pending() {
    let whole = status_of(vec![CheckStatus::default()]);
    let summary = json!({"pass": 0, "fail": 0, "unknown": 0, "pending": 1});
    let pending = json!([{
        "endpoint": "orders", "check": "anonymous", "persona": "anonymous",
        "verdict": null, "class": null, "reason": null, "severity": null,
        "findings": [], "advice": [], "observation": null,
        "observed_at": null, "since": null, "held_until": null, "incident_id": null, "tokens_of": null,
    }]);
    assert_eq!((&whole["summary"], &whole["results"]), (&summary, &pending));
}

#[test]
fn a_certificate_that_expires_soon_is_a_finding_as_check_has_it() {
    let with_certificate = |findings| CheckStatus {
        expiring: Expiring {
            certificate: Some(expiring()),
            credential: None,
        },
        ..seen_as(findings)
    };
    let outage = Finding::new(Reason::Timeout, "401", "no answer");
    let whole = status_of(vec![
        with_certificate(vec![]),
        with_certificate(vec![bypass()]),
        with_certificate(vec![outage]),
    ]);
    let told: Vec<Value> = whole["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            json!([
                it["verdict"],
                it["reason"],
                it["findings"].as_array().unwrap().len()
            ])
        })
        .collect();
    let expected = [
        json!(["fail", "certificate_expiring", 1]),
        json!(["fail", "anonymous_admitted", 2]),
        json!(["unknown", "timeout", 1]),
    ];
    assert_eq!(told, expected);
    let summary = json!({"pass": 0, "fail": 2, "unknown": 1, "pending": 0});
    assert_eq!(whole["summary"], summary);
}

#[test]
fn ten_thousand_results_come_whole_and_in_order() {
    let findings = (0..10_000).map(|number| {
        let saw = format!("number {number}");
        seen_as(vec![Finding::new(Reason::NotFound, "401", saw)])
    });
    let whole = status_of(findings.collect());
    let results = whole["results"].as_array().unwrap();
    assert_eq!(whole["summary"]["fail"], 10_000);
    assert_eq!(results.len(), 10_000);
    for (number, result) in results.iter().enumerate() {
        assert_eq!(result["findings"][0]["saw"], format!("number {number}"));
    }
}

#[test]
fn nothing_that_a_server_sent_steers_a_terminal() {
    let port = Port::open();
    let hostile = CheckStatus {
        last: Some(seen(
            vec![],
            Some(unauthorized(b"Basic realm=\"\x1b[2J\x9b31m\"")),
        )),
        ..CheckStatus::default()
    };
    *port.board.snapshot.lock().unwrap() = Some(Arc::new(of_checks(vec![hostile])));
    let answer = port.get("/api/v1/status");
    let steers = |char: char| char != '\n' && authvigil::document::steers(char);
    assert!(!answer.text().contains(steers), "{}", answer.text());
}

#[test]
fn nothing_watched_is_still_a_document() {
    let whole = status_of(Vec::new());
    assert_eq!(whole["results"], json!([]));
}
