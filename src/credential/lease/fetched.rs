//! What came of fetching once, and what it means for the next time.

use std::time::Duration;

use jiff::Timestamp;

use crate::domain::fetches::FetchOutcome;
use crate::domain::finding::Reason;
use crate::domain::observation::{Answer, BodyEnd, Observation, Outcome};
use crate::domain::presenter::Unpresentable;
use crate::domain::rest;

/// What a provider gave.
#[derive(Clone, Debug)]
pub(in crate::credential) struct Granted<T> {
    pub(in crate::credential) value: T,
    /// When it ends, as far as anybody said.
    pub(in crate::credential) expires_at: Option<Timestamp>,
}

/// What came of fetching.
#[derive(Debug)]
pub(in crate::credential) struct Fetched<T> {
    pub(in crate::credential) outcome: Result<Granted<T>, Unpresentable>,
    /// What the provider answered; `None` where it was not asked.
    pub(in crate::credential) seen: Option<Observation>,
}

impl<T> Fetched<T> {
    /// The word under which it is counted.
    pub(super) fn came_to(&self) -> FetchOutcome {
        match &self.outcome {
            Ok(_) => FetchOutcome::Fetched,
            Err(why) if why.rejected => FetchOutcome::Rejected,
            Err(why) => FetchOutcome::Failed(self.seen.as_ref().map_or(why.reason, reason)),
        }
    }

    /// How long the provider asks to be left alone, where it gave nothing and says so.
    pub(super) fn rest(&self, now: Timestamp) -> Option<Duration> {
        let answer = self.seen.as_ref().and_then(Observation::answer);
        answer
            .filter(|_| self.outcome.is_err())
            .and_then(|answer| rest::retry_after(answer, now))
    }

    /// What was seen, without what was fetched: the body is a secret, and nobody judges it.
    pub(super) fn bodiless(seen: Observation) -> Observation {
        let outcome = match seen.outcome {
            Outcome::Answer(mut answer) => {
                answer.body.bytes = Vec::new();
                Outcome::Answer(answer)
            }
            Outcome::Silence(silence) => Outcome::Silence(silence),
        };
        Observation { outcome, ..seen }
    }
}

/// Why a provider that answered, or did not, gave nothing that can be used.
fn reason(seen: &Observation) -> Reason {
    match &seen.outcome {
        Outcome::Silence(silence) => silence.reason,
        Outcome::Answer(answer) => of_answer(answer),
    }
}

fn of_answer(answer: &Answer) -> Reason {
    match (answer.status, &answer.body.end) {
        (429, _) => Reason::RateLimited,
        (500.., _) => Reason::ServerError,
        (_, BodyEnd::Broken(silence)) => silence.reason,
        (_, BodyEnd::CutOff) => Reason::ResponseTooLarge,
        // It says that this is what was asked for, and it is not.
        (200..=299, BodyEnd::Complete) => Reason::ProtocolError,
        (300..=399, BodyEnd::Complete) => Reason::Redirected,
        (404 | 410, BodyEnd::Complete) => Reason::NotFound,
        (_, BodyEnd::Complete) => Reason::UnexpectedStatus,
    }
}
