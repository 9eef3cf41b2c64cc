//! The live state, in words: what each check last came to, since when, and what came before.
//!
//! One room owns this state; all others see it as a [`Snapshot`], which is cheap to take and never
//! changes.

mod history;
mod question;
mod snapshot;

use std::time::Duration;

pub use history::{History, Mark};
use jiff::Timestamp;
pub use question::question;
pub use snapshot::{
    Change, CheckStatus, CredentialStatus, EndpointStatus, Monitor, Reload, Snapshot, Tally,
    Trouble,
};

use super::check::{Check, CheckId, Persona, Role};
use super::endpoint::Endpoint;
use super::finding::{Class, Finding, Reason, Severity, Verdict};
use super::judge::Judgement;
use super::observation::Observation;

/// What one check came to, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// When the probe ended.
    pub at: Timestamp,
    /// When the verdict became what it is: the first of the probes that agree with this one.
    pub since: Timestamp,
    /// What it means.
    pub judgement: Judgement,
    /// What was seen, redacted; `None` where nothing was sent.
    pub observation: Option<Observation>,
}

impl Seen {
    /// The verdict and every reason for it, in order: what has to differ for a change to be told.
    pub fn outcome(&self) -> (Verdict, Vec<Reason>) {
        let mut reasons: Vec<Reason> = self
            .judgement
            .findings
            .iter()
            .map(|finding| finding.reason)
            .collect();
        reasons.sort_unstable();
        reasons.dedup();
        (self.judgement.verdict(), reasons)
    }

    /// How bad it is, for a strip of marks.
    pub fn mark(&self) -> Mark {
        match (self.judgement.verdict(), self.judgement.worst()) {
            (Verdict::Pass, _) | (_, None) => Mark::Pass,
            (Verdict::Unknown, Some(_)) => Mark::Unknown,
            (Verdict::Fail, Some(worst)) => match worst.severity {
                Severity::Critical => Mark::Critical,
                Severity::Warning => Mark::Warning,
            },
        }
    }
}

/// Probes that a check is not given for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// When it is probed again.
    pub until: Timestamp,
    /// Why not before.
    pub why: String,
    /// How long a hold lasts at the level that an endpoint's answers have reached, in whole seconds:
    /// the next one doubles from there. `None` where an account is what holds.
    pub span: Option<Duration>,
}

/// Why a turn of a check passed without a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Skip {
    /// Whole turns had passed before anybody looked: a suspended machine, or too much work.
    Late,
    /// The check's probe before had not ended.
    StillRunning,
    /// As many probes as are allowed were under way at its origin for a whole turn.
    OriginBusy,
    /// As many probes as are allowed were under way overall for a whole turn.
    Capacity,
    /// An account or an endpoint asked for rest.
    HeldBack,
}

impl Skip {
    /// Every cause.
    pub const ALL: [Self; 5] = [
        Self::Late,
        Self::StillRunning,
        Self::OriginBusy,
        Self::Capacity,
        Self::HeldBack,
    ];

    /// The stable name: a metric label.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::StillRunning => "still_running",
            Self::OriginBusy => "origin_busy",
            Self::Capacity => "capacity",
            Self::HeldBack => "held_back",
        }
    }
}

/// How often a check came to what, since the program started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Verdicts `pass`.
    pub pass: u64,
    /// Verdicts `fail`.
    pub fail: u64,
    /// Verdicts `unknown`.
    pub unknown: u64,
    /// Verdicts with at least one finding of the class, in the order of [`Class::ALL`].
    pub classes: [u64; Class::ALL.len()],
}

impl Counts {
    /// Counts one verdict.
    pub fn count(&mut self, judgement: &Judgement) {
        *match judgement.verdict() {
            Verdict::Pass => &mut self.pass,
            Verdict::Fail => &mut self.fail,
            Verdict::Unknown => &mut self.unknown,
        } += 1;
        for (class, count) in Class::ALL.iter().zip(&mut self.classes) {
            let of_class = |finding: &Finding| finding.reason.class() == *class;
            *count += u64::from(judgement.findings.iter().any(of_class));
        }
    }

    /// How many verdicts had a finding of a class.
    pub fn of_class(&self, class: Class) -> u64 {
        let mut counted = Class::ALL.iter().zip(self.classes);
        counted
            .find(|(other, _)| **other == class)
            .map_or(0, |(_, count)| count)
    }
}

/// What a check of an endpoint is asked to do, as all who show it name it.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    /// The endpoint.
    pub endpoint: &'a str,
    /// The check among the endpoint's checks.
    pub check: &'a str,
    /// Who knocks.
    pub persona: &'a Persona,
}

impl<'a> Named<'a> {
    /// The names of a check.
    pub fn of(id: &'a CheckId, persona: &'a Persona) -> Self {
        Self {
            endpoint: id.endpoint.as_str(),
            check: id.check.as_str(),
            persona,
        }
    }
}

/// Whether the check expects what a server counts against an account: a 401, and nobody let in.
fn is_meant_to_be_rejected(check: &Check) -> bool {
    check.role() == Role::Refused && check.expectation.status.contains(401)
}

/// The time between two probes that a check makes at an endpoint, before others at the same origin
/// ask for more room.
pub fn cadence(endpoint: &Endpoint, check: &Check) -> Duration {
    /// A real user meets a 401 no oftener where that is what is expected: servers count.
    const WRONG_PASSWORD: Duration = Duration::from_mins(15);
    match &check.persona {
        Persona::Holder(_) if is_meant_to_be_rejected(check) => {
            endpoint.interval.max(WRONG_PASSWORD)
        }
        Persona::Anonymous | Persona::Holder(_) => endpoint.interval,
        Persona::Impostor(impostor) if impostor.shows_wrong_password() => {
            endpoint.refused_interval.max(WRONG_PASSWORD)
        }
        Persona::Invalid(_) | Persona::Impostor(_) => endpoint.refused_interval,
    }
}
