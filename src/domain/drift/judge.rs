//! What it is worth that a challenge is not one of the accepted ones.

use super::{Baseline, Fingerprint, Met, Trust};
use crate::domain::advice::{Advice, AdviceCode};
use crate::domain::check::{Check, Role};
use crate::domain::endpoint::Drift;
use crate::domain::finding::{Finding, Reason};
use crate::domain::judge::{Judgement, Question, severity_at};
use crate::domain::observation::Answer;

/// What drift adds to a judgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Drifted {
    /// The check fails until the new form is accepted.
    Finding(Finding),
    /// The change is shown.
    Advice(Advice),
}

/// How many accepted forms are named.
const NAMED: usize = 4;

/// The longest form, in characters, that advice shows.
const SHOWN: usize = 300;

/// Holds an answer against the baseline of its check, and adds to its judgement what that shows.
///
/// `None` where the answer carries no fingerprint, or the endpoint does not care.
pub fn hold(
    question: &Question<'_>,
    answer: &Answer,
    baseline: &mut Baseline,
    judgement: &mut Judgement,
) -> Option<Met> {
    let drift = question.endpoint.drift;
    if drift == Drift::Ignore {
        return None;
    }
    let fingerprint = fingerprint_of(question.check, answer)?;
    let trust = trust(question, judgement);
    let met = baseline.meet(&fingerprint, trust, question.circumstances.now);
    match judge(drift, baseline, met, &fingerprint) {
        None => {}
        Some(Drifted::Advice(advice)) => judgement.advice.push(advice),
        Some(Drifted::Finding(mut finding)) => {
            finding.severity = severity_at(question.endpoint, finding.reason);
            judgement.add(finding);
        }
    }
    Some(met)
}

/// What an answer offers, where that is worth comparing: in a refusal that was agreed.
///
/// A malformed header counts with what was recovered of it.
pub fn fingerprint_of(check: &Check, answer: &Answer) -> Option<Fingerprint> {
    let refusal = check.role() == Role::Refused && (400..500).contains(&answer.status);
    let agreed = refusal && check.expectation.status.contains(answer.status);
    agreed.then(|| Fingerprint::of(answer.status, &answer.challenges()))
}

/// Whether an answer that was judged so may be the first to be learnt.
///
/// Not while the rightful holder is kept out, and not where a finding says that the answer is not
/// the agreed one: it may come from a proxy or a stranger.
pub fn trust(question: &Question<'_>, judgement: &Judgement) -> Trust {
    let harmless = |finding: &Finding| {
        matches!(
            finding.reason,
            Reason::ChallengeMalformed
                | Reason::ChallengeInsecure
                | Reason::ChallengeChanged
                | Reason::TooSlow
                | Reason::CertificateExpiring
                | Reason::CredentialExpiring
                | Reason::Cacheable
        )
    };
    let locked_out = question.circumstances.holder_admitted == Some(false);
    if locked_out || !judgement.findings.iter().all(harmless) {
        Trust::Doubtful
    } else {
        Trust::Sound
    }
}

/// What an answer's fingerprint is worth, after the baseline has met it.
pub fn judge(
    drift: Drift,
    baseline: &Baseline,
    met: Met,
    fingerprint: &Fingerprint,
) -> Option<Drifted> {
    match (met, drift) {
        (Met::Known | Met::Learnt | Met::Passed, Drift::Record | Drift::Alert | Drift::Ignore)
        | (Met::Strange, Drift::Ignore) => None,
        (Met::Strange, Drift::Alert) => Some(Drifted::Finding(Finding::new(
            Reason::ChallengeChanged,
            accepted(baseline),
            fingerprint.as_str(),
        ))),
        (Met::Strange, Drift::Record) => {
            let offered = shortened(fingerprint.as_str());
            let accepted = shortened(&accepted(baseline));
            Some(Drifted::Advice(Advice {
                code: AdviceCode::ChallengeDrift,
                message: format!("offered: {offered}; accepted: {accepted}"),
            }))
        }
    }
}

/// The accepted forms, as far as a person wants to read them.
fn accepted(baseline: &Baseline) -> String {
    let forms = baseline.accepted.iter().take(NAMED);
    let forms: Vec<&str> = forms.map(Fingerprint::as_str).collect();
    match baseline.accepted.len().saturating_sub(NAMED) {
        0 => forms.join(", or "),
        more => format!("{}, or one of {more} more", forms.join(", or ")),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
