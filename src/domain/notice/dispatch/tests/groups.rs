//! Grouping and routing, with Alertmanager's words and meanings.

use std::time::Duration;

use jiff::SignedDuration;

use super::play::{Play, branch, policy, route};
use crate::domain::finding::Reason::{
    ChallengeMissing, CredentialRejected, ForbiddenInstead, NotFound,
};
use crate::domain::incident::{Ended, Resolution};

#[test]
fn the_first_notice_of_a_group_waits_for_company() {
    let mut play = Play::plain();
    play.open("orders/anonymous", NotFound);
    play.pass(4);
    play.open("orders/invalid", NotFound);
    play.pass(60);
    assert_eq!(
        play.said(),
        ["10 oncall opened orders/anonymous orders/invalid"]
    );
}

#[test]
fn incidents_with_other_values_of_the_labels_are_other_groups() {
    let mut play = Play::plain();
    play.open("orders/anonymous", NotFound);
    play.open("invoices/anonymous", NotFound);
    play.pass(60);
    assert_eq!(
        play.said(),
        [
            "10 oncall opened invoices/anonymous",
            "10 oncall opened orders/anonymous"
        ]
    );
}

#[test]
fn later_news_of_a_group_wait_for_the_group_interval() {
    let mut play = Play::plain();
    play.open("orders/anonymous", NotFound);
    play.pass(20);
    play.open("orders/invalid", NotFound);
    play.pass(600);
    assert_eq!(
        play.said(),
        [
            "10 oncall opened orders/anonymous",
            "310 oncall opened orders/invalid"
        ]
    );
}

#[test]
fn news_of_a_group_that_was_long_silent_wait_for_company_alone() {
    let mut play = Play::plain();
    play.open("orders/anonymous", NotFound);
    play.pass(1000);
    play.open("orders/invalid", NotFound);
    play.pass(100);
    assert_eq!(
        play.said()[1..],
        ["1010 oncall opened orders/invalid".to_owned()]
    );
}

#[test]
fn an_end_is_told_after_the_group_interval() {
    let mut play = Play::plain();
    let id = play.open("orders/anonymous", NotFound);
    play.pass(60);
    play.end(&id);
    play.pass(600);
    assert_eq!(
        play.said(),
        [
            "10 oncall opened orders/anonymous",
            "310 oncall ended orders/anonymous"
        ]
    );
    assert!(play.dispatch.is_settled(&id));
    assert_eq!(play.dispatch.wake_at(), None);
}

#[test]
fn an_open_incident_is_told_again_after_the_repeat_interval() {
    let mut play = Play::plain();
    play.open("orders/anonymous", NotFound);
    play.pass(9 * 3600);
    assert_eq!(
        play.said(),
        [
            "10 oncall opened orders/anonymous",
            "14410 oncall repeated orders/anonymous",
            "28810 oncall repeated orders/anonymous"
        ]
    );
}

#[test]
fn a_repetition_respects_the_group_interval() {
    let mut play = Play::of(crate::domain::routing::Route {
        repeat_interval: Duration::from_secs(1),
        ..route("oncall")
    });
    play.open("orders/anonymous", NotFound);
    play.pass(700);
    assert_eq!(
        play.said(),
        [
            "10 oncall opened orders/anonymous",
            "310 oncall repeated orders/anonymous",
            "610 oncall repeated orders/anonymous"
        ]
    );
}

#[test]
fn an_incident_shorter_than_the_wait_is_told_as_opened_and_then_as_ended() {
    let mut play = Play::plain();
    let id = play.open("orders/anonymous", NotFound);
    play.pass(3);
    play.end(&id);
    play.pass(60);
    assert_eq!(
        play.said(),
        [
            "10 oncall opened orders/anonymous",
            "10 oncall ended orders/anonymous"
        ]
    );
    let shown_open = play.drafts.iter().map(|(_, it)| it.incidents[0].is_open());
    assert_eq!(shown_open.collect::<Vec<_>>(), [true, false]);
}

#[test]
fn a_group_of_which_all_is_over_begins_anew() {
    let mut play = Play::plain();
    let id = play.open("orders/anonymous", NotFound);
    play.end(&id);
    play.pass(20);
    play.open("orders/anonymous", NotFound);
    play.pass(60);
    assert_eq!(
        play.said()[2..],
        ["30 oncall opened orders/anonymous".to_owned()]
    );
}

#[test]
fn a_removed_check_is_told_as_ended() {
    let mut play = Play::plain();
    let id = play.open("orders/anonymous", NotFound);
    play.pass(20);
    let at = play.now;
    play.change(&id, |incident| {
        incident.ended = Some(Ended {
            at,
            resolution: Resolution::Removed,
        });
    });
    play.pass(600);
    assert_eq!(
        play.said()[1..],
        ["310 oncall ended orders/anonymous".to_owned()]
    );
}

#[test]
fn every_matching_route_tells_its_receiver() {
    let mut root = route("oncall");
    let mut first = branch("security", "class", "lockout");
    first.goes_on = true;
    root.routes = vec![first, branch("tickets", "severity", "critical")];
    let mut play = Play::of(root);
    play.open("orders/valid", CredentialRejected);
    play.pass(60);
    assert_eq!(
        play.said(),
        [
            "10 security opened orders/valid",
            "10 tickets opened orders/valid"
        ]
    );
}

#[test]
fn two_routes_to_one_receiver_tell_once_by_the_times_of_the_first() {
    let mut root = route("oncall");
    let mut first = branch("security", "class", "lockout");
    first.goes_on = true;
    first.group_wait = Duration::from_secs(30);
    root.routes = vec![first, branch("security", "severity", "critical")];
    let mut play = Play::of(root);
    play.open("orders/valid", CredentialRejected);
    play.pass(1000);
    assert_eq!(play.said(), ["30 security opened orders/valid"]);
}

#[test]
fn without_a_route_nobody_is_told_anything() {
    let mut play = Play::under(policy(None));
    let id = play.open("orders/valid", CredentialRejected);
    play.pass(100);
    assert!(!play.dispatch.is_settled(&id));
    play.end(&id);
    play.pass(100_000);
    assert_eq!(play.said(), [""; 0]);
    assert!(play.dispatch.is_settled(&id));
}

#[test]
fn the_gravest_incident_of_a_notice_stands_first() {
    let mut play = Play::plain();
    play.open("orders/a", ChallengeMissing);
    play.open("orders/b", ForbiddenInstead);
    play.open("orders/c", CredentialRejected);
    play.pass(60);
    assert_eq!(play.said(), ["10 oncall opened orders/c orders/b orders/a"]);
}

#[test]
fn thousands_of_open_incidents_cost_nothing_while_nothing_is_due() {
    let mut play = Play::plain();
    for index in 0..5_000 {
        let check = format!("orders-{index}/anonymous");
        let incident = super::play::incident(&check, NotFound, &[], play.now);
        play.dispatch.take(&std::sync::Arc::new(incident), play.now);
    }
    play.pass(100);
    assert_eq!(play.drafts.len(), 5_000);
    // As many decisions as there are open incidents would take a minute.
    for _ in 0..1_000 {
        play.pass_milliseconds(1);
        play.settle();
    }
    assert_eq!(play.drafts.len(), 5_000);
}

#[test]
fn a_group_still_collects_after_the_clock_was_set_back() {
    let mut play = Play::plain();
    play.set_back = SignedDuration::from_hours(2);
    play.open("orders/valid", NotFound);
    play.pass(5);
    let id = play.open("orders/other", NotFound);
    play.pass(1000);
    play.end(&id);
    play.pass(1000);
    assert_eq!(
        play.said(),
        [
            "10 oncall opened orders/valid orders/other",
            "1015 oncall ended orders/other"
        ]
    );
}
