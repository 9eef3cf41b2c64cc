//! What comes beside the program: rules, dashboards, units and manifests, held against the real thing.

mod alertmanager;
mod container;
mod dashboards;
mod gone;
mod kubernetes;
mod live;
mod nagios;
mod names;
mod rules;
mod systemd;

use std::path::PathBuf;
use std::process::{Command, Output};

/// A file or directory of the repository.
fn shipped(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name);
    assert!(path.exists(), "{name} is not there");
    path
}

/// The text of a file of the repository.
fn read(name: &str) -> String {
    std::fs::read_to_string(shipped(name)).unwrap()
}

/// Runs somebody else's program to its end, in the repository.
fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap_or_else(|error| {
            panic!("`{program}` does not start ({error}); `tests/run` installs it")
        })
}

/// All that a program said.
fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr]
        .map(|said| String::from_utf8_lossy(said))
        .concat()
}

/// Runs a program that has to succeed.
#[track_caller]
fn succeeds(program: &str, arguments: &[&str]) -> String {
    let output = run(program, arguments);
    let said = said(&output);
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
    said
}
