//! What is said on the control socket.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::document::SilenceDocument;

/// What can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Request {
    /// Read the configuration again.
    Reload,
    /// Do not tell of incidents with these labels for a while.
    SilenceAdd {
        /// What must hold of their labels, all of it, as a configuration writes it; the bare name of
        /// an endpoint is short for `endpoint="NAME"`.
        matchers: Vec<String>,
        /// For how long.
        seconds: u64,
        /// Why.
        comment: String,
        /// Who wants it; the user who asks, as the socket knows it, where this is left out.
        #[serde(default)]
        author: Option<String>,
    },
    /// Tell which silences have not ended.
    SilenceList,
    /// End a silence.
    SilenceExpire {
        /// Which.
        id: String,
    },
    /// Accept the challenges that the checks of an endpoint, or one of them, offer by now.
    Accept {
        /// The endpoint.
        endpoint: String,
        /// The check; all of them where it is left out.
        #[serde(default)]
        check: Option<String>,
    },
}

impl Request {
    /// The request with the one who asked named in it, where nobody is.
    pub(super) fn signed(self, user: impl FnOnce() -> String) -> Self {
        match self {
            Self::SilenceAdd {
                matchers,
                seconds,
                comment,
                author,
            } => Self::SilenceAdd {
                matchers,
                seconds,
                comment,
                author: Some(author.unwrap_or_else(user)),
            },
            Self::Reload | Self::SilenceList | Self::SilenceExpire { .. } | Self::Accept { .. } => {
                self
            }
        }
    }
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Reply {
    /// It was done.
    Done,
    /// It was not, because of what was asked for.
    Refused {
        /// Why, for a person.
        why: String,
    },
    /// It was not, because the daemon could not.
    Failed {
        /// Why, for a person.
        why: String,
    },
    /// Incidents are not told of for a while.
    Silenced {
        /// The silence.
        silence: SilenceDocument,
        /// What whoever asked may not expect of it.
        notes: Vec<String>,
    },
    /// Every silence that has not ended.
    Silences {
        /// When that was so.
        at: Timestamp,
        /// They, in the order of their ends.
        silences: Vec<SilenceDocument>,
    },
    /// Challenges were accepted, or there was nothing to accept.
    Accepted {
        /// Every check that was meant.
        checks: Vec<AcceptedCheck>,
        /// What whoever asked may not expect of it.
        notes: Vec<String>,
    },
}

/// What a check may offer from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptedCheck {
    /// Its name: `orders/anonymous`.
    pub check: String,
    /// What was accepted before, for a person to compare; nothing where nothing was learnt yet.
    pub before: Vec<String>,
    /// What was accepted now; nothing where it offered nothing new.
    pub accepted: Vec<String>,
}
