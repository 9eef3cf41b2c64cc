//! Named times of the week or the year. The words are Alertmanager's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Given;

/// A named set of times.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a map with `name` and `time_intervals`"
)]
#[schemars(extend("required" = ["name", "time_intervals"]))]
pub(crate) struct TimeInterval {
    /// The name that routes use.
    pub(crate) name: Given<String>,
    /// The times; one that fits is enough.
    pub(crate) time_intervals: Given<Vec<TimeSpan>>,
}

/// Times that fit all that is given here.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a map of times, weekdays, days, months or years"
)]
pub(crate) struct TimeSpan {
    /// Times of the day.
    pub(crate) times: Vec<TimeRange>,
    /// Days of the week: `monday`, or `monday:friday`.
    pub(crate) weekdays: Vec<String>,
    /// Days of the month: `1`, `1:5`, or from its end `-3:-1`.
    pub(crate) days_of_month: Vec<String>,
    /// Months: `december`, `1:3` or `may:august`.
    pub(crate) months: Vec<String>,
    /// Years: `2026`, or `2026:2028`.
    pub(crate) years: Vec<String>,
    /// The time zone: a name of the IANA database, such as `Europe/Berlin`.
    pub(crate) location: String,
}

impl Default for TimeSpan {
    fn default() -> Self {
        Self {
            times: Vec::new(),
            weekdays: Vec::new(),
            days_of_month: Vec::new(),
            months: Vec::new(),
            years: Vec::new(),
            location: "UTC".to_owned(),
        }
    }
}

/// A part of the day.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a map with `start_time` and `end_time`"
)]
#[schemars(extend("required" = ["start_time", "end_time"]))]
pub(crate) struct TimeRange {
    /// The first minute: `09:00`.
    pub(crate) start_time: Given<String>,
    /// The minute after the last: `17:00`; `24:00` is the day's end.
    pub(crate) end_time: Given<String>,
}
