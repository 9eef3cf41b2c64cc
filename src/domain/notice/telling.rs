//! What was said already: what keeps anybody from being told twice, over restarts too.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Isolation, MessageId};
use crate::domain::check::Name;
use crate::domain::incident::IncidentId;

/// What a receiver was told of an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// Which incident.
    pub incident: IncidentId,
    /// Who was told.
    pub receiver: Name,
    /// The last that was said.
    pub said: Said,
    /// When it was said.
    pub at: Timestamp,
    /// The group in which it was said: incidents of one group share a notice, and wait for one
    /// another.
    pub group: String,
    /// The incident's mails to the receiver, the oldest first; its first mail is what answers go to.
    /// Of many only the first and the last ones. Empty where the incident was held back until it was
    /// over, so that nothing was said and nothing ever will be.
    pub mails: Vec<MessageId>,
    /// The mails of a graver or earlier incident of the same check, which this one's thread hangs on.
    pub thread: Vec<MessageId>,
}

/// The last that was said of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Said {
    /// That it is open.
    Opened,
    /// That it opens and resolves again and again.
    Flapping,
    /// That it ended.
    Ended,
}

impl Said {
    /// The stable name: how it is kept on disk.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Flapping => "flapping",
            Self::Ended => "ended",
        }
    }
}

/// What was said that is about no incident.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memo {
    /// When the last heartbeat was due, or else the first start.
    pub heartbeat_at: Option<Timestamp>,
    /// That this monitor seems cut off, and the mail in which each receiver was told.
    pub isolation: Option<(Isolation, BTreeMap<Name, MessageId>)>,
}
