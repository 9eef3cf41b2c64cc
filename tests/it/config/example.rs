//! The configurations that are shipped.

use std::collections::BTreeSet;

use authvigil::config::{load, schema};
use serde_json::Value;

use super::root;

#[test]
fn the_commented_example_is_taken_without_a_warning() {
    let config = load(&root().join("config/authvigil.yaml")).unwrap();
    assert_eq!(config.warnings.to_string(), "");
    let names: Vec<&str> = config.endpoints.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names[..3], ["orders", "invoices", "reports"]);
}

#[test]
fn the_smallest_example_makes_the_three_checks_of_a_credential() {
    let config = load(&root().join("config/minimal.yaml")).unwrap();
    assert_eq!(config.warnings.to_string(), "");
    let [endpoint] = config.endpoints.as_slice() else {
        panic!("one endpoint");
    };
    let checks: Vec<&str> = endpoint.checks.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(checks, ["anonymous", "invalid", "valid"]);
}

/// Every key that the schema knows.
fn keys(schema: &Value, keys: &mut BTreeSet<String>) {
    match schema {
        Value::Object(map) => {
            let properties = map.get("properties").and_then(Value::as_object);
            keys.extend(properties.into_iter().flatten().map(|(key, _)| key.clone()));
            map.values().for_each(|value| self::keys(value, keys));
        }
        Value::Array(list) => list.iter().for_each(|value| self::keys(value, keys)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_commented_example_shows_every_key_there_is() {
    let mut all = BTreeSet::new();
    keys(&serde_json::from_str(&schema::json()).unwrap(), &mut all);
    // Impostors are listed in one comment; the example shows two of them.
    let listed = [
        "wrong_password",
        "empty",
        "unsigned",
        "truncated",
        "token_file",
        "invalid",
    ];
    let text = std::fs::read_to_string(root().join("config/authvigil.yaml")).unwrap();
    let shown = |key: &str| {
        text.lines().any(|line| {
            let line = line.trim_start_matches([' ', '#', '-']);
            line.starts_with(&format!("{key}:")) || line.contains(&format!("{{{key}:"))
        })
    };
    let missing: Vec<&String> = all
        .iter()
        .filter(|key| !listed.contains(&key.as_str()) && !shown(key))
        .collect();
    assert_eq!(missing, [""; 0]);
    for word in listed {
        assert!(text.contains(word), "{word}");
    }
}

#[test]
fn what_the_example_shows_as_defaults_are_the_defaults() {
    let example = load(&root().join("config/authvigil.yaml")).unwrap();
    let minimal = load(&root().join("config/minimal.yaml")).unwrap();
    assert_eq!(example.web.listen, minimal.web.listen);
    assert_eq!(example.state, minimal.state);
    assert_eq!(example.global.interval, minimal.global.interval);
    assert_eq!(example.global.timeout, minimal.global.timeout);
    assert_eq!(example.global.user_agent, minimal.global.user_agent);
    let refused = |config: &authvigil::config::Config| config.endpoints[0].refused_interval;
    assert_eq!(refused(&example), refused(&minimal));
    let confirm = |config: &authvigil::config::Config| config.endpoints[0].confirm.default;
    assert_eq!(confirm(&example), confirm(&minimal));
    let (shown, plain) = (&example.endpoints[1], &minimal.endpoints[0]);
    assert_eq!(shown.request.method, plain.request.method);
    assert_eq!(shown.request.body_size_limit, plain.request.body_size_limit);
    assert_eq!(
        shown.request.follow_redirects,
        plain.request.follow_redirects
    );
    assert_eq!(shown.transport.http_version, plain.transport.http_version);
    assert_eq!(shown.transport.ip_protocol, plain.transport.ip_protocol);
    assert_eq!(shown.drift, plain.drift);
    let agent = format!(
        "# user_agent: {}",
        plain.request.user_agent.to_str().unwrap()
    );
    let text = std::fs::read_to_string(root().join("config/authvigil.yaml")).unwrap();
    assert!(text.contains(&agent), "{agent}");
}
