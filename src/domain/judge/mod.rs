//! From an observation to findings: what an answer, or its absence, says of the lock.
//!
//! In come a check of an endpoint, what is known around it, and one observation. Out comes a
//! judgement with every finding, the gravest first, and advice that never fails a check.
//! All expectations are evaluated whatever the others say: a wrong status does not hide a wrong
//! challenge.
//!
//! **Invariant:** the same question and the same observation give the same judgement.

mod challenge;
mod expiring;
mod login;
mod response;
mod status;
#[cfg(test)]
mod tests;

pub use expiring::{
    CredentialTeller, Expiring, credential_tellers, expiring, expiring_at, expiring_credential,
};
use jiff::Timestamp;
pub use login::{digest, holds_login_form, is_admission, is_admitted, is_rejection};

use super::advice::{Advice, AdviceCode};
use super::challenge::{LintContext, lint, read};
use super::check::{Check, Role};
use super::endpoint::Endpoint;
use super::finding::{Class, Finding, Reason, Severity, Verdict};
use super::observation::{Answer, Field, HttpVersion, Observation, Outcome, Silence};
use super::presenter::{Shown, Unpresentable};
use super::secret::Redactor;

/// What is asked: one check of one endpoint, and what is known around it.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The endpoint, for its severities and what it allows.
    pub endpoint: &'a Endpoint,
    /// The check, for its persona and expectation.
    pub check: &'a Check,
    /// What other probes of the endpoint showed.
    pub circumstances: Circumstances,
}

/// What is known around an observation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// Names the body that the endpoint's rightful holder last met with a 2xx.
    pub holder_body: Option<BodyDigest>,
    /// Whether the rightful holder was admitted; `None` where there is none, or none was seen.
    pub holder_admitted: Option<bool>,
    /// What is known of the credential that was shown.
    pub shown: Shown,
    /// The time of day, for expiries.
    pub now: Timestamp,
}

/// Names the bytes of a body, as far as they were read.
pub type BodyDigest = [u8; 32];

/// What a check concludes from one observation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// What is wrong, the gravest first.
    pub findings: Vec<Finding>,
    /// What is worth mending; never fails a check.
    pub advice: Vec<Advice>,
}

impl Judgement {
    /// The judgement that consists of these findings alone.
    pub fn of(findings: Vec<Finding>) -> Self {
        Self {
            findings: settled(findings),
            ..Self::default()
        }
    }

    /// The verdict that the findings amount to.
    pub fn verdict(&self) -> Verdict {
        match self.worst() {
            None => Verdict::Pass,
            Some(worst) if worst.reason.class().is_unknown() => Verdict::Unknown,
            Some(_) => Verdict::Fail,
        }
    }

    /// The finding that names the check's class and reason.
    pub fn worst(&self) -> Option<&Finding> {
        self.findings.first()
    }

    /// The same judgement without any known secret in its texts.
    #[must_use]
    pub fn redacted(mut self, redactor: &Redactor) -> Self {
        for Finding { expected, saw, .. } in &mut self.findings {
            clean(expected, redactor);
            clean(saw, redactor);
        }
        for Advice { message, .. } in &mut self.advice {
            clean(message, redactor);
        }
        self
    }

    /// Adds a finding that was made elsewhere, and settles the order anew.
    pub fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
        self.findings = settled(std::mem::take(&mut self.findings));
    }
}

fn clean(text: &mut String, redactor: &Redactor) {
    if let std::borrow::Cow::Owned(redacted) = redactor.text(text) {
        *text = redacted;
    }
}

/// Judges one observation.
pub fn judge(question: &Question<'_>, observation: &Observation) -> Judgement {
    let mut judgement = match &observation.outcome {
        // Whatever it was that was answered: there is a token.
        Outcome::Answer(_) if question.endpoint.tokens_of.is_some() => Judgement::default(),
        Outcome::Answer(answer) => judge_answer(question, observation, answer),
        Outcome::Silence(silence) => Judgement::of(of_silence(question, silence)),
    };
    weigh(question.endpoint, &mut judgement);
    judgement
}

/// What it means that a probe was not sent.
pub fn judge_unsent(endpoint: &Endpoint, unpresentable: &Unpresentable) -> Judgement {
    let expected = match unpresentable.reason.class() {
        Class::Internal => "a probe that can be sent",
        Class::Bypass
        | Class::Lockout
        | Class::Outage
        | Class::Denial
        | Class::Challenge
        | Class::Response => "a credential to present",
    };
    let finding = Finding::new(
        unpresentable.reason,
        expected,
        unpresentable.detail.as_str(),
    );
    let mut judgement = Judgement::of(vec![finding]);
    weigh(endpoint, &mut judgement);
    judgement
}

/// The severity that a finding of this reason has at an endpoint.
pub fn severity_at(endpoint: &Endpoint, reason: Reason) -> Severity {
    match (reason.class(), endpoint.severity.get(&reason.class())) {
        (Class::Bypass, _) | (_, None) => reason.severity(),
        (_, Some(configured)) => *configured,
    }
}

fn weigh(endpoint: &Endpoint, judgement: &mut Judgement) {
    for finding in &mut judgement.findings {
        finding.severity = severity_at(endpoint, finding.reason);
    }
    judgement.findings = settled(std::mem::take(&mut judgement.findings));
}

/// Leaves the findings that count, the gravest first.
///
/// Where no verdict is possible only the reasons for that count, except beside a bypass: a door
/// that was seen open is open, whatever else went wrong.
fn settled(mut findings: Vec<Finding>) -> Vec<Finding> {
    let is_unknown = |finding: &Finding| finding.reason.class().is_unknown();
    let bypass = findings
        .iter()
        .any(|finding| finding.reason.class() == Class::Bypass);
    if bypass {
        findings.retain(|finding| !is_unknown(finding));
    } else if findings.iter().any(is_unknown) {
        findings.retain(is_unknown);
    }
    findings.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.reason));
    findings
}

fn of_silence(question: &Question<'_>, silence: &Silence) -> Vec<Finding> {
    let expected = &question.check.expectation.status;
    if silence.reason == Reason::TlsRefused && expected.allows_tls_refused() {
        return Vec::new();
    }
    vec![Finding::new(
        silence.reason,
        expected.to_string(),
        silence.detail.as_str(),
    )]
}

fn judge_answer(question: &Question<'_>, observation: &Observation, answer: &Answer) -> Judgement {
    let lines: Vec<&Field> = answer.lines("www-authenticate").collect();
    let values: Vec<&[u8]> = lines.iter().map(|line| line.value.as_slice()).collect();
    let reading = read(&values);
    let mut findings = Vec::new();
    findings.extend(status::finding(question, answer));
    let status_is_agreed = findings.is_empty();
    challenge::findings(question, observation, answer, &reading, &mut findings);
    response::findings(question, observation, answer, &mut findings);
    if status_is_agreed {
        // Where the status decided already, nothing hangs on a body that did not come whole.
        findings.extend(response::unfinished_body(question, answer));
    }
    if findings.is_empty() {
        findings.extend(unshown(question));
    }
    let mut advice = Vec::new();
    if !lines.is_empty() {
        advice = lint(&reading, &lint_context(question, observation, answer));
    }
    advice.extend(response::advice(question, answer, &findings));
    advice.extend(control(question));
    advice.extend(renewed(question));
    let Judgement { findings, .. } = Judgement::of(findings);
    Judgement { findings, advice }
}

fn lint_context(
    question: &Question<'_>,
    observation: &Observation,
    answer: &Answer,
) -> LintContext {
    let origin = question.endpoint.request.url.origin().ascii_serialization();
    LintContext {
        credentials_sent: question.check.persona.credential().is_some()
            && observation.answer().is_some(),
        dpop_nonces: Some(answer.lines("dpop-nonce").count()),
        http_version_2: answer.http_version == HttpVersion::Http2,
        origin,
        status: answer.status,
    }
}

/// A refusal of whoever showed nothing is no refusal of what they were to show.
fn unshown(question: &Question<'_>) -> Option<Finding> {
    let refused = question.check.role() == Role::Refused;
    let withheld = question.circumstances.shown.is_withheld();
    (refused && withheld).then(|| {
        Finding::new(
            Reason::ProbeFailed,
            "a Digest challenge that the credential can answer",
            "none, so nothing of the credential was shown, and nothing was refused",
        )
    })
}

/// That something was refused is told although the second try went well.
fn renewed(question: &Question<'_>) -> Option<Advice> {
    question.circumstances.shown.renewed.then(|| Advice {
        code: AdviceCode::CredentialRenewed,
        message: "what was kept of this credential was refused; another one was fetched and shown"
            .to_owned(),
    })
}

/// A refusal proves little while nobody at all gets in.
fn control(question: &Question<'_>) -> Option<Advice> {
    let refused = question.check.role() == Role::Refused;
    let failing = question.circumstances.holder_admitted == Some(false);
    (refused && failing).then(|| Advice {
        code: AdviceCode::ControlFailing,
        message: "the rightful holder is not admitted either, so this refusal proves little"
            .to_owned(),
    })
}
