//! A sheet as plain text.

use super::sheet::{Block, Change, Fact, Row, Sheet};

/// The width to which sentences are broken; what is literal is never broken.
const WIDTH: usize = 76;

/// The width of names beside values.
const NAMES: usize = 12;

/// The text part of a mail. Lines end with a line feed.
pub(super) fn text(sheet: &Sheet) -> String {
    let mut text = format!("{}  {}\n", sheet.badge, sheet.title);
    if !sheet.lead.is_empty() {
        text.push('\n');
        wrapped(&sheet.lead, "", "", &mut text);
    }
    let mut is_below_heading = false;
    for part in &sheet.blocks {
        if !is_below_heading {
            text.push('\n');
        }
        block(part, &mut text);
        is_below_heading = matches!(part, Block::Heading(_) | Block::Incident(_));
    }
    text
}

fn block(block: &Block, text: &mut String) {
    match block {
        Block::Incident(title) => underlined(title, '=', text),
        Block::Heading(title) => underlined(title, '-', text),
        Block::Sentences(sentences) => wrapped(sentences, "", "", text),
        Block::Warning(sentences) => wrapped(sentences, "!  ", "!  ", text),
        Block::Facts(facts) => facts.iter().for_each(|it| fact(it, text)),
        Block::Received(lines) => lines.iter().for_each(|line| line_of("  | ", line, text)),
        Block::Command(line) => line_of("    ", line, text),
        Block::Steps(steps) => numbered(steps, text),
        Block::Changes(changes) => changes.iter().for_each(|it| change(it, text)),
        Block::Table(rows) => rows.iter().for_each(|it| row(it, text)),
    }
}

fn line_of(indent: &str, line: &str, text: &mut String) {
    text.push_str(indent);
    text.push_str(line);
    text.push('\n');
}

fn underlined(title: &str, mark: char, text: &mut String) {
    line_of("", title, text);
    let width = title.chars().count().min(WIDTH);
    text.extend(std::iter::repeat_n(mark, width));
    text.push('\n');
}

fn fact(fact: &Fact, text: &mut String) {
    let name = format!("  {:NAMES$} ", fact.name);
    line_of(&name, &fact.value, text);
}

fn numbered(steps: &[&str], text: &mut String) {
    for (at, step) in steps.iter().enumerate() {
        wrapped(step, &format!("{:>2}. ", at + 1), "    ", text);
    }
}

fn change(change: &Change, text: &mut String) {
    line_of("  ", &change.what, text);
    line_of("    before  ", &change.before, text);
    line_of("    now     ", &change.now, text);
}

fn row(row: &Row, text: &mut String) {
    let (severity, class, reason) = (row.severity, row.class, row.reason);
    let head = format!("{}: {severity}, {class}, {reason}, {}", row.check, row.when);
    line_of("- ", &head, text);
    if !row.saw.is_empty() {
        line_of("  saw ", &row.saw, text);
    }
}

/// Sentences, broken between words.
fn wrapped(sentences: &str, first: &str, others: &str, text: &mut String) {
    text.push_str(first);
    let mut width = first.len();
    let mut is_fresh = true;
    for word in sentences.split(' ') {
        let length = word.chars().count();
        if !is_fresh && width + 1 + length > WIDTH {
            text.push('\n');
            text.push_str(others);
            (width, is_fresh) = (others.len(), true);
        }
        if !is_fresh {
            text.push(' ');
            width += 1;
        }
        text.push_str(word);
        (width, is_fresh) = (width + length, false);
    }
    text.push('\n');
}
