//! Times and durations as whole numbers.

use std::time::Duration;

use jiff::Timestamp;

/// A time, as it is stored.
pub(in crate::store) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// A stored time; `None` beyond the years that can be told.
pub(in crate::store) fn from_micros(micros: i64) -> Option<Timestamp> {
    Timestamp::from_microsecond(micros).ok()
}

/// A span, as it is stored in whole seconds.
pub(in crate::store) fn span(span: Duration) -> i64 {
    i64::try_from(span.as_secs()).unwrap_or(i64::MAX)
}

/// A stored span; `None` for one that is less than nothing.
pub(in crate::store) fn from_span(seconds: i64) -> Option<Duration> {
    u64::try_from(seconds).ok().map(Duration::from_secs)
}

/// A duration, as it is stored: what does not fit has run for centuries.
pub(super) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
