//! `notify-test` tells what happened on every way, and its exit code whether all of them worked.

use crate::support::hostile::nobody::ClosedPort;
use crate::support::lab::{Answer, Lab};
use crate::support::program::Scene;
use crate::support::smtp::{Moment, Relay, Script, say};

/// A scene with this `alerting`, whose receivers are all told.
fn scene(sections: &str, receivers: &[(&str, &str)]) -> Scene {
    let listed = |line: fn((&str, &str)) -> String| -> String {
        receivers.iter().map(|receiver| line(*receiver)).collect()
    };
    let list = listed(|(name, ways)| format!("    - {{name: {name}, {ways}}}\n"));
    let routes = listed(|(name, _)| format!("      - {{receiver: {name}}}\n"));
    let first = receivers[0].0;
    Scene::of(&format!(
        "endpoints: [{{name: orders, url: 'http://127.0.0.1:9/'}}]\n\
         alerting:\n{sections}  receivers:\n{list}  route:\n    receiver: {first}\n    routes:\n{routes}"
    ))
}

/// The relay as a configuration has it.
fn smtp(relay: &Relay) -> String {
    let port = relay.address().port();
    format!("  smtp: {{host: 127.0.0.1, port: {port}, tls: none, from: watch@auth.test}}\n")
}

const ONCALL: (&str, &str) = ("oncall", "email: {to: [a@auth.test, b@auth.test]}");

#[test]
fn every_step_of_a_mail_is_told_and_the_mail_says_that_it_is_a_test() {
    let relay = Relay::start(Script::default());
    let run = scene(&smtp(&relay), &[ONCALL]).run(&["notify-test"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    for word in [
        "oncall  email to a@auth.test",
        "oncall  email to b@auth.test",
        "220 relay.test ESMTP",
        "RCPT TO",
        "delivered",
        "2 ways: 2 delivered, 0 not",
    ] {
        assert!(run.stdout.contains(word), "no `{word}`: {}", run.stdout);
    }
    let taken = relay.taken();
    let subjects = taken
        .iter()
        .filter(|mail| mail.content.contains("TEST of the receiver oncall"));
    assert_eq!(subjects.count(), 2, "{taken:?}");
}

#[test]
fn a_recipient_that_is_refused_is_told_in_the_relays_words_and_the_other_gets_its_mail() {
    let refused = say("550 5.1.1 nobody of that name");
    let script = Script::default().at(Moment::Recipient("a@auth.test"), [refused]);
    let relay = Relay::start(script);
    let run = scene(&smtp(&relay), &[ONCALL]).run(&["notify-test"]);
    assert_eq!(run.code, 1, "{}", run.stdout);
    for word in [
        "FAIL",
        "nobody of that name",
        "refused for good",
        "1 delivered, 1 not",
    ] {
        assert!(run.stdout.contains(word), "no `{word}`: {}", run.stdout);
    }
    assert_eq!(relay.taken()[0].to, ["b@auth.test"]);
}

#[test]
fn a_relay_that_is_down_is_told_and_other_ways_are_tried() {
    let closed = ClosedPort::take();
    let smtp = format!(
        "  smtp: {{host: 127.0.0.1, port: {}, tls: none, from: watch@auth.test}}\n",
        closed.address().port()
    );
    let receivers = [(
        "oncall",
        "email: {to: [a@auth.test]}, file: {directory: mail}",
    )];
    let run = scene(&smtp, &receivers).run(&["notify-test"]);
    assert_eq!(run.code, 1, "{}", run.stdout);
    for word in [
        "FAIL",
        "connection",
        "would try again",
        "2 ways: 1 delivered, 1 not",
    ] {
        assert!(run.stdout.contains(word), "no `{word}`: {}", run.stdout);
    }
}

#[test]
fn it_is_told_where_the_file_lies() {
    let scene = scene("", &[("drafts", "file: {directory: mail}")]);
    let run = scene.run(&["notify-test"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    let mut files = std::fs::read_dir(scene.path().join("mail")).unwrap();
    let file = files.next().unwrap().unwrap().file_name();
    let name = file.to_str().unwrap();
    assert!(run.stdout.contains(name), "no `{name}`: {}", run.stdout);
}

#[test]
fn a_webhooks_status_is_told_and_its_url_is_not() {
    let lab = Lab::http();
    lab.route("/hook", |_| Answer::status(500));
    let scene = scene("", &[("tickets", "webhook: {url_file: hook}")]);
    scene.write("hook", lab.url("/hook?key=hush-hush"));
    let run = scene.run(&["notify-test"]);
    assert_eq!(run.code, 1, "{}", run.stdout);
    assert!(run.stdout.contains("500"), "{}", run.stdout);
    assert!(!run.stdout.contains("hush"), "{}", run.stdout);
}

#[test]
fn an_alertmanager_is_posted_a_test() {
    let lab = Lab::http();
    lab.route("/api/v2/alerts", |_| Answer::status(200));
    let ways = format!("alertmanager: {{urls: ['{}']}}", lab.url("/"));
    let run = scene("", &[("prom", &ways)]).run(&["notify-test"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert_eq!(lab.requests().len(), 1);
}

#[test]
fn the_receiver_that_is_named_is_the_only_one_that_is_told() {
    let scene = scene(
        "",
        &[
            ("first", "file: {directory: a}"),
            ("second", "file: {directory: b}"),
        ],
    );
    let run = scene.run(&["notify-test", "second"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    let there = ["a", "b"].map(|name| scene.path().join(name).exists());
    assert_eq!(there, [false, true]);
}

#[test]
fn a_receiver_that_is_not_configured_is_usage_and_nobody_is_told() {
    let scene = scene("", &[("oncall", "file: {directory: mail}")]);
    let run = scene.run(&["notify-test", "oncall", "oncal"]);
    let hint = "no receiver is named `oncal`; did you mean `oncall`?";
    assert_eq!((run.code, run.stdout.as_str()), (64, ""));
    assert!(run.stderr.contains(hint), "{}", run.stderr);
    assert!(!scene.path().join("mail").exists());
}

#[test]
fn where_nobody_is_told_anything_there_is_nothing_to_test() {
    let scene = Scene::of("endpoints: [{name: orders, url: 'http://127.0.0.1:9/'}]\n");
    let run = scene.run(&["notify-test"]);
    assert_eq!((run.code, run.stdout.as_str()), (64, ""));
    assert!(
        run.stderr.contains("no receiver is configured"),
        "{}",
        run.stderr
    );
}
