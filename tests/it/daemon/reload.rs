//! A configuration is read again on command, and nothing else changes.

use std::fs;
use std::time::Duration;

use nix::sys::signal::Signal;

use super::{
    LOCKED, ONCE, PASSWORD, TIMING, USER, alone, changed, config, locked_lab, scene, scene_of,
    triad,
};
use crate::support::certificates::{Certificate, write_authority};
use crate::support::daemon::Daemon;
use crate::support::lab::{Answer, Lab, door};

const DONE: &str = "the configuration was read again";

/// A configuration that watches the door as `orders`, and once more as `added`.
pub(super) fn longer(lab: &Lab) -> String {
    let url = lab.url("/orders");
    config("", &[triad("orders", &url), alone("added", &url)])
}

#[track_caller]
pub(super) fn until_added(daemon: &Daemon) {
    daemon.until_reasons(&[("added/anonymous", "pass")]);
}

pub(super) fn reloads(daemon: &Daemon) -> usize {
    daemon.log().matches(DONE).count()
}

#[test]
fn a_hangup_reads_the_configuration_again() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    daemon.signal(Signal::SIGHUP);
    daemon.until("the reload", || reloads(&daemon) == 1);
    daemon.until_reasons(&LOCKED);
}

#[test]
fn a_command_reads_the_configuration_again() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    let run = daemon.scene.run(&["reload"]);
    assert_eq!((run.code, run.stdout.trim()), (0, DONE), "{}", run.stderr);
    daemon.until("the reload", || reloads(&daemon) == 1);
}

#[test]
fn a_post_reads_the_configuration_again_where_that_is_allowed() {
    let lab = locked_lab();
    let text = config("", &[triad("orders", &lab.url("/orders"))]);
    let daemon = Daemon::start(scene(
        &text.replace("web: {", "web: {enable_lifecycle: true, "),
    ));
    assert_eq!(daemon.ask("POST", "/-/reload").status, 200);
    daemon.until("the reload", || reloads(&daemon) == 1);
}

#[test]
fn a_post_reads_nothing_where_that_is_not_allowed() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    assert_eq!(daemon.ask("POST", "/-/reload").status, 403);
    daemon.until_reasons(&LOCKED);
    assert_eq!(reloads(&daemon), 0);
}

#[test]
fn what_stays_as_it_is_keeps_what_is_known_of_it() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    daemon.until_reasons(&LOCKED);
    daemon.until_probed("orders/anonymous", 1);
    let (before, probes) = (daemon.status(), daemon.probes("orders/anonymous"));
    daemon.scene.write("authvigil.yaml", longer(&lab));
    until_added(&daemon);
    let after = daemon.status();
    let since = |status: &serde_json::Value| {
        let results = status["results"].as_array().unwrap().iter();
        let orders = results.filter(|result| result["endpoint"] == "orders");
        orders
            .map(|result| result["since"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(since(&after), since(&before));
    assert_eq!(after["started_at"], before["started_at"]);
    assert!(daemon.probes("orders/anonymous") >= probes);
}

/// A daemon over a file that has become faulty.
fn faulty(lab: &Lab) -> Daemon {
    let daemon = Daemon::start(scene_of(lab));
    daemon.until_reasons(&LOCKED);
    let good = fs::read_to_string(daemon.path("authvigil.yaml")).unwrap();
    let bad = changed(&good, "timeout: 2900ms", "timeout: 90s, intervall: 2s");
    daemon.replace("authvigil.yaml", &bad);
    daemon.until("the metric", || reload_metric(&daemon) == Some(0.0));
    daemon
}

fn reload_metric(daemon: &Daemon) -> Option<f64> {
    let metrics = daemon.metrics();
    metrics.value("authvigil_config_last_reload_successful", &[])
}

#[test]
fn a_faulty_file_changes_nothing_but_what_is_said_of_it() {
    let lab = locked_lab();
    let daemon = faulty(&lab);
    daemon.until_probed("orders/anonymous", 2);
    daemon.until_reasons(&LOCKED);
    let errors: Vec<_> = daemon
        .lines()
        .into_iter()
        .filter(|line| line["level"] == "ERROR")
        .collect();
    let [error] = errors.as_slice() else {
        panic!("{errors:?}")
    };
    let said = error["message"].as_str().unwrap();
    assert!(said.contains("authvigil.yaml:1:"), "{said}");
    assert!(
        said.contains("intervall") && said.contains("timeout"),
        "{said}"
    );
    let page = daemon.get("/").body;
    assert!(page.contains("authvigil.yaml:1:"), "{page}");
}

#[test]
fn a_reload_by_command_prints_the_faults() {
    let lab = locked_lab();
    let daemon = faulty(&lab);
    let run = daemon.scene.run(&["reload"]);
    assert_eq!(run.code, 78);
    assert!(run.stderr.contains("authvigil.yaml:1:"), "{}", run.stderr);
    assert!(
        run.stderr.contains("intervall") && run.stderr.contains("timeout"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_mended_file_is_good_again() {
    let lab = locked_lab();
    let daemon = faulty(&lab);
    daemon.scene.write("authvigil.yaml", longer(&lab));
    until_added(&daemon);
    assert_eq!(reload_metric(&daemon), Some(1.0));
    let page = daemon.get("/").body;
    assert!(!page.contains("authvigil.yaml:1:"), "{page}");
}

#[test]
fn a_rotated_secret_counts_without_a_reload_and_without_a_lockout() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    daemon.until_reasons(&LOCKED);
    // The server is told by the same file, so that both change at once; the daemon may still have the
    // old password at hand.
    let file = daemon.path("password");
    lab.route("/orders", move |request| match request.basic() {
        Some((user, word)) if user == USER && fs::read(&file).unwrap() == word.as_bytes() => {
            Answer::status(200)
        }
        _ => door::basic("orders", USER, "nobody's")(request),
    });
    let new = daemon.scene.write("new-password", "rotated-secret");
    fs::rename(new, daemon.path("password")).unwrap();
    daemon.until("the new one is shown", || {
        let requests = lab.requests();
        let shown = requests
            .iter()
            .filter_map(crate::support::lab::Request::basic);
        shown.filter(|(_, word)| word == "rotated-secret").count() > 1
    });
    daemon.until_reasons(&LOCKED);
    let stopped = daemon.stop();
    assert!(
        !stopped.log.contains("credential_rejected"),
        "{}",
        stopped.log
    );
    assert!(!stopped.log.contains(DONE), "{}", stopped.log);
}

#[test]
fn a_reload_loses_no_probe_that_is_under_way() {
    let lab = Lab::http();
    lab.route("/orders", |request| {
        door::basic("orders", USER, PASSWORD)(request).after(Duration::from_millis(300))
    });
    let daemon = Daemon::start_with(scene_of(&lab), &["--log-level", "debug"]);
    for round in 1..=5 {
        let before = lab.requests().len();
        daemon.until("one is under way", || lab.requests().len() > before);
        daemon.signal(Signal::SIGHUP);
        daemon.until("the reload", || reloads(&daemon) == round);
    }
    let stopped = daemon.stop();
    let probed = stopped.log.matches("\"message\":\"probed\"").count();
    let asked = lab.requests().len();
    assert!(probed >= asked, "{probed} of {asked}: {}", stopped.log);
}

#[test]
fn an_endpoint_that_leads_elsewhere_now_is_probed_soon() {
    let (lab, open_lab) = (locked_lab(), Lab::http());
    super::open(&open_lab);
    let seldom = |lab: &Lab| {
        let text = config("", &[triad("orders", &lab.url("/orders"))]);
        changed(&text, TIMING, ONCE)
    };
    let daemon = Daemon::start(scene(&seldom(&lab)));
    daemon.until_reasons(&LOCKED);
    daemon.scene.write("authvigil.yaml", seldom(&open_lab));
    daemon.until_reasons(&[("orders/anonymous", "anonymous_admitted")]);
}

#[test]
fn many_reloads_in_a_row_end_with_the_last_file() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    let short = fs::read_to_string(daemon.path("authvigil.yaml")).unwrap();
    for round in 0..20 {
        let text = if round % 2 == 0 {
            longer(&lab)
        } else {
            short.clone()
        };
        daemon.scene.write("authvigil.yaml", text);
        daemon.signal(Signal::SIGHUP);
        daemon.until_some("an answer", || {
            daemon.status()["results"].as_array().cloned()
        });
    }
    daemon.scene.write("authvigil.yaml", longer(&lab));
    until_added(&daemon);
    daemon.until_reasons(&LOCKED);
    assert_eq!(daemon.stop().code, Some(0));
}

#[test]
fn what_takes_effect_at_the_next_start_is_told() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    let text = longer(&lab)
        .replace("127.0.0.1:0", "127.0.0.2:0")
        .replace(".db}", "-2.db, retention: {max_age: 2h}}");
    daemon.scene.write("authvigil.yaml", text);
    until_added(&daemon);
    let lines = daemon.lines().into_iter();
    let warnings: Vec<String> = lines
        .filter(|line| line["level"] == "WARN")
        .map(|line| line["message"].as_str().unwrap().to_owned())
        .collect();
    for key in ["`web.listen`", "`state.path`", "`state.retention`"] {
        let told = warnings.iter().filter(|warning| warning.contains(key));
        assert_eq!(told.count(), 1, "{key}: {warnings:?}");
    }
    assert_eq!(daemon.stop().code, Some(0));
}

#[test]
fn a_secret_that_comes_later_is_used_without_a_reload() {
    let lab = locked_lab();
    let scene = scene_of(&lab);
    fs::remove_file(scene.path().join("password")).unwrap();
    let daemon = Daemon::start(scene);
    daemon.until_reasons(&[
        ("orders/anonymous", "pass"),
        ("orders/valid", "secret_unavailable"),
    ]);
    daemon.scene.write("password", PASSWORD);
    daemon.until_reasons(&LOCKED);
}

#[test]
fn authorities_that_are_mended_are_trusted_after_a_reload() {
    let lab = Lab::https(Certificate::Valid);
    super::lock(&lab);
    let tls = "tls_config: {ca_file: ca.pem}}";
    let endpoint = triad("orders", &lab.url("/orders")).replace('}', &format!(", {tls}"));
    let scene = scene(&config("", &[endpoint]));
    let stranger = Certificate::SelfSigned.issue();
    scene.write("ca.pem", stranger.certificate_pem());
    let daemon = Daemon::start(scene);
    daemon.until_reasons(&[("orders/anonymous", "certificate_invalid")]);
    write_authority(daemon.scene.path());
    daemon.signal(Signal::SIGHUP);
    daemon.until_reasons(&LOCKED);
}
