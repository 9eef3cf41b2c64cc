//! Confirmed regressions: what an incident is, from the first bad verdict to the recovery.
//!
//! In come the verdicts of one check, one after the other; out go transitions: an incident opened,
//! resolved, or began to flap.
//! [`Casebook::advance`] is where that is decided; [`Incident`] is what is kept and told of it.

mod casebook;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

pub use casebook::{Casebook, Step, Transition};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::check::CheckId;
use super::finding::{Class, Reason, Severity};
use super::notice::Story;

/// Names an incident: sixteen hexadecimal digits.
///
/// The same check cannot open two incidents of one class at the same moment, so its name is made of
/// these.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IncidentId(Arc<str>);

impl IncidentId {
    /// The name of the incident of this class that a check opened at this moment.
    pub fn new(check: &CheckId, class: Class, opened_at: Timestamp) -> Self {
        let text = format!("{check} {} {}", class.as_str(), opened_at.as_microsecond());
        let digest = Sha256::digest(text.as_bytes());
        let digits = digest.iter().take(8).map(|byte| format!("{byte:02x}"));
        Self(digits.collect::<String>().into())
    }

    /// Reads a name; `None` for anything but sixteen lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == 16 && text.bytes().all(digit)).then(|| Self(text.into()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A confirmed regression of one check, of one class.
#[derive(Clone, Debug, PartialEq)]
pub struct Incident {
    /// Its name.
    pub id: IncidentId,
    /// Which check.
    pub check: CheckId,
    /// What kind of regression.
    pub class: Class,
    /// Why: the worst finding of the class, as it last was.
    pub reason: Reason,
    /// How grave, after the endpoint's own settings; as at the opening.
    pub severity: Severity,
    /// When the verdict became bad: the first of those that confirmed it.
    pub since: Timestamp,
    /// When it was confirmed.
    pub opened_at: Timestamp,
    /// When and how it ended, if it did.
    pub ended: Option<Ended>,
    /// What re-probes of a bypass found; `None` where there were none, or they are under way.
    pub reproduced: Option<Reproduced>,
    /// Whether it opens and resolves too often to be told each time. Never for a bypass.
    pub flapping: bool,
    /// Everything that routes match and group by: `endpoint`, `check`, `persona`, `class`, `reason`,
    /// `severity`, `credential`, `host`, and the configured labels.
    pub labels: Arc<BTreeMap<String, String>>,
    /// What was seen when it was opened.
    pub story: Arc<Story>,
}

impl Incident {
    /// Labels of which the configuration decides neither name nor value.
    pub const BUILT_IN: [&'static str; 8] = [
        "endpoint",
        "check",
        "persona",
        "class",
        "reason",
        "severity",
        "credential",
        "host",
    ];

    /// Whether it goes on.
    pub fn is_open(&self) -> bool {
        self.ended.is_none()
    }

    /// The labels that the configuration gave, in order.
    pub fn configured_labels(&self) -> impl Iterator<Item = (&str, &str)> {
        let labels = self.labels.iter();
        let labels = labels.map(|(name, value)| (name.as_str(), value.as_str()));
        labels.filter(|(name, _)| !Self::BUILT_IN.contains(name))
    }
}

/// The end of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// When.
    pub at: Timestamp,
    /// How.
    pub resolution: Resolution,
}

/// How an incident ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// The check had enough answers without findings of the class.
    Recovered,
    /// The check left the configuration, or asks something else by now: nobody knows whether it is
    /// mended.
    Removed,
}

impl Resolution {
    /// The stable name: a JSON value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recovered => "recovered",
            Self::Removed => "removed",
        }
    }
}

/// What probes right after the one that saw a bypass found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reproduced {
    /// How many met the bypass again.
    pub again: u32,
    /// How many came to an answer.
    pub of: u32,
}

impl Reproduced {
    /// How many answers in a row must show a partial bypass gone: any one of them may have come
    /// from a replica that is in order.
    pub const PARTIAL_RECOVERIES: u32 = 10;

    /// Whether some were refused: one of several replicas may have lost its configuration.
    pub fn is_partial(self) -> bool {
        self.again < self.of
    }
}

/// As mails have it: `reproduced 3/3`, or `seen 1 of 4`.
impl fmt::Display for Reproduced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_partial() {
            write!(f, "seen {} of {}", self.again + 1, self.of + 1)
        } else {
            write!(f, "reproduced {}/{}", self.again, self.of)
        }
    }
}
