//! Every command line of the README and of the guide is one that the program understands.

use std::collections::BTreeSet;

use authvigil::cli::Arguments;
use clap::{CommandFactory as _, Parser as _};

use super::{blocks, guide, short};

/// What ends a command in a shell.
const ENDS: [&str; 9] = ["|", "||", "&&", ";", ">", ">>", "2>&1", "#", "&"];

/// The words of a command line as a shell would see them, as far as documents need it.
fn words(line: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let (mut quote, mut word) = (None, None::<String>);
    for character in line.chars() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            (None, ';' | ')' | '`') => {
                words.extend(word.take());
                words.push(";".to_owned());
            }
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

/// The command lines of the program within a line of a shell, a CI file or a table of jobs.
pub(super) fn commands(line: &str) -> Vec<Vec<String>> {
    let words = words(&line.replace("$(", " "));
    let mut commands = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let is_program = word == "authvigil" || word == "/usr/bin/authvigil";
        let named = words
            .get(at + 1)
            .is_some_and(|next| subcommands().contains(next));
        if is_program && named {
            let rest = words[at..].iter();
            let own = rest.take_while(|word| !ENDS.contains(&word.as_str()));
            commands.push(own.cloned().collect());
        }
    }
    commands
}

fn subcommands() -> BTreeSet<String> {
    let command = Arguments::command();
    let names = command.get_subcommands().map(|it| it.get_name().to_owned());
    names.collect()
}

#[test]
fn every_command_line_of_the_documents_is_understood() {
    let pages = guide();
    let blocks = pages.iter().flat_map(|page| blocks(page));
    let told: Vec<(String, Vec<String>)> = blocks
        .flat_map(|block| {
            let text = block.text.replace("\\\n", " ");
            let all: Vec<_> = text.lines().flat_map(commands).collect();
            all.into_iter()
                .map(move |command| (block.place.clone(), command))
        })
        .collect();
    let wrong: Vec<String> = told
        .iter()
        .filter_map(|(place, command)| {
            // What a Nagios macro adds is the site's own.
            let given = command.iter().filter(|word| !word.starts_with("$ARG"));
            let error = Arguments::try_parse_from(given).err()?;
            Some(format!("{place}: {}\n{error}", command.join(" ")))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        told.len() >= 10,
        "only {} command lines were found",
        told.len()
    );
}

#[test]
fn no_document_names_a_command_that_there_is_not() {
    let known = subcommands();
    let mut wrong = Vec::new();
    for page in guide() {
        let text = std::fs::read_to_string(&page).unwrap();
        for (_, rest) in text
            .match_indices("`authvigil ")
            .map(|(at, mark)| text[at..].split_at(mark.len()))
        {
            let name: String = rest
                .chars()
                .take_while(|it| it.is_ascii_lowercase() || *it == '-')
                .collect();
            if !name.is_empty() && !known.contains(&name) {
                wrong.push(format!("{}: authvigil {name}", short(&page)));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn the_readme_lists_every_command() {
    let text = std::fs::read_to_string(super::root().join("README.md")).unwrap();
    for name in subcommands().iter().filter(|name| *name != "help") {
        assert!(text.contains(&format!("| `authvigil {name}")), "{name}");
    }
}

#[test]
fn a_command_line_is_found_wherever_a_document_has_one() {
    let check = |line: &str| commands(line).concat().join(" ");
    assert_eq!(
        check("authvigil check --format json | jq ."),
        "authvigil check --format json"
    );
    assert_eq!(check("  - authvigil check a; echo $?"), "authvigil check a");
    assert_eq!(
        check("out=$(authvigil check 2>&1) || echo"),
        "authvigil check"
    );
    assert_eq!(
        check("authvigil probe 'https://a b/' # why"),
        "authvigil probe https://a b/"
    );
    assert_eq!(check("authvigil will say so"), "");
}
