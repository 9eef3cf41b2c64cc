//! An identity provider that is down is one thing that is wrong, however much waits for it.

use std::fmt::Write as _;

use super::{BOTH, by_mail, incidents, mails_to};
use crate::daemon::{BRISK, TIMING, changed, config};
use crate::support::daemon::Daemon;
use crate::support::lab::{Answer, Lab, door};
use crate::support::letter::Letter;
use crate::support::program::Scene;
use crate::support::smtp::{Relay, Script};

/// How many endpoints want a token of the same provider.
const ENDPOINTS: usize = 5;

/// The check of the provider itself.
const PROVIDER: &str = "token.billing/token";

/// A provider whose tokens hold for so short a time that each probe needs another one.
fn give_tokens(lab: &Lab) {
    lab.route("/token", |_| {
        Answer::status(200).json(r#"{"access_token":"t0ken-of-the-lab","expires_in":1}"#)
    });
}

fn give_none(lab: &Lab) {
    lab.route("/token", |_| Answer::status(503));
}

/// Endpoints that are probed each second, with a token of the lab's.
fn watching(lab: &Lab, relay: &Relay) -> Scene {
    lab.route("/api", door::bearer("api", "t0ken-of-the-lab"));
    give_tokens(lab);
    let endpoints = (0..ENDPOINTS).map(|at| {
        let url = lab.url("/api");
        format!("  - {{name: api{at}, url: '{url}', credential: billing}}\n")
    });
    let text = config(&by_mail(relay), &endpoints.collect::<Vec<_>>());
    let mut billing = String::from("credentials: {billing: {oauth2: {client_id: watch, ");
    write!(
        billing,
        "token_url: '{}', client_secret_file: client}}}}, ",
        lab.url("/token")
    )
    .unwrap();
    let text = changed(&text, "credentials: {", &billing);
    let scene = Scene::of(&changed(&text, TIMING, BRISK));
    scene.write("password", "not needed");
    scene.write("client", "s3cret-of-the-client");
    scene
}

/// The mails about lockouts that the first of them got.
fn lockouts(relay: &Relay) -> Vec<Letter> {
    let mut mails = mails_to(relay, BOTH[0]);
    mails.retain(|mail| mail.subject().contains("lockout"));
    mails
}

#[test]
fn identity_provider_that_is_down_makes_one_mail_and_one_of_its_recovery() {
    let (lab, relay) = (Lab::http(), Relay::start(Script::default()));
    let daemon = Daemon::start(watching(&lab, &relay));
    let valid: Vec<String> = (0..ENDPOINTS).map(|at| format!("api{at}/valid")).collect();
    let all = |reason| {
        let waiting = valid.iter().map(|id| (id.as_str(), reason));
        waiting.chain([(PROVIDER, reason)]).collect::<Vec<_>>()
    };
    daemon.until_reasons(&all("pass"));
    give_none(&lab);
    daemon.until_reasons(&all("token_unavailable"));
    daemon.until("the mail", || !lockouts(&relay).is_empty());
    // Time enough for each of those that wait to be confirmed as well.
    daemon.until_probed("api0/anonymous", 4);
    give_tokens(&lab);
    daemon.until("the mail of the recovery", || lockouts(&relay).len() > 1);
    daemon.until_reasons(&all("pass"));
    let told = incidents(&daemon);
    let lockout: Vec<_> = told.iter().filter(|it| it["class"] == "lockout").collect();
    let named: Vec<_> = lockout
        .iter()
        .map(|it| (it["endpoint"].as_str(), it["reason"].as_str()))
        .collect();
    assert_eq!(named, [(Some("token.billing"), Some("token_unavailable"))]);
    daemon.stop();
    let mails = lockouts(&relay);
    let subjects: Vec<_> = mails.iter().map(Letter::subject).collect();
    let [opened, ended] = subjects.as_slice() else {
        panic!("{subjects:?}")
    };
    let firing = format!("CRITICAL lockout {PROVIDER}");
    assert!(opened.contains(&firing), "{opened}");
    assert!(ended.contains("RESOLVED"), "{ended}");
    let named = mails[0].text.replace('\n', " ");
    assert!(named.contains("5 checks depend on it"), "{named}");
}

#[test]
fn token_endpoint_is_watched_like_any_other_check() {
    let (lab, relay) = (Lab::http(), Relay::start(Script::default()));
    let daemon = Daemon::start(watching(&lab, &relay));
    daemon.until_reasons(&[(PROVIDER, "pass")]);
    let result = daemon.result(PROVIDER);
    assert_eq!(result["tokens_of"], "billing");
    assert_eq!(result["observation"]["status"], 200);
    let page = daemon.get("/endpoints/token.billing");
    assert_eq!(page.status, 200);
    assert!(
        page.body
            .contains("where the tokens of <b>billing</b> come from")
    );
    let metrics = daemon.get("/metrics").body;
    let success = r#"authvigil_check_success{endpoint="token.billing",check="token"} 1"#;
    assert!(metrics.contains(success), "{metrics}");
}

#[test]
fn single_run_says_at_each_check_that_there_is_no_token() {
    let (lab, relay) = (Lab::http(), Relay::start(Script::default()));
    let scene = watching(&lab, &relay);
    give_none(&lab);
    let report = scene.check();
    assert_eq!(report.results().len(), 3 * ENDPOINTS);
    assert_eq!(report.reason("api0/valid"), "token_unavailable");
    assert_eq!(report.advice("api0/invalid"), ["control_failing"]);
}
