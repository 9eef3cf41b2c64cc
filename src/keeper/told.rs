//! What the keeper logs: one line for each decision.

use std::sync::Arc;
use std::time::Duration;

use tracing::{debug, error, info, warn};

use super::outbox::Tried;
use crate::domain::check::{CheckId, Name, Persona};
use crate::domain::finding::{Reason, Verdict};
use crate::domain::incident::{Incident, Resolution};
use crate::domain::notice::{Attempt, Owed};
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
    /// An incident was opened.
    Opened(Arc<Incident>),
    /// Re-probes of a bypass came back.
    Reproduced(Arc<Incident>),
    /// An incident ended.
    Ended(Arc<Incident>),
    /// An incident began to flap, or is calm again.
    Flapping(Arc<Incident>),
    /// A notice is owed.
    Owed(Arc<Owed>),
    /// Somebody tried to tell a notice.
    Tried {
        /// What came of it.
        tried: Tried,
        /// Who was to be told.
        receiver: Name,
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
            Self::Opened(incident) => log_incident(incident, "incident opened"),
            Self::Reproduced(incident) => log_incident(incident, "bypass probed again"),
            Self::Ended(incident) => log_incident(incident, "incident ended"),
            Self::Flapping(incident) if incident.flapping => {
                log_incident(incident, "incident opens and ends again and again");
            }
            Self::Flapping(incident) => log_incident(incident, "incident is calm"),
            Self::Owed(owed) => info!(
                notice = owed.notice.id.as_str(),
                receiver = owed.notice.receiver.as_str(),
                occasion = owed.notice.occasion.as_str(),
                incidents = owed.notice.incidents.len(),
                "notice owed"
            ),
            Self::Tried { tried, receiver } => log_try(tried, receiver),
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

fn log_incident(incident: &Incident, what: &str) {
    let ended = incident.ended.map(|end| Resolution::as_str(end.resolution));
    info!(
        incident = incident.id.as_str(),
        endpoint = incident.check.endpoint.as_str(),
        check = incident.check.check.as_str(),
        class = incident.class.as_str(),
        finding = incident.reason.as_str(),
        severity = incident.severity.as_str(),
        resolution = ended,
        reproduced = incident.reproduced.map(|it| it.to_string()),
        "{what}"
    );
}

fn log_try(tried: &Tried, receiver: &Name) {
    let (notice, receiver, way) = (tried.notice.as_str(), receiver.as_str(), &tried.way);
    match &tried.attempt {
        Attempt::Delivered(said) => info!(notice, receiver, %way, said, "notice delivered"),
        Attempt::Retried(why) => warn!(notice, receiver, %way, why, "notice waits for another try"),
        Attempt::Rejected(why) => {
            error!(notice, receiver, %way, why, "notice was refused and is not tried again");
        }
    }
}
