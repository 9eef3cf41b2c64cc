//! The rightful holder is met first.

use super::*;

fn slow_holder(start: &Start) -> Made {
    match start.id.check.as_str() {
        "valid" => (SECOND * 5, End::default()),
        _ => quick(start),
    }
}

/// The first probe of each check of an endpoint.
fn firsts(play: &Play, endpoint: &str) -> [Duration; 3] {
    ["anonymous", "invalid", "valid"].map(|check| play.times(&format!("{endpoint}/{check}"))[0])
}

#[test]
fn others_wait_until_the_holder_has_been_met() {
    let mut play = Play::new(Limits::default(), triad("a", MINUTE, MINUTE * 5).into());
    play.run(MINUTE, slow_holder);
    let [anonymous, invalid, valid] = firsts(&play, "a");
    assert_eq!([anonymous, invalid], [valid + SECOND * 5; 2]);
}

#[test]
fn waiting_for_the_holder_is_no_lag_and_no_skip() {
    let mut play = Play::new(Limits::default(), triad("a", MINUTE, MINUTE * 5).into());
    play.run(MINUTE, slow_holder);
    assert_eq!((play.longest_lag(), play.skipped), (Duration::ZERO, vec![]));
}

#[test]
fn later_probes_wait_for_nobody() {
    let mut play = Play::new(Limits::default(), triad("a", MINUTE, MINUTE).into());
    play.run(MINUTE * 2, quick).forget();
    play.run(MINUTE * 2, |start| match start.id.check.as_str() {
        "valid" => (HOUR, End::default()),
        _ => quick(start),
    });
    assert_eq!(play.times("a/anonymous").len(), 2);
}

#[test]
fn others_go_on_where_the_holder_is_held_back() {
    let mut entries = triad("a", MINUTE, MINUTE * 5);
    entries[2].held = Some(MINUTE * 10);
    let mut play = Play::new(Limits::default(), entries.into());
    play.run(SECOND * 5, quick);
    let seen: BTreeSet<_> = play
        .started
        .iter()
        .map(|start| start.check.as_str())
        .collect();
    assert_eq!(seen, ["a/anonymous", "a/invalid"].into());
}

#[test]
fn others_go_on_after_fifteen_seconds_where_the_holder_finds_no_place() {
    let hog = stranger("a-hog", MINUTE * 5);
    let mut play = Play::new(few(100, 1), vec![at("one", hog)]);
    play.run(SECOND * 2, |_| (HOUR, End::default()));
    let [anonymous, _, valid] = triad("b", MINUTE, MINUTE);
    let entries = [
        at("one", stranger("a-hog", MINUTE * 5)),
        at("one", valid),
        at("one", anonymous),
    ];
    play.adopt(entries.into()).run(SECOND * 20, quick);
    let waiting = play
        .agenda
        .slots
        .iter()
        .flatten()
        .filter(|slot| slot.state == State::Waiting);
    assert_eq!(waiting.count(), 2);
}

#[test]
fn a_holder_that_hangs_is_waited_for_no_longer_than_its_cadence() {
    let mut play = Play::new(Limits::default(), triad("a", MINUTE, MINUTE * 5).into());
    play.run(MINUTE * 3, |start| match start.id.check.as_str() {
        "valid" => (HOUR, End::default()),
        _ => quick(start),
    });
    let [anonymous, invalid, valid] = firsts(&play, "a");
    assert_eq!([anonymous, invalid], [valid + MINUTE; 2]);
}

#[test]
fn an_endpoint_without_a_holder_waits_for_nobody() {
    let mut play = Play::new(Limits::default(), vec![stranger("a", MINUTE)]);
    play.run(SECOND * 2, quick);
    assert_eq!(play.started.len(), 1);
}

#[test]
fn a_new_endpoint_waits_for_its_holder_at_a_reload_too() {
    let old = triad("a", MINUTE, MINUTE * 5);
    let mut play = Play::new(Limits::default(), old.to_vec());
    play.run(MINUTE * 10, quick).forget();
    play.adopt([old, triad("b", MINUTE, MINUTE * 5)].concat());
    play.run(MINUTE, slow_holder);
    let [anonymous, invalid, valid] = firsts(&play, "b");
    assert_eq!([anonymous, invalid], [valid + SECOND * 5; 2]);
}
