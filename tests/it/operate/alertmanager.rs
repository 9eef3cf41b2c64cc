//! The example for an Alertmanager: it is one, and tells the right people.

use serde_yaml::Value;

use super::{read, run, succeeds};

const FILE: &str = "deploy/alertmanager/alertmanager.yml";

/// Who is told of an alert with these labels.
fn receivers(labels: &[&str]) -> String {
    let file = format!("--config.file={FILE}");
    let output = run(
        "amtool",
        &[&["config", "routes", "test", &file], labels].concat(),
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn amtool_finds_no_fault() {
    succeeds("amtool", &["check-config", FILE]);
}

#[test]
fn a_bypass_is_told_to_security_and_to_whoever_is_on_call() {
    let labels = ["class=bypass", "severity=critical", "team=payments"];
    assert_eq!(receivers(&labels), "security,oncall");
}

#[test]
fn each_class_finds_its_people() {
    let rows: [(&[&str], &str); 8] = [
        (
            &["class=lockout", "severity=critical", "team=payments"],
            "payments",
        ),
        (
            &["class=lockout", "severity=critical", "team=data"],
            "oncall",
        ),
        (&["class=outage", "severity=critical"], "oncall"),
        (&["class=outage", "severity=warning"], "tickets"),
        (&["class=challenge", "severity=warning"], "tickets"),
        (&["component=monitor", "severity=critical"], "platform"),
        (
            &["alertname=AuthvigilIsolated", "severity=critical"],
            "platform",
        ),
        (&["burn=fast", "severity=warning"], "tickets"),
    ];
    let told: Vec<String> = rows.iter().map(|(labels, _)| receivers(labels)).collect();
    assert_eq!(told, rows.map(|(_, receiver)| receiver));
}

/// Whether a matcher of the example could match an incident of the class bypass.
fn may_be_a_bypass(matchers: &Value) -> bool {
    let matchers = matchers.as_sequence().unwrap().iter();
    !matchers.map(|it| it.as_str().unwrap()).any(|matcher| {
        let names_others = ["class=", "alertname=", "burn="]
            .iter()
            .any(|start| matcher.starts_with(start));
        (names_others && !matcher.to_lowercase().contains("bypass"))
            && !matcher.contains("AuthvigilIncident")
            || matcher == "class!=\"bypass\""
    })
}

/// The rules of the example, which are several.
fn inhibitions() -> Vec<Value> {
    let document: Value = serde_yaml::from_str(&read(FILE)).unwrap();
    let rules = document["inhibit_rules"].as_sequence().unwrap().clone();
    assert!(rules.len() > 2);
    rules
}

#[test]
fn nothing_silences_a_bypass() {
    for rule in inhibitions() {
        assert!(!may_be_a_bypass(&rule["target_matchers"]), "{rule:?}");
    }
}

#[test]
fn a_bypass_silences_nothing_but_budgets_of_its_own_endpoint() {
    let bypasses: Vec<Value> = inhibitions()
        .into_iter()
        .filter(|rule| may_be_a_bypass(&rule["source_matchers"]))
        .collect();
    let silenced: Vec<(&Value, &Value)> = bypasses
        .iter()
        .map(|rule| (&rule["target_matchers"], &rule["equal"]))
        .collect();
    let budgets = Value::from(vec!["burn=~\".+\""]);
    assert_eq!(silenced, [(&budgets, &Value::from(vec!["endpoint"]))]);
}
