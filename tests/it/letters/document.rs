//! The JSON of webhooks.

use std::path::Path;

use authvigil::domain::finding::Reason;
use authvigil::domain::incident::Resolution;
use authvigil::domain::notice::Notice;
use authvigil::notify::render::webhook;
use serde_json::{Value, json};

use super::scene::{all, bypass, crowd, ended, incident, opened, telling};
use super::words::compare;

const PAGE: &str = "docs/reference/webhook.md";

fn document(notice: &Notice) -> Value {
    serde_json::from_slice(&webhook(notice)).unwrap()
}

/// The documents of the page, one after the other, as they stand between fences.
fn examples(page: &str) -> Vec<String> {
    let pieces = page.split("```json\n").skip(1);
    let ends = pieces.map(|piece| piece.split("```").next().unwrap_or_default());
    ends.map(ToOwned::to_owned).collect()
}

#[test]
fn the_example_in_the_reference_is_what_is_posted() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let posted = document(&ended(bypass(), Resolution::Recovered));
    let example = serde_json::to_string_pretty(&posted).unwrap() + "\n";
    let blessed = match examples(&page).first() {
        Some(written) => page.replacen(written.as_str(), &example, 1),
        None => page.clone(),
    };
    assert_eq!(examples(&page).len(), 1, "{PAGE} has one example");
    assert_eq!(compare(Path::new(PAGE), &blessed), Ok(()));
}

#[test]
fn every_key_stands_in_the_reference() {
    fn keys(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                for (key, value) in object {
                    found.push(key.clone());
                    keys(value, found);
                }
            }
            Value::Array(values) => values.iter().for_each(|value| keys(value, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let page = std::fs::read_to_string(PAGE).unwrap();
    let mut found = Vec::new();
    for (_, notice) in all() {
        let mut document = document(&notice);
        let incidents = document["incidents"].as_array_mut().unwrap();
        for incident in incidents {
            incident["labels"] = json!({});
        }
        keys(&document, &mut found);
    }
    found.sort();
    found.dedup();
    found.retain(|key| !page.contains(&format!("`{key}`")));
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn an_occasion_has_the_part_that_belongs_to_it() {
    let parts = ["cause", "isolation", "silence", "heartbeat"];
    let rows = all().into_iter().map(|(name, notice)| {
        let head = document(&notice)["notice"].clone();
        let filled = parts.iter().filter(|part| !head[**part].is_null());
        (name, filled.copied().collect::<Vec<_>>())
    });
    let filled: Vec<_> = rows.filter(|(_, parts)| !parts.is_empty()).collect();
    assert_eq!(
        filled,
        [
            ("cause", vec!["cause"]),
            ("isolated", vec!["isolation"]),
            ("rejoined", vec!["isolation"]),
            ("silenced", vec!["silence"]),
            ("heartbeat", vec!["heartbeat"]),
            ("heartbeat-unwell", vec!["heartbeat"]),
        ]
    );
}

#[test]
fn a_removed_check_has_ended_and_is_not_called_recovered() {
    let document = document(&ended(bypass(), Resolution::Removed));
    let incident = &document["incidents"][0];
    assert_eq!(
        [&incident["state"], &incident["resolution"]],
        [&json!("resolved"), &json!("removed")]
    );
}

#[test]
fn the_first_two_hundred_incidents_are_told_and_the_others_counted() {
    let document = document(&opened(crowd(1000)));
    let told = document["incidents"].as_array().map(Vec::len);
    assert_eq!((told, &document["truncated"]), (Some(200), &json!(800)));
}

#[test]
fn a_document_is_bounded_whatever_servers_sent() {
    let text = "\0\u{1f512}".repeat(8 << 10);
    let one = |at: usize| {
        let check = format!("service-{at}/anonymous");
        let incident = incident(&check, Reason::AnonymousAdmitted, &text, &text);
        telling(incident, |story| {
            story.challenge_lines = vec![text.clone(); 100];
        })
    };
    let notice = opened((0..30).map(one).collect());
    let written = webhook(&notice);
    let document = document(&notice);
    let told = document["incidents"].as_array().unwrap().len();
    assert!(written.len() < (1 << 20) + 4096, "{} bytes", written.len());
    assert!(told > 0, "no incident is told");
    assert_eq!(document["truncated"], json!(30 - told));
}
