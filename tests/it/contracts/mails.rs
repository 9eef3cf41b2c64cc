//! Every command line of a mail is one that the program understands.

use std::collections::BTreeSet;

use authvigil::cli::Arguments;
use authvigil::config;
use clap::Parser as _;

use super::commands::commands;
use super::{files, root};

/// Every command line of the mails for every occasion.
fn told() -> BTreeSet<Vec<String>> {
    let mails = files(&root().join("tests/fixtures/mail"), ".txt");
    let texts = mails
        .iter()
        .map(|mail| std::fs::read_to_string(mail).unwrap());
    let found = texts.flat_map(|text| text.lines().flat_map(commands).collect::<Vec<_>>());
    found.collect()
}

#[test]
fn every_command_line_of_a_mail_is_understood() {
    let told = told();
    let wrong = told.iter().filter_map(|command| {
        let error = Arguments::try_parse_from(command).err()?;
        Some(format!("{}\n{error}", command.join(" ")))
    });
    assert_eq!(wrong.collect::<Vec<_>>(), [""; 0]);
    let named: BTreeSet<&str> = told.iter().map(|command| command[1].as_str()).collect();
    assert_eq!(named, BTreeSet::from(["accept", "explain", "silence"]));
}

#[test]
fn every_matcher_of_a_mail_is_understood() {
    let told = told();
    let silences = told.iter().filter(|command| command[1] == "silence");
    let words = silences.flat_map(|command| command.iter().skip(3));
    let matchers: Vec<&String> = words.filter(|word| word.contains('=')).collect();
    assert!(!matchers.is_empty());
    for matcher in matchers {
        let read = config::matcher(matcher, &BTreeSet::new());
        assert_eq!(read.map(|it| it.to_string()).as_ref(), Ok(matcher));
    }
}
