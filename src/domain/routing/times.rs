//! Whether a moment lies within named times, by Alertmanager's rules.

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::{TimeInterval, TimeSpan};

impl TimeInterval {
    /// Whether a moment is among these times.
    pub fn contains(&self, moment: Timestamp) -> bool {
        self.spans.iter().any(|span| span.contains(moment))
    }
}

impl TimeSpan {
    /// Whether a moment fits all that is given, as a clock on the wall of the zone shows it.
    pub fn contains(&self, moment: Timestamp) -> bool {
        let local = self.zone.to_datetime(moment);
        let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
        let weekday = local.weekday().to_monday_one_offset();
        any_or_empty(&self.times, |(first, end)| {
            (i32::from(*first)..i32::from(*end)).contains(&minute)
        }) && any_or_empty(&self.weekdays, |(first, last)| {
            (*first..=*last).contains(&i8::unsigned_abs(weekday))
        }) && any_or_empty(&self.days_of_month, |days| is_day_within(local, *days))
            && any_or_empty(&self.months, |(first, last)| {
                (*first..=*last).contains(&local.month().unsigned_abs())
            })
            && any_or_empty(&self.years, |(first, last)| {
                (*first..=*last).contains(&local.year())
            })
    }
}

fn any_or_empty<T>(ranges: &[T], fits: impl FnMut(&T) -> bool) -> bool {
    ranges.is_empty() || ranges.iter().any(fits)
}

/// Whether a day lies between two days of its month. `-1` is the last one; a range that begins after
/// the month's end holds no day of it, and one that ends there stays within the month.
fn is_day_within(local: DateTime, (first, last): (i8, i8)) -> bool {
    let length = local.days_in_month();
    let counted = |day: i8| {
        if day < 0 { length + day + 1 } else { day }
    };
    (counted(first)..=counted(last)).contains(&local.day())
}
