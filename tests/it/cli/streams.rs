//! What goes to which stream.

use super::doors;
use crate::support::lab::{Answer, Lab};
use crate::support::program::Scene;

#[test]
fn json_stands_alone_on_stdout_whatever_is_logged() {
    let lab = Lab::http();
    let scene = doors(&lab, &["a"]);
    for level in ["debug", "trace"] {
        let run = scene.run(&["check", "--format", "json", "--log-level", level]);
        let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(document["version"], 1);
        assert_eq!(run.stdout.lines().count(), 1);
    }
}

#[test]
fn warnings_about_the_configuration_go_to_stderr() {
    let lab = Lab::http();
    lab.route("/", |_| Answer::unauthorized("Basic realm=\"lab\""));
    let scene = Scene::of(&format!(
        "credentials: {{ci: {{authorization: {{credentials: written-down}}}}}}\nendpoints: [{{name: \
         a, url: '{}', checks: [{{as: anonymous}}, {{as: ci}}]}}]\n",
        lab.url("/")
    ));
    let run = scene.run(&["check", "--format", "json"]);
    assert!(run.stderr.contains("warning: "), "{}", run.stderr);
    assert!(
        run.stdout.starts_with('{') && run.stdout.ends_with("}\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_report_for_a_person_says_reason_expected_saw_and_where_to_look() {
    let lab = Lab::http();
    lab.route("/", |_| Answer::status(200).json("{}"));
    let config = format!("endpoints: [{{name: orders, url: '{}'}}]\n", lab.url("/"));
    let run = Scene::of(&config).run(&["check"]);
    let words = [
        "orders  http://",
        "FAIL",
        "anonymous_admitted",
        "(bypass, critical)",
        "expected",
        "saw",
        "200",
        "look at",
        "1 check: 0 pass, 1 fail, 0 unknown",
    ];
    for word in words {
        assert!(run.stdout.contains(word), "{word}: {}", run.stdout);
    }
    assert_eq!(run.stderr, "");
}

#[test]
fn nothing_is_coloured_where_there_is_no_terminal() {
    let lab = Lab::http();
    let scene = doors(&lab, &["a"])
        .set("TERM", "xterm-256color")
        .set("CLICOLOR_FORCE", "1");
    for arguments in [
        &["check"][..],
        &["explain"],
        &["explain", "forbidden_instead"],
        &["check", "--log-level", "trace"],
        &["probe", &lab.url("/")],
        &["check", "zzz"],
    ] {
        let run = scene.run(arguments);
        let both = format!("{}{}", run.stdout, run.stderr);
        assert!(!both.contains('\u{1b}'), "{arguments:?}: {both}");
    }
}
