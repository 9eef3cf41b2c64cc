//! Each rule of confirmation by an example.
//!
//! Probes are a minute apart; the first one ends at second 60.

use Seen::{Answer, Expiring, Nothing};
use jiff::SignedDuration;

use super::scene::{Scene, Seen, confirm, second, shown};
use crate::domain::endpoint::{Confirm, Strikes};
use crate::domain::finding::{Class, Reason};
use crate::domain::incident::{Reproduced, Transition};

fn pass() -> Seen {
    Answer(Vec::new())
}

fn fail(reason: Reason) -> Seen {
    Answer(vec![reason])
}

fn bypass() -> Seen {
    fail(Reason::AnonymousAdmitted)
}

fn forbidden() -> Seen {
    fail(Reason::ForbiddenInstead)
}

fn malformed() -> Seen {
    fail(Reason::ChallengeMalformed)
}

fn refused_connection() -> Seen {
    Nothing(Some(Reason::ConnectRefused))
}

fn no_secret() -> Seen {
    Nothing(Some(Reason::SecretUnavailable))
}

/// What is said to each of a sequence.
#[track_caller]
fn assert_told<const N: usize>(sequence: [(Seen, &str); N]) {
    assert_told_by(confirm(), sequence);
}

#[track_caller]
fn assert_told_by<const N: usize>(confirm: Confirm, sequence: [(Seen, &str); N]) {
    let (seen, wanted): (Vec<Seen>, Vec<&str>) = sequence.into_iter().unzip();
    assert_eq!(Scene::new(confirm).tell(&seen), wanted);
}

fn strikes(failures: u32, recoveries: u32) -> Strikes {
    Strikes {
        failures,
        recoveries,
    }
}

#[test]
fn a_bypass_opens_at_its_first_answer_and_ends_after_two_good_ones() {
    assert_told([
        (bypass(), "opened bypass for anonymous_admitted since 60"),
        (bypass(), ""),
        (pass(), ""),
        (pass(), "ended bypass, recovered"),
    ]);
}

#[test]
fn a_bypass_is_one_since_it_was_seen_and_not_since_the_lock_began_to_fail() {
    assert_told([
        (forbidden(), ""),
        (bypass(), "opened bypass for anonymous_admitted since 120"),
    ]);
}

#[test]
fn second_failure_in_a_row_opens_an_incident_since_the_first() {
    assert_told([
        (forbidden(), ""),
        (forbidden(), "opened denial for forbidden_instead since 60"),
        (forbidden(), ""),
    ]);
}

#[test]
fn failures_are_counted_over_classes_and_open_those_of_the_last_one() {
    let both = Answer(vec![Reason::ChallengeMalformed, Reason::HeaderMismatch]);
    assert_told([
        (forbidden(), ""),
        (
            both,
            "opened challenge for challenge_malformed since 60; \
             opened response for header_mismatch since 60",
        ),
    ]);
}

#[test]
fn each_class_waits_for_its_own_number_of_failures_whatever_they_are() {
    let mut patient = confirm();
    patient.classes.insert(Class::Challenge, strikes(3, 2));
    let both = || Answer(vec![Reason::ChallengeMalformed, Reason::HeaderMismatch]);
    assert_told_by(
        patient,
        [
            (forbidden(), ""),
            (both(), "opened response for header_mismatch since 60"),
            (both(), "opened challenge for challenge_malformed since 60"),
        ],
    );
}

#[test]
fn an_incident_that_joins_a_long_failure_began_with_those_that_confirmed_it() {
    assert_told([
        (forbidden(), ""),
        (forbidden(), "opened denial for forbidden_instead since 60"),
        (forbidden(), ""),
        (
            malformed(),
            "opened challenge for challenge_malformed since 180",
        ),
    ]);
}

#[test]
fn a_bypass_counts_as_a_failure() {
    assert_told([
        (bypass(), "opened bypass for anonymous_admitted since 60"),
        (forbidden(), "opened denial for forbidden_instead since 60"),
    ]);
}

#[test]
fn a_pass_forgives_the_failures_before_it() {
    assert_told([(forbidden(), ""), (pass(), ""), (forbidden(), "")]);
}

#[test]
fn silence_neither_counts_as_a_failure_nor_forgives_one() {
    assert_told([
        (forbidden(), ""),
        (refused_connection(), ""),
        (no_secret(), ""),
        (forbidden(), "opened denial for forbidden_instead since 60"),
    ]);
}

#[test]
fn third_silence_in_a_row_opens_an_outage_since_the_first() {
    assert_told([
        (refused_connection(), ""),
        (Nothing(Some(Reason::Timeout)), ""),
        (
            refused_connection(),
            "opened outage for connect_refused since 60",
        ),
    ]);
}

#[test]
fn answers_of_5xx_and_429_are_an_outage_as_well() {
    assert_told([
        (refused_connection(), ""),
        (fail(Reason::ServerError), ""),
        (
            fail(Reason::RateLimited),
            "opened outage for rate_limited since 60",
        ),
        (fail(Reason::ServerError), ""),
        (fail(Reason::ServerError), ""),
    ]);
}

#[test]
fn any_other_answer_breaks_a_row_of_silences() {
    for answer in [pass(), forbidden(), Nothing(None)] {
        assert_told([
            (refused_connection(), ""),
            (refused_connection(), ""),
            (answer, ""),
            (refused_connection(), ""),
            (refused_connection(), ""),
        ]);
    }
}

#[test]
fn any_other_answer_counts_towards_the_recovery_of_an_outage() {
    assert_told([
        (refused_connection(), ""),
        (refused_connection(), ""),
        (
            refused_connection(),
            "opened outage for connect_refused since 60",
        ),
        (forbidden(), ""),
        (
            bypass(),
            "opened bypass for anonymous_admitted since 300; ended outage, recovered",
        ),
    ]);
}

#[test]
fn a_lockout_for_want_of_a_token_is_no_answer() {
    let no_token = || Nothing(Some(Reason::TokenUnavailable));
    assert_told([
        (refused_connection(), ""),
        (refused_connection(), ""),
        (no_token(), ""),
        (
            refused_connection(),
            "opened outage for connect_refused since 60",
        ),
        (no_token(), "opened lockout for token_unavailable since 180"),
        (no_token(), ""),
        (no_token(), ""),
    ]);
}

#[test]
fn a_refused_handshake_that_was_expected_is_as_good_as_an_answer() {
    assert_told([
        (bypass(), "opened bypass for anonymous_admitted since 60"),
        (Nothing(None), ""),
        (Nothing(None), "ended bypass, recovered"),
    ]);
}

#[test]
fn faults_of_this_monitor_are_counted_by_themselves() {
    assert_told([
        (refused_connection(), ""),
        (no_secret(), ""),
        (refused_connection(), ""),
        (
            no_secret(),
            "opened internal for secret_unavailable since 120",
        ),
        (
            refused_connection(),
            "opened outage for connect_refused since 60",
        ),
    ]);
}

#[test]
fn a_verdict_that_is_too_old_needs_no_other_one() {
    assert_told([(
        Nothing(Some(Reason::NotProbed)),
        "opened internal for not_probed since 60",
    )]);
}

#[test]
fn an_internal_fault_ends_with_answers_of_any_kind_and_not_with_silence() {
    assert_told([
        (no_secret(), ""),
        (
            no_secret(),
            "opened internal for secret_unavailable since 60",
        ),
        (fail(Reason::ServerError), ""),
        (refused_connection(), ""),
        (
            refused_connection(),
            "opened outage for connect_refused since 180",
        ),
        (forbidden(), "ended internal, recovered"),
    ]);
}

#[test]
fn a_finding_of_the_class_makes_its_recovery_begin_anew() {
    assert_told([
        (forbidden(), ""),
        (forbidden(), "opened denial for forbidden_instead since 60"),
        (pass(), ""),
        (forbidden(), ""),
        (pass(), ""),
        (pass(), "ended denial, recovered"),
    ]);
}

#[test]
fn a_class_recovers_while_another_one_fails() {
    assert_told([
        (forbidden(), ""),
        (forbidden(), "opened denial for forbidden_instead since 60"),
        (
            malformed(),
            "opened challenge for challenge_malformed since 120",
        ),
        (malformed(), "ended denial, recovered"),
    ]);
}

#[test]
fn silence_neither_ends_an_incident_nor_holds_its_end_up() {
    assert_told([
        (bypass(), "opened bypass for anonymous_admitted since 60"),
        (pass(), ""),
        (refused_connection(), ""),
        (no_secret(), ""),
        (pass(), "ended bypass, recovered"),
    ]);
}

#[test]
fn an_incident_that_comes_back_began_after_the_last_one_ended() {
    let patient = Confirm {
        default: strikes(3, 1),
        classes: [].into(),
    };
    assert_told_by(
        patient,
        [
            (forbidden(), ""),
            (forbidden(), ""),
            (forbidden(), "opened denial for forbidden_instead since 60"),
            (
                malformed(),
                "ended denial, recovered; opened challenge for challenge_malformed since 120",
            ),
            (
                forbidden(),
                "opened denial for forbidden_instead since 300; ended challenge, recovered",
            ),
        ],
    );
}

#[test]
fn an_expiring_certificate_opens_an_incident_though_the_verdict_is_a_pass() {
    assert_told([
        (Expiring(Vec::new()), ""),
        (refused_connection(), ""),
        (
            Expiring(Vec::new()),
            "opened response for certificate_expiring since 60",
        ),
        (pass(), ""),
        (Expiring(Vec::new()), ""),
        (pass(), ""),
        (pass(), "ended response, recovered"),
    ]);
}

#[test]
fn an_expiring_certificate_does_not_count_as_a_failure_of_the_lock() {
    assert_told([
        (Expiring(Vec::new()), ""),
        (
            Expiring(vec![Reason::ForbiddenInstead]),
            "opened response for certificate_expiring since 60",
        ),
        (Expiring(Vec::new()), ""),
        (Expiring(vec![Reason::ForbiddenInstead]), ""),
    ]);
}

#[test]
fn failures_of_the_lock_do_not_confirm_an_expiring_certificate() {
    let mut scene = Scene::new(confirm());
    scene.tell(&[forbidden(), forbidden()]);
    assert_eq!(
        scene.tell(&[Expiring(vec![Reason::ForbiddenInstead])]),
        [""]
    );
}

/// Passes until the bypass that re-probes found so is over.
fn passes_needed(reproduced: Reproduced) -> usize {
    let mut scene = Scene::new(confirm());
    scene.tell(&[bypass()]);
    scene.reproduce(reproduced);
    let told = scene.tell(&vec![pass(); 20]);
    1 + told.iter().position(|told| !told.is_empty()).unwrap()
}

#[test]
fn a_bypass_of_some_replicas_takes_ten_good_answers_in_a_row() {
    let rows = [(0, 3, 10), (2, 3, 10), (3, 3, 2), (0, 0, 2)];
    for (again, of, wanted) in rows {
        let reproduced = Reproduced { again, of };
        assert_eq!(passes_needed(reproduced), wanted, "{reproduced}");
    }
}

#[test]
fn a_partial_bypass_is_still_one_after_a_restart() {
    let mut scene = Scene::new(confirm());
    scene.tell(&[bypass()]);
    scene.reproduce(Reproduced { again: 1, of: 3 });
    scene.restart();
    let told = scene.tell(&vec![pass(); 10]);
    assert_eq!(told.concat(), "ended bypass, recovered");
    assert_eq!(told[9], "ended bypass, recovered");
}

#[test]
fn a_check_that_leaves_the_configuration_ends_what_is_open_as_removed() {
    let mut scene = Scene::new(confirm());
    scene.tell(&[forbidden(), forbidden(), bypass()]);
    let told = shown(&scene.casebook.remove());
    assert_eq!(told, "ended bypass, removed; ended denial, removed");
    assert_eq!(scene.casebook.remove(), []);
}

#[test]
fn an_open_incident_does_not_open_again_after_a_restart() {
    let mut scene = Scene::new(confirm());
    scene.tell(&[forbidden(), forbidden()]);
    scene.restart();
    let told = scene.tell(&[forbidden(), forbidden(), pass(), pass()]);
    assert_eq!(told, ["", "", "", "ended denial, recovered"]);
}

/// Every verdict opens or ends something.
fn nervous() -> Confirm {
    Confirm {
        default: strikes(1, 1),
        classes: [].into(),
    }
}

/// Four transitions of the class `denial` within four minutes: it flaps since second 240.
fn flapping() -> Scene {
    let mut scene = Scene::new(nervous());
    let told = scene.tell(&[forbidden(), pass(), forbidden(), pass()]);
    assert_eq!(told[3], "ended denial, recovered; flapping denial");
    scene
}

#[test]
fn fourth_transition_within_an_hour_is_flapping() {
    let mut scene = Scene::new(nervous());
    scene.interval = SignedDuration::from_mins(20);
    let told = scene.tell(&[forbidden(), pass(), forbidden(), pass()]);
    assert_eq!(told[3], "ended denial, recovered; flapping denial");
}

#[test]
fn four_transitions_in_more_than_an_hour_are_not_flapping() {
    let mut scene = Scene::new(nervous());
    scene.interval = SignedDuration::from_mins(20) + SignedDuration::from_secs(1);
    let told = scene.tell(&[forbidden(), pass(), forbidden(), pass()]);
    assert_eq!(told[3], "ended denial, recovered");
}

#[test]
fn what_flaps_still_opens_and_ends_and_says_only_once_that_it_flaps() {
    let told = flapping().tell(&[forbidden(), pass()]);
    assert_eq!(
        told,
        [
            "opened denial for forbidden_instead since 300",
            "ended denial, recovered"
        ]
    );
}

#[test]
fn half_an_hour_without_a_transition_is_calm() {
    let mut scene = flapping();
    let calm_at = second(240 + 30 * 60);
    assert_eq!(scene.casebook.calm_at(), Some(calm_at));
    assert_eq!(
        scene.casebook.look(calm_at - SignedDuration::from_secs(1)),
        []
    );
    let class = Class::Denial;
    assert_eq!(scene.casebook.look(calm_at), [Transition::Calm { class }]);
    assert_eq!(scene.casebook.calm_at(), None);
}

#[test]
fn a_verdict_after_the_calm_says_first_that_it_was_calm() {
    let mut scene = flapping();
    scene.now += SignedDuration::from_mins(30);
    assert_eq!(
        scene.tell(&[forbidden()]),
        ["calm denial; opened denial for forbidden_instead since 2100"]
    );
}

#[test]
fn after_the_calm_it_takes_four_transitions_again() {
    let mut scene = flapping();
    scene.now += SignedDuration::from_mins(30);
    let told = scene.tell(&[forbidden(), pass(), forbidden(), pass()]);
    assert_eq!(told[2], "opened denial for forbidden_instead since 2220");
    assert_eq!(told[3], "ended denial, recovered; flapping denial");
}

#[test]
fn a_bypass_never_flaps() {
    let mut scene = Scene::new(nervous());
    for _ in 0..10 {
        let told = scene.tell(&[bypass(), pass()]).concat();
        assert!(!told.contains("flapping"), "{told}");
    }
    assert_eq!(scene.casebook.calm_at(), None);
}

#[test]
fn one_class_flaps_by_itself() {
    let mut scene = flapping();
    let told = scene.tell(&[malformed()]);
    assert_eq!(told, ["opened challenge for challenge_malformed since 300"]);
    let flaps = [Class::Denial, Class::Challenge].map(|class| scene.casebook.is_flapping(class));
    assert_eq!(flaps, [true, false]);
}

#[test]
fn what_flaps_goes_on_to_after_a_restart_until_it_is_calm() {
    let mut scene = flapping();
    scene.restart();
    assert_eq!(scene.casebook.calm_at(), Some(second(240 + 30 * 60)));
    assert_eq!(
        scene.tell(&[forbidden()]),
        ["opened denial for forbidden_instead since 300"]
    );
}

#[test]
fn what_was_calm_is_calm_after_a_restart() {
    let mut scene = flapping();
    scene.now += SignedDuration::from_mins(30);
    scene.tell(&[forbidden()]);
    scene.restart();
    assert_eq!(scene.casebook.calm_at(), None);
    assert_eq!(scene.tell(&[pass()]), ["ended denial, recovered"]);
}

#[test]
fn a_check_that_comes_back_to_the_configuration_begins_anew() {
    let mut scene = flapping();
    scene.tell(&[forbidden()]);
    let removed = scene.casebook.remove();
    scene.keep(&removed);
    scene.restart();
    assert_eq!(scene.casebook.calm_at(), None);
    assert!(!scene.casebook.is_open(Class::Denial));
}

#[test]
fn a_clock_that_is_set_back_does_not_make_the_calm_wait_for_it() {
    let mut scene = flapping();
    assert_eq!(scene.casebook.look(second(0)), []);
    assert_eq!(scene.casebook.calm_at(), Some(second(30 * 60)));
}

#[test]
fn an_incident_is_wrong_since_what_the_clock_showed_then() {
    let mut scene = Scene::new(confirm());
    scene.set_back = SignedDuration::from_secs(30);
    assert_eq!(
        scene.tell(&[forbidden(), forbidden()]),
        ["", "opened denial for forbidden_instead since 30"]
    );
}

#[test]
fn no_incident_is_wrong_since_later_than_it_opened() {
    let mut scene = Scene::new(confirm());
    scene.tell(&[forbidden()]);
    scene.set_back = SignedDuration::from_secs(90);
    assert_eq!(
        scene.tell(&[forbidden()]),
        ["opened denial for forbidden_instead since 30"]
    );
}

#[test]
fn what_is_open_is_open_after_a_restart_although_the_clock_was_set_back_before_it_opened() {
    let mut scene = Scene::new(confirm());
    scene.tell(&[bypass(), pass(), pass()]);
    scene.set_back = SignedDuration::from_mins(10);
    scene.tell(&[bypass()]);
    scene.restart();
    assert!(scene.casebook.is_open(Class::Bypass));
}
