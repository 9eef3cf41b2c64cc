//! The plugin for Nagios: what it says first, and its exit code.

use std::process::Command;

use super::shipped;
use crate::support::lab::{Answer, Lab};
use crate::support::program::Scene;

/// The plugin's exit code and first line, for a configuration.
fn first_line(scene: &Scene) -> (i32, String) {
    let output = Command::new(shipped("deploy/nagios/check_authvigil"))
        .arg("--config")
        .arg(scene.path().join("authvigil.yaml"))
        .env("AUTHVIGIL", env!("CARGO_BIN_EXE_authvigil"))
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let line = said.lines().next().unwrap_or_default().to_owned();
    (output.status.code().unwrap(), line)
}

#[test]
fn the_first_line_says_what_is_wrong() {
    let lab = Lab::http();
    lab.route("/", |_| Answer::status(200));
    let url = lab.url("/");
    let scene = Scene::of(&format!("endpoints: [{{name: open, url: '{url}'}}]\n"));
    let (code, line) = first_line(&scene);
    assert_eq!(
        (code, line.as_str()),
        (
            2,
            "CRITICAL - 1 check: 0 pass, 1 fail, 0 unknown: open/anonymous anonymous_admitted \
             (bypass, critical)"
        )
    );
}

#[test]
fn a_faulty_configuration_is_unknown_and_says_why() {
    let (code, line) = first_line(&Scene::of("endpoints: 3\n"));
    assert_eq!(code, 3);
    assert!(line.starts_with("UNKNOWN - "), "{line}");
    assert!(line.contains("authvigil.yaml:1"), "{line}");
}

#[test]
fn locks_that_hold_are_fine() {
    let lab = Lab::http();
    lab.route("/", |_| Answer::unauthorized("Basic realm=\"lab\""));
    let url = lab.url("/");
    let scene = Scene::of(&format!("endpoints: [{{name: shut, url: '{url}'}}]\n"));
    let (code, line) = first_line(&scene);
    assert_eq!(
        (code, line.as_str()),
        (0, "OK - 1 check: 1 pass, 0 fail, 0 unknown")
    );
}
