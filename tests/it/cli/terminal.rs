//! What only a terminal gets: colour and a progress line. `script` of util-linux lends one.

use std::process::Command;

use super::doors;
use crate::support::lab::Lab;
use crate::support::program::Scene;

/// What the program writes to a terminal, of both streams.
fn on_a_terminal(scene: &Scene, arguments: &str, variables: &[(&str, &str)]) -> String {
    let program = env!("CARGO_BIN_EXE_authvigil");
    let output = Command::new("script")
        .current_dir(scene.path())
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("SHELL", "/bin/sh")
        .env("TERM", "xterm-256color")
        .env("AUTHVIGIL_CONFIG", "authvigil.yaml")
        .envs(variables.iter().copied())
        .args(["-qec", &format!("'{program}' {arguments}"), "/dev/null"])
        .output()
        .expect("`script` is not installed; it is part of util-linux");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_terminal_gets_colour_unless_it_is_not_wanted() {
    let lab = Lab::http();
    let scene = doors(&lab, &["a"]);
    for arguments in ["check", "explain", "explain forbidden_instead"] {
        let coloured = on_a_terminal(&scene, arguments, &[]);
        assert!(coloured.contains("\u{1b}["), "{arguments}: {coloured}");
        let plain = on_a_terminal(&scene, arguments, &[("NO_COLOR", "1")]);
        assert!(!plain.contains('\u{1b}'), "{arguments}: {plain}");
    }
}

#[test]
fn a_progress_line_is_shown_while_many_checks_run_and_wiped() {
    let names: Vec<String> = (0..20).map(|at| format!("e{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let lab = Lab::http();
    let shown = on_a_terminal(&doors(&lab, &names), "check", &[]);
    assert!(shown.contains("20 of 20 checks, 0 not passing"), "{shown}");
    let few = on_a_terminal(&doors(&lab, &names[..19]), "check", &[]);
    assert!(!few.contains(" of 19 checks"), "{few}");
}
