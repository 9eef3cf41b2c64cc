//! From verdicts to incidents, over adoptions and restarts.

use super::*;
use crate::domain::incident::{Reproduced, Resolution};

/// How the newest incident ended, if it did.
fn resolution(play: &Play) -> Option<Resolution> {
    play.newest().ended.map(|end| end.resolution)
}

/// One that strangers are let in by, at this check.
fn bypass_at(check: &str, reason: Reason) -> Vec<(String, Class, Reason)> {
    vec![(check.to_owned(), Class::Bypass, reason)]
}

#[test]
fn a_bypass_opens_an_incident_at_its_first_answer() {
    let mut play = Play::of(TOLD);
    play.meets("orders/anonymous", answer(200));
    let expected = bypass_at("orders/anonymous", Reason::AnonymousAdmitted);
    assert_eq!(play.open(), expected);
    assert_eq!(play.newest().opened_at, start());
}

#[test]
fn a_bypass_asks_for_one_round_of_re_probes() {
    let mut play = Play::of(TOLD);
    play.meets("orders/anonymous", answer(200));
    play.says();
    play.wait(60).meets("orders/anonymous", answer(200));
    play.says();
    let asked: Vec<&CheckId> = play.reprobes.iter().map(|it| &it.check).collect();
    assert_eq!(asked, [&id_of("orders/anonymous")]);
    assert_eq!(play.reprobes[0].incident, play.newest().id);
}

#[test]
fn a_lockout_asks_for_no_re_probes() {
    let mut play = Play::of(TOLD);
    for _ in 0..3 {
        play.wait(60).meets("orders/valid", answer(401));
        play.says();
    }
    assert_eq!(play.open().len(), 1);
    assert!(play.reprobes.is_empty());
}

#[test]
fn what_re_probes_meet_makes_no_incident_and_no_verdict() {
    let mut play = Play::of(TOLD);
    play.meets("orders/anonymous", answer(200));
    play.says();
    play.reprobed(&[200, 401, 503]);
    assert_eq!(play.open().len(), 1);
    assert_eq!(play.check("orders/anonymous").counts.fail, 1);
    let expected = Reproduced { again: 1, of: 2 };
    assert_eq!(play.newest().reproduced, Some(expected));
}

#[test]
fn a_partial_bypass_takes_ten_refusals_in_a_row_to_recover() {
    let mut play = Play::of(TOLD);
    play.meets("orders/anonymous", answer(200));
    play.says();
    play.reprobed(&[401, 401, 401]);
    for _ in 0..9 {
        play.wait(60).meets("orders/anonymous", answer(401));
    }
    assert_eq!(resolution(&play), None);
    play.wait(60).meets("orders/anonymous", answer(401));
    assert_eq!(resolution(&play), Some(Resolution::Recovered));
}

#[test]
fn a_bypass_that_was_partial_before_a_restart_is_so_after_it() {
    let mut play = Play::of(TOLD);
    play.meets("orders/anonymous", answer(200));
    play.says();
    play.reprobed(&[401, 401, 401]);
    let mut play = play.restarted(TOLD);
    for _ in 0..9 {
        play.wait(60).meets("orders/anonymous", answer(401));
    }
    assert_eq!(resolution(&play), None);
}

#[test]
fn two_refusals_in_a_row_end_a_bypass_that_every_re_probe_met() {
    let mut play = Play::of(TOLD);
    play.meets("orders/anonymous", answer(200));
    play.says();
    play.reprobed(&[200, 200, 200]);
    play.wait(60).meets("orders/anonymous", answer(401));
    assert_eq!(resolution(&play), None);
    play.wait(60).meets("orders/anonymous", answer(401));
    assert_eq!(resolution(&play), Some(Resolution::Recovered));
    assert_eq!(play.check("orders/anonymous").incident, None);
}

#[test]
fn the_second_bad_verdict_opens_an_incident_since_the_first() {
    let mut play = Play::of(TOLD);
    play.meets("orders/valid", answer(401));
    assert_eq!(play.open(), []);
    play.wait(60).meets("orders/valid", answer(401));
    let lockout = (
        "orders/valid".to_owned(),
        Class::Lockout,
        Reason::CredentialRejected,
    );
    assert_eq!(play.open(), [lockout]);
    let incident = play.newest();
    assert_eq!(
        (incident.since, incident.opened_at),
        (start(), play.now().wall)
    );
}

#[test]
fn outages_have_a_row_of_their_own() {
    let mut play = Play::of(TOLD);
    play.meets("orders/anonymous", answer(403));
    for _ in 0..2 {
        play.wait(60)
            .meets("orders/anonymous", silence(Reason::ConnectRefused));
    }
    assert_eq!(play.open(), []);
    play.wait(60)
        .meets("orders/anonymous", silence(Reason::ConnectRefused));
    let classes: Vec<Class> = play.open().iter().map(|it| it.1).collect();
    assert_eq!(classes, [Class::Outage]);
    play.wait(60).meets("orders/anonymous", answer(403));
    let classes: Vec<Class> = play.open().iter().map(|it| it.1).collect();
    assert_eq!(classes.len(), 2, "{classes:?}");
}

#[test]
fn a_check_that_leaves_the_configuration_ends_its_incident_as_removed() {
    let mut play = Play::of(TOLD);
    play.meets("orders/anonymous", answer(200));
    let other = TOLD.replace("name: orders", "name: other");
    play.wait(60).apply(Event::Adopted(adoption(&other)));
    assert_eq!(play.open(), []);
    assert_eq!(resolution(&play), Some(Resolution::Removed));
}

#[test]
fn a_check_that_left_between_two_runs_ends_its_incident_as_removed() {
    let mut play = Play::of(TOLD);
    play.meets("orders/anonymous", answer(200));
    let other = TOLD.replace("name: orders", "name: other");
    let play = play.restarted(&other);
    assert_eq!(resolution(&play), Some(Resolution::Removed));
}

#[test]
fn a_check_that_comes_back_after_its_removal_begins_anew() {
    let mut play = Play::of(TOLD);
    play.meets("orders/anonymous", answer(200));
    let other = TOLD.replace("name: orders", "name: other");
    play.wait(60).apply(Event::Adopted(adoption(&other)));
    play.wait(60).apply(Event::Adopted(adoption(TOLD)));
    assert_eq!(play.open(), []);
    play.wait(60).meets("orders/anonymous", answer(200));
    let expected = bypass_at("orders/anonymous", Reason::AnonymousAdmitted);
    assert_eq!(play.open(), expected);
}

#[test]
fn a_check_that_asks_at_another_url_ends_its_incident_as_removed() {
    let mut play = Play::of(TOLD);
    play.meets("orders/anonymous", answer(200));
    let moved = TOLD.replace("example.com/", "example.com/new");
    play.wait(60).apply(Event::Adopted(adoption(&moved)));
    assert_eq!(resolution(&play), Some(Resolution::Removed));
    assert_eq!(play.check("orders/anonymous").incident, None);
}

#[test]
fn a_rejected_password_that_is_held_back_is_a_lockout_without_a_second_rejection() {
    let mut play = Play::of(TOLD);
    play.meets("orders/valid", answer(401));
    assert_eq!(play.open(), []);
    play.wait(60).hold("orders/valid", 900);
    let open = play.open();
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!(play.newest().reason, Reason::CredentialRejected);
}

#[test]
fn a_hold_alone_is_no_lockout() {
    let mut play = Play::of(TOLD);
    play.meets("orders/valid", answer(200));
    play.wait(60).hold("orders/valid", 900);
    assert_eq!(play.open(), []);
}

#[test]
fn no_verdict_becomes_too_old_while_the_program_ends() {
    let mut play = Play::of(TOLD);
    play.meets("orders/anonymous", answer(401));
    play.apply(Event::Stopping);
    assert_eq!(play.wait(600).look_round(), []);
    assert_eq!(play.open(), []);
}

#[test]
fn an_incident_goes_on_in_the_next_run() {
    let mut play = Play::of(TOLD);
    play.meets("orders/anonymous", answer(200));
    let before = play.newest();
    let mut play = play.restarted(TOLD);
    assert_eq!(play.newest(), before);
    assert_eq!(
        play.check("orders/anonymous").incident,
        Some(before.id.clone())
    );
    play.meets("orders/anonymous", answer(200));
    assert_eq!(play.newest().id, before.id);
    play.says();
    assert!(play.reprobes.is_empty());
}

#[test]
fn a_verdict_that_has_become_too_old_is_an_incident_at_once() {
    let mut play = Play::of(TOLD);
    play.meets("orders/anonymous", answer(401));
    play.wait(200).look_round();
    let expected = (
        "orders/anonymous".to_owned(),
        Class::Internal,
        Reason::NotProbed,
    );
    assert!(play.open().contains(&expected), "{:?}", play.open());
}

#[test]
fn an_expiring_certificate_opens_one_incident_at_one_check() {
    let mut play = Play::of(TOLD);
    for _ in 0..3 {
        play.wait(60);
        for id in ["orders/valid", "orders/anonymous", "orders/invalid"] {
            let status = if id == "orders/valid" { 200 } else { 401 };
            play.meets(id, with_certificate(answer(status), 3));
        }
    }
    let open = play.open();
    let reasons: Vec<Reason> = open.iter().map(|it| it.2).collect();
    assert_eq!(reasons, [Reason::CertificateExpiring], "{open:?}");
}

#[test]
fn a_graver_class_at_the_same_check_opens_its_own_incident() {
    let mut play = Play::of(TOLD);
    for _ in 0..2 {
        play.wait(60).meets("orders/anonymous", answer(403));
    }
    let first = play.newest().id.clone();
    play.wait(60).meets("orders/anonymous", answer(200));
    let classes: Vec<Class> = play.open().iter().map(|it| it.1).collect();
    assert_eq!(classes.len(), 2);
    let shown = play.check("orders/anonymous").incident.clone().unwrap();
    assert_ne!(shown, first);
    assert_eq!(shown, play.newest().id);
}
