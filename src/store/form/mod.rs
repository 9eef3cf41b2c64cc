//! What was seen, and what was said of it, as JSON in the state file.
//!
//! The names here are an interface with files that were written before: a part is added with
//! `#[serde(default)]`, and what a later version does not know is left out.
//!
//! An observation arrives as evidence, so all of it is kept: status, version, field lines, how the
//! body ended, times, address and certificates, or the silence.
//! Bodies are matched, and never kept.

mod answer;
pub(super) mod baseline;
pub(super) mod incident;
pub(super) mod notice;
mod observation;
mod occasion;
pub(super) mod silence;
mod story;
#[cfg(test)]
mod tests;
mod time;
mod tls;
pub(super) mod told;

use observation::ObservationForm;
use serde::{Deserialize, Serialize};
pub(super) use time::{from_micros, from_span, micros, span};
pub(super) use tls::Chains;

use crate::domain::advice::{Advice, AdviceCode};
use crate::domain::finding::{Class, Finding, Reason, Severity, Verdict};
use crate::domain::judge::Judgement;
use crate::domain::status::Seen;

#[derive(Debug, Serialize, Deserialize)]
struct SeenForm {
    at: i64,
    since: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    findings: Vec<FindingForm>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    advice: Vec<AdviceForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    observation: Option<ObservationForm>,
}

#[derive(Debug, Serialize, Deserialize)]
struct FindingForm {
    reason: String,
    severity: String,
    expected: String,
    saw: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct AdviceForm {
    code: String,
    message: String,
}

/// What was seen, as text. No bytes of a body are in it.
pub(super) fn to_text(seen: &Seen) -> serde_json::Result<String> {
    serde_json::to_string(&SeenForm {
        at: micros(seen.at),
        since: micros(seen.since),
        findings: seen.judgement.findings.iter().map(finding_form).collect(),
        advice: seen.judgement.advice.iter().map(advice_form).collect(),
        observation: seen.observation.as_ref().map(ObservationForm::of),
    })
}

/// What was seen; `None` where the text says nothing that can be understood.
///
/// Findings whose reason is not known any more are left out. Where none of them is left, so is the
/// whole: what once failed must not look as if it had passed.
pub(super) fn from_text(text: &str, chains: &mut Chains) -> Option<Seen> {
    let form: SeenForm = serde_json::from_str(text).ok()?;
    let findings: Vec<Finding> = form.findings.iter().filter_map(finding).collect();
    if findings.is_empty() && !form.findings.is_empty() {
        return None;
    }
    Some(Seen {
        at: from_micros(form.at)?,
        since: from_micros(form.since)?,
        judgement: Judgement {
            findings,
            advice: form.advice.into_iter().filter_map(advice).collect(),
        },
        observation: form.observation.and_then(|form| form.observation(chains)),
    })
}

/// The verdict with this stable name.
pub(super) fn verdict(name: &str) -> Option<Verdict> {
    [Verdict::Pass, Verdict::Fail, Verdict::Unknown]
        .into_iter()
        .find(|verdict| verdict.as_str() == name)
}

fn class(name: &str) -> Option<Class> {
    let mut all = Class::ALL.into_iter();
    all.find(|class| class.as_str() == name)
}

fn severity(name: &str) -> Option<Severity> {
    [Severity::Warning, Severity::Critical]
        .into_iter()
        .find(|severity| severity.as_str() == name)
}

fn finding_form(finding: &Finding) -> FindingForm {
    FindingForm {
        reason: finding.reason.as_str().to_owned(),
        severity: finding.severity.as_str().to_owned(),
        expected: finding.expected.clone(),
        saw: finding.saw.clone(),
    }
}

fn finding(form: &FindingForm) -> Option<Finding> {
    let reason = Reason::from_name(&form.reason)?;
    Some(Finding {
        reason,
        severity: severity(&form.severity).unwrap_or(reason.severity()),
        expected: form.expected.clone(),
        saw: form.saw.clone(),
    })
}

fn advice_form(advice: &Advice) -> AdviceForm {
    AdviceForm {
        code: advice.code.as_str().to_owned(),
        message: advice.message.clone(),
    }
}

fn advice(form: AdviceForm) -> Option<Advice> {
    Some(Advice {
        code: AdviceCode::named(&form.code)?,
        message: form.message,
    })
}
