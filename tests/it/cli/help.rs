//! `--help` is a page that people read, so a change of it is to be seen.

use std::path::PathBuf;

use crate::support::program::Scene;

const BLESS: &str = "AUTHVIGIL_BLESS=1 cargo nextest run --test it cli::help";

/// The commands, as the help of the program lists them.
fn commands() -> Vec<String> {
    let help = Scene::new().run(&["--help"]).stdout;
    let list = help.split_once("Commands:\n").unwrap().1;
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names
        .filter(|name| !name.is_empty() && *name != "help")
        .map(str::to_owned)
        .collect()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/help")
}

#[track_caller]
fn assert_help(name: &str, arguments: &[&str]) {
    let run = Scene::new().run(arguments);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments:?}");
    let path = folder().join(format!("{name}.txt"));
    if std::env::var_os("AUTHVIGIL_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(&path, &run.stdout).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        run.stdout == expected,
        "{} differs; `{BLESS}` rewrites it\n{}",
        path.display(),
        run.stdout
    );
}

#[test]
fn the_help_of_the_program_is_the_page_beside() {
    assert_help("authvigil", &["--help"]);
}

#[test]
fn the_help_of_every_command_is_the_page_beside() {
    let commands = commands();
    assert!(commands.len() >= 5, "{commands:?}");
    for command in &commands {
        assert_help(command, &[command, "--help"]);
    }
}

#[test]
fn the_help_of_every_command_of_silence_is_the_page_beside() {
    for command in ["add", "expire", "list"] {
        assert_help(
            &format!("silence-{command}"),
            &["silence", command, "--help"],
        );
    }
}

#[test]
fn every_page_belongs_to_a_command() {
    let commands = commands();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let command = name.trim_end_matches(".txt");
        // `silence-add` is of a command of a command.
        let parent = command.split('-').next().unwrap();
        let known =
            command == "authvigil" || commands.iter().any(|it| it == command || it == parent);
        assert!(known, "{name} is of no command; remove it");
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    let run = Scene::new().run(&["--version"]);
    let version = format!("authvigil {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(
        (run.code, run.stdout, run.stderr),
        (0, version, String::new())
    );
}

#[test]
fn no_page_is_wider_than_a_hundred_columns() {
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let widest = text
            .lines()
            .max_by_key(|line| line.chars().count())
            .unwrap();
        assert!(
            widest.chars().count() <= 100,
            "{}: {widest}",
            path.display()
        );
    }
}
