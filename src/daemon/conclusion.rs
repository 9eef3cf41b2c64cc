//! From what an endpoint's checks met to their results.

use super::doorbell::{Doorbell, Knocked};
use super::report::CheckResult;
use crate::domain::check::{Check, Role};
use crate::domain::endpoint::Endpoint;
use crate::domain::judge::{self, Circumstances, Judgement, Question};
use crate::domain::observation::{Answer, Observation, without_query_values};
use crate::domain::presenter::{Shown, Unpresentable};

/// How much of an answer outlives its judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// What a report shows: thousands of results wait for the end of a run.
    Evidence,
    /// All of it.
    Everything,
}

/// The results of an endpoint of which no check was sent.
pub(super) fn all_unsent(endpoint: &Endpoint, why: &Unpresentable) -> Vec<CheckResult> {
    let checks = endpoint.checks.iter();
    checks.map(|check| unsent(endpoint, check, why)).collect()
}

fn unsent(endpoint: &Endpoint, check: &Check, why: &Unpresentable) -> CheckResult {
    result(endpoint, check, judge::judge_unsent(endpoint, why), None)
}

fn result(
    endpoint: &Endpoint,
    check: &Check,
    judgement: Judgement,
    observation: Option<Observation>,
) -> CheckResult {
    CheckResult {
        id: endpoint.check_id(check),
        persona: check.persona.clone(),
        url: without_query_values(endpoint.request.url.as_str()),
        judgement,
        observation,
        shown: Shown::default(),
    }
}

/// Judges the holders first: what they met is what the others are held against.
pub(super) fn judged(
    doorbell: &Doorbell,
    endpoint: &Endpoint,
    knocked: Vec<Knocked>,
    keep: Keep,
) -> Vec<CheckResult> {
    let now = doorbell.clock.now();
    let mut circumstances = Circumstances {
        now,
        ..Circumstances::default()
    };
    for (check, (observation, _)) in endpoint.checks.iter().zip(&knocked) {
        if check.persona.is_holder() && check.role() == Role::Admitted {
            let met = observation.as_ref().ok().and_then(Observation::answer);
            note_holder(check, met, &mut circumstances);
        }
    }
    let checks = endpoint.checks.iter().zip(knocked);
    checks
        .map(|(check, (observation, shown))| match observation {
            Err(unpresentable) => unsent(endpoint, check, &unpresentable),
            Ok(seen) => {
                let circumstances = Circumstances {
                    shown,
                    ..circumstances
                };
                let question = Question {
                    endpoint,
                    check,
                    circumstances,
                };
                let judgement = judge::judge(&question, &seen);
                let seen = if keep == Keep::Evidence {
                    seen.evidence()
                } else {
                    seen
                };
                CheckResult {
                    shown,
                    ..result(endpoint, check, judgement, Some(seen))
                }
            }
        })
        .collect()
}

fn note_holder(check: &Check, met: Option<&Answer>, circumstances: &mut Circumstances) {
    let admitted = met.is_some_and(|answer| judge::is_admitted(check, answer));
    let before = circumstances.holder_admitted.unwrap_or(false);
    circumstances.holder_admitted = Some(before || admitted);
    if let Some(answer) = met.filter(|answer| (200..=299).contains(&answer.status)) {
        circumstances
            .holder_body
            .get_or_insert_with(|| judge::digest(&answer.body));
    }
}
