//! One silence, as the command line and the control socket both have it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::silence::Silence;

/// A silence that has not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SilenceDocument {
    /// Its name: eight hexadecimal digits.
    pub id: String,
    /// What must hold of an incident's labels, each as a configuration writes it.
    pub matchers: Vec<String>,
    /// When it began.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Why.
    pub comment: String,
    /// Who wanted it.
    pub author: String,
}

impl SilenceDocument {
    /// The document of a silence.
    pub fn of(silence: &Silence) -> Self {
        Self {
            id: silence.id.to_string(),
            matchers: silence.matchers.iter().map(ToString::to_string).collect(),
            starts_at: silence.starts_at,
            ends_at: silence.ends_at,
            comment: silence.comment.clone(),
            author: silence.author.clone(),
        }
    }
}
