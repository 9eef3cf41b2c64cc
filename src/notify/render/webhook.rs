//! A notice as JSON, for whatever listens at a webhook.
//!
//! Names are those of the API where both say the same; `docs/reference/webhook.md` has them all.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::words;
use crate::domain::finding;
use crate::domain::incident::{self, Incident};
use crate::domain::notice::{self, Cause, Notice, Occasion, Story};

/// The version of the shape; it changes when a field goes away or changes its meaning.
const VERSION: u32 = 1;

/// How many incidents a document holds.
const MOST_INCIDENTS: usize = 200;

/// How many bytes incidents take in a document, all together; the first one is told at any rate.
const MOST_BYTES: usize = 1 << 20;

/// How many characters of a text are kept.
const MOST_TEXT: usize = 2000;

/// How many entries of a list are kept.
const MOST_LINES: usize = 20;

/// The JSON document of a notice, in UTF-8.
pub fn webhook(notice: &Notice) -> Vec<u8> {
    let incidents = some(notice);
    let document = Document {
        version: VERSION,
        truncated: notice.incidents.len() - incidents.len(),
        notice: Head::of(notice),
        incidents,
    };
    // Keys are texts and numbers are finite, so writing to memory cannot fail.
    serde_json::to_vec(&document).unwrap_or_default()
}

/// As many incidents as there is room for, the gravest first.
fn some(notice: &Notice) -> Vec<IncidentDocument<'_>> {
    let mut taken = 0_usize;
    let fits = |document: &IncidentDocument<'_>| {
        let is_first = taken == 0;
        let length = serde_json::to_vec(document).map_or(usize::MAX, |written| written.len());
        taken = taken.saturating_add(length);
        is_first || taken <= MOST_BYTES
    };
    let incidents = notice.incidents.iter().take(MOST_INCIDENTS);
    let documents = incidents.map(|incident| IncidentDocument::of(incident, notice.created_at));
    documents.take_while(fits).collect()
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    notice: Head<'a>,
    incidents: Vec<IncidentDocument<'a>>,
    truncated: usize,
}

#[derive(Serialize)]
struct Head<'a> {
    id: &'a str,
    receiver: &'a str,
    occasion: &'static str,
    created_at: Timestamp,
    subject: String,
    cause: Option<CauseDocument<'a>>,
    isolation: Option<IsolationDocument>,
    silence: Option<SilenceDocument<'a>>,
    heartbeat: Option<HeartbeatDocument>,
}

#[derive(Serialize)]
struct CauseDocument<'a> {
    kind: &'static str,
    name: &'a str,
}

#[derive(Serialize)]
struct IsolationDocument {
    since: Timestamp,
    hosts_down: usize,
    hosts: usize,
}

#[derive(Serialize)]
struct SilenceDocument<'a> {
    id: &'a str,
    matchers: Vec<String>,
    starts_at: Timestamp,
    ends_at: Timestamp,
    comment: Cow<'a, str>,
    author: Cow<'a, str>,
}

#[derive(Serialize)]
struct HeartbeatDocument {
    since: Timestamp,
    checks: usize,
    probes: u64,
    incidents_open: usize,
    checks_failing: usize,
    checks_unknown: usize,
}

#[derive(Serialize)]
struct IncidentDocument<'a> {
    id: &'a str,
    endpoint: &'a str,
    check: &'a str,
    persona: Cow<'a, str>,
    class: &'static str,
    reason: &'static str,
    severity: &'static str,
    state: &'static str,
    flapping: bool,
    since: Timestamp,
    opened_at: Timestamp,
    resolved_at: Option<Timestamp>,
    resolution: Option<&'static str>,
    duration_seconds: f64,
    reproduced: Option<ReproducedDocument>,
    labels: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
    findings: Vec<Finding<'a>>,
    other_findings: Vec<Finding<'a>>,
    request: Cow<'a, str>,
    status_line: Option<Cow<'a, str>>,
    www_authenticate: Vec<Cow<'a, str>>,
    error: Option<Cow<'a, str>>,
    remote_addr: Option<&'a str>,
    last_good_at: Option<Timestamp>,
    differences: Vec<DifferenceDocument<'a>>,
    control_failing: bool,
    curl: Option<&'a str>,
    page_url: Option<&'a str>,
    runbook_url: Option<&'a str>,
}

#[derive(Serialize)]
struct ReproducedDocument {
    again: u32,
    of: u32,
}

#[derive(Serialize)]
struct Finding<'a> {
    reason: &'static str,
    class: &'static str,
    severity: &'static str,
    expected: Cow<'a, str>,
    saw: Cow<'a, str>,
    rule: &'static str,
}

#[derive(Serialize)]
struct DifferenceDocument<'a> {
    what: Cow<'a, str>,
    before: Option<Cow<'a, str>>,
    now: Option<Cow<'a, str>>,
}

impl<'a> Head<'a> {
    fn of(notice: &'a Notice) -> Self {
        let mut head = Self {
            id: notice.id.as_str(),
            receiver: notice.receiver.as_str(),
            occasion: notice.occasion.as_str(),
            created_at: notice.created_at,
            subject: super::subject::subject(notice),
            cause: None,
            isolation: None,
            silence: None,
            heartbeat: None,
        };
        head.add(&notice.occasion);
        head
    }

    fn add(&mut self, occasion: &'a Occasion) {
        match occasion {
            Occasion::Opened { cause } | Occasion::Repeated { cause } => {
                self.cause = cause.as_ref().map(CauseDocument::of);
            }
            Occasion::Isolated(isolation) | Occasion::Rejoined(isolation) => {
                self.isolation = Some(IsolationDocument {
                    since: isolation.since,
                    hosts_down: isolation.down,
                    hosts: isolation.hosts,
                });
            }
            Occasion::Silenced(silence) => self.silence = Some(SilenceDocument::of(silence)),
            Occasion::Heartbeat(heartbeat) => {
                self.heartbeat = Some(HeartbeatDocument::of(*heartbeat));
            }
            Occasion::Ended | Occasion::Flapping | Occasion::Test => {}
        }
    }
}

impl<'a> CauseDocument<'a> {
    fn of(cause: &'a Cause) -> Self {
        let (kind, name) = match cause {
            Cause::Host(name) => ("host", name),
            Cause::Credential(name) => ("credential", name),
            Cause::TokenEndpoint(name) => ("token_endpoint", name),
        };
        Self { kind, name }
    }
}

impl<'a> SilenceDocument<'a> {
    fn of(silence: &'a crate::domain::silence::Silence) -> Self {
        let matchers = silence.matchers.iter().take(MOST_LINES);
        Self {
            id: silence.id.as_str(),
            matchers: matchers.map(words::matcher).collect(),
            starts_at: silence.starts_at,
            ends_at: silence.ends_at,
            comment: cut(&silence.comment),
            author: cut(&silence.author),
        }
    }
}

impl HeartbeatDocument {
    fn of(heartbeat: notice::Heartbeat) -> Self {
        let (failing, unknown) = heartbeat.failing;
        Self {
            since: heartbeat.since,
            checks: heartbeat.checks,
            probes: heartbeat.probes,
            incidents_open: heartbeat.open,
            checks_failing: failing,
            checks_unknown: unknown,
        }
    }
}

impl<'a> IncidentDocument<'a> {
    fn of(incident: &'a Incident, now: Timestamp) -> Self {
        let story = incident.story.as_ref();
        Self {
            id: incident.id.as_str(),
            endpoint: incident.check.endpoint.as_str(),
            check: incident.check.check.as_str(),
            persona: cut(&story.persona),
            class: incident.class.as_str(),
            reason: incident.reason.as_str(),
            severity: incident.severity.as_str(),
            state: if incident.is_open() {
                "open"
            } else {
                "resolved"
            },
            flapping: incident.flapping,
            since: incident.since,
            opened_at: incident.opened_at,
            resolved_at: incident.ended.map(|ended| ended.at),
            resolution: incident.ended.map(|ended| ended.resolution.as_str()),
            duration_seconds: words::lasted(incident, now).as_secs_f64(),
            reproduced: incident.reproduced.map(ReproducedDocument::of),
            labels: labels(story),
            findings: findings(&story.findings),
            other_findings: findings(&story.beside),
            request: cut(&story.request),
            status_line: story.status_line.as_deref().map(cut),
            www_authenticate: lines(&story.challenge_lines),
            error: story.silence.as_deref().map(cut),
            remote_addr: story.remote_addr.as_deref(),
            last_good_at: story.good_at,
            differences: differences(story),
            control_failing: story.control_failing,
            curl: story
                .reproduction
                .as_deref()
                .filter(|line| line.len() <= MOST_TEXT),
            page_url: story.page_url.as_ref().map(url::Url::as_str),
            runbook_url: story.runbook_url.as_ref().map(url::Url::as_str),
        }
    }
}

impl ReproducedDocument {
    fn of(reproduced: incident::Reproduced) -> Self {
        let incident::Reproduced { again, of } = reproduced;
        Self { again, of }
    }
}

fn labels(story: &Story) -> BTreeMap<Cow<'_, str>, Cow<'_, str>> {
    let labels = story.labels.iter().take(MOST_LINES);
    labels
        .map(|(name, value)| (cut(name), cut(value)))
        .collect()
}

fn findings(findings: &[finding::Finding]) -> Vec<Finding<'_>> {
    let findings = findings.iter().take(MOST_LINES);
    let findings = findings.map(|finding| Finding {
        reason: finding.reason.as_str(),
        class: finding.reason.class().as_str(),
        severity: finding.severity.as_str(),
        expected: cut(&finding.expected),
        saw: cut(&finding.saw),
        rule: finding.reason.rule(),
    });
    findings.collect()
}

fn differences(story: &Story) -> Vec<DifferenceDocument<'_>> {
    let differences = story.differences.iter().take(MOST_LINES);
    let differences = differences.map(|difference| DifferenceDocument {
        what: cut(&difference.what),
        before: difference.before.as_deref().map(cut),
        now: difference.now.as_deref().map(cut),
    });
    differences.collect()
}

fn lines(lines: &[String]) -> Vec<Cow<'_, str>> {
    lines
        .iter()
        .take(MOST_LINES)
        .map(|line| cut(line))
        .collect()
}

/// The text, or as much of it as is kept and an ellipsis.
fn cut(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(MOST_TEXT) {
        None => Cow::Borrowed(text),
        Some((end, _)) => {
            let (kept, _) = text.split_at(end);
            Cow::Owned(format!("{kept}…"))
        }
    }
}
