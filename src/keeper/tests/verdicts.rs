//! What a check came to, and what is remembered of it.

use super::*;
use crate::domain::advice::AdviceCode;
use crate::domain::finding::Verdict;
use crate::domain::presenter::Shown;

#[test]
fn the_first_verdict_is_a_change_from_none() {
    let mut play = Play::of(ORDERS);
    let change = play.meets("orders/anonymous", answer(401)).unwrap();
    assert_eq!(
        (change.before, change.seen.judgement.verdict()),
        (None, Verdict::Pass)
    );
    assert_eq!(play.live.unsaved.changes, [change]);
}

#[test]
fn the_same_again_is_no_change_and_since_stays() {
    let mut play = Play::of(ORDERS);
    play.meets("orders/anonymous", answer(401));
    assert_eq!(play.wait(60).meets("orders/anonymous", answer(401)), None);
    let last = play.check("orders/anonymous").last.clone().unwrap();
    assert_eq!((last.since, last.at), (start(), play.now().wall));
}

#[test]
fn another_reason_for_the_same_verdict_is_a_change() {
    let mut play = Play::of(ORDERS);
    play.meets("orders/anonymous", answer(403));
    let change = play
        .wait(60)
        .meets("orders/anonymous", answer(404))
        .unwrap();
    assert_eq!(change.before, Some(Verdict::Fail));
    assert_eq!(change.seen.since, play.now().wall);
}

#[test]
fn the_last_good_answer_is_kept_until_all_is_well_again() {
    let mut play = Play::of(ORDERS);
    play.meets("orders/anonymous", answer(401));
    assert_eq!(play.check("orders/anonymous").good, None);
    play.wait(60).meets("orders/anonymous", answer(403));
    play.wait(60).meets("orders/anonymous", answer(200));
    let good = play.check("orders/anonymous").good.clone().unwrap();
    assert_eq!(
        (good.at, good.judgement.verdict()),
        (start(), Verdict::Pass)
    );
    play.wait(60).meets("orders/anonymous", answer(401));
    assert_eq!(play.check("orders/anonymous").good, None);
}

#[test]
fn every_verdict_is_counted_and_leaves_its_mark() {
    let mut play = Play::of(ORDERS);
    for status in [401, 200, 403, 503] {
        play.meets("orders/anonymous", answer(status));
    }
    let check = play.check("orders/anonymous");
    assert_eq!(
        (check.counts.pass, check.counts.fail, check.counts.unknown),
        (1, 2, 1)
    );
    assert_eq!(check.history.to_string(), "pcwu");
}

#[test]
fn a_login_page_is_told_by_what_the_holder_met() {
    const LOGIN: &str = "<input type=password>";
    let mut play = Play::of(ORDERS);
    play.meets("orders/anonymous", page(200, LOGIN));
    assert_eq!(
        play.reasons("orders/anonymous"),
        [Reason::AnonymousAdmitted]
    );
    play.meets("orders/valid", page(200, "the orders"));
    play.meets("orders/anonymous", page(200, LOGIN));
    assert_eq!(play.reasons("orders/anonymous"), [Reason::LoginPage]);
}

#[test]
fn a_refusal_proves_little_while_the_holder_is_refused_too() {
    let mut play = Play::of(ORDERS);
    let advised = |play: &Play| {
        let last = play.check("orders/invalid").last.clone().unwrap();
        let advice = last.judgement.advice.iter();
        advice
            .filter(|advice| advice.code == AdviceCode::ControlFailing)
            .count()
    };
    play.meets("orders/valid", answer(401));
    play.meets("orders/invalid", answer(401));
    assert_eq!(advised(&play), 1);
    play.meets("orders/valid", answer(200));
    play.meets("orders/invalid", answer(401));
    assert_eq!(advised(&play), 0);
}

#[test]
fn a_held_check_keeps_its_verdict_until_it_is_probed_again() {
    let mut play = Play::of(ORDERS);
    play.meets("orders/valid", answer(401));
    play.hold("orders/valid", 900);
    let check = play.check("orders/valid");
    assert_eq!(check.verdict(), Some(Verdict::Fail));
    assert!(check.held.is_some());
    play.wait(900).meets("orders/valid", answer(200));
    assert_eq!(play.check("orders/valid").held, None);
}

#[test]
fn an_answer_that_was_on_its_way_does_not_end_a_hold_of_the_endpoint() {
    let mut play = Play::of(ORDERS);
    play.hold("orders/invalid", 300);
    play.wait(1).meets("orders/invalid", answer(401));
    assert!(play.check("orders/invalid").held.is_some());
    play.wait(299).meets("orders/invalid", answer(401));
    assert_eq!(play.check("orders/invalid").held, None);
}

#[test]
fn a_credential_is_accepted_where_its_holder_is_let_in() {
    let mut play = Play::of(ORDERS);
    let accepted = |play: &Play| {
        let credential = play.live.credentials.values().next().unwrap();
        credential.last_accepted_at
    };
    play.meets("orders/anonymous", answer(200));
    play.meets("orders/valid", answer(401));
    play.meets("orders/valid", page(200, "<input type=password>"));
    assert_eq!(accepted(&play), None);
    play.wait(60).meets("orders/valid", answer(200));
    assert_eq!(accepted(&play), Some(play.now().wall));
}

#[test]
fn a_certificate_is_told_once_for_its_host_and_spares_the_verdict() {
    let two = "endpoints:
  - {name: orders, url: 'https://orders.example.com/'}
  - {name: more, url: 'https://orders.example.com/more'}
";
    let mut play = Play::of(two);
    for id in ["more/anonymous", "orders/anonymous"] {
        play.meets(id, with_certificate(answer(401), 3));
    }
    assert_eq!(
        play.reasons("orders/anonymous"),
        [Reason::CertificateExpiring]
    );
    assert_eq!(play.reasons("more/anonymous"), []);
    assert_eq!(
        play.check("orders/anonymous").verdict(),
        Some(Verdict::Pass)
    );
    play.meets("orders/anonymous", with_certificate(answer(401), 300));
    assert_eq!(play.reasons("orders/anonymous"), []);
}

#[test]
fn a_snapshot_does_not_change_under_whoever_holds_it() {
    let mut play = Play::of(ORDERS);
    play.meets("orders/anonymous", answer(401));
    let snapshot = play.live.snapshot(start());
    play.meets("orders/anonymous", answer(200));
    assert_eq!(snapshot.tally().pass, 1);
    assert_eq!(play.live.snapshot(start()).tally().fail, 1);
}

#[test]
fn a_probe_that_outlived_its_check_has_nothing_to_say() {
    let mut play = Play::of(ORDERS);
    let before = Arc::clone(&play.endpoint("orders").endpoint);
    let other = "endpoints: [{name: other, url: 'https://other.example.com/'}]";
    play.apply(Event::Adopted(adoption(other)));
    let told = play.apply(Event::Observed(Box::new(Observed {
        id: id_of("orders/anonymous"),
        endpoint: before,
        at: start(),
        outcome: answer(200),
        shown: Shown::default(),
        redactor: Redactor::default(),
    })));
    assert_eq!(told.len(), 0);
}
