//! Flapping: said once, then quiet until calm.

use jiff::SignedDuration;

use super::play::Play;
use crate::domain::finding::Reason::{AnonymousAdmitted, NotFound};

#[test]
fn flapping_is_said_once_in_place_of_every_opening_and_end() {
    let mut play = Play::plain();
    let first = play.open("orders/valid", NotFound);
    play.pass(20);
    play.flap(&first);
    play.end(&first);
    for _ in 0..5 {
        play.pass(400);
        let id = play.open("orders/valid", NotFound);
        play.flap(&id);
        play.pass(400);
        play.end(&id);
    }
    assert_eq!(
        play.said(),
        [
            "10 oncall opened orders/valid",
            "310 oncall flapping orders/valid"
        ]
    );
}

#[test]
fn calm_and_open_is_told_as_opened() {
    let mut play = Play::plain();
    let first = play.open("orders/valid", NotFound);
    play.pass(20);
    play.flap(&first);
    play.end(&first);
    play.pass(400);
    let last = play.open("orders/valid", NotFound);
    play.flap(&last);
    play.pass(1800);
    play.calm(&last);
    play.pass(400);
    play.end(&last);
    play.pass(400);
    assert_eq!(
        play.said(),
        [
            "10 oncall opened orders/valid",
            "310 oncall flapping orders/valid",
            "2220 oncall opened orders/valid",
            "2630 oncall ended orders/valid"
        ]
    );
}

#[test]
fn calm_and_over_is_told_as_ended() {
    let mut play = Play::plain();
    let id = play.open("orders/valid", NotFound);
    play.pass(20);
    play.flap(&id);
    play.end(&id);
    play.pass(1800);
    play.calm(&id);
    play.pass(400);
    assert_eq!(
        play.said(),
        [
            "10 oncall opened orders/valid",
            "310 oncall flapping orders/valid",
            "1820 oncall ended orders/valid"
        ]
    );
}

#[test]
fn a_restart_does_not_tell_of_flapping_again() {
    let mut play = Play::plain();
    let first = play.open("orders/valid", NotFound);
    play.flap(&first);
    play.pass(20);
    play.end(&first);
    play.restart(5);
    let next = play.open("orders/valid", NotFound);
    play.flap(&next);
    play.restart(5);
    play.pass(1000);
    assert_eq!(play.said(), ["10 oncall flapping orders/valid"]);
}

#[test]
fn a_bypass_never_flaps() {
    let mut play = Play::plain();
    let id = play.open("orders/anonymous", AnonymousAdmitted);
    play.flap(&id);
    play.pass(10);
    play.end(&id);
    assert_eq!(
        play.said(),
        [
            "0 oncall opened orders/anonymous",
            "10 oncall ended orders/anonymous"
        ]
    );
}

#[test]
fn whoever_knows_that_a_check_flaps_hears_how_it_ends_although_the_clock_was_set_back() {
    let mut play = Play::plain();
    let first = play.open("orders/valid", NotFound);
    play.flap(&first);
    play.pass(60);
    play.end(&first);
    play.set_back = SignedDuration::from_hours(2);
    let second = play.open("orders/valid", NotFound);
    play.flap(&second);
    play.restart(60);
    play.calm(&second);
    play.end(&second);
    play.pass(1000);
    assert_eq!(
        play.said(),
        [
            "10 oncall flapping orders/valid",
            "310 oncall ended orders/valid"
        ]
    );
}
