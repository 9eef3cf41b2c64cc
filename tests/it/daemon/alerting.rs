//! From a door that opens to the mail about it, and back.

mod crash;
mod mails;
mod nasty;
mod passwords;
mod tokens;
mod trouble;
mod ways;

use serde_json::Value;

use super::{BRISK, TIMING, changed, config, scene, triad};
use crate::support::daemon::Daemon;
use crate::support::lab::Lab;
use crate::support::letter::Letter;
use crate::support::program::Scene;
use crate::support::smtp::Relay;

/// Both who are told.
const BOTH: [&str; 2] = ["a@auth.test", "b@auth.test"];

/// Routes that make nobody wait.
const ROUTE: &str =
    "  route: {receiver: oncall, group_wait: 1s, group_interval: 2s, repeat_interval: 4h}\n";

/// `alerting` with a relay that mails go to, for both.
fn by_mail(relay: &Relay) -> String {
    let port = relay.address().port();
    format!(
        "alerting:\n  \
         smtp: {{host: 127.0.0.1, port: {port}, tls: none, from: authvigil <watch@auth.test>}}\n  \
         receivers: [{{name: oncall, email: {{to: [{}]}}}}]\n{ROUTE}",
        BOTH.join(", ")
    )
}

/// A configuration that watches the door of a lab each second, and tells so.
fn brisk(lab: &Lab, alerting: &str) -> String {
    let text = config(alerting, &[triad("orders", &lab.url("/orders"))]);
    changed(&text, TIMING, BRISK)
}

/// The scene of it.
fn mailing(lab: &Lab, relay: &Relay) -> Scene {
    scene(&brisk(lab, &by_mail(relay)))
}

/// The mails that somebody got, in the order in which they came.
fn mails_to(relay: &Relay, to: &str) -> Vec<Letter> {
    let taken = relay.taken().into_iter();
    let own = taken.filter(|mail| mail.to == [to]);
    own.map(|mail| Letter::read(&mail.content)).collect()
}

/// The mails about a check that somebody got, with these words in the subject.
fn mails_of(relay: &Relay, to: &str, check: &str, words: &str) -> Vec<Letter> {
    let mut mails = mails_to(relay, to);
    mails.retain(|mail| mail.subject().contains(check) && mail.subject().contains(words));
    mails
}

/// The first mail about the anonymous check with these words, once it has come.
#[track_caller]
fn await_mail(daemon: &Daemon, relay: &Relay, to: &str, words: &str) -> Letter {
    daemon.until_some(&format!("{words} for {to}"), || {
        mails_of(relay, to, "orders/anonymous", words)
            .into_iter()
            .next()
    })
}

/// Everything about incidents, open and ended.
fn incidents(daemon: &Daemon) -> Vec<Value> {
    let answer = daemon.get("/api/v1/incidents");
    assert_eq!(answer.status, 200, "{}", answer.body);
    let document: Value = serde_json::from_str(&answer.body).unwrap();
    document["incidents"].as_array().unwrap().clone()
}

/// The incident of a check, if it has one.
fn incident_of(daemon: &Daemon, check: &str) -> Option<Value> {
    incidents(daemon)
        .into_iter()
        .find(|incident| incident["check"] == check)
}

/// The states of deliveries of the first notice of an incident, by address.
fn deliveries(daemon: &Daemon, check: &str) -> Vec<(String, String)> {
    let Some(incident) = incident_of(daemon, check) else {
        return Vec::new();
    };
    let notices = incident["notices"].as_array().unwrap();
    let Some(first) = notices.iter().find(|it| it["occasion"] == "opened") else {
        return Vec::new();
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let deliveries = first["deliveries"].as_array().unwrap().iter();
    deliveries
        .map(|it| (text(&it["address"]), text(&it["state"])))
        .collect()
}
