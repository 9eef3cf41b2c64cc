//! Words for people: texts that a server may have written, spans of time, moments, counts.

use std::time::Duration;

use jiff::Timestamp;

pub(super) use crate::domain::explanation::{Piece, pieces};
pub(super) use crate::domain::harmless::shown;
pub(super) use crate::domain::wording::{counted, grouped, span};

/// A text in a list is cut after so many characters.
pub(super) const LINE: usize = 300;

/// A text that stands by itself is cut after so many characters.
pub(super) const PASSAGE: usize = 2000;

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

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

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
    fn a_moment_says_how_far_it_lies_from_now() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let said = |seconds| Moment::of(now + SignedDuration::from_secs(seconds), now).relative;
        assert_eq!(said(-720), "12 minutes ago");
        assert_eq!(said(9 * 86_400), "in 9 days");
        assert_eq!(said(0), "now");
    }
}
