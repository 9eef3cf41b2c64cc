//! Every report has these keys, of these types, and no more.

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::hostile::nobody::ClosedPort;
use crate::support::lab::{Answer, Lab, door};
use crate::support::program::Scene;

/// The keys of an object with the types of their values, which may be several.
type Shape = &'static [(&'static str, &'static str)];

const DOCUMENT: Shape = &[
    ("version", "number"),
    ("started_at", "string"),
    ("summary", "object"),
    ("results", "array"),
];
const SUMMARY: Shape = &[
    ("pass", "number"),
    ("fail", "number"),
    ("unknown", "number"),
];
const RESULT: Shape = &[
    ("endpoint", "string"),
    ("check", "string"),
    ("persona", "string"),
    ("verdict", "string"),
    ("class", "string or null"),
    ("reason", "string or null"),
    ("severity", "string or null"),
    ("findings", "array"),
    ("advice", "array"),
    ("observation", "object or null"),
];
const FINDING: Shape = &[
    ("reason", "string"),
    ("class", "string"),
    ("severity", "string"),
    ("expected", "string"),
    ("saw", "string"),
    ("rule", "string"),
];
const ADVICE: Shape = &[
    ("code", "string"),
    ("message", "string"),
    ("rule", "string"),
];
const OBSERVATION: Shape = &[
    ("status", "number or null"),
    ("http_version", "string or null"),
    ("remote_addr", "string or null"),
    ("www_authenticate", "array"),
    ("challenges", "array"),
    ("location", "string or null"),
    ("duration_seconds", "number"),
    ("phases", "object"),
    ("tls", "object or null"),
    ("error", "string or null"),
];
const CHALLENGE: Shape = &[
    ("scheme", "string"),
    ("token68", "string or null"),
    ("params", "object"),
];
const PHASES: Shape = &[
    ("resolve", "number or null"),
    ("connect", "number or null"),
    ("tls", "number or null"),
    ("processing", "number or null"),
    ("transfer", "number or null"),
];

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Holds an object against its shape; the order of the keys is part of it.
#[track_caller]
fn assert_shape(value: &Value, shape: Shape) {
    let object = value
        .as_object()
        .unwrap_or_else(|| panic!("no object: {value}"));
    let mut keys: Vec<&str> = object.keys().map(String::as_str).collect();
    let mut wanted: Vec<&str> = shape.iter().map(|(key, _)| *key).collect();
    keys.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(keys, wanted);
    for (key, kinds) in shape {
        let found = kind(&object[*key]);
        assert!(
            kinds.split(" or ").any(|kind| kind == found),
            "{key} is {found}: {value}"
        );
    }
}

#[track_caller]
fn assert_items(list: &Value, shape: Shape) -> usize {
    let items = list.as_array().unwrap();
    for item in items {
        assert_shape(item, shape);
    }
    items.len()
}

#[test]
fn every_object_has_its_keys_and_no_more() {
    let (lab, closed) = (Lab::http(), ClosedPort::take());
    lab.route("/good", door::basic("lab", "reader", "the-s3cret"));
    lab.route("/open", |_| Answer::status(200));
    lab.route("/odd", |_| {
        Answer::unauthorized("Negotiate oRQ=, =, Basic realm=x")
    });
    let mut config = String::from(
        "credentials:\n  reader: {basic_auth: {username: reader, password_file: pw}}\n  gone: \
         {authorization: {credentials_file: gone}}\nendpoints:\n",
    );
    for path in ["good", "open", "odd"] {
        let url = lab.url(&format!("/{path}"));
        writeln!(
            config,
            "  - {{name: {path}, url: '{url}', checks: [{{as: reader}}, {{as: anonymous}}, {{as: \
             gone}}, {{as: {{empty: reader}}}}]}}"
        )
        .unwrap();
    }
    writeln!(
        config,
        "  - {{name: closed, url: 'http://{}/'}}",
        closed.address()
    )
    .unwrap();
    let scene = Scene::of(&config);
    scene.write("pw", "the-s3cret");
    let report = scene.check();
    assert_shape(&report.document, DOCUMENT);
    assert_shape(&report.document["summary"], SUMMARY);
    assert_eq!(assert_items(&report.document["results"], RESULT), 13);
    let (mut findings, mut advice, mut challenges) = (0, 0, 0);
    for result in report.results() {
        findings += assert_items(&result["findings"], FINDING);
        advice += assert_items(&result["advice"], ADVICE);
        let seen = &result["observation"];
        if !seen.is_null() {
            assert_shape(seen, OBSERVATION);
            assert_shape(&seen["phases"], PHASES);
            challenges += assert_items(&seen["challenges"], CHALLENGE);
        }
    }
    assert!(
        findings > 3 && advice > 1 && challenges > 3,
        "{}",
        report.run.stdout
    );
}

#[test]
fn personas_are_named_as_the_configuration_names_them() {
    let lab = Lab::http();
    lab.route("/", door::basic("lab", "reader", "the-s3cret"));
    let scene = Scene::of(&format!(
        "credentials: {{reader: {{basic_auth: {{username: reader, password_file: pw}}}}}}\nendpoints: \
         [{{name: a, url: '{}', checks: [{{as: reader, name: valid}}, {{as: invalid}}, {{as: \
         {{empty: reader}}}}]}}]\n",
        lab.url("/")
    ));
    scene.write("pw", "the-s3cret");
    let report = scene.check();
    let personas: Vec<&Value> = report.results().iter().map(|it| &it["persona"]).collect();
    assert_eq!(personas[0], "reader");
    assert!(
        personas[1]
            .as_str()
            .is_some_and(|it| it.starts_with("invalid")),
        "{personas:?}"
    );
    assert!(
        personas[2].as_str().is_some_and(|it| it.contains("empty")),
        "{personas:?}"
    );
    let checks: Vec<&Value> = report.results().iter().map(|it| &it["check"]).collect();
    assert_eq!(checks, ["valid", "invalid", "empty-reader"]);
}
