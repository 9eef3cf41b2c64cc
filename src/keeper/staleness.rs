//! Verdicts that have become too old to rely on.

use std::time::Duration;

use crate::domain::finding::Reason;
use crate::domain::presenter::Unpresentable;
use crate::domain::status::CheckStatus;

/// A verdict older than this many intervals says nothing any more.
const INTERVALS: u32 = 3;

/// How old a verdict may become: three intervals, and the time that one more probe may take.
pub(super) fn patience(cadence: Duration, timeout: Duration) -> Duration {
    cadence * INTERVALS + timeout
}

/// Why a check has no verdict that counts.
pub(super) fn not_probed(status: &CheckStatus, patience: Duration) -> Unpresentable {
    let last = match status.probed_at {
        Some(at) => format!("the last one came back at {at:.0}"),
        None => "none has come back yet".to_owned(),
    };
    let held = match &status.held {
        Some(hold) => format!("; {}, until {:.0}", hold.why, hold.until),
        None => String::new(),
    };
    let within = patience.as_secs();
    Unpresentable::new(
        Reason::NotProbed,
        format!("no probe within {within} s: {last}{held}"),
    )
}
