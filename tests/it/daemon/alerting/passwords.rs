//! A password that was changed at the server is one thing that is wrong, however many checks need it.

use std::fs;

use super::{ROUTE, incidents};
use crate::daemon::{BRISK, PASSWORD, TIMING, USER, changed, config, scene};
use crate::support::daemon::Daemon;
use crate::support::lab::{Lab, door};
use crate::support::letter::Letter;
use crate::support::program::Scene;

/// How many endpoints the password opens: more than it is risked at.
const ENDPOINTS: usize = 8;

/// A daemon that probes all of them each second, and writes mails into a directory.
fn watching(lab: &Lab) -> Daemon {
    let endpoint = |at| {
        format!(
            "  - {{name: e{at}, url: '{}', checks: [{{as: orders-reader, name: valid}}, {{as: \
             anonymous}}]}}\n",
            lab.url("/orders")
        )
    };
    let endpoints: Vec<String> = (0..ENDPOINTS).map(endpoint).collect();
    // All that are rejected are in one notice, however busy the machine is.
    let route = changed(ROUTE, "group_wait: 1s", "group_wait: 3s");
    let alerting =
        format!("alerting:\n  receivers: [{{name: oncall, file: {{directory: mail}}}}]\n{route}");
    Daemon::start(scene(&changed(
        &config(&alerting, &endpoints),
        TIMING,
        BRISK,
    )))
}

/// The server knows another password from now on.
fn rotate(lab: &Lab, password: &'static str) {
    lab.route("/orders", door::basic("orders", USER, password));
}

/// The subjects of all mails, in the order of their names.
fn subjects(scene: &Scene) -> Vec<String> {
    let files = fs::read_dir(scene.path().join("mail"));
    let files = files.into_iter().flatten();
    let files = files.map(|file| file.unwrap().path());
    let mut files: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|it| it == "eml"))
        .collect();
    files.sort_unstable();
    let mails = files.iter().map(|file| fs::read_to_string(file).unwrap());
    mails
        .map(|mail| Letter::read(&mail).subject().to_owned())
        .collect()
}

fn until_all(daemon: &Daemon, reason: &str) {
    let holders: Vec<String> = (0..ENDPOINTS).map(|at| format!("e{at}/valid")).collect();
    let wanted: Vec<_> = holders.iter().map(|id| (id.as_str(), reason)).collect();
    daemon.until_reasons(&wanted);
}

#[test]
fn password_that_was_changed_at_the_server_makes_one_mail_and_recoveries() {
    let lab = Lab::http();
    rotate(&lab, PASSWORD);
    let daemon = watching(&lab);
    until_all(&daemon, "pass");
    rotate(&lab, "another-word");
    until_all(&daemon, "not_probed");
    let told = || subjects(&daemon.scene);
    daemon.until("the mail", || !told().is_empty());
    // Time enough for a notice of those that are not probed.
    let probes = daemon.probes("e0/anonymous");
    daemon.until("some more turns", || {
        daemon.probes("e0/anonymous") >= probes + 4.0
    });
    let opened = told();
    assert_eq!(opened.len(), 1, "{opened:#?}");
    let cause = "CRITICAL credential orders-reader: 4 checks locked out";
    assert!(opened[0].contains(cause), "{opened:?}");
    daemon.scene.write("password", "another-word");
    until_all(&daemon, "pass");
    daemon.until("the recovery", || told().len() > 1);
    let mut classes: Vec<String> = incidents(&daemon)
        .iter()
        .map(|incident| incident["class"].to_string())
        .collect();
    classes.dedup();
    assert_eq!(classes, ["\"lockout\""]);
    let all = subjects(&daemon.stop().scene);
    let recoveries = all.iter().filter(|subject| subject.contains("RESOLVED"));
    assert_eq!(recoveries.count(), all.len() - 1, "{all:#?}");
}
