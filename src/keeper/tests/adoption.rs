//! One configuration after the other, and one run after the other.

use super::*;
use crate::domain::finding::Verdict;
use crate::domain::presenter::Shown;
use crate::store::SavedCheck;

const LOGIN: &str = "<input type=password>";

#[test]
fn a_check_that_stays_keeps_what_is_known_of_it() {
    let mut play = Play::of(ORDERS);
    play.meets("orders/anonymous", answer(200));
    play.wait(60).apply(Event::Adopted(adoption(ORDERS)));
    let check = play.check("orders/anonymous");
    assert_eq!(check.last.clone().unwrap().since, start());
    assert_eq!(check.counts.fail, 1);
    assert_eq!(play.live.unsaved.removed, []);
}

#[test]
fn a_check_that_goes_is_forgotten_here_and_in_the_state_file() {
    let mut play = Play::of(ORDERS);
    play.meets("orders/invalid", answer(401));
    let without = "endpoints: [{name: orders, url: 'https://orders.example.com/'}]";
    play.apply(Event::Adopted(adoption(without)));
    assert_eq!(
        play.live.unsaved.removed,
        [id_of("orders/invalid"), id_of("orders/valid")]
    );
    assert_eq!(
        play.live.ids().collect::<Vec<_>>(),
        [id_of("orders/anonymous")]
    );
    assert!(play.live.credentials.is_empty());
}

#[test]
fn what_the_holder_met_holds_for_an_endpoint_that_stays_the_very_same() {
    let mut play = Play::of(ORDERS);
    play.meets("orders/valid", page(200, "the orders"));
    let same = vec![Arc::clone(&play.endpoint("orders").endpoint)];
    play.apply(Event::Adopted(Adoption {
        endpoints: same,
        ..Adoption::default()
    }));
    play.meets("orders/anonymous", page(200, LOGIN));
    assert_eq!(play.reasons("orders/anonymous"), [Reason::LoginPage]);
}

#[test]
fn what_the_holder_met_says_nothing_of_an_endpoint_that_was_changed() {
    let mut play = Play::of(ORDERS);
    play.meets("orders/valid", page(200, "the orders"));
    play.apply(Event::Adopted(adoption(
        &ORDERS.replace("example.com/", "example.com/new"),
    )));
    play.meets("orders/anonymous", page(200, LOGIN));
    assert_eq!(
        play.reasons("orders/anonymous"),
        [Reason::AnonymousAdmitted]
    );
}

#[test]
fn another_question_under_the_same_name_waits_for_an_answer_of_its_own() {
    let mut play = Play::of(ORDERS);
    play.meets("orders/anonymous", answer(401));
    let moved = ORDERS.replace("example.com/", "example.com/new");
    play.apply(Event::Adopted(adoption(&moved)));
    let check = play.check("orders/anonymous");
    assert_eq!((check.verdict(), check.probed_at), (None, None));
    assert_eq!(
        (check.counts.pass, check.history.to_string()),
        (1, "p".to_owned())
    );
    assert!(
        play.live
            .unsaved
            .checks
            .contains(&id_of("orders/anonymous"))
    );
}

#[test]
fn a_label_is_no_question() {
    let mut play = Play::of(ORDERS);
    play.meets("orders/anonymous", answer(401));
    let labelled = ORDERS.replace("name: orders,", "name: orders, labels: {team: pay},");
    play.apply(Event::Adopted(adoption(&labelled)));
    assert_eq!(
        play.check("orders/anonymous").verdict(),
        Some(Verdict::Pass)
    );
}

#[test]
fn an_answer_to_the_definition_before_says_nothing() {
    let mut play = Play::of(ORDERS);
    let before = Arc::clone(&play.endpoint("orders").endpoint);
    play.apply(Event::Adopted(adoption(ORDERS)));
    let told = play.apply(Event::Observed(Box::new(Observed {
        id: id_of("orders/anonymous"),
        endpoint: before,
        at: start(),
        outcome: answer(200),
        shown: Shown::default(),
        redactor: Redactor::default(),
    })));
    assert_eq!(
        (told.len(), play.check("orders/anonymous").counts.fail),
        (0, 0)
    );
}

#[test]
fn the_next_run_does_not_take_another_question_s_answer_for_its_own() {
    let mut first = Play::of(ORDERS);
    first.meets("orders/anonymous", answer(401));
    first.meets("orders/valid", page(200, "the orders"));
    let saved = left_by(&mut first);
    let moved = ORDERS.replace("example.com/", "example.com/new");
    let mut second = Play::resumed(&moved, saved);
    assert_eq!(second.check("orders/anonymous").verdict(), None);
    second.meets("orders/anonymous", page(200, LOGIN));
    assert_eq!(
        second.reasons("orders/anonymous"),
        [Reason::AnonymousAdmitted]
    );
}

#[test]
fn a_faulty_configuration_is_remembered_until_a_good_one_comes() {
    let mut play = Play::of(ORDERS);
    let faults = "authvigil.yaml:1:1: something".to_owned();
    play.apply(Event::Refused {
        faults: faults.clone(),
    });
    assert_eq!(play.live.monitor.reload.failure, Some(faults));
    play.wait(60).apply(Event::Adopted(adoption(ORDERS)));
    assert_eq!(play.live.monitor.reload.failure, None);
    assert_eq!(play.live.monitor.reload.succeeded_at, play.now().wall);
}

/// What a run leaves behind.
fn left_by(play: &mut Play) -> Saved {
    play.live.unsaved.checks = play.live.ids().collect();
    let batch = play.live.batch().unwrap();
    let by_id = |check: SavedCheck| (check.id.clone(), check);
    Saved {
        checks: batch.checks.into_iter().map(by_id).collect(),
        credentials: batch.credentials.into_iter().collect(),
        ..Saved::default()
    }
}

#[test]
fn the_next_run_goes_on_from_the_last_verdict() {
    let mut first = Play::of(ORDERS);
    first.meets("orders/anonymous", answer(401));
    first.wait(60).meets("orders/anonymous", answer(200));
    let saved = left_by(&mut first);
    let mut second = Play::resumed(ORDERS, saved);
    let check = second.check("orders/anonymous");
    assert_eq!(check.verdict(), Some(Verdict::Fail));
    assert_eq!(
        (check.counts.fail, check.history.to_string()),
        (0, "pc".to_owned())
    );
    assert!(check.good.is_some());
    assert_eq!(
        second.wait(120).meets("orders/anonymous", answer(200)),
        None
    );
}

#[test]
fn what_was_saved_becomes_old_only_from_the_start_on() {
    let mut first = Play::of(ORDERS);
    first.meets("orders/anonymous", answer(401));
    let mut saved = left_by(&mut first);
    let long_ago = start() - SignedDuration::from_hours(24 * 7);
    for check in saved.checks.values_mut() {
        if let Some(seen) = &mut check.last {
            seen.at = long_ago;
        }
    }
    let mut second = Play::resumed(ORDERS, saved);
    assert_eq!(second.wait(100).look_round(), []);
}

#[test]
fn what_the_holder_met_is_known_to_the_next_run() {
    let mut first = Play::of(ORDERS);
    first.meets("orders/valid", page(200, "the orders"));
    let mut second = Play::resumed(ORDERS, left_by(&mut first));
    second.meets("orders/anonymous", page(200, LOGIN));
    assert_eq!(second.reasons("orders/anonymous"), [Reason::LoginPage]);
}

#[test]
fn a_hold_goes_on_in_the_next_run_unless_its_time_is_over() {
    let mut first = Play::of(ORDERS);
    first.hold("orders/invalid", 300);
    first.hold("orders/valid", -1);
    let second = Play::resumed(ORDERS, left_by(&mut first));
    assert!(second.check("orders/invalid").held.is_some());
    assert_eq!(second.check("orders/valid").held, None);
}

#[test]
fn checks_that_left_the_configuration_between_two_runs_are_removed() {
    let mut first = Play::of(ORDERS);
    first.meets("orders/invalid", answer(401));
    let saved = left_by(&mut first);
    let without = "endpoints: [{name: orders, url: 'https://orders.example.com/'}]";
    let second = Play::resumed(without, saved);
    assert_eq!(
        second.live.unsaved.removed,
        [id_of("orders/invalid"), id_of("orders/valid")]
    );
}
