//! What must be met: statuses, challenges, headers, body, time.

mod body;
mod header;
mod status;

use std::time::Duration;

pub use body::{BodyExpectation, JsonExpectation, Whole};
pub use header::{HeaderExpectation, HeaderRule, TextExpectation};
pub use status::{StatusSet, StatusSetFault};

use super::challenge::ExpectedChallenge;

/// Everything that one check expects.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// The statuses that are agreed.
    pub status: StatusSet,
    /// The challenges that are agreed.
    pub challenge: ChallengeExpectation,
    /// What headers must say, in the order of the configuration.
    pub headers: Vec<HeaderExpectation>,
    /// What the body must say; all of it.
    pub body: Vec<BodyExpectation>,
    /// The longest that a probe may take.
    pub max_duration: Option<Duration>,
    /// What `Location` must say on the first answer.
    pub location: Option<TextExpectation>,
    /// The least that may remain of a certificate's lifetime, in place of the default horizon.
    pub certificate_min_remaining: Option<Duration>,
    /// The least that may remain of the shown credential's validity.
    pub credential_min_remaining: Option<Duration>,
}

impl Expectation {
    /// Expects these statuses, any well-formed challenge, and nothing else.
    pub fn of_status(status: StatusSet) -> Self {
        Self {
            status,
            challenge: ChallengeExpectation::WellFormed,
            headers: Vec::new(),
            body: Vec::new(),
            max_duration: None,
            location: None,
            certificate_min_remaining: None,
            credential_min_remaining: None,
        }
    }
}

/// Which challenges are agreed.
#[derive(Clone, Debug, Default)]
pub enum ChallengeExpectation {
    /// At least one on a 401, and whatever there is well-formed.
    #[default]
    WellFormed,
    /// None needed; whatever there is well-formed.
    Optional,
    /// No `WWW-Authenticate` at all.
    Absent,
    /// Each of these on offer.
    Offers(Vec<ExpectedChallenge>),
}
