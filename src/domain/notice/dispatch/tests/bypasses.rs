//! Bypasses: never waited for, never held back, never a flood.

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::play::{Play, branch, name, policy, route};
use crate::domain::finding::Reason::{AnonymousAdmitted, ImpostorAdmitted, NotFound};
use crate::domain::routing::{TimeInterval, TimeSpan};

#[test]
fn the_first_bypass_leaves_at_once() {
    let mut play = Play::plain();
    play.open("orders/anonymous", AnonymousAdmitted);
    assert_eq!(play.said(), ["0 oncall opened orders/anonymous"]);
}

#[test]
fn a_bypass_waits_for_its_reprobes_until_they_are_done() {
    let mut play = Play::plain();
    let incident = super::play::incident("orders/anonymous", AnonymousAdmitted, &[], play.now);
    let (id, incident) = (incident.id.clone(), std::sync::Arc::new(incident));
    play.dispatch.take(&incident, play.now);
    play.dispatch
        .wait_for_reprobes(&id, play.now + SignedDuration::from_secs(1));
    play.settle();
    play.pass_milliseconds(400);
    assert_eq!(play.said(), [""; 0]);
    play.dispatch.reprobed(&id, play.now);
    play.settle();
    assert_eq!(play.said(), ["0 oncall opened orders/anonymous"]);
}

#[test]
fn a_bypass_waits_for_its_reprobes_no_longer_than_it_was_told() {
    let mut play = Play::plain();
    let incident = super::play::incident("orders/anonymous", AnonymousAdmitted, &[], play.now);
    let (id, incident) = (incident.id.clone(), std::sync::Arc::new(incident));
    play.dispatch.take(&incident, play.now);
    play.dispatch
        .wait_for_reprobes(&id, play.now + SignedDuration::from_secs(1));
    play.settle();
    play.pass(10);
    assert_eq!(play.said(), ["1 oncall opened orders/anonymous"]);
}

#[test]
fn further_bypasses_are_collected_for_five_seconds() {
    let mut play = Play::plain();
    for endpoint in ["a", "b", "c"] {
        play.open(&format!("{endpoint}/anonymous"), AnonymousAdmitted);
        play.pass(1);
    }
    play.pass(60);
    assert_eq!(
        play.said(),
        [
            "0 oncall opened a/anonymous",
            "5 oncall opened b/anonymous c/anonymous"
        ]
    );
}

#[test]
fn a_burst_goes_on_while_more_come_within_five_seconds() {
    let mut play = Play::plain();
    for (endpoint, wait) in [("a", 4), ("b", 4), ("c", 10), ("d", 1)] {
        play.open(&format!("{endpoint}/anonymous"), AnonymousAdmitted);
        play.pass(wait);
    }
    play.pass(60);
    assert_eq!(
        play.said(),
        [
            "0 oncall opened a/anonymous",
            "5 oncall opened b/anonymous",
            "10 oncall opened c/anonymous",
            "18 oncall opened d/anonymous"
        ]
    );
}

#[test]
fn a_thousand_bypasses_in_one_second_make_two_notices() {
    let mut play = Play::plain();
    for index in 0..1000 {
        play.open(&format!("e{index}/anonymous"), AnonymousAdmitted);
        play.pass_milliseconds(1);
    }
    play.pass(60);
    let sizes = play.drafts.iter().map(|(_, draft)| draft.incidents.len());
    assert_eq!(sizes.collect::<Vec<_>>(), [1, 999]);
}

#[test]
fn recoveries_of_bypasses_are_collected_alike() {
    let mut play = Play::plain();
    let ids: Vec<_> = ["a", "b", "c"]
        .map(|it| play.open(&format!("{it}/anonymous"), AnonymousAdmitted))
        .into();
    play.pass(100);
    play.said();
    for id in &ids {
        play.end(id);
        play.pass(1);
    }
    play.pass(60);
    let ended: usize = play
        .drafts
        .iter()
        .filter(|(_, it)| it.occasion.as_str() == "ended")
        .map(|(_, it)| it.incidents.len())
        .sum();
    assert_eq!(ended, 3);
    // The first at once; the others share a thread, since one mail told of both.
    assert_eq!(
        play.said(),
        [
            "100 oncall ended a/anonymous",
            "105 oncall ended b/anonymous c/anonymous"
        ]
    );
}

#[test]
fn a_recovery_does_not_hold_up_a_bypass() {
    let mut play = Play::plain();
    let id = play.open("a/anonymous", AnonymousAdmitted);
    play.pass(100);
    play.end(&id);
    play.pass(1);
    play.open("b/anonymous", AnonymousAdmitted);
    assert_eq!(
        play.said()[1..],
        [
            "100 oncall ended a/anonymous",
            "101 oncall opened b/anonymous"
        ]
    );
}

#[test]
fn a_short_bypass_is_told_and_so_is_its_end() {
    let mut play = Play::plain();
    play.open("a/anonymous", AnonymousAdmitted);
    let id = play.open("b/anonymous", ImpostorAdmitted);
    play.pass(1);
    play.end(&id);
    play.pass(60);
    assert_eq!(
        play.said()[1..],
        ["5 oncall opened b/anonymous", "5 oncall ended b/anonymous"]
    );
}

#[test]
fn mute_intervals_ignore_bypasses() {
    let mut play = Play::under(always_muted());
    play.open("a/anonymous", NotFound);
    let id = play.open("b/anonymous", AnonymousAdmitted);
    play.pass(100);
    play.end(&id);
    play.pass(100);
    assert_eq!(
        play.said(),
        [
            "0 oncall opened b/anonymous",
            "100 oncall ended b/anonymous"
        ]
    );
}

fn always_muted() -> crate::domain::routing::Policy {
    let mut root = route("oncall");
    root.mute_time_intervals = vec![name("always")];
    crate::domain::routing::Policy {
        time_intervals: vec![TimeInterval {
            name: name("always"),
            spans: vec![TimeSpan {
                times: Vec::new(),
                weekdays: Vec::new(),
                days_of_month: Vec::new(),
                months: Vec::new(),
                years: Vec::new(),
                zone: TimeZone::UTC,
            }],
        }],
        ..policy(Some(root))
    }
}

#[test]
fn a_silence_covers_a_bypass_only_where_it_says_so() {
    let mut play = Play::plain();
    play.silence(&[("endpoint", "a")], 3600);
    play.open("a/anonymous", AnonymousAdmitted);
    assert_eq!(play.said(), ["0 oncall opened a/anonymous"]);
}

#[test]
fn a_bypass_that_was_silenced_is_told_when_the_silence_ends() {
    let mut play = Play::plain();
    play.silence(&[("endpoint", "a"), ("class", "bypass")], 3600);
    play.open("a/anonymous", AnonymousAdmitted);
    play.pass(4000);
    assert_eq!(
        play.said(),
        ["0 oncall silenced", "3600 oncall opened a/anonymous"]
    );
}

#[test]
fn those_who_were_told_of_a_bypass_hear_of_its_end_in_spite_of_a_silence() {
    let mut play = Play::plain();
    let id = play.open("a/anonymous", AnonymousAdmitted);
    play.pass(10);
    play.silence(&[("class", "bypass")], 3600);
    play.pass(10);
    play.end(&id);
    assert_eq!(
        play.said()[1..],
        ["10 oncall silenced", "20 oncall ended a/anonymous"]
    );
}

#[test]
fn a_silence_of_bypasses_is_told_to_those_whom_they_would_reach() {
    let mut root = route("oncall");
    let mut first = branch("security", "class", "bypass");
    first.goes_on = true;
    root.routes = vec![
        first,
        branch("tickets", "endpoint", "a"),
        branch("oncall", "endpoint", "b"),
    ];
    let mut play = Play::of(root);
    play.silence(&[("endpoint", "a"), ("class", "bypass")], 3600);
    play.pass(10);
    assert_eq!(play.said(), ["0 security silenced", "0 tickets silenced"]);
}

#[test]
fn a_silence_that_begins_later_is_told_when_it_begins() {
    let mut play = Play::plain();
    let from = play.now + SignedDuration::from_secs(100);
    play.add_silence(super::play::silence(&[("class", "bypass")], from, 100));
    play.pass(160);
    play.restart(1);
    assert_eq!(play.said(), ["100 oncall silenced"]);
}

#[test]
fn bypasses_are_told_to_each_receiver_apart() {
    let mut root = route("oncall");
    let mut first = branch("security", "class", "bypass");
    first.goes_on = true;
    root.routes = vec![first, branch("tickets", "endpoint", "b")];
    let mut play = Play::of(root);
    play.open("a/anonymous", AnonymousAdmitted);
    play.pass(1);
    play.open("b/anonymous", AnonymousAdmitted);
    play.pass(60);
    assert_eq!(
        play.said(),
        [
            "0 security opened a/anonymous",
            "1 tickets opened b/anonymous",
            "5 security opened b/anonymous"
        ]
    );
}
