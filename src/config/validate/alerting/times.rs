//! Named times, in Alertmanager's syntax.

use jiff::tz::TimeZone;

use crate::config::hint::nearest;
use crate::config::place::Place;
use crate::config::raw;
use crate::config::validate::ledger::Ledger;
use crate::domain::check::Name;
use crate::domain::routing::{TimeInterval, TimeSpan};

const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Reads the named times.
pub(super) fn intervals(
    ledger: &mut Ledger,
    list: &Place<'_>,
    raw: &[raw::TimeInterval],
) -> Vec<TimeInterval> {
    let mut intervals = Vec::new();
    for (index, raw) in raw.iter().enumerate() {
        let place = list.index(index);
        let Some(spans) = raw.time_intervals.get() else {
            ledger.missing(&place, "time_intervals");
            continue;
        };
        let all = place.key("time_intervals");
        if spans.is_empty() {
            ledger.fault(&all, "the list names no times");
        }
        let spans = spans.iter().enumerate();
        let spans = spans.map(|(index, raw)| span(ledger, &all.index(index), raw));
        let spans = spans.collect();
        let name = raw.name.get().and_then(|text| Name::parse(text));
        intervals.extend(name.map(|name| TimeInterval { name, spans }));
    }
    intervals
}

fn span(ledger: &mut Ledger, place: &Place<'_>, raw: &raw::TimeSpan) -> TimeSpan {
    let times = place.key("times");
    let ranges = raw.times.iter().enumerate();
    let ranges = ranges.filter_map(|(index, raw)| time_range(ledger, &times.index(index), raw));
    let times = ranges.collect();
    let mut read = Ranges { ledger, place };
    let weekdays = read.all(
        ("weekdays", "day of the week"),
        &raw.weekdays,
        "`monday` or `monday:friday`",
        |text| number(text, &WEEKDAYS, 0..=0),
    );
    let days_of_month = read.all(
        ("days_of_month", "day of the month"),
        &raw.days_of_month,
        "`1:5`, or `-3:-1` from the end",
        |text| {
            let day: i64 = text.parse().ok()?;
            (1..=31).contains(&day.abs()).then_some(day)
        },
    );
    let months = read.all(
        ("months", "month"),
        &raw.months,
        "`december`, `1:3` or `may:august`",
        |text| number(text, &MONTHS, 1..=12),
    );
    let years = read.all(
        ("years", "year"),
        &raw.years,
        "`2026` or `2026:2028`",
        |text| number(text, &[], 1970..=9999),
    );
    TimeSpan {
        times,
        weekdays: narrow(weekdays),
        days_of_month: narrow(days_of_month),
        months: narrow(months),
        years: narrow(years),
        zone: zone(ledger, &place.key("location"), &raw.location),
    }
}

/// Numbers that were checked to fit.
fn narrow<T: TryFrom<i64>>(ranges: Vec<(i64, i64)>) -> Vec<(T, T)> {
    let pair =
        |(first, last): (i64, i64)| Some((T::try_from(first).ok()?, T::try_from(last).ok()?));
    ranges.into_iter().filter_map(pair).collect()
}

/// The number that a word stands for, counted from 1, or a number in the range.
fn number(text: &str, words: &[&str], numbers: std::ops::RangeInclusive<i64>) -> Option<i64> {
    let lower = text.to_ascii_lowercase();
    let word = words.iter().position(|word| *word == lower);
    let word = word.and_then(|index| i64::try_from(index + 1).ok());
    word.or_else(|| text.parse().ok().filter(|number| numbers.contains(number)))
}

struct Ranges<'r> {
    ledger: &'r mut Ledger,
    place: &'r Place<'r>,
}

impl Ranges<'_> {
    /// Reads a list of `first:last`, or of single ones.
    fn all(
        &mut self,
        (key, noun): (&'static str, &str),
        texts: &[String],
        forms: &str,
        read: impl Fn(&str) -> Option<i64>,
    ) -> Vec<(i64, i64)> {
        let all = self.place.key(key);
        let mut ranges = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            let place = all.index(index);
            let (first, last) = text.split_once(':').unwrap_or((text, text));
            let (Some(first), Some(last)) = (read(first.trim()), read(last.trim())) else {
                let near = nearest(text, WEEKDAYS.into_iter().chain(MONTHS));
                let near = near.filter(|_| key == "weekdays" || key == "months");
                self.ledger
                    .fault(&place, format!("this is no {noun}"))
                    .hint(match near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("write {forms}"),
                    });
                continue;
            };
            if first > last && (first < 0) == (last < 0) {
                self.ledger
                    .fault(&place, "the range ends before it starts")
                    .hint("write two ranges");
                continue;
            }
            ranges.push((first, last));
        }
        ranges
    }
}

fn time_range(ledger: &mut Ledger, place: &Place<'_>, raw: &raw::TimeRange) -> Option<(u16, u16)> {
    let mut time = |key: &'static str, given: &raw::Given<String>| {
        let Some(text) = given.get() else {
            ledger.missing(place, key);
            return None;
        };
        let minutes = minutes(text);
        if minutes.is_none() {
            ledger
                .fault(&place.key(key), "this is no time of the day")
                .hint("write it like `09:00`, in quotes; the day ends at `24:00`");
        }
        minutes
    };
    let start = time("start_time", &raw.start_time);
    let end = time("end_time", &raw.end_time);
    let (start, end) = (start?, end?);
    if start >= end {
        ledger
            .fault(
                &place.key("end_time"),
                "`end_time` must be later than `start_time`",
            )
            .see(&place.key("start_time"))
            .label("it starts later")
            .hint("across midnight, write two ranges: one to `24:00`, one from `00:00`");
        return None;
    }
    Some((start, end))
}

fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |text: &str| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u16>().ok()).flatten()
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    let total = hours * 60 + minutes;
    (minutes < 60 && total <= 24 * 60).then_some(total)
}

fn zone(ledger: &mut Ledger, place: &Place<'_>, name: &str) -> TimeZone {
    if name == "UTC" {
        return TimeZone::UTC;
    }
    TimeZone::get(name).unwrap_or_else(|_unknown| {
        ledger
            .fault(place, "this is no time zone that this machine knows")
            .hint("write a name of the IANA database, such as `Europe/Berlin`, and see that `tzdata` is installed");
        TimeZone::UTC
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_the_day_has_two_digits_each() {
        assert_eq!(minutes("00:00"), Some(0));
        assert_eq!(minutes("09:30"), Some(570));
        assert_eq!(minutes("24:00"), Some(1440));
        for text in [
            "", "9:00", "24:01", "12:60", "1200", "12:00:00", "-1:00", "25:00",
        ] {
            assert_eq!(minutes(text), None, "`{text}`");
        }
    }
}
