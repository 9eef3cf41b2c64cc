//! What is the same goes on; what is new or changed is seen soon; what has gone is gone.

use super::*;

fn changed(entry: Entry) -> Entry {
    Entry {
        definition: entry.definition + 1,
        ..entry
    }
}

fn hang(_: &Start) -> Made {
    (HOUR, End::default())
}

#[test]
fn a_reload_without_a_change_changes_nothing() {
    let entries = || triad("a", MINUTE, MINUTE * 5).to_vec();
    let played = |reloads: u32| {
        let mut play = Play::new(Limits::default(), entries());
        for _ in 0..10 {
            play.run(Duration::from_millis(61_234), quick);
            for _ in 0..reloads {
                play.adopt(entries());
            }
        }
        (play.started, play.skipped)
    };
    assert_eq!(played(0), played(2));
}

#[test]
fn a_new_check_is_probed_soon_and_moves_no_other() {
    let old = |play: &Play| play.times("a/anonymous");
    let mut play = Play::new(Limits::default(), vec![stranger("a", MINUTE)]);
    play.run(MINUTE * 3, quick);
    play.adopt(vec![at("a", stranger("b", MINUTE)), stranger("a", MINUTE)]);
    play.run(SECOND * 3, quick);
    assert_eq!(play.times("b/anonymous").len(), 1);
    play.run(MINUTE * 3, quick);
    assert_eq!(gaps(&old(&play)[1..]), [MINUTE; 5][..old(&play).len() - 2]);
}

#[test]
fn a_changed_check_is_probed_anew_soon() {
    let mut play = Play::new(Limits::default(), vec![stranger("a", HOUR)]);
    play.run(MINUTE * 2, quick).forget();
    play.adopt(vec![changed(stranger("a", HOUR))])
        .run(SECOND * 2, quick);
    assert_eq!(play.started.len(), 1);
}

#[test]
fn a_changed_refused_credential_rests_for_its_cadence_all_the_same() {
    let mut play = Play::new(Limits::default(), vec![refused("a", MINUTE * 15)]);
    play.run(MINUTE, quick);
    play.adopt(vec![changed(refused("a", MINUTE * 15))])
        .run(HOUR, quick);
    assert_eq!(play.gaps("a/invalid")[0], MINUTE * 15);
}

#[test]
fn a_refused_credential_rests_over_a_restart_and_a_change_after_it() {
    let before = Entry {
        rested: Some(MINUTE),
        ..refused("a", MINUTE * 15)
    };
    let mut play = Play::new(Limits::default(), vec![before]);
    play.run(MINUTE * 2, quick);
    play.adopt(vec![changed(refused("a", MINUTE * 15))])
        .run(HOUR, quick);
    assert_eq!(play.times("a/invalid")[0], MINUTE * 14);
}

#[test]
fn a_hold_that_a_restart_interrupted_outlasts_a_change() {
    let before = Entry {
        held: Some(MINUTE * 50),
        ..refused("a", MINUTE)
    };
    let mut play = Play::new(Limits::default(), vec![before]);
    play.adopt(vec![changed(refused("a", MINUTE))])
        .run(HOUR, quick);
    assert_eq!(play.times("a/invalid")[0], MINUTE * 50);
}

#[test]
fn a_hold_of_its_account_outlasts_a_change() {
    let mut play = Play::new(Limits::default(), vec![holder("a", MINUTE)]);
    let held = End {
        held: Some(play.now + MINUTE * 50),
        ..End::default()
    };
    play.run(SECOND * 2, |_| (MILLISECOND, held)).forget();
    play.adopt(vec![changed(holder("a", MINUTE))])
        .run(MINUTE * 49, quick);
    assert_eq!(play.started, []);
}

#[test]
fn a_removed_check_is_probed_no_more() {
    let mut play = Play::new(
        Limits::default(),
        [stranger("a", MINUTE), stranger("b", MINUTE)].into(),
    );
    play.run(MINUTE * 2, quick).forget();
    play.adopt(vec![stranger("b", MINUTE)])
        .run(MINUTE * 5, quick);
    assert_eq!(
        (
            play.times("a/anonymous").len(),
            play.times("b/anonymous").len()
        ),
        (0, 5)
    );
}

#[test]
fn a_probe_under_way_of_a_removed_check_keeps_its_place_and_ends_unheeded() {
    let mut play = Play::new(Limits::default(), vec![stranger("a", MINUTE)]);
    play.run(SECOND * 2, |_| (SECOND * 5, End::default()));
    play.adopt(vec![]);
    assert_eq!(play.agenda.in_flight(), 1);
    play.run(MINUTE, quick);
    assert_eq!((play.agenda.in_flight(), play.agenda.wake()), (0, None));
}

#[test]
fn a_changed_check_waits_for_the_end_of_its_probe_under_way() {
    let mut play = Play::new(Limits::default(), vec![stranger("a", HOUR)]);
    play.run(SECOND * 2, |_| (SECOND * 30, End::default()));
    play.adopt(vec![changed(stranger("a", HOUR))])
        .run(MINUTE, quick);
    assert_eq!(play.gaps("a/anonymous")[0], SECOND * 30);
}

#[test]
fn a_check_that_comes_back_waits_for_the_end_of_its_probe_under_way() {
    let mut play = Play::new(Limits::default(), vec![stranger("a", HOUR)]);
    play.run(SECOND * 2, |_| (SECOND * 30, End::default()));
    play.adopt(vec![])
        .adopt(vec![stranger("a", HOUR)])
        .run(MINUTE, quick);
    assert_eq!(play.gaps("a/anonymous")[0], SECOND * 30);
}

#[test]
fn the_key_of_a_probe_under_way_is_given_to_nobody_else() {
    let mut play = Play::new(Limits::default(), vec![stranger("a", MINUTE)]);
    play.run(SECOND * 2, hang)
        .adopt(vec![stranger("b", MINUTE)]);
    play.run(SECOND * 2, hang);
    assert_eq!(play.agenda.in_flight(), 2);
}

#[test]
fn places_of_origins_that_have_gone_are_given_back() {
    let mut play = Play::new(few(1, 1), vec![stranger("a", MINUTE)]);
    play.run(SECOND * 2, |_| (SECOND * 10, End::default()));
    play.adopt(vec![stranger("b", MINUTE)]).run(MINUTE, quick);
    assert_eq!(
        play.times("b/anonymous")[0],
        play.times("a/anonymous")[0] + SECOND * 10
    );
}

#[test]
fn an_endpoint_is_held_back_over_a_reload() {
    let mut play = Play::new(Limits::default(), vec![refused("a", MINUTE)]);
    play.run(SECOND * 2, |_| (MILLISECOND, pushed_back(Some(HOUR))));
    play.adopt(vec![changed(refused("a", MINUTE))])
        .run(MINUTE * 59, quick);
    assert_eq!(play.times("a/invalid").len(), 1);
}

#[test]
fn those_who_wait_for_a_place_go_on_waiting_over_a_reload() {
    let entries = || [stranger("a", MINUTE), at("a", stranger("b", MINUTE))].to_vec();
    let mut play = Play::new(few(1, 1), entries());
    play.run(SECOND * 5, |_| (SECOND * 10, End::default()));
    play.adopt(entries()).run(SECOND * 30, quick);
    let [first, second] = [&play.started[0], &play.started[1]];
    assert_eq!(second.at - first.at, SECOND * 10);
    assert!(second.lag > SECOND * 8, "{:?}", second.lag);
}

#[test]
fn of_two_entries_for_one_check_the_first_counts() {
    let mut play = Play::new(
        Limits::default(),
        vec![stranger("a", MINUTE), stranger("a", SECOND)],
    );
    play.run(MINUTE * 5, quick);
    assert!(play.started.len() <= 6);
}

#[test]
fn an_end_that_nobody_waits_for_is_ignored() {
    let mut play = Play::new(Limits::default(), vec![stranger("a", MINUTE)]);
    play.agenda.ended(Key(0), End::default(), play.now);
    play.agenda.ended(Key(77), End::default(), play.now);
    assert_eq!(play.agenda.in_flight(), 0);
}
