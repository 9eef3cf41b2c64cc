//! What a run over the endpoints amounts to.

use jiff::Timestamp;

use crate::domain::check::{CheckId, Persona};
use crate::domain::finding::{Severity, Verdict};
use crate::domain::judge::Judgement;
use crate::domain::observation::Observation;
use crate::domain::presenter::Shown;
use crate::domain::secret::Redactor;

/// The results of one run, in the order of the configuration.
#[derive(Clone, Debug)]
pub struct Report {
    /// When the run began.
    pub started_at: Timestamp,
    /// One result for each check.
    pub results: Vec<CheckResult>,
}

/// What one check came to.
#[derive(Clone, Debug)]
pub struct CheckResult {
    /// Which check.
    pub id: CheckId,
    /// Who knocked.
    pub persona: Persona,
    /// Where, without the values of the query.
    pub url: String,
    /// What it means.
    pub judgement: Judgement,
    /// What was seen; `None` where nothing was sent.
    pub observation: Option<Observation>,
    /// What is known of the credential that was shown.
    pub shown: Shown,
}

/// How many checks came to which verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The lock holds.
    pub pass: usize,
    /// Something is wrong.
    pub fail: usize,
    /// No verdict is possible.
    pub unknown: usize,
}

impl Report {
    /// Counts the verdicts.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for result in &self.results {
            *match result.judgement.verdict() {
                Verdict::Pass => &mut summary.pass,
                Verdict::Fail => &mut summary.fail,
                Verdict::Unknown => &mut summary.unknown,
            } += 1;
        }
        summary
    }

    /// The exit code that Nagios, cron and CI read: 2 where a failure is critical, else 3 where
    /// something is unknown, else 1 where something failed, else 0.
    pub fn exit_code(&self) -> u8 {
        let verdicts = || self.results.iter().map(|result| &result.judgement);
        let critical = |judgement: &Judgement| {
            judgement.verdict() == Verdict::Fail
                && judgement
                    .findings
                    .iter()
                    .any(|finding| finding.severity == Severity::Critical)
        };
        if verdicts().any(critical) {
            2
        } else if verdicts().any(|judgement| judgement.verdict() == Verdict::Unknown) {
            3
        } else {
            u8::from(verdicts().any(|judgement| judgement.verdict() == Verdict::Fail))
        }
    }
}

impl CheckResult {
    /// The same result without any known secret.
    #[must_use]
    pub fn redacted(mut self, redactor: &Redactor) -> Self {
        self.observation = self.observation.map(|seen| seen.redacted(redactor));
        self.judgement = self.judgement.redacted(redactor);
        self
    }
}
