//! Changed challenges: learnt, told and accepted.

use tokio::sync::oneshot;

use super::*;

/// The endpoint, where a change of its challenge is a failure.
fn alerting() -> String {
    TOLD.replace("name: orders,", "name: orders, drift: alert,")
}

/// A refusal with this challenge.
fn refusal(challenge: &str) -> Result<Observation, Unpresentable> {
    answer(401).map(|mut observation| {
        if let Outcome::Answer(answer) = &mut observation.outcome {
            for field in &mut answer.fields {
                if field.name == "www-authenticate" {
                    field.value = challenge.as_bytes().to_vec();
                }
            }
        }
        observation
    })
}

const KNOWN: &str = "Basic realm=\"orders\"";
const OTHER: &str = "Basic realm=\"elsewhere\"";

/// What is accepted at the anonymous check.
fn accepted(play: &Play) -> Vec<String> {
    let baseline = play.check("orders/anonymous").baseline.clone();
    baseline.accepted.iter().map(ToString::to_string).collect()
}

fn accept(play: &mut Play, endpoint: &str, check: Option<&str>) -> Option<Vec<CheckId>> {
    let (reply, mut answer) = oneshot::channel();
    play.apply(Event::Accepted {
        endpoint: Name::parse(endpoint).unwrap(),
        check: check.map(|name| Name::parse(name).unwrap()),
        reply,
    });
    answer.try_recv().unwrap()
}

/// A check that has learnt its challenge and has met another one since.
fn changed() -> Play {
    let mut play = Play::of(&alerting());
    play.meets("orders/valid", answer(200));
    play.meets("orders/anonymous", refusal(KNOWN));
    for _ in 0..2 {
        play.wait(60).meets("orders/anonymous", refusal(OTHER));
    }
    play
}

#[test]
fn the_first_challenge_is_learnt_and_stored() {
    let mut play = Play::of(&alerting());
    play.meets("orders/valid", answer(200));
    play.meets("orders/anonymous", refusal(KNOWN));
    assert_eq!(accepted(&play), ["4xx basic(realm=\"orders\")"]);
    play.says();
    let stored = &play.stored.checks[&id_of("orders/anonymous")];
    assert_eq!(stored.baseline, play.check("orders/anonymous").baseline);
}

#[test]
fn nothing_is_learnt_while_the_holder_is_kept_out() {
    let mut play = Play::of(&alerting());
    play.meets("orders/valid", answer(401));
    play.meets("orders/anonymous", refusal(OTHER));
    assert_eq!(accepted(&play), [""; 0]);
    play.wait(60).meets("orders/valid", answer(200));
    play.meets("orders/anonymous", refusal(KNOWN));
    assert_eq!(accepted(&play), ["4xx basic(realm=\"orders\")"]);
}

#[test]
fn a_changed_challenge_fails_and_is_an_incident_at_the_second_answer() {
    let play = changed();
    let expected = (
        "orders/anonymous".to_owned(),
        Class::Challenge,
        Reason::ChallengeChanged,
    );
    assert_eq!(play.open(), [expected]);
}

#[test]
fn where_it_is_only_recorded_a_changed_challenge_fails_nobody() {
    let mut play = Play::of(TOLD);
    play.meets("orders/anonymous", refusal(KNOWN));
    play.wait(60).meets("orders/anonymous", refusal(OTHER));
    assert_eq!(play.reasons("orders/anonymous"), []);
    assert_eq!(play.check("orders/anonymous").baseline.strange.len(), 1);
}

#[test]
fn what_a_person_accepts_is_no_failure_any_more_and_the_incident_recovers() {
    let mut play = changed();
    let changed = accept(&mut play, "orders", None);
    assert_eq!(changed, Some(vec![id_of("orders/anonymous")]));
    for _ in 0..2 {
        play.wait(60).meets("orders/anonymous", refusal(OTHER));
    }
    assert_eq!(play.reasons("orders/anonymous"), []);
    assert_eq!(play.open(), []);
}

#[test]
fn what_was_accepted_is_stored_without_delay_and_known_to_the_next_run() {
    let mut play = changed();
    play.says();
    accept(&mut play, "orders", Some("anonymous"));
    assert!(play.live.unsaved.is_urgent());
    play.says();
    let mut play = play.restarted_from_disk(&alerting());
    play.meets("orders/anonymous", refusal(OTHER));
    assert_eq!(play.reasons("orders/anonymous"), []);
}

#[test]
fn what_was_learnt_is_held_against_answers_in_the_next_run() {
    let play = changed();
    let mut play = play.restarted(&alerting());
    play.meets("orders/anonymous", refusal(OTHER));
    assert_eq!(play.reasons("orders/anonymous"), [Reason::ChallengeChanged]);
}

#[test]
fn what_is_not_there_cannot_be_accepted() {
    let mut play = changed();
    assert_eq!(accept(&mut play, "other", None), None);
    assert_eq!(accept(&mut play, "orders", Some("other")), None);
    assert_eq!(accept(&mut play, "orders", Some("valid")), Some(Vec::new()));
}

#[test]
fn a_check_that_asks_something_else_learns_anew() {
    let mut play = changed();
    let moved = alerting().replace("example.com/", "example.com/new");
    play.apply(Event::Adopted(adoption(&moved)));
    play.wait(60).meets("orders/valid", answer(200));
    play.meets("orders/anonymous", refusal(OTHER));
    assert_eq!(accepted(&play), ["4xx basic(realm=\"elsewhere\")"]);
    assert_eq!(play.reasons("orders/anonymous"), []);
}
