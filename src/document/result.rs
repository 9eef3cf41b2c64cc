//! One result, as `check --format json` and the API both show it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::judge::Judgement;
use crate::domain::observation::{
    Answer, BodyEnd, Field, Observation, Outcome, Phases, Tls, without_query_values,
};
use crate::domain::status::Named;
use crate::domain::{advice, challenge, finding};

/// What one check came to.
#[derive(Debug, Serialize)]
pub struct ResultDocument<'a> {
    endpoint: &'a str,
    check: &'a str,
    persona: String,
    verdict: Option<&'static str>,
    class: Option<&'static str>,
    reason: Option<&'static str>,
    severity: Option<&'static str>,
    findings: Vec<Finding<'a>>,
    advice: Vec<Advice<'a>>,
    observation: Option<ObservationDocument<'a>>,
}

#[derive(Debug, Serialize)]
pub(super) struct Finding<'a> {
    reason: &'static str,
    class: &'static str,
    severity: &'static str,
    expected: &'a str,
    saw: &'a str,
    rule: &'static str,
}

#[derive(Debug, Serialize)]
struct Advice<'a> {
    code: &'static str,
    message: &'a str,
    rule: &'static str,
}

#[derive(Debug, Serialize)]
struct ObservationDocument<'a> {
    status: Option<u16>,
    http_version: Option<&'static str>,
    remote_addr: Option<SocketAddr>,
    www_authenticate: Vec<String>,
    challenges: Vec<Challenge>,
    location: Option<String>,
    duration_seconds: f64,
    phases: PhaseDocument,
    tls: Option<TlsDocument>,
    error: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Challenge {
    scheme: String,
    token68: Option<String>,
    params: BTreeMap<String, String>,
}

#[derive(Debug, Serialize)]
struct PhaseDocument {
    resolve: Option<f64>,
    connect: Option<f64>,
    tls: Option<f64>,
    processing: Option<f64>,
    transfer: Option<f64>,
}

#[derive(Debug, Serialize)]
struct TlsDocument {
    version: Option<&'static str>,
    not_after: Option<Timestamp>,
}

impl<'a> ResultDocument<'a> {
    /// The document of a check that has no verdict yet.
    pub fn pending(named: Named<'a>) -> Self {
        let Named {
            endpoint,
            check,
            persona,
        } = named;
        Self {
            endpoint,
            check,
            persona: persona.to_string(),
            verdict: None,
            class: None,
            reason: None,
            severity: None,
            findings: Vec::new(),
            advice: Vec::new(),
            observation: None,
        }
    }

    /// The document of a check that has a verdict.
    pub fn of(
        named: Named<'a>,
        judgement: &'a Judgement,
        observation: Option<&'a Observation>,
    ) -> Self {
        let worst = judgement.worst();
        Self {
            endpoint: named.endpoint,
            check: named.check,
            persona: named.persona.to_string(),
            verdict: Some(judgement.verdict().as_str()),
            class: worst.map(|worst| worst.reason.class().as_str()),
            reason: worst.map(|worst| worst.reason.as_str()),
            severity: worst.map(|worst| worst.severity.as_str()),
            findings: judgement.findings.iter().map(Finding::of).collect(),
            advice: judgement.advice.iter().map(Advice::of).collect(),
            observation: observation.map(ObservationDocument::of),
        }
    }
}

impl<'a> Finding<'a> {
    pub(super) fn of(finding: &'a finding::Finding) -> Self {
        Self {
            reason: finding.reason.as_str(),
            class: finding.reason.class().as_str(),
            severity: finding.severity.as_str(),
            expected: &finding.expected,
            saw: &finding.saw,
            rule: finding.reason.rule(),
        }
    }
}

impl<'a> Advice<'a> {
    fn of(advice: &'a advice::Advice) -> Self {
        Self {
            code: advice.code.as_str(),
            message: &advice.message,
            rule: advice.code.rule(),
        }
    }
}

impl<'a> ObservationDocument<'a> {
    fn of(seen: &'a Observation) -> Self {
        let answer = seen.answer();
        Self {
            status: answer.map(|answer| answer.status),
            http_version: answer.map(|answer| answer.http_version.as_str()),
            remote_addr: seen.remote_addr,
            www_authenticate: answer.map(challenge_lines).unwrap_or_default(),
            challenges: answer.map(challenges).unwrap_or_default(),
            location: answer.and_then(location),
            duration_seconds: seen.duration.as_secs_f64(),
            phases: PhaseDocument::of(&seen.phases),
            tls: seen.tls.as_ref().map(TlsDocument::of),
            error: error(&seen.outcome),
        }
    }
}

fn challenge_lines(answer: &Answer) -> Vec<String> {
    answer.lines("www-authenticate").map(Field::text).collect()
}

fn challenges(answer: &Answer) -> Vec<Challenge> {
    let challenges = answer.challenges().into_iter();
    challenges.map(Challenge::of).collect()
}

fn location(answer: &Answer) -> Option<String> {
    answer
        .first("location")
        .map(|line| without_query_values(&line.text()))
}

/// Why no answer came, or why its body broke off.
fn error(outcome: &Outcome) -> Option<&str> {
    match outcome {
        Outcome::Silence(silence) => Some(&silence.detail),
        Outcome::Answer(answer) => match &answer.body.end {
            BodyEnd::Broken(silence) => Some(&silence.detail),
            BodyEnd::Complete | BodyEnd::CutOff => None,
        },
    }
}

impl Challenge {
    fn of(challenge: challenge::Challenge) -> Self {
        let mut params = BTreeMap::new();
        for param in challenge.params {
            params.entry(param.name).or_insert(param.value);
        }
        Self {
            scheme: challenge.scheme,
            token68: challenge.token68,
            params,
        }
    }
}

impl PhaseDocument {
    fn of(phases: &Phases) -> Self {
        let seconds = |phase: Option<Duration>| phase.map(|phase| phase.as_secs_f64());
        Self {
            resolve: seconds(phases.resolve),
            connect: seconds(phases.connect),
            tls: seconds(phases.tls),
            processing: seconds(phases.processing),
            transfer: seconds(phases.transfer),
        }
    }
}

impl TlsDocument {
    fn of(tls: &Tls) -> Self {
        Self {
            version: tls.version.map(crate::domain::endpoint::TlsVersion::as_str),
            not_after: tls
                .earliest_expiry()
                .map(|certificate| certificate.not_after),
        }
    }
}
