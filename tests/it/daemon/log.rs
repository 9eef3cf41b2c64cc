//! What the daemon logs.

use serde_json::Value;

use super::{
    BRISK, LOCKED, ONCE, OPEN, TIMING, alone, changed, config, locked_lab, open, scene, scene_of,
    triad,
};
use crate::support::daemon::Daemon;

/// The lines that tell of a change of one check.
fn changes(daemon: &Daemon, check: &str) -> Vec<Value> {
    let lines = daemon.lines().into_iter();
    lines
        .filter(|line| line["message"] == "verdict changed" && line["check"] == check)
        .collect()
}

#[test]
fn a_change_of_verdict_is_one_line() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    daemon.until_reasons(&LOCKED);
    open(&lab);
    daemon.until_reasons(&OPEN);
    daemon.until_probed("orders/anonymous", 2);
    let told = changes(&daemon, "anonymous");
    let [first, second] = told.as_slice() else {
        panic!("{told:?}")
    };
    assert_eq!(
        (&first["verdict"], &first["before"]),
        (&"pass".into(), &"pending".into())
    );
    let told = [
        "level", "endpoint", "check", "persona", "verdict", "before", "finding", "severity",
        "expected", "saw",
    ]
    .map(|key| second[key].as_str().unwrap_or("nothing"));
    let result = daemon.result("orders/anonymous");
    let of_finding = |key: &str| result["findings"][0][key].as_str().unwrap().to_owned();
    assert_eq!(
        told,
        [
            "INFO",
            "orders",
            "anonymous",
            "anonymous",
            "fail",
            "pass",
            "anonymous_admitted",
            "critical",
            &of_finding("expected"),
            &of_finding("saw"),
        ]
    );
}

#[test]
fn each_probe_is_one_line_for_whoever_wants_them() {
    let lab = locked_lab();
    let text = config("", &[triad("orders", &lab.url("/orders"))]);
    let scene = scene(&changed(&text, TIMING, ONCE));
    let daemon = Daemon::start_with(scene, &["--log-level", "debug"]);
    daemon.until_reasons(&LOCKED);
    let stopped = daemon.stop();
    let lines = stopped
        .log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let probed: Vec<Value> = lines.filter(|line| line["message"] == "probed").collect();
    assert_eq!(probed.len(), lab.requests().len(), "{}", stopped.log);
    for line in probed {
        assert_eq!(
            (&line["endpoint"], &line["verdict"]),
            (&"orders".into(), &"pass".into())
        );
        assert!(
            line["seconds"].as_f64().is_some_and(|it| it > 0.0),
            "{line}"
        );
    }
}

#[test]
fn no_probe_is_a_line_for_whoever_did_not_ask() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    daemon.until_reasons(&LOCKED);
    daemon.until_probed("orders/anonymous", 2);
    let stopped = daemon.stop();
    assert!(!stopped.log.contains("probed\""), "{}", stopped.log);
    // Start and stop, and three verdicts.
    assert!(stopped.log.lines().count() < 10, "{}", stopped.log);
}

#[test]
fn a_log_for_people_is_text() {
    let lab = locked_lab();
    let daemon = Daemon::start_with(scene_of(&lab), &["--log-format", "text"]);
    daemon.until_reasons(&LOCKED);
    let stopped = daemon.stop();
    for line in stopped.log.lines() {
        assert!(!line.starts_with('{') && line.contains(" INFO "), "{line}");
    }
    assert!(stopped.log.contains("verdict changed"), "{}", stopped.log);
}

#[test]
fn a_log_that_nobody_reads_hides_no_open_door() {
    let lab = locked_lab();
    let endpoint = |at| alone(&format!("e{at}"), &lab.url("/orders"));
    let endpoints: Vec<String> = (0..150).map(endpoint).collect();
    let config = changed(&config("", &endpoints), TIMING, BRISK);
    let daemon = Daemon::start_with(scene(&config), &["--log-level", "debug"]);
    let unread = daemon.unread();
    // Far more lines than a pipe has room for.
    daemon.until("much is logged", || {
        daemon.metrics().sum("authvigil_probes_total", &[]) > 1500.0
    });
    open(&lab);
    daemon.until("the door is seen", || {
        daemon.reason("e7/anonymous") == "anonymous_admitted"
    });
    drop(unread);
}
