//! What is held back by silences and muted times, and what becomes of it.

use jiff::tz::TimeZone;

use super::play::{Play, name, policy, route};
use crate::domain::finding::Reason::NotFound;
use crate::domain::notice::Said;
use crate::domain::routing::{Policy, TimeInterval, TimeSpan};

/// Nothing is told in the first half of every hour but one.
fn muted_for_half_an_hour() -> Policy {
    let mut root = route("oncall");
    root.mute_time_intervals = vec![name("noisy")];
    let play = Play::plain();
    let minute = u16::try_from(play.now.as_second().rem_euclid(86_400) / 60).unwrap();
    Policy {
        time_intervals: vec![TimeInterval {
            name: name("noisy"),
            spans: vec![TimeSpan {
                times: vec![(minute, minute + 30)],
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
fn what_is_muted_and_goes_on_is_told_when_the_time_is_over() {
    let mut play = Play::under(muted_for_half_an_hour());
    play.pass(7);
    play.open("orders/valid", NotFound);
    play.pass(3600);
    assert_eq!(play.said(), ["1800 oncall opened orders/valid"]);
}

#[test]
fn what_is_over_before_a_mute_is_over_is_never_told() {
    let mut play = Play::under(muted_for_half_an_hour());
    let id = play.open("orders/valid", NotFound);
    play.pass(100);
    play.end(&id);
    play.pass(10_000);
    assert_eq!(play.said(), [""; 0]);
    let telling = play.tellings.values().next().unwrap();
    assert_eq!((telling.said, telling.mails.len()), (Said::Ended, 0));
}

#[test]
fn what_is_silenced_and_goes_on_is_told_when_the_silence_ends() {
    let mut play = Play::plain();
    play.silence(&[("endpoint", "orders")], 1000);
    play.open("orders/valid", NotFound);
    play.pass(5000);
    assert_eq!(play.said(), ["1000 oncall opened orders/valid"]);
}

#[test]
fn a_silence_that_is_ended_early_lets_things_be_told_at_once() {
    let mut play = Play::plain();
    let silence = play.silence(&[("endpoint", "orders")], 1000);
    play.open("orders/valid", NotFound);
    play.pass(100);
    play.expire(&silence);
    assert_eq!(play.said(), ["100 oncall opened orders/valid"]);
}

#[test]
fn an_end_is_held_back_by_a_silence_and_told_after_it() {
    let mut play = Play::plain();
    let id = play.open("orders/valid", NotFound);
    play.pass(100);
    play.silence(&[("endpoint", "orders")], 1000);
    play.end(&id);
    play.pass(5000);
    assert_eq!(
        play.said(),
        [
            "10 oncall opened orders/valid",
            "1100 oncall ended orders/valid"
        ]
    );
}

#[test]
fn a_silence_keeps_an_incident_from_being_told_again() {
    let mut play = Play::plain();
    play.open("orders/valid", NotFound);
    play.pass(100);
    play.silence(&[("endpoint", "orders")], 20_000);
    play.pass(30_000);
    assert_eq!(
        play.said(),
        [
            "10 oncall opened orders/valid",
            "20100 oncall repeated orders/valid"
        ]
    );
}

#[test]
fn a_silenced_incident_does_not_hold_up_its_group() {
    let mut play = Play::plain();
    play.silence(&[("check", "valid")], 1000);
    play.open("orders/valid", NotFound);
    play.open("orders/anonymous", NotFound);
    play.pass(100);
    assert_eq!(play.said(), ["10 oncall opened orders/anonymous"]);
}

#[test]
fn silences_are_listed_in_the_order_of_their_ends() {
    let mut play = Play::plain();
    let late = play.silence(&[("check", "valid")], 1000);
    let soon = play.silence(&[("check", "invalid")], 10);
    let listed = |play: &Play| {
        let silences = play.dispatch.silences(play.now).into_iter();
        silences.map(|it| it.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(listed(&play), [soon, late.clone()]);
    play.pass(10);
    assert_eq!(listed(&play), [late]);
}
