//! What the keeper logs: one line for each decision.

use std::time::Duration;

use tracing::{debug, error, info, warn};

use crate::domain::check::{CheckId, Persona};
use crate::domain::finding::{Reason, Verdict};
use crate::domain::status::{Change, Trouble};

/// Something worth a line.
#[derive(Debug)]
pub(super) enum Told {
    /// A probe came to a verdict.
    Probed {
        /// Which check.
        id: CheckId,
        /// Who knocked.
        persona: Persona,
        /// The verdict.
        verdict: Verdict,
        /// What is wrong in the first place, if anything is.
        finding: Option<Reason>,
        /// How long it took.
        took: Duration,
    },
    /// A verdict changed.
    Changed {
        /// What it is now.
        change: Box<Change>,
        /// Who knocked.
        persona: Persona,
    },
    /// Most hosts fail at once, or no longer do.
    Isolated(bool),
    /// The state file cannot be used, or can be used again.
    Store(Option<Trouble>),
}

impl Told {
    /// Writes the line.
    pub(super) fn log(&self) {
        match self {
            Self::Changed { change, persona } => log_change(change, persona),
            Self::Probed {
                id,
                persona,
                verdict,
                finding,
                took,
            } => debug!(
                endpoint = id.endpoint.as_str(),
                check = id.check.as_str(),
                %persona,
                verdict = verdict.as_str(),
                finding = finding.map(Reason::as_str),
                seconds = took.as_secs_f64(),
                "probed"
            ),
            Self::Store(Some(trouble)) => error!("the state file: {}", trouble.what),
            Self::Store(None) => info!("the state file can be used again"),
            Self::Isolated(true) => {
                warn!("most hosts cannot be reached: this monitor may be cut off");
            }
            Self::Isolated(false) => info!("most hosts can be reached again"),
        }
    }
}

fn log_change(change: &Change, persona: &Persona) {
    let Change { id, before, seen } = change;
    let verdict = seen.judgement.verdict().as_str();
    let before = before.map_or("pending", |before| before.as_str());
    let (endpoint, check) = (id.endpoint.as_str(), id.check.as_str());
    let Some(worst) = seen.judgement.worst() else {
        info!(endpoint, check, %persona, verdict, before, "verdict changed");
        return;
    };
    let (finding, severity) = (worst.reason.as_str(), worst.severity.as_str());
    info!(
        endpoint, check, %persona, verdict, before, finding, severity,
        expected = worst.expected, saw = worst.saw,
        "verdict changed"
    );
}
