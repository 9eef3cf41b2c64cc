//! Safety for accounts, over endpoints, restarts and schemes: no server that counts failures locks one.

mod vault;

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use authvigil::config;
use authvigil::domain::status::cadence;

use self::vault::{PASSWORD, Scheme, USER, Vault, WRONG};
use crate::support::daemon::{Daemon, STATE};
use crate::support::lab::{Answer, Lab};
use crate::support::program::Scene;

/// Endpoints that one credential opens.
const MANY: usize = 50;

/// What is safe: a server locks an account after the fifth.
const MOST: usize = 4;

/// A scene with so many endpoints of one vault, at each of which the holder and nobody knock.
fn scene(vault: &Vault, endpoints: usize, password: &str) -> Scene {
    let mut text = format!(
        "global: {{interval: 5s, timeout: 4s}}\nweb: {{listen: '127.0.0.1:0'}}\n\
         state: {{path: {STATE}}}\ncredentials:\n  reader: {{{}: {{username: {USER}, \
         password_file: password}}}}\nendpoints:\n",
        vault.scheme.kind(),
    );
    for at in 0..endpoints {
        let url = vault.url(at);
        writeln!(
            text,
            "  - {{name: e{at}, url: '{url}', checks: [{{as: anonymous}}, {{as: reader}}]}}"
        )
        .unwrap();
    }
    let scene = Scene::of(&text);
    scene.write("password", password);
    scene
}

/// How many of the holder's checks came to this.
fn holders(daemon: &Daemon, reason: &str) -> usize {
    let of_holder = |at: &usize| daemon_reason(daemon, *at) == reason;
    (0..MANY).filter(of_holder).count()
}

fn daemon_reason(daemon: &Daemon, at: usize) -> String {
    daemon.reason(&format!("e{at}/reader"))
}

/// Every incident that was ever opened, with whether it has ended.
fn incidents(daemon: &Daemon) -> Vec<(String, bool)> {
    let answer = daemon.get("/api/v1/incidents");
    let document: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    let all = document["incidents"].as_array().unwrap();
    let told = |one: &serde_json::Value| {
        let reason = one["reason"].as_str().unwrap().to_owned();
        (reason, !one["resolved_at"].is_null())
    };
    all.iter().map(told).collect()
}

/// A rotation that goes wrong: fifty endpoints, a password file with the wrong word, and its mending.
fn a_rotation_gone_wrong_locks_nothing(scheme: Scheme) {
    let vault = Vault::start(scheme, MANY);
    let daemon = Daemon::start(scene(&vault, MANY, PASSWORD));
    daemon.until("all are let in", || holders(&daemon, "pass") == MANY);
    daemon.replace("password", WRONG);
    daemon.until("nothing is risked any more", || vault.failures() == MOST);
    daemon.until_probed("e0/anonymous", 3);
    assert_eq!((vault.failures(), vault.is_locked()), (MOST, false));
    daemon.replace("password", PASSWORD);
    let before = daemon.probes("e0/anonymous");
    daemon.until("all are let in again", || holders(&daemon, "pass") == MANY);
    let turns = daemon.probes("e0/anonymous") - before;
    // One turn that was near, one whole one, and one that looking took.
    assert!(turns <= 3.0, "{turns} turns");
    assert_eq!((vault.failures(), vault.is_locked()), (MOST, false));
    daemon.until("every incident has ended", || {
        incidents(&daemon).iter().all(|(_, has_ended)| *has_ended)
    });
    let locked = |(reason, _): &(String, bool)| reason == "account_locked";
    assert!(!incidents(&daemon).iter().any(locked));
}

#[test]
fn a_rotation_of_a_basic_password_gone_wrong_locks_nothing() {
    a_rotation_gone_wrong_locks_nothing(Scheme::Basic);
}

#[test]
fn a_rotation_of_a_digest_password_gone_wrong_locks_nothing() {
    a_rotation_gone_wrong_locks_nothing(Scheme::Digest);
}

/// A password that goes bad at a server that refuses in a way of its own.
fn a_refusal_of_another_kind_is_counted(refusal: Answer) {
    let vault = Vault::start(Scheme::Basic, 6);
    vault.refuses_by(refusal);
    let scene = scene(&vault, 6, PASSWORD);
    let path = scene.path().join("authvigil.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let text = text.replace(
        "{as: anonymous}",
        "{as: anonymous}, {as: {invalid: reader}}",
    );
    std::fs::write(path, text).unwrap();
    let daemon = Daemon::start(scene);
    for at in 0..6 {
        daemon.until("it is let in, and nobody is", || {
            let refused = daemon.probes(&format!("e{at}/invalid"));
            refused >= 1.0 && daemon_reason(&daemon, at) == "pass"
        });
    }
    daemon.replace("password", WRONG);
    daemon.until("it is held", || {
        !daemon.result("e0/reader")["held_until"].is_null()
    });
    daemon.until_probed("e0/anonymous", 2);
    assert_eq!((vault.failures(), vault.is_locked()), (MOST, false));
}

#[test]
fn a_password_that_meets_a_403_is_held_back_like_any() {
    a_refusal_of_another_kind_is_counted(Answer::status(403));
}

#[test]
fn a_password_whose_refusal_comes_too_late_is_held_back_like_any() {
    let late = Answer::unauthorized("Basic realm=\"vault\"").after(Duration::from_secs(30));
    a_refusal_of_another_kind_is_counted(late);
}

#[test]
fn a_door_that_lets_anybody_in_says_nothing_of_a_password() {
    let vault = Vault::start(Scheme::Basic, 3);
    let open = Lab::http();
    open.route("/", |_| Answer::status(200));
    let scene = scene(&vault, 3, PASSWORD);
    let path = scene.path().join("authvigil.yaml");
    let mut text = std::fs::read_to_string(&path).unwrap();
    let url = open.url("/");
    writeln!(
        text,
        "  - {{name: open, url: '{url}', interval: 1s, timeout: 900ms, checks: [{{as: anonymous}}, \
         {{as: reader}}]}}"
    )
    .unwrap();
    std::fs::write(path, text).unwrap();
    let daemon = Daemon::start(scene);
    daemon.until_probed("open/anonymous", 2);
    daemon.until("the holder is let in", || {
        daemon_reason(&daemon, 0) == "pass"
    });
    daemon.replace("password", WRONG);
    daemon.until("it is held", || {
        !daemon.result("e0/reader")["held_until"].is_null()
    });
    daemon.until_probed("e0/anonymous", 2);
    assert_eq!((vault.failures(), vault.is_locked()), (MOST, false));
}

/// A daemon that is killed the moment its password was rejected, and starts again, and again.
fn starts_in_a_loop_are_no_way_round_the_guard(scheme: Scheme) {
    const STARTS: usize = 8;
    let vault = Vault::start(scheme, 3);
    let mut scene = scene(&vault, 3, WRONG);
    for _ in 0..STARTS {
        let before = vault.failures();
        let daemon = Daemon::begin(scene, &[]);
        daemon.until("a rejection, or a turn without one", || {
            vault.failures() > before || daemon.probes("e0/anonymous") >= 2.0
        });
        scene = daemon.kill().scene;
    }
    let failures = vault.failures();
    assert!((1..=MOST).contains(&failures), "{failures} failures");
    assert!(!vault.is_locked());
}

#[test]
fn a_daemon_that_is_killed_again_and_again_shows_a_basic_password_four_times_in_all() {
    starts_in_a_loop_are_no_way_round_the_guard(Scheme::Basic);
}

#[test]
fn a_daemon_that_is_killed_again_and_again_shows_a_digest_password_four_times_in_all() {
    starts_in_a_loop_are_no_way_round_the_guard(Scheme::Digest);
}

#[test]
fn each_run_of_check_shows_a_rejected_password_four_times_and_no_fifth() {
    for scheme in [Scheme::Basic, Scheme::Digest] {
        let vault = Vault::start(scheme, 12);
        vault.never_locks();
        let scene = scene(&vault, 12, WRONG);
        for run in 1..=2 {
            scene.check();
            assert_eq!(vault.failures(), MOST * run, "{scheme:?}");
        }
    }
}

#[test]
fn a_credential_that_is_away_for_one_reload_comes_back_to_what_was_counted() {
    let vault = Vault::start(Scheme::Basic, 1);
    let scene = scene(&vault, 1, WRONG);
    let with = std::fs::read_to_string(scene.path().join("authvigil.yaml")).unwrap();
    let (head, rest) = with.split_once("credentials:").unwrap();
    let (_, endpoints) = rest.split_once("endpoints:").unwrap();
    let without = format!(
        "{head}endpoints:{}",
        endpoints.replace(", {as: reader}", "")
    );
    let daemon = Daemon::start(scene);
    daemon.until("it is held", || {
        !daemon.result("e0/reader")["held_until"].is_null()
    });
    for text in [&without, &with] {
        daemon.replace("authvigil.yaml", text);
        assert_eq!(daemon.scene.run(&["reload"]).code, 0);
        daemon.until_probed("e0/anonymous", 2);
    }
    assert_eq!((vault.failures(), vault.is_locked()), (MOST, false));
}

#[test]
fn a_server_that_offers_no_digest_rejects_no_password() {
    let lab = Lab::http();
    for at in 0..6 {
        lab.route(&format!("/e{at}"), |_| {
            Answer::unauthorized("Bearer realm=\"lab\"")
        });
    }
    let mut text = format!(
        "credentials:\n  reader: {{digest_auth: {{username: {USER}, password_file: password}}}}\n\
         endpoints:\n"
    );
    for at in 0..6 {
        let url = lab.url(&format!("/e{at}"));
        writeln!(
            text,
            "  - {{name: e{at}, url: '{url}', checks: [{{as: reader}}]}}"
        )
        .unwrap();
    }
    let scene = Scene::of(&text);
    scene.write("password", PASSWORD);
    let report = scene.check();
    // None of them was held back for the sake of the account.
    assert_eq!(lab.requests().len(), 6, "{}", report.run.stdout);
}

#[test]
fn a_holder_that_is_meant_to_be_rejected_knocks_once_in_a_quarter_of_an_hour() {
    let every = |status: &str| {
        let text = format!(
            "credentials:\n  reader: {{basic_auth: {{username: {USER}, password_file: password}}}}\n\
             endpoints:\n  - {{name: e0, url: 'https://e0.example.com/', interval: 60s, checks: \
             [{{as: reader, expect: {{status: {status}}}}}]}}\n"
        );
        let config = config::parse(Path::new("authvigil.yaml"), text).unwrap();
        let endpoint = &config.endpoints[0];
        cadence(endpoint, &endpoint.checks[0])
    };
    let minutes = [15, 15, 1, 1].map(Duration::from_mins);
    assert_eq!(["401", "[401, 403]", "403", "200"].map(every), minutes);
}
