//! Exit codes: an interface for Nagios, cron and CI.

use std::fmt::Write as _;
use std::fs::File;
use std::process::Stdio;

use super::doors;
use crate::support::hostile::nobody::ClosedPort;
use crate::support::lab::{Answer, Lab};
use crate::support::program::Scene;

/// The exit code of a check of these paths, each of which answers by its name.
fn code_of(paths: &[&str]) -> i32 {
    let (lab, closed) = (Lab::http(), ClosedPort::take());
    lab.route("/holds", |_| Answer::unauthorized("Basic realm=\"lab\""));
    lab.route("/hides", |_| Answer::status(404));
    lab.route("/open", |_| Answer::status(200));
    let mut config = String::from("endpoints:\n");
    for path in paths {
        let url = match *path {
            "down" => format!("http://{}/", closed.address()),
            path => lab.url(&format!("/{path}")),
        };
        writeln!(config, "  - {{name: {path}, url: '{url}'}}").unwrap();
    }
    Scene::of(&config).run(&["check"]).code
}

#[test]
fn a_check_exits_with_the_gravest_of_what_it_found() {
    for (paths, code) in [
        (&["holds"][..], 0),
        (&["holds", "hides"], 1),
        (&["holds", "open"], 2),
        (&["holds", "down"], 3),
        (&["hides", "down"], 3),
        (&["open", "down", "hides"], 2),
    ] {
        assert_eq!(code_of(paths), code, "{paths:?}");
    }
}

#[test]
fn a_severity_of_ones_own_counts_for_the_exit_code() {
    let lab = Lab::http();
    lab.route("/", |_| Answer::status(404));
    let config = format!(
        "endpoints: [{{name: a, url: '{}', severity: {{denial: critical}}}}]\n",
        lab.url("/")
    );
    assert_eq!(Scene::of(&config).run(&["check"]).code, 2);
}

#[test]
fn a_wrong_command_line_is_usage() {
    let lab = Lab::http();
    let scene = doors(&lab, &["orders", "invoices"]);
    for (arguments, hint) in [
        (&["chek"][..], "'check'"),
        (&["check", "--formt", "json"], "--format"),
        (&["check", "--format", "xml"], "json, junit, text"),
        (&["check", "order"], "did you mean `orders`?"),
        (&["check", "orders", "zzz"], "no endpoint is named `zzz`"),
        (&["check", "--include", "everything"], "wrong_password"),
        (&["--log-level", "loud", "check"], "loud"),
        (
            &["explain", "credential_rejcted"],
            "did you mean `credential_rejected`?",
        ),
        (&["explain", "zzz"], "`authvigil explain` lists all"),
        (&["validate", "extra"], "extra"),
        (&["probe"], "URL"),
        (&["probe", "no url"], "no url"),
        (&[], "Usage"),
    ] {
        let run = scene.run(arguments);
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (64, ""),
            "{arguments:?}: {}",
            run.stderr
        );
        assert!(run.stderr.contains(hint), "{arguments:?}: {}", run.stderr);
    }
    assert_eq!(lab.requests().len(), 0);
}

#[test]
fn a_faulty_configuration_is_told_by_every_command_that_reads_one() {
    let scene = Scene::of("endpoints: []\n");
    let missing = Scene::new();
    for command in ["check", "validate"] {
        for scene in [&scene, &missing] {
            let run = scene.run(&[command]);
            assert_eq!((run.code, run.stdout.as_str()), (78, ""), "{command}");
            assert!(run.stderr.contains("authvigil.yaml"), "{}", run.stderr);
        }
    }
    let run = missing.run(&["--config", "elsewhere.yaml", "check"]);
    assert_eq!(run.code, 78);
    assert!(run.stderr.contains("elsewhere.yaml"), "{}", run.stderr);
}

#[test]
fn validate_prints_every_fault_with_its_place_and_sends_nothing() {
    let lab = Lab::http();
    let scene = Scene::of(&format!(
        "endpoints:\n  - {{name: a, url: '{}', timeout: 90s, intervall: 5s}}\n  - {{name: b}}\n",
        lab.url("/")
    ));
    let run = scene.run(&["validate"]);
    assert_eq!((run.code, run.stdout.as_str()), (78, ""));
    for place in [
        "authvigil.yaml:2:",
        "authvigil.yaml:3:",
        "`intervall`",
        "`url`",
        "hint:",
    ] {
        assert!(run.stderr.contains(place), "{place}: {}", run.stderr);
    }
    assert_eq!(lab.connections(), 0);
}

#[test]
fn validate_sums_up_a_configuration_without_faults() {
    let lab = Lab::http();
    let run = doors(&lab, &["a", "b"]).run(&["validate"]);
    let summary = "authvigil.yaml: no faults; 2 endpoints, 2 checks, 0 credentials\n";
    assert_eq!(
        (run.code, run.stdout.as_str(), run.stderr.as_str()),
        (0, summary, "")
    );
    assert_eq!(lab.connections(), 0);
}

#[test]
fn a_report_that_cannot_be_written_is_a_failure_of_our_own() {
    let lab = Lab::http();
    let scene = doors(&lab, &["a"]);
    for arguments in [
        &["check"][..],
        &["check", "--format", "json"],
        &["check", "--format", "junit"],
        &["explain"],
        &["validate"],
        &["--help"],
        &["probe", &lab.url("/")],
        &["probe", "--json", &lab.url("/")],
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let child = scene
            .command(arguments)
            .stdout(full)
            .stderr(Stdio::piped())
            .spawn();
        let output = child.unwrap().wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(70), "{arguments:?}: {said}");
        assert!(
            said.contains("the report cannot be written"),
            "{arguments:?}: {said}"
        );
    }
}

#[test]
fn a_reader_that_has_gone_is_no_failure() {
    let lab = Lab::http();
    let scene = doors(&lab, &["a"]);
    for arguments in [
        &["check"][..],
        &["check", "--format", "json"],
        &["check", "--format", "junit"],
        &["explain"],
        &["--help"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let child = scene
            .command(arguments)
            .stdout(writer)
            .stderr(Stdio::piped())
            .spawn();
        let output = child.unwrap().wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), said.as_str()),
            (Some(0), ""),
            "{arguments:?}"
        );
    }
}

#[test]
fn a_name_on_the_command_line_is_the_only_one_that_is_checked() {
    let lab = Lab::http();
    let report = doors(&lab, &["a", "b", "c"]).check_with(&["c", "a"]);
    let names: Vec<_> = report.results().iter().map(|it| &it["endpoint"]).collect();
    assert_eq!(names, ["a", "c"]);
    assert_eq!(lab.requests().len(), 2);
}

#[test]
fn a_secret_that_cannot_be_read_makes_its_check_unknown_and_names_the_file() {
    let lab = Lab::http();
    lab.route("/", |_| Answer::unauthorized("Basic realm=\"lab\""));
    let scene = Scene::of(&format!(
        "credentials: {{reader: {{basic_auth: {{username: reader, password_file: pw}}}}}}\nendpoints: \
         [{{name: a, url: '{}', credential: reader}}]\n",
        lab.url("/")
    ));
    // A directory is no secret for anybody, root among them.
    std::fs::create_dir(scene.path().join("pw")).unwrap();
    let run = scene.run(&["check"]);
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert!(run.stdout.contains("secret_unavailable"), "{}", run.stdout);
    assert!(run.stdout.contains("pw` cannot be read"), "{}", run.stdout);
}
