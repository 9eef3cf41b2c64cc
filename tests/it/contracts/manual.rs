//! Man pages and completions are those of the command line as it is.

use std::collections::BTreeMap;

use authvigil::cli::Arguments;
use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

use super::{assert_page, files, root};

/// The pages of the program and of its commands, by their files' names.
fn pages() -> BTreeMap<String, String> {
    let directory = tempfile::tempdir().unwrap();
    // A date would have the pages differ from day to day.
    clap_mangen::generate_to(Arguments::command(), directory.path()).unwrap();
    let pages = files(directory.path(), ".1").into_iter();
    pages
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

#[test]
fn the_man_pages_are_those_of_the_command_line() {
    let pages = pages();
    assert!(pages.len() > 10, "only {} pages were made", pages.len());
    for (name, text) in &pages {
        assert_page(&format!("deploy/man/{name}"), text);
    }
    let written = files(&root().join("deploy/man"), ".1").into_iter();
    let left: Vec<_> = written
        .filter(|path| !pages.contains_key(path.file_name().unwrap().to_str().unwrap()))
        .collect();
    assert!(left.is_empty(), "pages of commands that are gone: {left:?}");
}

#[test]
fn the_completions_are_those_of_the_command_line() {
    let shells = [
        (Shell::Bash, "authvigil.bash"),
        (Shell::Fish, "authvigil.fish"),
        (Shell::Zsh, "_authvigil"),
    ];
    for (shell, name) in shells {
        let mut text = Vec::new();
        generate(shell, &mut Arguments::command(), "authvigil", &mut text);
        let text = String::from_utf8(text).unwrap();
        assert_page(&format!("deploy/completions/{name}"), &text);
    }
}

#[test]
fn every_man_page_says_what_the_command_is_for() {
    for (name, text) in pages() {
        assert!(text.contains(".SH NAME"), "{name}");
        assert!(text.contains(".SH DESCRIPTION"), "{name}");
    }
}
