//! What fetching comes to: tokens, sessions and what programs print, counted for each credential.

use super::check::Name;
use super::finding::{Class, Reason};

/// How often fetching for one credential came to one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetches {
    /// Whose holder it was fetched for.
    pub credential: Name,
    /// What it came to.
    pub outcome: FetchOutcome,
    /// How often, since the credential was configured as it is.
    pub count: u64,
}

/// What came of fetching something, or of what was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FetchOutcome {
    /// It was fetched.
    Fetched,
    /// The provider refused what it was shown.
    Rejected,
    /// The provider gave nothing; the reason is that of a probe that would have met the same.
    Failed(Reason),
    /// What was kept was refused by an endpoint, and let go.
    Refused,
}

impl FetchOutcome {
    /// What is counted from 0: a counter that begins at 1 hides its first step.
    pub fn likely() -> impl Iterator<Item = Self> {
        let outages = Reason::ALL
            .iter()
            .filter(|reason| reason.class() == Class::Outage);
        [Self::Fetched, Self::Rejected, Self::Refused]
            .into_iter()
            .chain(outages.map(|reason| Self::Failed(*reason)))
    }

    /// The stable name, a metric label: that of the reason where fetching failed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fetched => "fetched",
            Self::Rejected => "rejected",
            Self::Failed(reason) => reason.as_str(),
            Self::Refused => "refused",
        }
    }
}
