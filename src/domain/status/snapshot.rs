//! All of the live state at one moment, and the one event worth remembering of it.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Counts, History, Hold, Named, Seen};
use crate::domain::check::{Check, CheckId, Name};
use crate::domain::drift::Baseline;
use crate::domain::endpoint::Endpoint;
use crate::domain::fetches::Fetches;
use crate::domain::finding::{Finding, Verdict};
use crate::domain::incident::{Incident, IncidentId};
use crate::domain::judge::Expiring;
use crate::domain::notice::Owed;
use crate::domain::observation::{Certificate, without_query_values};
use crate::domain::silence::Silence;

/// What is known of everything that is watched, at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The moment.
    pub taken_at: Timestamp,
    /// When the program started.
    pub started_at: Timestamp,
    /// Every endpoint, in the order of the configuration.
    pub endpoints: Vec<Arc<EndpointStatus>>,
    /// Every credential that a check names, by name.
    pub credentials: Vec<CredentialStatus>,
    /// What fetching for each of them came to. The keeper does not know; whoever fetches adds it.
    pub fetches: Vec<Fetches>,
    /// Every open incident, then those that ended lately; each the newest first.
    pub incidents: Vec<Arc<Incident>>,
    /// Every notice that is owed or was refused, and those that were delivered lately; the newest
    /// first.
    pub notices: Vec<Arc<Owed>>,
    /// Every silence that has not ended, in the order of their ends.
    pub silences: Vec<Arc<Silence>>,
    /// Everybody who can be told, by name.
    pub receivers: Vec<Name>,
    /// How the monitor itself does.
    pub monitor: Monitor,
}

/// How many checks last came to which verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The lock holds.
    pub pass: usize,
    /// Something is wrong.
    pub fail: usize,
    /// No verdict is possible.
    pub unknown: usize,
    /// No verdict came yet.
    pub pending: usize,
}

impl Snapshot {
    /// Counts the last verdicts.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for check in self.endpoints.iter().flat_map(|endpoint| &endpoint.checks) {
            *match check.verdict() {
                Some(Verdict::Pass) => &mut tally.pass,
                Some(Verdict::Fail) => &mut tally.fail,
                Some(Verdict::Unknown) => &mut tally.unknown,
                None => &mut tally.pending,
            } += 1;
        }
        tally
    }
}

/// One endpoint and its checks.
#[derive(Clone, Debug)]
pub struct EndpointStatus {
    /// What is watched.
    pub endpoint: Arc<Endpoint>,
    /// One for each of `endpoint.checks`, in the same order.
    pub checks: Vec<Arc<CheckStatus>>,
    /// The certificate of the chain that expires first, as last seen by any check.
    pub certificate: Option<Arc<Certificate>>,
}

impl EndpointStatus {
    /// The checks with what is known of each.
    pub fn pairs(&self) -> impl Iterator<Item = (&Check, &CheckStatus)> {
        let statuses = self.checks.iter().map(Arc::as_ref);
        self.endpoint.checks.iter().zip(statuses)
    }

    /// The names of one of its checks.
    pub fn named<'a>(&'a self, check: &'a Check) -> Named<'a> {
        Named {
            endpoint: self.endpoint.name.as_str(),
            check: check.name.as_str(),
            persona: &check.persona,
        }
    }

    /// The address as it may be shown: without the values of its query.
    pub fn shown_url(&self) -> String {
        without_query_values(self.endpoint.request.url.as_str())
    }
}

/// What is known of one check.
#[derive(Clone, Debug, Default)]
pub struct CheckStatus {
    /// What it last came to; `None` until a first verdict.
    pub last: Option<Seen>,
    /// What it last came to when all was well, where that is no longer so.
    pub good: Option<Arc<Seen>>,
    /// What expires soon and is told here: no part of its verdict.
    pub expiring: Expiring,
    /// When a probe of it last came back; older than `last` where nothing could be sent since.
    pub probed_at: Option<Timestamp>,
    /// The probes that it is not given for a while.
    pub held: Option<Hold>,
    /// The gravest of its open incidents.
    pub incident: Option<IncidentId>,
    /// The challenges that it may offer.
    pub baseline: Baseline,
    /// Its last verdicts.
    pub history: History,
    /// Its verdicts since the start.
    pub counts: Counts,
}

impl CheckStatus {
    /// The last verdict.
    pub fn verdict(&self) -> Option<Verdict> {
        self.last.as_ref().map(|seen| seen.judgement.verdict())
    }

    /// Everything that is wrong, the gravest first, what expires soon last.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        let judged = self.last.iter().flat_map(|seen| &seen.judgement.findings);
        judged.chain(self.expiring.findings())
    }
}

/// What is known of one credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialStatus {
    /// Its name.
    pub name: Name,
    /// When it expires, where that is known.
    pub expires_at: Option<Timestamp>,
    /// When an endpoint last let its rightful holder in.
    pub last_accepted_at: Option<Timestamp>,
}

/// How the monitor itself does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Monitor {
    /// How the configuration was last read.
    pub reload: Reload,
    /// What is wrong with the state file, if anything is.
    pub store: Option<Trouble>,
    /// Whether most hosts fail at once, so that the fault may be here.
    pub isolated: bool,
}

/// How the configuration was last read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reload {
    /// When it was last read without a fault.
    pub succeeded_at: Timestamp,
    /// What was wrong when it was read once more since then; one line.
    pub failure: Option<String>,
}

/// Something that this program cannot do at present.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Since when.
    pub since: Timestamp,
    /// What, in a sentence for an operator.
    pub what: String,
}

/// A check came to another verdict, or to the same one for other reasons.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Which check.
    pub id: CheckId,
    /// The verdict before; `None` for the first one.
    pub before: Option<Verdict>,
    /// What it is now, with the evidence.
    pub seen: Seen,
}
