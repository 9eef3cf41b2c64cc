//! The challenges that a check may offer, and those that it offered without leave.

use jiff::Timestamp;

use super::text::{LINE, Moment, PASSAGE, shown};
use crate::domain::drift::{Baseline, Strange};

/// Accepted challenges that are listed.
const MOST_ACCEPTED: usize = 20;

/// What is known of a check's challenges.
pub(super) struct Drift {
    pub(super) accepted: Vec<String>,
    /// The one met last comes first.
    pub(super) strange: Vec<StrangeView>,
}

/// Challenges that were not accepted.
pub(super) struct StrangeView {
    pub(super) text: String,
    pub(super) since: Moment,
    pub(super) last: Moment,
}

impl Drift {
    /// `None` where no challenge was learnt or met yet.
    pub(super) fn of(baseline: &Baseline, now: Timestamp) -> Option<Self> {
        let accepted = baseline.accepted.iter().take(MOST_ACCEPTED);
        let drift = Self {
            accepted: accepted.map(|it| shown(it.as_str(), LINE)).collect(),
            strange: baseline
                .strange
                .iter()
                .rev()
                .map(|it| StrangeView::of(it, now))
                .collect(),
        };
        (!drift.accepted.is_empty() || !drift.strange.is_empty()).then_some(drift)
    }
}

impl StrangeView {
    fn of(strange: &Strange, now: Timestamp) -> Self {
        Self {
            text: shown(strange.fingerprint.as_str(), PASSAGE),
            since: Moment::of(strange.since, now),
            last: Moment::of(strange.at, now),
        }
    }
}
