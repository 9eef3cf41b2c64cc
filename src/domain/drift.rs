//! Whether a lock still offers the challenges that it used to.
//!
//! In come the challenges of an answer; out goes a fingerprint that stays the same under harmless
//! change: a new nonce, another order. Fingerprints that were accepted make a baseline, and one that
//! is none of them is drift.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

/// What challenges amount to, for comparison: a canonical text that a person can read too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(Arc<str>);

impl Fingerprint {
    /// A fingerprint that was made before and stored.
    pub fn stored(text: &str) -> Self {
        Self(text.into())
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What a check's challenges may look like, and what else was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// The accepted ones: several where replicas differ. Empty until a first one was learnt.
    pub accepted: BTreeSet<Fingerprint>,
    /// Seen since, and not accepted, the oldest first; at most [`Baseline::MOST_STRANGE`].
    pub strange: Vec<Strange>,
}

impl Baseline {
    /// How many strange fingerprints are remembered; a server that makes up a new one each time fills
    /// no memory.
    pub const MOST_STRANGE: usize = 8;
}

/// A fingerprint that was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strange {
    /// Which.
    pub fingerprint: Fingerprint,
    /// When it was first met.
    pub since: Timestamp,
    /// When it was last met.
    pub at: Timestamp,
}
