//! A changed challenge is accepted by a person, at a running daemon.

use super::{LOCKED, PASSWORD, USER, assert_refused, config, locked_lab, scene, scene_of, triad};
use crate::support::daemon::Daemon;
use crate::support::lab::{Lab, door};

/// A lab and a daemon that takes a change of the challenge for a failure, after the change.
fn changed_challenge() -> (Lab, Daemon) {
    let lab = locked_lab();
    let endpoint = triad("orders", &lab.url("/orders")).replace("name:", "drift: alert, name:");
    let daemon = Daemon::start(scene(&config("", &[endpoint])));
    daemon.until_reasons(&LOCKED);
    lab.route("/orders", door::basic("elsewhere", USER, PASSWORD));
    daemon.until_reasons(&CHANGED);
    (lab, daemon)
}

const CHANGED: [(&str, &str); 2] = [
    ("orders/anonymous", "challenge_changed"),
    ("orders/invalid", "challenge_changed"),
];

#[test]
fn a_changed_challenge_that_is_accepted_fails_no_more() {
    let (_lab, daemon) = changed_challenge();
    let run = daemon.scene.run(&["accept", "orders"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    daemon.until_reasons(&LOCKED);
}

#[test]
fn what_is_accepted_is_shown_beside_what_was() {
    let (_lab, daemon) = changed_challenge();
    let run = daemon.scene.run(&["accept", "orders/anonymous"]);
    let expected = "orders/anonymous: accepted\n  \
                    before 4xx basic(realm=\"orders\")\n  \
                    now    4xx basic(realm=\"elsewhere\")\n";
    assert_eq!(run.stdout, expected, "{}", run.stderr);
}

#[test]
fn accepting_one_check_leaves_the_others_as_they_are() {
    let (_lab, daemon) = changed_challenge();
    assert_eq!(daemon.scene.run(&["accept", "orders/anonymous"]).code, 0);
    daemon.until_probed("orders/invalid", 2);
    daemon.until_reasons(&[("orders/anonymous", "pass"), CHANGED[1]]);
}

#[test]
fn where_nothing_strange_was_offered_there_is_nothing_to_accept() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    daemon.until_reasons(&LOCKED);
    let run = daemon.scene.run(&["accept", "orders"]);
    let expected = "orders/anonymous: as accepted before\n\
                    orders/invalid: as accepted before\n\
                    orders/valid: no challenge was learnt yet\n\
                    nothing strange was offered: there is nothing to accept\n";
    assert_eq!((run.code, run.stdout.as_str()), (0, expected));
}

#[test]
fn what_is_not_configured_cannot_be_accepted() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    for (name, hint) in [
        (
            "ordrs",
            "no endpoint is named `ordrs`; did you mean `orders`?",
        ),
        (
            "orders/valide",
            "`orders` has no check `valide`; did you mean `valid`?",
        ),
        ("orders/", "`orders` has no check ``"),
    ] {
        assert_refused(&daemon.scene.run(&["accept", name]), hint);
    }
}
