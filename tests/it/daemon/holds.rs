//! Rest that an endpoint or an account asked for.

use serde_json::Value;

use super::{PASSWORD, USER, config, scene, scene_of, triad};
use crate::support::daemon::Daemon;
use crate::support::lab::{Answer, Lab, Request, door};

/// A lab that has had enough of made-up users.
fn weary_lab() -> Lab {
    let lab = Lab::http();
    lab.route("/orders", |request| {
        if is_made_up(request) {
            return Answer::status(429).header("Retry-After", "1800");
        }
        door::basic("orders", USER, PASSWORD)(request)
    });
    lab
}

fn is_made_up(request: &Request) -> bool {
    let pair = request.basic();
    pair.is_some_and(|(user, _)| user.starts_with("authvigil-nobody-"))
}

#[test]
fn a_rate_limit_holds_back_what_must_be_refused_and_nothing_else() {
    let lab = weary_lab();
    let daemon = Daemon::start(scene_of(&lab));
    daemon.until_reasons(&[
        ("orders/anonymous", "pass"),
        ("orders/invalid", "rate_limited"),
        ("orders/valid", "pass"),
    ]);
    daemon.until_probed("orders/anonymous", 2);
    daemon.until_probed("orders/valid", 2);
    let shown = lab.requests().iter().filter(|it| is_made_up(it)).count();
    assert_eq!(shown, 1);
}

#[test]
fn a_rate_limit_is_shown_with_its_end() {
    let lab = weary_lab();
    let daemon = Daemon::start(scene_of(&lab));
    let held = daemon.until_some("it is held", || {
        let held = daemon.result("orders/invalid")["held_until"].clone();
        (!held.is_null()).then_some(held)
    });
    let time = |value: &Value| value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let status = daemon.status();
    let left = time(&held)
        .duration_since(time(&status["taken_at"]))
        .as_secs();
    assert!((1700..=1800).contains(&left), "{left} s");
    assert_eq!(daemon.result("orders/anonymous")["held_until"], Value::Null);
}

#[test]
fn turns_that_are_held_back_are_counted() {
    let lab = weary_lab();
    let daemon = Daemon::start(scene_of(&lab));
    let held_back = || {
        let metrics = daemon.metrics();
        metrics.value("authvigil_probes_skipped_total", &[("cause", "held_back")])
    };
    daemon.until("two of them", || held_back() >= Some(2.0));
}

#[test]
fn a_hold_outlives_a_restart() {
    let lab = weary_lab();
    let daemon = Daemon::start(scene_of(&lab));
    daemon.until("it is held", || {
        !daemon.result("orders/invalid")["held_until"].is_null()
    });
    let daemon = Daemon::start(daemon.stop().scene);
    daemon.until_probed("orders/anonymous", 2);
    let shown = lab.requests().iter().filter(|it| is_made_up(it)).count();
    assert_eq!(shown, 1);
}

/// How often the password was shown.
fn shown(lab: &Lab) -> usize {
    let requests = lab.requests();
    let pairs = requests.iter().filter_map(Request::basic);
    pairs.filter(|(user, _)| user == USER).count()
}

#[test]
fn a_password_is_not_shown_again_after_four_rejections_over_all_its_endpoints() {
    let lab = Lab::http();
    for path in ["/orders", "/twin"] {
        lab.route(path, door::basic("orders", USER, "another-word"));
    }
    let endpoints = [
        triad("orders", &lab.url("/orders")),
        triad("twin", &lab.url("/twin")),
    ];
    let daemon = Daemon::start(scene(&config("", &endpoints)));
    daemon.until("both are held", || {
        let held = |id| !daemon.result(id)["held_until"].is_null();
        held("orders/valid") && held("twin/valid")
    });
    assert_eq!(shown(&lab), 4);
    daemon.until_reasons(&[("orders/valid", "not_probed"), ("twin/valid", "not_probed")]);
    assert_eq!(shown(&lab), 4);
    daemon.until_reasons(&[("orders/anonymous", "pass"), ("orders/invalid", "pass")]);
}

#[test]
fn a_password_that_was_rejected_is_shown_again_once_it_is_another() {
    let lab = Lab::http();
    lab.route("/orders", door::basic("orders", USER, "another-word"));
    let daemon = Daemon::start(scene_of(&lab));
    daemon.until("it is held", || {
        !daemon.result("orders/valid")["held_until"].is_null()
    });
    daemon.scene.write("password", "another-word");
    daemon.until_reasons(&[("orders/valid", "pass")]);
    assert_eq!(daemon.result("orders/valid")["held_until"], Value::Null);
}

#[test]
fn a_rejected_password_stays_held_over_a_restart_until_it_is_another() {
    let lab = Lab::http();
    lab.route("/orders", door::basic("orders", USER, "another-word"));
    let daemon = Daemon::start(scene_of(&lab));
    daemon.until("it is held", || {
        !daemon.result("orders/valid")["held_until"].is_null()
    });
    let before = daemon.result("orders/valid")["held_until"].clone();
    // A hold that began with the next start would end so much later.
    daemon.until_probed("orders/anonymous", 2);
    let daemon = Daemon::start(daemon.stop().scene);
    daemon.until_probed("orders/anonymous", 2);
    assert_eq!(shown(&lab), 4);
    let held = daemon.result("orders/valid")["held_until"].clone();
    let time = |value: &Value| value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let apart = time(&held).duration_since(time(&before)).abs().as_secs();
    assert!(apart < 2, "{before}, {held}");
    daemon.scene.write("password", "another-word");
    daemon.until_reasons(&[("orders/valid", "pass")]);
}
