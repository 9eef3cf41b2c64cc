//! Common causes.

use jiff::SignedDuration;

use super::play::{Play, route};
use crate::domain::finding::Reason::{ConnectRefused, CredentialRejected, TokenUnavailable};
use crate::domain::routing::Route;

const HOST: [(&str, &str); 1] = [("host", "db.example.com")];
const BILLING: [(&str, &str); 1] = [("credential", "billing")];

#[test]
fn three_outages_of_one_host_are_one_notice_that_names_it() {
    let mut play = Play::plain();
    for endpoint in ["a", "b", "c"] {
        play.open_with(&format!("{endpoint}/valid"), ConnectRefused, &HOST);
        play.pass(2);
    }
    play.open("d/valid", ConnectRefused);
    play.pass(100);
    assert_eq!(
        play.said(),
        [
            "10 oncall opened Host(\"db.example.com\") a/valid b/valid c/valid",
            "16 oncall opened d/valid"
        ]
    );
}

#[test]
fn two_are_no_common_cause() {
    let mut play = Play::plain();
    for endpoint in ["a", "b"] {
        play.open_with(&format!("{endpoint}/valid"), ConnectRefused, &HOST);
    }
    play.pass(100);
    assert_eq!(
        play.said(),
        ["10 oncall opened a/valid", "10 oncall opened b/valid"]
    );
}

#[test]
fn three_that_are_too_far_apart_are_no_common_cause() {
    let mut play = Play::plain();
    for endpoint in ["a", "b", "c"] {
        play.open_with(&format!("{endpoint}/valid"), ConnectRefused, &HOST);
        play.pass(6);
    }
    play.pass(100);
    assert_eq!(
        play.said(),
        [
            "10 oncall opened a/valid",
            "16 oncall opened b/valid",
            "22 oncall opened c/valid"
        ]
    );
}

#[test]
fn three_lockouts_share_a_credential_or_its_token_endpoint() {
    let mut play = Play::plain();
    for endpoint in ["a", "b", "c"] {
        play.open_with(&format!("{endpoint}/valid"), CredentialRejected, &BILLING);
    }
    for endpoint in ["d", "e", "f"] {
        play.open_with(&format!("{endpoint}/valid"), TokenUnavailable, &BILLING);
    }
    play.pass(100);
    assert_eq!(
        play.said(),
        [
            "10 oncall opened Credential(\"billing\") a/valid b/valid c/valid",
            "10 oncall opened TokenEndpoint(\"billing\") d/valid e/valid f/valid"
        ]
    );
}

#[test]
fn later_ones_join_the_cause_while_it_goes_on_and_so_do_ends() {
    let mut play = Play::plain();
    let ids =
        ["a", "b", "c"].map(|it| play.open_with(&format!("{it}/valid"), ConnectRefused, &HOST));
    play.pass(60);
    play.open_with("d/valid", ConnectRefused, &HOST);
    play.pass(300);
    for id in &ids {
        play.end(id);
    }
    play.pass(600);
    assert_eq!(
        play.said(),
        [
            "10 oncall opened Host(\"db.example.com\") a/valid b/valid c/valid",
            "310 oncall opened Host(\"db.example.com\") d/valid",
            "610 oncall ended a/valid b/valid c/valid"
        ]
    );
}

#[test]
fn a_restart_keeps_the_company_of_a_cause() {
    let mut play = Play::plain();
    for endpoint in ["a", "b", "c"] {
        play.open_with(&format!("{endpoint}/valid"), ConnectRefused, &HOST);
    }
    play.pass(60);
    play.restart(10);
    play.open_with("d/valid", ConnectRefused, &HOST);
    play.pass(300);
    assert_eq!(
        play.said()[1..],
        ["310 oncall opened Host(\"db.example.com\") d/valid".to_owned()]
    );
}

#[test]
fn one_group_of_all_does_not_list_a_door_twice() {
    let mut play = Play::of(Route {
        group_by: Vec::new(),
        ..route("oncall")
    });
    for endpoint in ["a", "b", "c"] {
        play.open_with(&format!("{endpoint}/valid"), ConnectRefused, &HOST);
    }
    play.open("d/valid", ConnectRefused);
    play.pass(100);
    let mut said = play.said();
    said.sort();
    assert_eq!(
        said,
        [
            "10 oncall opened Host(\"db.example.com\") a/valid b/valid c/valid",
            "10 oncall opened d/valid"
        ]
    );
}

#[test]
fn what_is_silenced_is_no_part_of_a_cause() {
    let mut play = Play::plain();
    play.silence(&[("endpoint", "c")], 1000);
    for endpoint in ["a", "b", "c"] {
        play.open_with(&format!("{endpoint}/valid"), ConnectRefused, &HOST);
    }
    play.pass(100);
    assert_eq!(
        play.said(),
        ["10 oncall opened a/valid", "10 oncall opened b/valid"]
    );
}

#[test]
fn a_common_cause_is_found_after_the_clock_was_set_back() {
    let mut play = Play::plain();
    play.open_with("a/valid", ConnectRefused, &HOST);
    play.set_back = SignedDuration::from_hours(2);
    play.open_with("b/valid", ConnectRefused, &HOST);
    play.open_with("c/valid", ConnectRefused, &HOST);
    play.pass(100);
    assert_eq!(
        play.said(),
        ["10 oncall opened Host(\"db.example.com\") b/valid c/valid a/valid"]
    );
}
