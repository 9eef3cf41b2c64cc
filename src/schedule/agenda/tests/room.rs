//! Never too many at once, and nobody waits for a stranger's hang.

use super::*;

fn many(origin: &str, count: usize) -> impl Iterator<Item = Entry> {
    (0..count).map(move |number| at(origin, stranger(&format!("{origin}-{number}"), MINUTE)))
}

fn hang(_: &Start) -> Made {
    (HOUR, End::default())
}

#[test]
fn no_more_are_under_way_than_allowed_overall() {
    let entries = many("a", 5).chain(many("b", 5)).collect();
    let mut play = Play::new(few(7, 100), entries);
    play.run(MINUTE, hang);
    assert_eq!((play.agenda.in_flight(), play.started.len()), (7, 7));
}

#[test]
fn no_more_are_under_way_than_allowed_at_an_origin() {
    let mut play = Play::new(few(100, 4), many("a", 9).collect());
    play.run(MINUTE, hang);
    assert_eq!(play.agenda.in_flight(), 4);
}

#[test]
fn an_origin_that_hangs_does_not_delay_another() {
    let mut play = Play::new(few(100, 4), many("a", 50).chain(many("b", 4)).collect());
    play.run(HOUR, |start| match start.id.endpoint.as_str() {
        name if name.starts_with('a') => hang(start),
        _ => quick(start),
    });
    let late = |start: &&Started| start.check.starts_with('b') && !start.lag.is_zero();
    assert_eq!(play.started.iter().find(late), None);
    assert!(play.times("b-0/anonymous").len() >= 60);
}

#[test]
fn a_check_starts_as_soon_as_there_is_a_place_and_says_how_late_it_is() {
    let mut play = Play::new(few(1, 1), many("a", 2).collect());
    play.run(SECOND * 20, |_| (SECOND * 10, End::default()));
    let [first, second] = [&play.started[0], &play.started[1]];
    assert_eq!(second.at - first.at, SECOND * 10);
    assert!(
        second.lag > SECOND * 9 && second.lag <= SECOND * 10,
        "{:?}",
        second.lag
    );
}

#[test]
fn those_who_wait_start_in_the_order_in_which_they_came() {
    let mut play = Play::new(few(100, 1), many("a", 8).collect());
    play.run(SECOND * 40, |_| (SECOND * 4, End::default()));
    let due: Vec<_> = play
        .started
        .iter()
        .map(|start| start.at - start.lag)
        .collect();
    assert!(due.is_sorted(), "{due:?}");
}

#[test]
fn a_turn_that_comes_while_the_check_waits_at_its_origin_is_counted() {
    let mut play = Play::new(few(100, 1), many("a", 2).collect());
    play.run(MINUTE * 10, hang);
    let mut waiting = play.agenda.slots.iter().flatten();
    let waits = waiting.find(|slot| slot.started.is_none()).unwrap();
    let skipped = play.turns_skipped(&waits.id.to_string(), Skip::OriginBusy);
    assert!((9..=10).contains(&skipped), "{skipped}");
}

#[test]
fn a_turn_that_comes_while_all_places_are_taken_is_counted() {
    let mut play = Play::new(
        few(1, 1),
        [stranger("a", MINUTE), stranger("b", MINUTE)].into(),
    );
    play.run(MINUTE * 10, hang);
    let causes: BTreeSet<_> = play.skipped.iter().map(|skip| skip.cause).collect();
    assert_eq!(causes, [Skip::StillRunning, Skip::Capacity].into());
}

#[test]
fn a_waiting_check_is_never_more_than_a_cadence_late() {
    let mut play = Play::new(few(1, 1), many("a", 9).collect());
    play.run(HOUR, |_| (SECOND * 20, End::default()));
    assert!(play.longest_lag() <= MINUTE, "{:?}", play.longest_lag());
}

#[test]
fn a_turn_that_comes_while_the_check_is_probed_is_counted_and_not_piled_up() {
    let mut play = Play::new(Limits::default(), vec![stranger("a", MINUTE)]);
    let slow = |_: &Start| (SECOND * 150, End::default());
    play.run(MINUTE * 6, slow).forget().run(MINUTE * 30, slow);
    let (started, skipped) = (
        play.started.len(),
        play.turns_skipped("a/anonymous", Skip::StillRunning),
    );
    assert_eq!((started, skipped), (10, 20));
    assert!(play.longest_lag().is_zero());
}

#[test]
fn no_limit_is_read_as_one() {
    let mut play = Play::new(few(0, 0), many("a", 3).collect());
    play.run(MINUTE, quick);
    assert!(play.started.len() >= 3);
}
