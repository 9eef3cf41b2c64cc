//! A report as JSON: one object, whose fields are a contract.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::ser::Formatter;

use super::terminal::steers;
use crate::daemon::{CheckResult, Report};
use crate::domain::observation::{
    Answer, BodyEnd, Field, Observation, Outcome, Phases, Tls, without_query_values,
};
use crate::domain::{advice, challenge, finding};

/// The version of the shape; it changes when a field goes away or changes its meaning.
const VERSION: u32 = 1;

/// Writes the report and a line break.
pub(super) fn write(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, Harmless);
    Document::of(report).serialize(&mut serializer)?;
    writeln!(out)
}

/// Compact JSON in which nothing steers a terminal that it is shown on: JSON itself asks for the
/// escape of U+0000 to U+001F only (RFC 8259 §7).
struct Harmless;

impl Formatter for Harmless {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if !fragment.chars().any(steers) {
            return writer.write_all(fragment.as_bytes());
        }
        for character in fragment.chars() {
            if steers(character) {
                write!(writer, "\\u{:04x}", u32::from(character))?;
            } else {
                write!(writer, "{character}")?;
            }
        }
        Ok(())
    }
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    started_at: Timestamp,
    summary: Summary,
    #[serde(serialize_with = "one_by_one")]
    results: &'a [CheckResult],
}

/// Each result is taken apart when its turn comes: thousands of them may hold long headers.
fn one_by_one<S: Serializer>(results: &[CheckResult], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(results.iter().map(CheckDocument::of))
}

#[derive(Serialize)]
struct Summary {
    pass: usize,
    fail: usize,
    unknown: usize,
}

#[derive(Serialize)]
struct CheckDocument<'a> {
    endpoint: &'a str,
    check: &'a str,
    persona: String,
    verdict: &'static str,
    class: Option<&'static str>,
    reason: Option<&'static str>,
    severity: Option<&'static str>,
    findings: Vec<Finding<'a>>,
    advice: Vec<Advice<'a>>,
    observation: Option<ObservationDocument<'a>>,
}

#[derive(Serialize)]
struct Finding<'a> {
    reason: &'static str,
    class: &'static str,
    severity: &'static str,
    expected: &'a str,
    saw: &'a str,
    rule: &'static str,
}

#[derive(Serialize)]
struct Advice<'a> {
    code: &'static str,
    message: &'a str,
    rule: &'static str,
}

#[derive(Serialize)]
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

#[derive(Serialize)]
struct Challenge {
    scheme: String,
    token68: Option<String>,
    params: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct PhaseDocument {
    resolve: Option<f64>,
    connect: Option<f64>,
    tls: Option<f64>,
    processing: Option<f64>,
    transfer: Option<f64>,
}

#[derive(Serialize)]
struct TlsDocument {
    version: Option<&'static str>,
    not_after: Option<Timestamp>,
}

impl<'a> Document<'a> {
    fn of(report: &'a Report) -> Self {
        let summary = report.summary();
        Self {
            version: VERSION,
            started_at: report.started_at,
            summary: Summary {
                pass: summary.pass,
                fail: summary.fail,
                unknown: summary.unknown,
            },
            results: &report.results,
        }
    }
}

impl<'a> CheckDocument<'a> {
    fn of(result: &'a CheckResult) -> Self {
        let judgement = &result.judgement;
        let worst = judgement.worst();
        Self {
            endpoint: result.id.endpoint.as_str(),
            check: result.id.check.as_str(),
            persona: result.persona.to_string(),
            verdict: judgement.verdict().as_str(),
            class: worst.map(|worst| worst.reason.class().as_str()),
            reason: worst.map(|worst| worst.reason.as_str()),
            severity: worst.map(|worst| worst.severity.as_str()),
            findings: judgement.findings.iter().map(Finding::of).collect(),
            advice: judgement.advice.iter().map(Advice::of).collect(),
            observation: result.observation.as_ref().map(ObservationDocument::of),
        }
    }
}

impl<'a> Finding<'a> {
    fn of(finding: &'a finding::Finding) -> Self {
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
