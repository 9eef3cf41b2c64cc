//! Rules for Prometheus: they are rules, and each alert was seen to fire and to be silent.

use std::collections::{BTreeMap, BTreeSet};

use serde_yaml::Value;

use super::{read, shipped, succeeds};

/// The files of a directory of `deploy/prometheus`, by their path in the repository.
fn files(directory: &str) -> Vec<String> {
    let directory = format!("deploy/prometheus/{directory}");
    let entries = std::fs::read_dir(shipped(&directory)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<String> = names.map(|name| format!("{directory}/{name}")).collect();
    files.sort();
    files
}

fn yaml(file: &str) -> Value {
    serde_yaml::from_str(&read(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The rules of all files that have this key: `alert` or `record`.
fn rules(key: &str) -> Vec<Value> {
    let documents = files("rules").into_iter().map(|file| yaml(&file));
    let groups = documents.flat_map(|document| document["groups"].as_sequence().unwrap().clone());
    let rules = groups.flat_map(|group| group["rules"].as_sequence().unwrap().clone());
    rules.filter(|rule| rule.get(key).is_some()).collect()
}

fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("no {key}: {value:?}"))
}

/// For each alert, how often a test has it fire and how often it has it be silent.
fn tried() -> BTreeMap<String, (usize, usize)> {
    let mut tried: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for file in files("tests") {
        let document = yaml(&file);
        let tests = document["tests"].as_sequence().unwrap();
        let lists = tests.iter().map(|test| &test["alert_rule_test"]);
        for claim in lists.flat_map(|list| list.as_sequence().unwrap()) {
            let counts = tried
                .entry(word(claim, "alertname").to_owned())
                .or_default();
            match claim["exp_alerts"].as_sequence().unwrap().len() {
                0 => counts.1 += 1,
                _ => counts.0 += 1,
            }
        }
    }
    tried
}

#[test]
fn promtool_finds_no_fault_in_the_rules_and_in_the_scrape_configuration() {
    let said = succeeds(
        "promtool",
        &["check", "config", "deploy/prometheus/scrape.yml"],
    );
    for file in files("rules") {
        assert!(said.contains(&file), "{file} is not loaded: {said}");
    }
}

#[test]
fn every_test_of_the_rules_passes() {
    let files = files("tests");
    let arguments: Vec<&str> = ["test", "rules"]
        .into_iter()
        .chain(files.iter().map(String::as_str))
        .collect();
    let said = succeeds("promtool", &arguments);
    assert_eq!(said.matches("SUCCESS").count(), files.len(), "{said}");
}

#[test]
fn every_alert_was_seen_to_fire_and_to_be_silent() {
    let tried = tried();
    let untried: Vec<String> = rules("alert")
        .iter()
        .map(|rule| word(rule, "alert").to_owned())
        .filter(|name| {
            tried
                .get(name)
                .is_none_or(|(firing, silent)| *firing == 0 || *silent == 0)
        })
        .collect();
    assert_eq!(untried, [""; 0]);
    assert!(tried.len() > 20, "only {} alerts", tried.len());
}

#[test]
fn every_alert_says_what_it_means_and_where_to_look() {
    for rule in rules("alert") {
        for key in ["summary", "description", "runbook_url"] {
            word(&rule["annotations"], key);
        }
        let url = word(&rule["annotations"], "runbook_url");
        assert!(url.contains("/troubleshooting#"), "{url}");
    }
}

/// The severity of an incident comes with its series; all other alerts state their own.
#[test]
fn every_alert_has_a_severity() {
    for rule in rules("alert") {
        let stated = rule["labels"]["severity"].as_str();
        let carried = word(&rule, "expr").contains(":owned{");
        let known = carried || stated.is_some_and(|it| ["critical", "warning"].contains(&it));
        assert!(known, "{rule:?}");
    }
}

#[test]
fn no_alert_and_no_record_has_the_name_of_another() {
    for key in ["alert", "record"] {
        let rules = rules(key);
        let names: BTreeSet<&str> = rules.iter().map(|rule| word(rule, key)).collect();
        assert_eq!(names.len(), rules.len(), "{names:?}");
    }
}

/// A label of the target must not become a part of an alert, nor keep two series from matching.
#[test]
fn whatever_prometheus_is_told_to_scrape_keeps_the_label_endpoint() {
    let scrape = yaml("deploy/prometheus/scrape.yml");
    let jobs = scrape["scrape_configs"].as_sequence().unwrap();
    assert!(!jobs.is_empty());
    for job in jobs {
        assert_eq!(job["honor_labels"].as_bool(), Some(true), "{job:?}");
    }
}
