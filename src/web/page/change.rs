//! What changed lately at an endpoint.

use jiff::Timestamp;

use super::evidence::status_in_words;
use super::standing::Standing;
use super::text::{LINE, Moment, shown};
use crate::domain::finding::{Reason, Verdict};
use crate::domain::observation::{Field, Observation, Outcome};
use crate::domain::status::Change;

/// A change of a verdict.
pub(super) struct Row {
    pub(super) at: Moment,
    pub(super) check: String,
    pub(super) before: &'static str,
    pub(super) after: Standing,
    pub(super) reasons: Vec<&'static str>,
    pub(super) status: String,
    pub(super) challenge: String,
}

impl Row {
    pub(super) fn of(change: &Change, now: Timestamp) -> Self {
        let observation = change.seen.observation.as_ref();
        let (_, reasons) = change.seen.outcome();
        Self {
            at: Moment::of(change.seen.at, now),
            check: change.id.check.to_string(),
            before: change.before.map_or("pending", Verdict::as_str),
            after: Standing::of_judgement(&change.seen.judgement),
            reasons: reasons.into_iter().map(Reason::as_str).collect(),
            status: observation.map_or_else(|| "nothing was sent".to_owned(), status),
            challenge: observation.map(challenge).unwrap_or_default(),
        }
    }
}

fn status(observation: &Observation) -> String {
    match &observation.outcome {
        Outcome::Answer(answer) => status_in_words(answer.status),
        Outcome::Silence(_) => "no answer".to_owned(),
    }
}

fn challenge(observation: &Observation) -> String {
    let lines = observation
        .answer()
        .into_iter()
        .flat_map(|answer| answer.lines("www-authenticate"));
    let lines: Vec<String> = lines.take(10).map(Field::text).collect();
    shown(&lines.join(" | "), LINE)
}
