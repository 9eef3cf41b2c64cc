//! What a later version wrote of incidents and notices, or another hand.

use std::sync::Arc;

use crate::domain::finding::Finding;
use crate::domain::incident::{Incident, Resolution};
use crate::domain::notice::{Occasion, Way};
use crate::store::form::{incident, notice, silence, told};

/// An incident with one more of everything than this version knows.
const LATER: &str = r#"{
    "id": "0123456789abcdef", "endpoint": "orders", "check": "valid", "class": "denial",
    "reason": "not_found", "severity": "grave", "since": 0, "opened_at": 1000000, "mood": 1,
    "ended": {"at": 2000000, "resolution": "forgiven"}, "story": {
        "at": 0, "request": "GET https://a/", "persona": "valid", "role": "admitted", "mood": [],
        "findings": [
            {"reason": "not_found", "severity": "grave", "expected": "2xx", "saw": "404"},
            {"reason": "moon_in_the_way", "severity": "critical", "expected": "", "saw": ""}
        ]
    }
}"#;

fn later(text: &str) -> Option<Arc<Incident>> {
    incident::from_text(text, &mut incident::Incidents::default())
}

/// What the state file says of [`LATER`], with what is not known replaced by this.
fn notice_of(incidents: &[&str]) -> String {
    let incidents = incidents.join(",");
    format!(
        r#"{{"id": "0123456789abcdef", "receiver": "oncall", "created_at": 0,
            "occasion": {{"opened": {{"cause": {{"kind": "moon", "name": "full"}}}}}},
            "thread": {{"message_id": "<a@b>"}}, "incidents": [{incidents}]}}"#
    )
}

fn read(text: &str) -> Option<notice::Read> {
    notice::from_text(text, &mut incident::Incidents::default())
}

#[test]
fn incident_of_which_a_part_is_unknown_keeps_the_others() {
    let incident = later(LATER).unwrap();
    let reasons: Vec<Finding> = incident.story.findings.clone();
    let known = Finding::new(incident.reason, "2xx", "404");
    assert_eq!((incident.severity, reasons), (known.severity, vec![known]));
}

#[test]
fn incident_that_ended_in_an_unknown_way_is_not_open_and_not_said_to_be_mended() {
    let ended = later(LATER).unwrap().ended.unwrap();
    assert_eq!(ended.resolution, Resolution::Removed);
}

#[test]
fn incident_whose_reason_is_unknown_is_left_out() {
    let text = LATER.replace("not_found", "lost_in_the_woods");
    assert_eq!(later(&text), None);
}

#[test]
fn notice_with_a_cause_that_is_unknown_is_told_without() {
    let read = read(&notice_of(&[LATER])).unwrap();
    assert_eq!(
        (read.notice.occasion, read.is_whole),
        (Occasion::Opened { cause: None }, true)
    );
}

#[test]
fn notice_of_which_one_incident_is_unknown_is_told_and_not_whole() {
    let unknown = LATER.replace("not_found", "lost_in_the_woods");
    let read = read(&notice_of(&[LATER, &unknown])).unwrap();
    assert_eq!((read.notice.incidents.len(), read.is_whole), (1, false));
}

#[test]
fn notice_of_which_no_incident_is_known_is_left_out() {
    let unknown = LATER.replace("not_found", "lost_in_the_woods");
    assert_eq!(read(&notice_of(&[&unknown])), None);
}

#[test]
fn silence_of_which_one_matcher_is_unknown_covers_nothing() {
    let text = |second: &str| {
        format!(
            r#"{{"id": "01234567", "starts_at": 0, "ends_at": 1, "matchers": [
                {{"label": "team", "rule": "is", "text": "a"}},
                {{"label": "endpoint", "rule": "{second}", "text": "("}}]}}"#
        )
    };
    assert!(silence::from_text(&text("is")).is_some());
    assert_eq!(silence::from_text(&text("sounds_like")), None);
    assert_eq!(silence::from_text(&text("matches")), None);
}

#[test]
fn telling_whose_mails_are_all_spoilt_is_left_out() {
    let text = r#"{"group": "", "mails": ["<a@b>\r\nBcc: <c@d>"]}"#;
    assert_eq!(told::telling_from_text(text), None);
}

#[test]
fn incidents_that_are_equal_are_shared_and_a_changed_one_shares_its_story() {
    let mut known = incident::Incidents::default();
    let mut read = |text: &str| incident::from_text(text, &mut known).unwrap();
    let (first, again) = (read(LATER), read(LATER));
    let open = read(&LATER.replace("\"ended\"", "\"over\""));
    assert!(Arc::ptr_eq(&first, &again));
    assert_eq!(open.ended, None);
    assert!(Arc::ptr_eq(&first.story, &open.story));
}

#[test]
fn every_way_is_known_by_its_name() {
    let ways = [
        Way::Email("a@b".to_owned()),
        Way::Alertmanager("http://c/".to_owned()),
        Way::Webhook,
        Way::File,
    ];
    let read = ways
        .each_ref()
        .map(|way| notice::way(way.as_str(), way.address().unwrap_or_default()));
    assert_eq!(read, ways.map(Some));
}
