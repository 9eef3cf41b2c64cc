//! An endpoint that is not well, on the overview.

use jiff::Timestamp;

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
    /// The checks that are not well, the worst first.
    pub(super) checks: Vec<TroubledCheck>,
    /// The other checks.
    pub(super) fine: Vec<Fine>,
    pub(super) runbook: Option<String>,
}

/// A check that is not well.
pub(super) struct TroubledCheck {
    pub(super) name: String,
    pub(super) standing: Standing,
    /// The worst finding.
    pub(super) worst: Told,
    /// The reasons of the other findings.
    pub(super) others: Vec<&'static str>,
    pub(super) since: Moment,
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
        let mut checks: Vec<TroubledCheck> = status
            .pairs()
            .filter_map(|(check, of_check)| TroubledCheck::of(check, of_check, now))
            .collect();
        checks.sort_by_key(|check| check.standing);
        let runbook = status.endpoint.runbook_url.as_ref();
        Self {
            name: status.endpoint.name.to_string(),
            url: shown(&status.shown_url(), LINE),
            standing: EndpointStanding::of(status).standing,
            checks,
            fine: status.pairs().filter_map(Fine::of).collect(),
            runbook: runbook
                .filter(|url| super::endpoint::is_web(url))
                .map(|url| url.to_string()),
        }
    }
}

impl TroubledCheck {
    fn of(check: &Check, status: &CheckStatus, now: Timestamp) -> Option<Self> {
        let standing = Standing::of(status);
        let seen = status.last.as_ref().filter(|_| standing.is_trouble())?;
        let (worst, others) = seen.judgement.findings.split_first()?;
        Some(Self {
            name: check.name.to_string(),
            standing,
            worst: Told::of(worst, LINE),
            others: others
                .iter()
                .map(|finding| finding.reason.as_str())
                .collect(),
            since: Moment::of(seen.since, now),
            who: persona::words(&check.persona),
            held: status.held.as_ref().map(|hold| Moment::of(hold.until, now)),
            strip: Strip::of(check.name.as_str(), &status.history),
        })
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
        let EndpointStanding { standing, since } = EndpointStanding::of(status);
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
