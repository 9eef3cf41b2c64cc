//! Whether a lock still offers the challenges that it used to.
//!
//! In come the challenges of an answer; out goes a fingerprint that stays the same under harmless
//! change: a new nonce, another order. Fingerprints that were accepted make a baseline, and one that
//! is none of them is drift.
//! What drift is worth, a finding or advice, is the endpoint's setting.

mod fingerprint;
mod judge;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
pub use judge::{Drifted, fingerprint_of, hold, judge, trust};

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
    /// Seen since, and not accepted, the one met last at the end; at most [`Baseline::MOST_STRANGE`].
    pub strange: Vec<Strange>,
}

impl Baseline {
    /// How many strange fingerprints are remembered; a server that makes up a new one each time fills
    /// no memory.
    pub const MOST_STRANGE: usize = 8;

    /// Takes in what an answer offered, and says whether that is known.
    ///
    /// The first one is accepted without asking, as nobody could tell what it should be; from then
    /// on a person accepts.
    pub fn meet(&mut self, fingerprint: &Fingerprint, trust: Trust, at: Timestamp) -> Met {
        if self.accepted.contains(fingerprint) {
            return Met::Known;
        }
        match (self.accepted.is_empty(), trust) {
            (true, Trust::Sound) => {
                self.accepted.insert(fingerprint.clone());
                self.strange
                    .retain(|strange| strange.fingerprint != *fingerprint);
                Met::Learnt
            }
            (true, Trust::Doubtful) => Met::Passed,
            (false, Trust::Sound | Trust::Doubtful) => {
                self.remember(fingerprint, at);
                Met::Strange
            }
        }
    }

    /// Accepts everything strange that was seen; says how many that were.
    pub fn accept(&mut self) -> usize {
        let strange = std::mem::take(&mut self.strange);
        let accepted = strange.len();
        let fingerprints = strange.into_iter().map(|strange| strange.fingerprint);
        self.accepted.extend(fingerprints);
        accepted
    }

    fn remember(&mut self, fingerprint: &Fingerprint, at: Timestamp) {
        let known = |strange: &Strange| strange.fingerprint == *fingerprint;
        let since = match self.strange.iter().position(known) {
            Some(place) => self.strange.remove(place).since,
            None => at,
        };
        self.strange.push(Strange {
            fingerprint: fingerprint.clone(),
            since,
            at,
        });
        if self.strange.len() > Self::MOST_STRANGE {
            self.strange.remove(0);
        }
    }
}

/// Whether an answer may be learnt from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Nothing speaks against it.
    Sound,
    /// The lock, or who answered in its place, may not be itself.
    Doubtful,
}

/// How what was met relates to the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// It is accepted.
    Known,
    /// It was the first one, and is accepted from now on.
    Learnt,
    /// There is nothing to compare with, and it is too doubtful to begin with.
    Passed,
    /// It is not accepted.
    Strange,
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
