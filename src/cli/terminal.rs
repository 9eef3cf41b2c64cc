//! What may be written to a terminal: colour where it is wanted, and nothing that a server sent to
//! steer it.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Effects, Style};

use crate::document::steers;

/// The widest text that is assumed where the terminal does not say.
pub(super) const WIDTH: usize = 100;

/// Something wrong that must be mended now.
pub(super) const ALARM: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);
/// Something that holds.
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
/// Something that is not known, or to be looked at in daylight.
pub(super) const WARN: Style = AnsiColor::Yellow.on_default();
/// A heading.
pub(super) const HEADING: Style = Style::new().effects(Effects::BOLD);
/// What is less important.
pub(super) const QUIET: Style = Style::new().effects(Effects::DIMMED);

/// Standard output, with colour only on a terminal and never with `NO_COLOR`.
pub(super) fn stdout() -> AutoStream<io::StdoutLock<'static>> {
    let out = io::stdout();
    let choice = if out.is_terminal() {
        AutoStream::choice(&out)
    } else {
        ColorChoice::Never
    };
    AutoStream::new(out.lock(), choice)
}

/// Standard error, likewise.
pub(super) fn stderr() -> AutoStream<io::StderrLock<'static>> {
    let err = io::stderr();
    let choice = if err.is_terminal() {
        AutoStream::choice(&err)
    } else {
        ColorChoice::Never
    };
    AutoStream::new(err.lock(), choice)
}

/// Says something beside what was asked for, on standard error; nobody there is no failure.
pub(super) fn tell_aside(word: &str, text: &str) {
    let _told = writeln!(stderr(), "{WARN}{word}:{WARN:#} {}", visible(text)).is_ok();
}

/// The text with every control character made visible, so that it cannot steer a terminal, break
/// a line, or turn the direction of what follows.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(steers) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if steers(character) {
            // Writing to a string cannot fail.
            let _written = write!(shown, "\\u{{{:x}}}", u32::from(character)).is_ok();
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// The beginning of a text, and a mark where more was there.
pub(super) fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some((at, _)) => Cow::Owned(format!("{}…", text.get(..at).unwrap_or(text))),
    }
}

/// Writes a paragraph in lines of at most [`WIDTH`] columns, all of them indented alike.
pub(super) fn paragraph(
    out: &mut impl Write,
    first: &str,
    rest: &str,
    text: &str,
) -> io::Result<()> {
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split_whitespace() {
        let columns = unicode_width::UnicodeWidthStr::width;
        if !empty && columns(line.as_str()) + 1 + columns(word) > WIDTH {
            writeln!(out, "{line}")?;
            rest.clone_into(&mut line);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    writeln!(out, "{line}")
}

/// A number of things, the noun in the right form.
pub(super) fn counted(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_made_visible() {
        assert_eq!(visible("a\u{1b}[31mb\r\n"), "a\\u{1b}[31mb\\u{d}\\u{a}");
        assert_eq!(visible("\u{9b}2J"), "\\u{9b}2J");
        assert_eq!(visible("abc\u{202e}cba"), "abc\\u{202e}cba");
        assert_eq!(visible("Café „ü“"), "Café „ü“");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(shortened("äöü", 3), "äöü");
        assert_eq!(shortened("äöü", 2), "äö…");
    }

    #[test]
    fn a_paragraph_breaks_between_words() {
        let mut out = Vec::new();
        paragraph(&mut out, "- ", "  ", &"word ".repeat(30)).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.lines().all(|line| line.len() <= WIDTH));
        assert!(text.lines().skip(1).all(|line| line.starts_with("  word")));
    }
}
