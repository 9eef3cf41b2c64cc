//! How a story is told: from what a check saw, and what it saw when all was well.

use url::Url;

use super::story::{Difference, Story};
use crate::domain::advice::AdviceCode;
use crate::domain::check::Check;
use crate::domain::drift::Fingerprint;
use crate::domain::endpoint::Endpoint;
use crate::domain::finding::{Class, Finding};
use crate::domain::judge::Expiring;
use crate::domain::observation::{Answer, Observation, Outcome, without_query_values};
use crate::domain::reproduction::{Presentation, curl};
use crate::domain::status::Seen;

/// The longest text that is taken over from a server or a judgement, in characters: what a mail
/// quotes is to be read by a person, and thousands of stories may wait for a relay.
const LONGEST: usize = 1_000;

/// How many lines of one header are told.
const MOST_LINES: usize = 12;

/// Everything that a story is told from.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// Where.
    pub endpoint: &'a Endpoint,
    /// Which question.
    pub check: &'a Check,
    /// What it came to.
    pub seen: &'a Seen,
    /// What it last came to when all was well.
    pub good: Option<&'a Seen>,
    /// The class of the incident.
    pub class: Class,
    /// Findings that are no part of the judgement: what expires soon.
    pub expiring: &'a Expiring,
    /// How the persona's credential travels.
    pub presentation: &'a Presentation,
    /// The address of the status page.
    pub page: Option<&'a Url>,
}

impl Story {
    /// Tells what a check saw. Everything in the account is redacted.
    pub fn of(account: &Account<'_>) -> Self {
        let Account {
            endpoint,
            check,
            seen,
            good,
            class,
            ..
        } = *account;
        let all = seen.judgement.findings.iter();
        let all = all.chain(account.expiring.findings());
        let (findings, beside): (Vec<_>, Vec<_>) =
            all.map(clipped).partition(|it| it.reason.class() == class);
        let observation = seen.observation.as_ref();
        let answer = observation.and_then(Observation::answer);
        let advice = &seen.judgement.advice;
        Self {
            at: seen.at,
            request: request(endpoint),
            persona: check.persona.to_string(),
            role: check.role(),
            findings,
            beside,
            status_line: answer.map(status_line),
            challenge_lines: answer.map(challenge_lines).unwrap_or_default(),
            silence: observation.and_then(silence),
            remote_addr: observation.and_then(remote),
            good_at: good.map(|good| good.at),
            differences: good.map_or_else(Vec::new, |good| differences(good, seen)),
            control_failing: advice
                .iter()
                .any(|it| it.code == AdviceCode::ControlFailing),
            reproduction: reproduction(account),
            labels: endpoint.labels.clone(),
            runbook_url: endpoint.runbook_url.clone(),
            page_url: account.page.and_then(|page| page_of(page, endpoint)),
        }
    }
}

/// Tokens are not asked for by hand: what is shown for them is more than one secret.
fn reproduction(account: &Account<'_>) -> Option<String> {
    let Account {
        endpoint, check, ..
    } = account;
    let by_hand = || curl(endpoint, &check.persona, account.presentation);
    endpoint.tokens_of.is_none().then(by_hand)
}

fn request(endpoint: &Endpoint) -> String {
    let url = without_query_values(endpoint.request.url.as_str());
    format!("{} {url}", endpoint.request.method)
}

fn page_of(page: &Url, endpoint: &Endpoint) -> Option<Url> {
    let mut base = page.clone();
    if !base.path().ends_with('/') {
        base.set_path(&format!("{}/", base.path()));
    }
    base.join(&format!("endpoints/{}", endpoint.name)).ok()
}

/// The status line as HTTP/1.1 has it; over HTTP/2 there is none, and it is written alike.
fn status_line(answer: &Answer) -> String {
    let phrase = http::StatusCode::from_u16(answer.status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or_default();
    let line = format!(
        "{} {} {phrase}",
        answer.http_version.as_str(),
        answer.status
    );
    line.trim_end().to_owned()
}

fn challenge_lines(answer: &Answer) -> Vec<String> {
    let lines = answer.lines("www-authenticate").take(MOST_LINES);
    lines.map(|line| clip(&line.text())).collect()
}

fn silence(observation: &Observation) -> Option<String> {
    match &observation.outcome {
        Outcome::Answer(_) => None,
        Outcome::Silence(silence) => Some(clip(&silence.detail)),
    }
}

fn remote(observation: &Observation) -> Option<String> {
    observation.remote_addr.map(|address| address.to_string())
}

fn clipped(finding: &Finding) -> Finding {
    Finding {
        expected: clip(&finding.expected),
        saw: clip(&finding.saw),
        ..finding.clone()
    }
}

fn clip(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// What is not as it was, in the order in which a person would look at it.
fn differences(good: &Seen, seen: &Seen) -> Vec<Difference> {
    let (Some(before), Some(now)) = (&good.observation, &seen.observation) else {
        return Vec::new();
    };
    let rows = [
        (
            "status",
            of_answer(before, status_line),
            of_answer(now, status_line),
        ),
        ("challenge", challenges(before), challenges(now)),
        ("location", location(before), location(now)),
        ("address", remote(before), remote(now)),
        ("certificate", certificate(before), certificate(now)),
    ];
    // A challenge has a new nonce each time: only its fingerprint tells whether it is another one.
    let same_challenge = fingerprint(before) == fingerprint(now);
    let rows = rows
        .into_iter()
        .filter(|(what, before, now)| before != now && !(*what == "challenge" && same_challenge));
    rows.map(|(what, before, now)| Difference {
        what: what.to_owned(),
        before,
        now,
    })
    .collect()
}

fn of_answer(observation: &Observation, tell: impl Fn(&Answer) -> String) -> Option<String> {
    observation.answer().map(tell)
}

fn fingerprint(observation: &Observation) -> Option<Fingerprint> {
    let answer = observation.answer()?;
    // The status has a row of its own.
    Some(Fingerprint::of(0, &answer.challenges()))
}

fn challenges(observation: &Observation) -> Option<String> {
    let lines = observation.answer().map(challenge_lines)?;
    (!lines.is_empty()).then(|| clip(&lines.join(", ")))
}

fn location(observation: &Observation) -> Option<String> {
    let field = observation.answer()?.first("location")?;
    Some(clip(&field.text()))
}

fn certificate(observation: &Observation) -> Option<String> {
    let leaf = observation.tls.as_ref()?.chain.first()?;
    let digits = leaf.fingerprint.iter().take(8);
    let digits: Vec<String> = digits.map(|byte| format!("{byte:02x}")).collect();
    let digits = digits.concat();
    let until = leaf.not_after.round(jiff::Unit::Second);
    let until = until.unwrap_or(leaf.not_after);
    Some(clip(&format!(
        "{}, until {until}, SHA-256 {digits}…",
        leaf.subject
    )))
}
