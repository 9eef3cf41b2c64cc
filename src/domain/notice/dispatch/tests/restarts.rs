//! Restarts and reloads: nothing is said twice, and nothing owed is lost.

use std::time::Duration;

use super::play::{Play, branch, name, policy, route};
use crate::domain::finding::Reason::{AnonymousAdmitted, NotFound};
use crate::domain::routing::Regularly;

/// Seconds from a clock that is two hours fast to the right time.
const TO_THE_RIGHT_TIME: i64 = -2 * 60 * 60;

#[test]
fn a_restart_neither_repeats_an_opening_nor_loses_the_end() {
    let mut play = Play::plain();
    let id = play.open("orders/valid", NotFound);
    play.pass(20);
    play.restart(1000);
    play.end(&id);
    play.restart(1000);
    play.pass(1000);
    assert_eq!(
        play.said(),
        [
            "10 oncall opened orders/valid",
            "2020 oncall ended orders/valid"
        ]
    );
}

#[test]
fn what_was_opened_and_not_told_is_told_after_a_restart() {
    let mut play = Play::plain();
    play.open("orders/valid", NotFound);
    play.pass(3);
    play.restart(100_000);
    assert_eq!(play.said(), ["100003 oncall opened orders/valid"]);
}

#[test]
fn what_ended_untold_shortly_before_a_restart_is_told_after_it() {
    let mut play = Play::plain();
    let id = play.open("orders/valid", NotFound);
    play.end(&id);
    play.restart(1000);
    assert_eq!(
        play.said(),
        [
            "1000 oncall opened orders/valid",
            "1000 oncall ended orders/valid"
        ]
    );
}

#[test]
fn what_was_withheld_stays_withheld_after_a_restart() {
    let mut play = Play::plain();
    let silence = play.silence(&[("endpoint", "orders")], 1000);
    let id = play.open("orders/valid", NotFound);
    play.pass(60);
    play.end(&id);
    play.expire(&silence);
    play.restart(10);
    play.pass(1000);
    assert_eq!(play.said(), [""; 0]);
}

#[test]
fn those_who_were_told_hear_of_the_end_whatever_the_routes_are_by_then() {
    let mut play = Play::plain();
    let id = play.open("orders/valid", NotFound);
    play.pass(1000);
    play.reload(policy(Some(route("tickets"))));
    play.pass(1000);
    play.end(&id);
    play.pass(1000);
    assert_eq!(
        play.said(),
        [
            "10 oncall opened orders/valid",
            "1000 tickets opened orders/valid",
            "2000 oncall ended orders/valid",
            "2010 tickets ended orders/valid"
        ]
    );
}

#[test]
fn a_receiver_that_is_gone_is_told_nothing() {
    let mut play = Play::plain();
    let id = play.open("orders/valid", NotFound);
    play.pass(1000);
    let mut without = policy(Some(route("tickets")));
    without.receivers.remove(&name("oncall"));
    play.reload(without);
    play.end(&id);
    play.pass(1000);
    assert_eq!(play.said()[2..], ["1300 tickets ended orders/valid"]);
    assert!(play.dispatch.is_settled(&id));
}

#[test]
fn a_reload_tells_nothing_again() {
    let mut play = Play::plain();
    play.open("orders/valid", NotFound);
    play.open("orders/anonymous", AnonymousAdmitted);
    play.pass(100);
    let mut root = route("oncall");
    root.routes = vec![branch("oncall", "endpoint", "orders")];
    play.reload(policy(Some(root)));
    play.pass(1000);
    assert_eq!(
        play.said(),
        [
            "0 oncall opened orders/anonymous",
            "10 oncall opened orders/valid"
        ]
    );
}

#[test]
fn a_new_receiver_is_not_told_of_what_is_over() {
    let mut play = Play::plain();
    let id = play.open("orders/valid", NotFound);
    play.pass(400);
    play.end(&id);
    play.pass(1000);
    play.reload(policy(Some(route("tickets"))));
    play.pass(1000);
    assert_eq!(play.said().len(), 2);
}

#[test]
fn an_incident_that_is_settled_is_not_begun_again() {
    let mut play = Play::plain();
    let id = play.open("orders/valid", NotFound);
    play.end(&id);
    play.pass(100);
    play.calm(&id);
    play.pass(1000);
    assert_eq!(play.said().len(), 2);
}

#[test]
fn a_bypass_is_told_at_once_although_the_clock_was_set_back_before_the_start() {
    let mut play = Play::plain();
    play.open("orders/anonymous", AnonymousAdmitted);
    play.pass(300);
    play.restart(TO_THE_RIGHT_TIME);
    play.pass(10);
    play.open("invoices/anonymous", AnonymousAdmitted);
    assert_eq!(
        play.said(),
        [
            "0 oncall opened orders/anonymous",
            "-6890 oncall opened invoices/anonymous"
        ]
    );
}

#[test]
fn what_is_told_regularly_goes_on_after_a_clock_was_set_back_before_the_start() {
    let mut regular = policy(Some(route("oncall")));
    regular.heartbeat = Some(Regularly {
        every: Duration::from_hours(1),
        receiver: name("tickets"),
    });
    let mut play = Play::under(regular);
    play.open("orders/valid", NotFound);
    play.pass(4000);
    play.restart(TO_THE_RIGHT_TIME);
    play.pass(4 * 3600);
    assert_eq!(
        play.said(),
        [
            "10 oncall opened orders/valid",
            "3600 tickets heartbeat",
            "400 tickets heartbeat",
            "4000 tickets heartbeat",
            "7600 tickets heartbeat",
            "11200 oncall repeated orders/valid",
            "11200 tickets heartbeat"
        ]
    );
}

#[test]
fn a_silence_holds_after_a_clock_was_set_back_before_the_start_and_no_longer_than_asked() {
    let mut play = Play::plain();
    play.silence(&[("endpoint", "orders")], 1000);
    play.restart(TO_THE_RIGHT_TIME);
    play.open("orders/valid", NotFound);
    play.pass(2000);
    assert_eq!(play.said(), ["-6200 oncall opened orders/valid"]);
}

#[test]
fn a_silence_of_bypasses_is_told_once_whenever_it_began() {
    let mut play = Play::plain();
    play.silence(&[("class", "bypass")], 1000);
    play.restart(TO_THE_RIGHT_TIME);
    play.restart(10);
    assert_eq!(play.said(), ["0 oncall silenced"]);
}
