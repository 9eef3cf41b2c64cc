//! The shape of `check --format json`, field by field, and of `--format junit`.

mod junit;
mod shape;

use serde_json::{Value, json};

use crate::support::certificates::{Certificate, write_authority};
use crate::support::hostile::nobody::ClosedPort;
use crate::support::hostile::{BodyFault, Hostile, Script};
use crate::support::lab::{Answer, Lab};
use crate::support::program::{Report, Scene};

/// The result of a stranger's check of one path.
fn met(answer: Answer) -> (Report, Value) {
    let lab = Lab::http();
    lab.route("/", move |_| answer.clone());
    let report = Scene::of(&format!(
        "endpoints: [{{name: door, url: '{}'}}]\n",
        lab.url("/")
    ))
    .check();
    let result = report.result("door/anonymous").clone();
    (report, result)
}

#[test]
fn a_good_answer_has_every_field_and_no_finding() {
    let lab = Lab::http();
    lab.route("/", |_| Answer::unauthorized("Basic realm=\"lab\""));
    let report = Scene::of(&format!(
        "endpoints: [{{name: door, url: '{}'}}]\n",
        lab.url("/")
    ))
    .check();
    let mut document = report.document.clone();
    let started_at = document["started_at"].take();
    assert!(
        started_at.as_str().is_some_and(|it| it.ends_with('Z')),
        "{started_at}"
    );
    let seen = &mut document["results"][0]["observation"];
    let duration = seen["duration_seconds"].take();
    assert!(
        duration.as_f64().is_some_and(|it| it > 0.0 && it < 10.0),
        "{duration}"
    );
    for phase in ["connect", "processing", "transfer"] {
        let seconds = seen["phases"][phase].take();
        assert!(
            seconds.as_f64().is_some_and(|it| (0.0..10.0).contains(&it)),
            "{phase}: {seconds}"
        );
    }
    let expected = json!({
        "version": 1,
        "started_at": null,
        "summary": {"pass": 1, "fail": 0, "unknown": 0},
        "results": [{
            "endpoint": "door",
            "check": "anonymous",
            "persona": "anonymous",
            "verdict": "pass",
            "class": null,
            "reason": null,
            "severity": null,
            "findings": [],
            "advice": [],
            "observation": {
                "status": 401,
                "http_version": "HTTP/1.1",
                "remote_addr": lab.address().to_string(),
                "www_authenticate": ["Basic realm=\"lab\""],
                "challenges": [{"scheme": "basic", "token68": null, "params": {"realm": "lab"}}],
                "location": null,
                "duration_seconds": null,
                "phases": {"resolve": null, "connect": null, "tls": null, "processing": null, "transfer": null},
                "tls": null,
                "error": null,
            },
        }],
    });
    assert_eq!(document, expected);
}

#[test]
fn a_finding_says_what_was_expected_what_was_seen_and_by_which_rule() {
    let (report, result) = met(Answer::status(200).json("{}"));
    assert_eq!(
        report.document["summary"],
        json!({"pass": 0, "fail": 1, "unknown": 0})
    );
    assert_eq!(result["class"], "bypass");
    assert_eq!(result["reason"], "anonymous_admitted");
    assert_eq!(result["severity"], "critical");
    let finding = &result["findings"][0];
    assert_eq!(
        (&finding["reason"], &finding["class"]),
        (&result["reason"], &result["class"])
    );
    for text in ["expected", "saw", "rule"] {
        assert!(
            finding[text].as_str().is_some_and(|it| !it.is_empty()),
            "{finding}"
        );
    }
}

#[test]
fn advice_has_a_code_a_message_and_a_rule() {
    let (_, result) = met(Answer::unauthorized("Basic realm=lab"));
    assert_eq!(result["verdict"], "pass");
    let advice = &result["advice"][0];
    assert_eq!(advice["code"], "realm-not-quoted");
    for text in ["message", "rule"] {
        assert!(
            advice[text].as_str().is_some_and(|it| !it.is_empty()),
            "{advice}"
        );
    }
}

#[test]
fn challenges_are_lower_case_and_unquoted_and_lines_are_as_received() {
    let lines = [
        "BASIC Realm=\"a \\\"b\\\" c\", CharSet=\"UTF-8\"",
        "NEGOTIATE oRQ=, Custom",
    ];
    let (_, result) = met(Answer::unauthorized(lines[0]).header("WWW-Authenticate", lines[1]));
    let seen = &result["observation"];
    assert_eq!(seen["www_authenticate"], json!(lines));
    assert_eq!(
        seen["challenges"],
        json!([
            {"scheme": "basic", "token68": null, "params": {"realm": "a \"b\" c", "charset": "UTF-8"}},
            {"scheme": "negotiate", "token68": "oRQ=", "params": {}},
            {"scheme": "custom", "token68": null, "params": {}},
        ])
    );
}

#[test]
fn bytes_are_read_as_latin_1_one_character_each() {
    let line = b"Basic realm=\"caf\xe9 \xc3\xbc\"";
    let (_, result) = met(Answer::status(401).header_bytes("WWW-Authenticate", line));
    let seen = &result["observation"];
    assert_eq!(
        seen["www_authenticate"],
        json!(["Basic realm=\"caf\u{e9} \u{c3}\u{bc}\""])
    );
    assert_eq!(
        seen["challenges"][0]["params"]["realm"],
        "caf\u{e9} \u{c3}\u{bc}"
    );
}

#[test]
fn a_location_is_shown_without_the_values_of_its_query() {
    let (_, result) = met(Answer::redirect(
        "/login?next=%2Forders&ticket=abc#token=def",
    ));
    assert_eq!(
        result["observation"]["location"],
        "/login?next=[redacted]&ticket=[redacted]#token=[redacted]"
    );
}

#[test]
fn an_answer_without_challenges_has_empty_lists() {
    let (_, result) = met(Answer::status(404));
    assert_eq!(result["observation"]["www_authenticate"], json!([]));
    assert_eq!(result["observation"]["challenges"], json!([]));
}

#[test]
fn a_silence_has_an_error_and_no_answer() {
    let closed = ClosedPort::take();
    let config = format!(
        "endpoints: [{{name: door, url: 'http://{}/'}}]\n",
        closed.address()
    );
    let report = Scene::of(&config).check();
    let result = report.result("door/anonymous");
    assert_eq!(
        (&result["verdict"], &result["class"]),
        (&json!("unknown"), &json!("outage"))
    );
    let seen = &result["observation"];
    assert!(
        seen["error"]
            .as_str()
            .is_some_and(|it| it.contains("refused")),
        "{seen}"
    );
    for absent in ["status", "http_version", "location", "tls"] {
        assert_eq!(seen[absent], Value::Null, "{absent}");
    }
    assert_eq!(seen["challenges"], json!([]));
    assert_eq!(seen["phases"]["processing"], Value::Null);
}

#[test]
fn a_body_that_breaks_off_has_an_answer_and_an_error() {
    let hostile = Hostile::start(Script::Body(BodyFault::Truncated));
    let config = format!("endpoints: [{{name: door, url: '{}'}}]\n", hostile.url());
    let report = Scene::of(&config).check();
    let seen = &report.result("door/anonymous")["observation"];
    assert_eq!(seen["status"], 401);
    assert!(seen["error"].is_string(), "{seen}");
}

#[test]
fn what_was_not_sent_has_no_observation() {
    let lab = Lab::http();
    let report = Scene::of(&format!(
        "credentials: {{ci: {{authorization: {{credentials_file: gone}}}}}}\nendpoints: [{{name: \
         door, url: '{}', checks: [{{as: ci}}]}}]\n",
        lab.url("/")
    ))
    .check();
    let result = report.result("door/ci");
    assert_eq!(result["reason"], "secret_unavailable");
    assert_eq!(result["observation"], Value::Null);
    assert_eq!(
        report.document["summary"],
        json!({"pass": 0, "fail": 0, "unknown": 1})
    );
}

#[test]
fn tls_shows_its_version_and_the_first_expiry_also_where_it_failed() {
    let (good, bad) = (
        Lab::https(Certificate::Valid),
        Lab::https(Certificate::Expired),
    );
    for lab in [&good, &bad] {
        lab.route("/", |_| Answer::unauthorized("Basic realm=\"lab\""));
    }
    let scene = Scene::new();
    let ca = write_authority(scene.path());
    let tls = format!("tls_config: {{ca_file: '{}'}}", ca.display());
    let config = format!(
        "endpoints:\n  - {{name: good, url: '{}', {tls}}}\n  - {{name: bad, url: '{}', {tls}}}\n",
        good.url("/"),
        bad.url("/")
    );
    scene.write("authvigil.yaml", config);
    let report = scene.check();
    let good = &report.result("good/anonymous")["observation"];
    assert_eq!(good["tls"]["version"], "TLS 1.3");
    assert!(
        good["tls"]["not_after"]
            .as_str()
            .is_some_and(|it| it.ends_with('Z')),
        "{good}"
    );
    assert!(good["phases"]["tls"].is_f64(), "{good}");
    let bad = report.result("bad/anonymous");
    assert_eq!(bad["reason"], "certificate_invalid");
    assert!(bad["observation"]["tls"]["not_after"].is_string(), "{bad}");
}
