//! Ends, orderly and not, and what the next start knows.

use std::net::TcpListener;
use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::Value;

use super::{
    BRISK, LOCKED, OPEN, TIMING, changed, config, lock, locked_lab, open, scene, scene_of, triad,
};
use crate::support::daemon::{Daemon, STATE};
use crate::support::hostile::{Hostile, How, Script, Stage};
use crate::support::lab::Request;
use crate::support::program::Scene;

/// Longer than an end takes that waits for nobody.
const SOON: Duration = Duration::from_secs(8);

#[test]
fn a_signal_to_stop_ends_it_soon_and_in_good_order() {
    let lab = locked_lab();
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let daemon = Daemon::start(scene_of(&lab));
        daemon.until_reasons(&LOCKED);
        daemon.signal(signal);
        let stopped = daemon.ended();
        assert_eq!(stopped.code, Some(0), "{signal}: {}", stopped.log);
        assert!(stopped.took < SOON, "{signal}: {:?}", stopped.took);
        let whole = |end: &str| stopped.scene.path().join(format!("{STATE}{end}")).exists();
        assert_eq!([whole(""), whole("-wal")], [true, false], "{signal}");
    }
}

#[test]
fn a_second_sigterm_ends_it_at_once() {
    let hanging = Hostile::start(Script::Stops(Stage::Connect, How::Hang));
    let endpoint = format!(
        "  - {{name: slow, url: '{}', interval: 60s, timeout: 50s}}\n",
        hanging.url()
    );
    let daemon = Daemon::start(scene(&config("", &[endpoint])));
    daemon.until("a probe is under way", || {
        daemon.metrics().value("authvigil_probes_in_flight", &[]) == Some(1.0)
    });
    daemon.signal(Signal::SIGTERM);
    daemon.until("it stops", || daemon.log().contains("stopping"));
    let stopped = daemon.stop();
    assert_eq!(stopped.code, Some(0), "{}", stopped.log);
    assert!(stopped.took < SOON, "{:?}", stopped.took);
}

/// The state of every check as the first look after a start shows it.
fn first_look(scene: Scene) -> (Daemon, Value) {
    let daemon = Daemon::begin(scene, &[]);
    let status = daemon.status();
    (daemon, status)
}

/// What is known of each check: its verdict, the reason, and since when.
fn known(status: &Value) -> Vec<[Value; 4]> {
    let results = status["results"].as_array().unwrap().iter();
    let known =
        |result: &Value| ["check", "verdict", "reason", "since"].map(|key| result[key].clone());
    results.map(known).collect()
}

#[test]
fn a_restart_goes_on_where_the_last_run_ended() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    daemon.until_reasons(&LOCKED);
    let before = daemon.status();
    let (daemon, first) = first_look(daemon.stop().scene);
    assert_eq!(known(&first), known(&before));
    assert_ne!(first["started_at"], before["started_at"]);
    daemon.until_probed("orders/anonymous", 2);
    assert_eq!(known(&daemon.status()), known(&before));
}

#[test]
fn an_open_door_stays_failing_over_a_restart() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    daemon.until_reasons(&LOCKED);
    open(&lab);
    daemon.until_reasons(&OPEN);
    let before = daemon.status();
    let daemon = Daemon::begin(daemon.stop().scene, &[]);
    let check = [("endpoint", "orders"), ("check", "anonymous")];
    let mut values = Vec::new();
    daemon.until("some more probes", || {
        let metrics = daemon.metrics();
        values.push(metrics.value("authvigil_check_success", &check));
        metrics.sum("authvigil_probes_total", &check) >= 2.0
    });
    assert!(values.iter().all(|value| *value == Some(0.0)), "{values:?}");
    assert_eq!(known(&daemon.status()), known(&before));
}

#[test]
fn a_restart_shows_no_refused_credential_sooner() {
    let lab = locked_lab();
    let text = config("", &[triad("orders", &lab.url("/orders"))]);
    let text = changed(&text, "refused_interval: 3s", "refused_interval: 1h");
    let mut daemon = Daemon::start(scene(&text));
    // Its only probe: what came of it does not matter here.
    daemon.until("it has come back", || {
        daemon.reason("orders/invalid") != "pending"
    });
    for _ in 0..2 {
        daemon = Daemon::start(daemon.stop().scene);
        daemon.until_probed("orders/anonymous", 2);
    }
    let made_up = |request: &Request| {
        let pair = request.basic();
        pair.is_some_and(|(user, _)| user.starts_with("authvigil-nobody-"))
    };
    let shown = lab.requests().iter().filter(|it| made_up(it)).count();
    assert_eq!(shown, 1);
}

#[test]
fn a_kill_at_any_moment_leaves_a_state_that_the_next_start_goes_on_from() {
    let lab = locked_lab();
    let text = config("", &[triad("orders", &lab.url("/orders"))]);
    let mut scene = scene(&changed(&text, TIMING, BRISK));
    let mut seed: u64 = 0x9E37_79B9;
    for round in 0..10 {
        let daemon = Daemon::begin(scene, &[]);
        let status = daemon.status();
        for [check, verdict, reason, since] in known(&status) {
            let sane = match verdict.as_str() {
                None => since.is_null() && reason.is_null(),
                Some("pass") => !since.is_null() && reason.is_null(),
                Some(_) => !since.is_null() && !reason.is_null(),
            };
            assert!(sane, "{round}, {check}: {verdict} {reason} {since}");
        }
        if round % 2 == 0 {
            open(&lab);
        } else {
            lock(&lab);
        }
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let knocks = lab.requests().len() + usize::try_from(seed >> 33 & 7).unwrap();
        daemon.until("so many knocks", || lab.requests().len() >= knocks);
        let killed = daemon.kill();
        assert!(!killed.log.contains("damaged"), "{round}: {}", killed.log);
        scene = killed.scene;
    }
    let daemon = Daemon::start(scene);
    lock(&lab);
    daemon.until_reasons(&LOCKED);
    assert_eq!(daemon.stop().code, Some(0));
}

#[test]
fn a_change_that_was_committed_outlives_a_kill() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    daemon.until_reasons(&LOCKED);
    open(&lab);
    daemon.until_reasons(&OPEN);
    let file = daemon.path(STATE);
    daemon.until("the changes are in the file", || changes(&file) >= 5);
    let before = daemon.status();
    let (_daemon, first) = first_look(daemon.kill().scene);
    assert_eq!(known(&first), known(&before));
}

/// How many changes a state file holds, as seen from outside.
fn changes(file: &std::path::Path) -> u32 {
    let connection = rusqlite::Connection::open(file).unwrap();
    let count = "SELECT count(*) FROM changes";
    connection.query_row(count, [], |row| row.get(0)).unwrap()
}

#[test]
fn a_second_daemon_with_the_same_state_file_does_not_start() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    let second = daemon.scene.run(&["run"]);
    assert_eq!(second.code, 70, "{}", second.stderr);
    assert!(second.stderr.contains("authvigil.db"), "{}", second.stderr);
    assert!(
        second.stderr.contains("another authvigil"),
        "{}",
        second.stderr
    );
    daemon.until_reasons(&LOCKED);
    // It took nothing from the first one.
    assert_eq!(daemon.scene.run(&["reload"]).code, 0);
}

#[test]
fn a_port_that_is_taken_is_named() {
    let lab = locked_lab();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let text = config("", &[triad("orders", &lab.url("/orders"))]);
    let run = scene(&text.replace("127.0.0.1:0", &address)).run(&["run"]);
    assert_eq!(run.code, 70);
    assert!(run.stderr.contains(&address), "{}", run.stderr);
    assert_eq!(lab.requests().len(), 0);
}

#[test]
fn a_faulty_configuration_is_told_with_all_faults_and_nothing_is_sent() {
    let lab = locked_lab();
    let text = config("", &[triad("orders", &lab.url("/orders"))]);
    let text = changed(&text, "timeout: 2900ms", "timeout: 90s, intervall: 2s");
    let run = scene(&text).run(&["run"]);
    assert_eq!(run.code, 78);
    assert!(
        run.stderr.contains("intervall") && run.stderr.contains("`timeout`"),
        "{}",
        run.stderr
    );
    assert_eq!(lab.requests().len(), 0);
}
