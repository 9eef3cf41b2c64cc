//! A silence.

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::silence::Silence;

/// One silence.
#[derive(Debug, Serialize)]
pub struct SilenceDocument<'a> {
    id: &'a str,
    matchers: Vec<String>,
    state: &'static str,
    starts_at: Timestamp,
    ends_at: Timestamp,
    comment: &'a str,
    author: &'a str,
}

impl<'a> SilenceDocument<'a> {
    /// The document of a silence, as it stands at a moment.
    pub fn of(silence: &'a Silence, now: Timestamp) -> Self {
        Self {
            id: silence.id.as_str(),
            matchers: silence.matchers.iter().map(ToString::to_string).collect(),
            state: state(silence, now),
            starts_at: silence.starts_at,
            ends_at: silence.ends_at,
            comment: &silence.comment,
            author: &silence.author,
        }
    }
}

fn state(silence: &Silence, now: Timestamp) -> &'static str {
    if silence.is_active(now) {
        "active"
    } else if now < silence.starts_at {
        "pending"
    } else {
        "ended"
    }
}
