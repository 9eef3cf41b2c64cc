//! Silences: what is not told at present, or will not be.

use jiff::Timestamp;

use super::text::{LINE, Moment, shown};
use crate::domain::silence::Silence;
use crate::domain::status::Snapshot;

/// Silences that are listed.
pub(super) const MOST: usize = 50;

/// A silence as the overview shows it.
pub(super) struct SilenceView {
    pub(super) id: String,
    pub(super) matchers: Vec<String>,
    /// When it begins, where that is still to come.
    pub(super) from: Option<Moment>,
    pub(super) until: Moment,
    pub(super) author: String,
    pub(super) comment: String,
}

/// Every silence that has not ended, the first to end first.
pub(super) fn silences(snapshot: &Snapshot) -> Vec<SilenceView> {
    let now = snapshot.taken_at;
    let lasting = snapshot.silences.iter().filter(|it| now < it.ends_at);
    lasting.map(|it| SilenceView::of(it, now)).collect()
}

impl SilenceView {
    fn of(silence: &Silence, now: Timestamp) -> Self {
        let matchers = silence.matchers.iter();
        Self {
            id: silence.id.to_string(),
            matchers: matchers.map(|it| shown(&it.to_string(), LINE)).collect(),
            from: (now < silence.starts_at).then(|| Moment::of(silence.starts_at, now)),
            until: Moment::of(silence.ends_at, now),
            author: shown(&silence.author, LINE),
            comment: shown(&silence.comment, LINE),
        }
    }
}
