//! An endpoint that is not well, on the overview.

use jiff::Timestamp;
use url::Url;

use super::evidence::in_one_line;
use super::persona;
use super::standing::{EndpointStanding, Standing};
use super::strip::Strip;
use super::text::{LINE, Moment, shown};
use crate::domain::check::Check;
use crate::domain::explanation;
use crate::domain::finding::Finding;
use crate::domain::status::{CheckStatus, EndpointStatus, Seen};

/// An endpoint with everything that is wrong with it.
pub(super) struct Trouble {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) standing: Standing,
    /// What is wrong, the worst first.
    pub(super) problems: Vec<Problem>,
    /// The checks that are well.
    pub(super) fine: Vec<Fine>,
    pub(super) runbook: Option<String>,
}

/// One thing that is wrong, and the checks that met it alike.
pub(super) struct Problem {
    pub(super) standing: Standing,
    /// The worst finding.
    pub(super) worst: Told,
    /// The reasons of the other findings.
    pub(super) others: Vec<&'static str>,
    /// Since when the first of the checks meets it.
    pub(super) since: Moment,
    /// The last good answer of the first check, where another one came.
    pub(super) before: Option<String>,
    /// The answer of now, where it says more than what was seen of the finding.
    pub(super) now: Option<String>,
    pub(super) checks: Vec<Concerned>,
    first: Timestamp,
}

/// A check that is not well.
pub(super) struct Concerned {
    pub(super) name: String,
    pub(super) who: String,
    /// When it is probed again, where it is held back.
    pub(super) held: Option<Moment>,
    pub(super) strip: Strip,
}

/// A check of a troubled endpoint that is well itself.
pub(super) struct Fine {
    pub(super) name: String,
    pub(super) standing: Standing,
    pub(super) strip: Strip,
}

/// A finding in words.
pub(super) struct Told {
    pub(super) title: &'static str,
    pub(super) code: &'static str,
    pub(super) class: &'static str,
    pub(super) severity: &'static str,
    pub(super) expected: String,
    pub(super) saw: String,
}

/// An endpoint that is not well, in one line: where there are very many.
pub(super) struct Brief {
    pub(super) name: String,
    pub(super) standing: Standing,
    pub(super) code: &'static str,
    pub(super) since: Option<Moment>,
}

impl Trouble {
    pub(super) fn of(status: &EndpointStatus, now: Timestamp) -> Self {
        let runbook = status.endpoint.runbook_url.as_ref();
        Self {
            name: status.endpoint.name.to_string(),
            url: shown(&status.shown_url(), LINE),
            standing: EndpointStanding::of(status).standing,
            problems: problems(status, now),
            fine: status.pairs().filter_map(Fine::of).collect(),
            runbook: runbook
                .filter(|url| super::endpoint::is_web(url))
                .map(Url::to_string),
        }
    }
}

/// What is wrong with an endpoint: the worst first, otherwise in the order of its checks.
fn problems(status: &EndpointStatus, now: Timestamp) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    for (check, of_check) in status.pairs() {
        let Some(problem) = Problem::of(check, of_check, now) else {
            continue;
        };
        match problems.iter_mut().find(|other| other.is_like(&problem)) {
            Some(other) => other.join(problem),
            None => problems.push(problem),
        }
    }
    problems.sort_by_key(|problem| problem.standing);
    problems
}

impl Problem {
    fn of(check: &Check, status: &CheckStatus, now: Timestamp) -> Option<Self> {
        let standing = Standing::of(status);
        let seen = status.last.as_ref().filter(|_| standing.is_trouble())?;
        let (worst, others) = seen.judgement.findings.split_first()?;
        let (before, answer) = in_short(status, seen);
        Some(Self {
            standing,
            now: answer.filter(|answer| *answer != worst.saw),
            before,
            worst: Told::of(worst, LINE),
            others: others
                .iter()
                .map(|finding| finding.reason.as_str())
                .collect(),
            since: Moment::of(seen.since, now),
            checks: vec![Concerned {
                name: check.name.to_string(),
                who: persona::words(&check.persona),
                held: status.held.as_ref().map(|hold| Moment::of(hold.until, now)),
                strip: Strip::of(check.name.as_str(), &status.history),
            }],
            first: seen.since,
        })
    }

    /// Whether another check met the same.
    fn is_like(&self, other: &Self) -> bool {
        let key = |problem: &Self| (problem.standing, problem.worst.code);
        key(self) == key(other)
            && (&self.worst.saw, &self.others) == (&other.worst.saw, &other.others)
    }

    fn join(&mut self, other: Self) {
        if !self
            .worst
            .expected
            .split(" or ")
            .any(|part| part == other.worst.expected)
        {
            self.worst.expected = format!("{} or {}", self.worst.expected, other.worst.expected);
        }
        if other.first < self.first {
            (self.first, self.since) = (other.first, other.since);
        }
        self.checks.extend(other.checks);
    }
}

/// The last good answer and the one of now, each in one line, where there are two that differ.
fn in_short(status: &CheckStatus, seen: &Seen) -> (Option<String>, Option<String>) {
    let said = |seen: &Seen| seen.observation.as_ref()?.answer().map(in_one_line);
    match (status.good.as_deref().and_then(said), said(seen)) {
        (Some(before), Some(now)) if before != now => (Some(before), Some(now)),
        (_, _) => (None, None),
    }
}

impl Fine {
    fn of((check, status): (&Check, &CheckStatus)) -> Option<Self> {
        let standing = Standing::of(status);
        (!standing.is_trouble()).then(|| Self {
            name: check.name.to_string(),
            standing,
            strip: Strip::of(check.name.as_str(), &status.history),
        })
    }
}

impl Told {
    pub(super) fn of(finding: &Finding, most: usize) -> Self {
        Self {
            title: explanation::of_reason(finding.reason).title,
            code: finding.reason.as_str(),
            class: finding.reason.class().as_str(),
            severity: finding.severity.as_str(),
            expected: shown(&finding.expected, most),
            saw: shown(&finding.saw, most),
        }
    }
}

impl Brief {
    pub(super) fn of(status: &EndpointStatus, now: Timestamp) -> Self {
        let EndpointStanding {
            standing, since, ..
        } = EndpointStanding::of(status);
        let worst = |seen: &Seen| seen.judgement.worst().map(|worst| worst.reason.as_str());
        let mut checks = status.checks.iter();
        let worst_check = checks.find(|check| Standing::of(check) == standing);
        let code = worst_check
            .and_then(|check| check.last.as_ref())
            .and_then(worst);
        Self {
            name: status.endpoint.name.to_string(),
            standing,
            code: code.unwrap_or_default(),
            since: since.map(|since| Moment::of(since, now)),
        }
    }
}
