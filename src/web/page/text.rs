//! Words for people: texts that a server may have written, spans of time, moments, counts.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::document::steers;

/// A text in a list is cut after so many characters.
pub(super) const LINE: usize = 300;

/// A text that stands by itself is cut after so many characters.
pub(super) const PASSAGE: usize = 2000;

/// A text as it may be shown: with everything visible that steers or hides, and cut where it is
/// longer than `most` characters. It is not escaped yet.
pub(super) fn shown(text: &str, most: usize) -> String {
    let mut shown = String::with_capacity(text.len().min(most) + 1);
    let mut left = most;
    for character in text.chars() {
        let before = shown.len();
        if steers(character) || hides(character) {
            // Writing to a string cannot fail.
            let _written = write!(shown, "\\u{{{:x}}}", u32::from(character)).is_ok();
        } else {
            shown.push(character);
        }
        let width = shown.len() - before;
        // An escape counts as what it takes; any other character as one.
        let width = if width > 4 { width } else { 1 };
        if width > left {
            shown.truncate(before);
            shown.push('…');
            break;
        }
        left -= width;
    }
    shown
}

/// Characters that are not seen, beside those that steer: a text could look like another one.
fn hides(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200d}'
            | '\u{2060}'..='\u{2065}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// A number of things, the noun in the right form.
pub(super) fn counted(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{} {noun}s", grouped(number)),
    }
}

/// A number with a thin space between thousands.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + 4);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

/// A span of time as it is said: `12 minutes`, `2 hours 5 minutes`, `9 days`; its sign is dropped.
pub(super) fn span(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().unsigned_abs();
    let unit = |number: u64, noun| counted(usize::try_from(number).unwrap_or(usize::MAX), noun);
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    match (hours, minutes) {
        (0, 0) => unit(seconds, "second"),
        (0, minutes) => unit(minutes, "minute"),
        (hours @ ..48, minutes) => match minutes % 60 {
            0 => unit(hours, "hour"),
            rest => format!("{} {}", unit(hours, "hour"), unit(rest, "minute")),
        },
        (hours, _) => unit(hours / 24, "day"),
    }
}

/// A configured time, in the largest unit that divides it: `500 milliseconds`, `90 seconds`, `5 minutes`.
pub(super) fn period(duration: Duration) -> String {
    let units = [
        (86_400_000, "day"),
        (3_600_000, "hour"),
        (60_000, "minute"),
        (1000, "second"),
        (1, "millisecond"),
    ];
    let milliseconds = usize::try_from(duration.as_millis()).unwrap_or(usize::MAX);
    let fits = |(size, _): &&(usize, &str)| milliseconds.is_multiple_of(*size);
    let unit = units.iter().filter(|_| milliseconds > 0).find(fits);
    let (size, noun) = unit.copied().unwrap_or((1, "second"));
    counted(milliseconds / size, noun)
}

/// A moment, for people and for machines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// For the attribute `datetime`.
    pub(super) machine: String,
    /// To the second, in UTC.
    pub(super) exact: String,
    /// To the minute, in UTC.
    pub(super) minute: String,
    /// The day alone, in UTC.
    pub(super) day: String,
    /// How far it lies from now, without direction: `12 minutes`.
    pub(super) span: String,
    /// How far it lies from now: `12 minutes ago`, `in 9 days`.
    pub(super) relative: String,
}

impl Moment {
    pub(super) fn of(at: Timestamp, now: Timestamp) -> Self {
        let distance = at.duration_since(now);
        let span = span(distance);
        let relative = if distance.is_zero() {
            "now".to_owned()
        } else if distance.is_negative() {
            format!("{span} ago")
        } else {
            format!("in {span}")
        };
        Self {
            machine: at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            exact: at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
            minute: at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
            day: at.strftime("%Y-%m-%d").to_string(),
            span,
            relative,
        }
    }
}

/// A part of a sentence that marks what is typed or seen literally by backticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub(super) text: &'a str,
    pub(super) literal: bool,
}

/// A sentence of an explanation, in its parts.
pub(super) fn pieces(sentence: &str) -> Vec<Piece<'_>> {
    let parts = sentence.split('`').enumerate();
    let pieces = parts.map(|(at, text)| Piece {
        text,
        literal: at % 2 == 1,
    });
    pieces.filter(|piece| !piece.text.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configured_time_is_said_as_it_is() {
        let rows = [
            (500, "500 milliseconds"),
            (1000, "1 second"),
            (90_000, "90 seconds"),
            (300_000, "5 minutes"),
            (172_800_000, "2 days"),
            (0, "0 seconds"),
        ];
        for (milliseconds, said) in rows {
            assert_eq!(period(Duration::from_millis(milliseconds)), said);
        }
    }

    #[test]
    fn what_steers_or_hides_is_made_visible() {
        assert_eq!(
            shown("a\u{202e}b\u{200b}\u{1b}[0m ü", LINE),
            "a\\u{202e}b\\u{200b}\\u{1b}[0m ü"
        );
    }

    #[test]
    fn a_long_text_is_cut_between_characters_and_never_within_an_escape() {
        assert_eq!(shown("äöü", 3), "äöü");
        assert_eq!(shown("äöü", 2), "äö…");
        assert_eq!(shown("a\u{1b}\u{1b}", 8), "a\\u{1b}…");
    }

    #[test]
    fn a_span_is_said_in_one_or_two_units() {
        let rows = [
            (0, "0 seconds"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (3599, "59 minutes"),
            (3600, "1 hour"),
            (7500, "2 hours 5 minutes"),
            (48 * 3600, "2 days"),
            (-90, "1 minute"),
        ];
        for (seconds, expected) in rows {
            assert_eq!(span(SignedDuration::from_secs(seconds)), expected);
        }
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(counted(1, "lock"), "1 lock");
        assert_eq!(counted(1_234_567, "lock"), "1\u{202f}234\u{202f}567 locks");
        assert_eq!(grouped(100), "100");
    }

    #[test]
    fn backticks_mark_what_is_literal() {
        let piece = |text, literal| Piece { text, literal };
        assert_eq!(
            pieces("see `nginx -T`."),
            [
                piece("see ", false),
                piece("nginx -T", true),
                piece(".", false)
            ]
        );
    }

    #[test]
    fn a_moment_says_how_far_it_lies_from_now() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let said = |seconds| Moment::of(now + SignedDuration::from_secs(seconds), now).relative;
        assert_eq!(said(-720), "12 minutes ago");
        assert_eq!(said(9 * 86_400), "in 9 days");
        assert_eq!(said(0), "now");
    }
}
