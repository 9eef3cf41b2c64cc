//! A machine that slept, and a program that was started again.

use super::*;

fn house(endpoints: usize) -> Vec<Entry> {
    let endpoint = |number| triad(&format!("endpoint-{number}"), MINUTE, MINUTE * 5);
    (0..endpoints).flat_map(endpoint).collect()
}

#[test]
fn turns_that_passed_while_nobody_looked_are_counted_and_made_up_for_once() {
    let mut play = Play::new(Limits::default(), vec![stranger("a", MINUTE)]);
    play.run(MINUTE * 5, quick).forget();
    play.sleep(HOUR).run(SECOND / 10, quick);
    assert_eq!(play.started.len(), 1);
    assert_eq!(play.turns_skipped("a/anonymous", Skip::Late), 59);
    assert!(play.longest_lag() <= MINUTE);
}

#[test]
fn after_a_sleep_there_is_no_crowd() {
    let mut play = Play::new(few(10_000, 10_000), house(400));
    play.run(MINUTE * 20, quick).forget();
    play.sleep(HOUR * 8).run(SECOND, quick);
    assert!(
        play.started.len() <= 120,
        "{} in a second",
        play.started.len()
    );
    play.run(MINUTE, quick);
    let seen: BTreeSet<_> = play
        .started
        .iter()
        .map(|start| start.check.clone())
        .collect();
    assert!(seen.len() == 1200, "{}", seen.len());
}

#[test]
fn a_sleep_shorter_than_a_turn_makes_no_crowd_either() {
    let mut play = Play::new(few(10_000, 10_000), house(400));
    play.run(MINUTE * 20, quick).forget();
    play.sleep(SECOND * 40).run(SECOND, quick);
    assert!(
        play.started.len() <= 120,
        "{} in a second",
        play.started.len()
    );
}

#[test]
fn after_a_sleep_all_go_back_to_their_places() {
    let mut play = Play::new(Limits::default(), vec![stranger("a", MINUTE)]);
    play.run(MINUTE * 5, quick);
    let before = play.times("a/anonymous")[2];
    play.sleep(Duration::from_secs(12_345))
        .run(MINUTE * 5, quick);
    let since = *play.times("a/anonymous").last().unwrap() - before;
    assert_eq!(since.as_nanos() % MINUTE.as_nanos(), 0);
}

#[test]
fn a_refused_credential_keeps_its_cadence_over_a_restart() {
    let mut entry = refused("a", MINUTE * 15);
    entry.rested = Some(MINUTE * 4);
    let mut play = Play::new(Limits::default(), vec![entry]);
    play.run(HOUR, quick);
    assert_eq!(play.times("a/invalid")[0], MINUTE * 11);
}

#[test]
fn who_has_rested_longer_than_a_cadence_is_probed_soon() {
    let mut entry = refused("a", MINUTE * 15);
    entry.rested = Some(HOUR * 30);
    let mut play = Play::new(Limits::default(), vec![entry]);
    play.run(SECOND * 3, quick);
    assert_eq!(play.started.len(), 1);
}

#[test]
fn others_do_not_rest_over_a_restart() {
    let mut entry = stranger("a", MINUTE * 15);
    entry.rested = Some(SECOND);
    let mut play = Play::new(Limits::default(), vec![entry]);
    play.run(SECOND * 2, quick);
    assert_eq!(play.started.len(), 1);
}

#[test]
fn a_clock_that_goes_back_stands_still() {
    let mut play = Play::new(Limits::default(), vec![stranger("a", MINUTE)]);
    play.run(MINUTE * 3, quick);
    let count = play.started.len();
    assert_eq!(play.agenda.take(play.start), []);
    play.run(MINUTE * 3, quick);
    assert_eq!(play.started.len(), count + 3);
}

#[test]
fn a_check_that_is_to_be_looked_at_twice_at_one_instant_starts_once() {
    let mut play = Play::new(Limits::default(), vec![stranger("a", MINUTE)]);
    play.run(MINUTE * 3, quick).forget();
    let turn = play.agenda.slot(0).unwrap().turn;
    play.agenda.look_again(0, turn);
    play.sleep(HOUR)
        .run(SECOND / 10, |_| (SECOND, End::default()));
    assert_eq!(play.started.len(), 1);
}

#[test]
fn durations_beyond_reason_are_survived() {
    let mut entries = triad("a", Duration::MAX, Duration::MAX).to_vec();
    entries[1].rested = Some(Duration::MAX);
    entries[2].held = Some(Duration::MAX);
    entries.push(stranger("b", Duration::ZERO));
    let mut play = Play::new(Limits::default(), entries);
    play.run(SECOND, |_| (MILLISECOND, pushed_back(Some(Duration::MAX))));
    assert!(play.started.len() > 2);
}
