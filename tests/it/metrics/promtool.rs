//! Prometheus' own linter has nothing to say.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use super::{everything, text};

/// What `promtool check metrics` says of an exposition.
fn check(text: &str) -> Output {
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("`promtool` is not installed; `tests/run` installs it");
    promtool
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    promtool.wait_with_output().unwrap()
}

#[test]
fn promtool_is_silent() {
    let (metrics, all) = everything();
    let output = check(&text(&metrics, &all));
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap());
    assert_eq!(
        (output.status.code(), said),
        (Some(0), [String::new(), String::new()])
    );
}

#[test]
fn promtool_would_speak() {
    let output = check("# HELP a A.\n# TYPE a counter\na 1\n");
    assert_eq!(output.status.code(), Some(3));
}
