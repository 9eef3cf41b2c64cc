//! Webhooks, Alertmanagers and changed challenges, through the whole daemon.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

use super::{BOTH, ROUTE, brisk, by_mail, incident_of, mails_of};
use crate::daemon::{LOCKED, PASSWORD, USER, changed, lock, locked_lab, open, scene};
use crate::support::alertmanager::Alertmanager;
use crate::support::daemon::Daemon;
use crate::support::lab::{Answer, Lab, Request, door};
use crate::support::smtp::{Relay, Script};

const SIGNING: &str = "what-documents-are-signed-with";

/// What a post says of which check.
fn told(request: &Request) -> (String, String) {
    let document: Value = serde_json::from_slice(&request.body).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let check = &document["incidents"][0]["check"];
    (text(&document["notice"]["occasion"]), text(check))
}

/// The first post on this occasion about the anonymous check, once it has come.
fn post(daemon: &Daemon, hook: &Lab, occasion: &str) -> Request {
    daemon.until_some(occasion, || {
        let wanted = (occasion.to_owned(), "anonymous".to_owned());
        let mut requests = hook.requests().into_iter();
        requests.find(|request| told(request) == wanted)
    })
}

#[test]
fn a_webhook_is_posted_the_incident_and_its_end_and_both_are_signed() {
    let (lab, hook) = (locked_lab(), Lab::http());
    hook.route("/hook", |_| Answer::status(204));
    let alerting = format!(
        "alerting:\n  receivers: [{{name: oncall, webhook: {{url_file: hook, secret_file: \
         signing}}}}]\n{ROUTE}"
    );
    let scene = scene(&brisk(&lab, &alerting));
    scene.write("hook", hook.url("/hook"));
    scene.write("signing", SIGNING);
    let daemon = Daemon::start(scene);
    daemon.until_reasons(&LOCKED);
    open(&lab);
    let opened = post(&daemon, &hook, "opened");
    lock(&lab);
    let ended = post(&daemon, &hook, "ended");
    for request in [&opened, &ended] {
        let signature = request.header("x-authvigil-signature").unwrap();
        let (time, digits) = signature.split_once(",v1=").unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(SIGNING.as_bytes()).unwrap();
        mac.update(time.strip_prefix("t=").unwrap().as_bytes());
        mac.update(b".");
        mac.update(&request.body);
        let expected = mac.finalize().into_bytes();
        let expected: Vec<String> = expected.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digits, expected.concat());
    }
    let [first, second] = [&opened, &ended].map(|it| it.header("idempotency-key").unwrap());
    assert_ne!(first, second);
}

#[test]
fn an_alertmanager_has_the_alert_until_the_incident_is_over() {
    let (lab, alertmanager) = (locked_lab(), Alertmanager::start());
    let alerting = format!(
        "alerting:\n  receivers: [{{name: oncall, alertmanager: {{urls: ['{}']}}}}]\n{ROUTE}",
        alertmanager.url()
    );
    let daemon = Daemon::start(scene(&brisk(&lab, &alerting)));
    daemon.until_reasons(&LOCKED);
    open(&lab);
    let alerts = alertmanager.until(|alerts| alerts.len() == 2);
    for alert in &alerts {
        assert_eq!(alert["labels"]["alertname"], "AuthvigilIncident");
        assert_eq!(alert["labels"]["class"], "bypass");
    }
    lock(&lab);
    alertmanager.until(<[Value]>::is_empty);
}

#[test]
fn an_alertmanager_that_forgot_everything_is_told_again_after_a_restart() {
    let (lab, first) = (locked_lab(), Alertmanager::start());
    let alerting = |url: &str| {
        format!(
            "alerting:\n  receivers: [{{name: oncall, alertmanager: {{urls: ['{url}']}}}}]\n{ROUTE}"
        )
    };
    let daemon = Daemon::start(scene(&brisk(&lab, &alerting(&first.url()))));
    daemon.until_reasons(&LOCKED);
    open(&lab);
    first.until(|alerts| alerts.len() == 2);
    let stopped = daemon.stop();
    let second = Alertmanager::start();
    let text = brisk(&lab, &alerting(&second.url()));
    stopped.scene.write("authvigil.yaml", text);
    let _daemon = Daemon::start(stopped.scene);
    second.until(|alerts| alerts.len() == 2);
}

#[test]
fn a_changed_challenge_is_mailed_and_the_command_in_the_mail_mends_it() {
    let (lab, relay) = (locked_lab(), Relay::start(Script::default()));
    let text = brisk(&lab, &by_mail(&relay));
    let text = changed(&text, "{name: orders,", "{drift: alert, name: orders,");
    let daemon = Daemon::start(scene(&text));
    daemon.until_reasons(&LOCKED);
    lab.route("/orders", door::basic("elsewhere", USER, PASSWORD));
    let mails = |words: &str| mails_of(&relay, BOTH[0], "orders", words);
    let mail = daemon.until_some("the change", || mails("challenge").pop());
    assert!(mail.text.contains("elsewhere"), "{}", mail.text);
    let commands = mail.text.lines().map(str::trim);
    let commands: Vec<Vec<&str>> = commands
        .filter_map(|line| Some(line.strip_prefix("authvigil accept ")?.split(' ').collect()))
        .collect();
    assert!(!commands.is_empty(), "{}", mail.text);
    let all = ["orders/anonymous", "orders/invalid"];
    for name in all {
        daemon.until("it has failed", || {
            incident_of(&daemon, &name[7..]).is_some()
        });
        let run = daemon.scene.run(&["accept", name]);
        assert_eq!(run.code, 0, "{}", run.stderr);
    }
    assert!(all.contains(&commands[0][0]), "{commands:?}");
    daemon.until_reasons(&LOCKED);
    daemon.until("the recovery", || !mails("RESOLVED").is_empty());
}
