//! What the keeper is told, and the one thing that it is asked.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::oneshot;

use super::outbox::Tried;
use crate::domain::check::{CheckId, Name};
use crate::domain::endpoint::{Endpoint, Origin};
use crate::domain::incident::IncidentId;
use crate::domain::observation::Observation;
use crate::domain::presenter::{Shown, Unpresentable};
use crate::domain::reproduction::Presentation;
use crate::domain::routing::{Matcher, Policy};
use crate::domain::secret::Redactor;
use crate::domain::silence::SilenceId;
use crate::domain::status::{Hold, Snapshot};
use crate::store::SavedAccount;

/// Everything that can happen to the live state.
#[derive(Debug)]
pub enum Event {
    /// A probe came back, or was not sent for want of something.
    Observed(Box<Observed>),
    /// A turn passed without a probe, because somebody asked for rest.
    Held {
        /// Which check.
        id: CheckId,
        /// Until when and why.
        hold: Hold,
    },
    /// Something else is counted of the account that a credential's password opens.
    Counted {
        /// The credential.
        name: Name,
        /// All that is counted now.
        account: SavedAccount,
        /// Answered once it is on the disk, or the disk takes too long.
        noted: Option<oneshot::Sender<()>>,
    },
    /// A valid configuration takes the place of the one before.
    Adopted(Adoption),
    /// What probes right after one that saw a bypass came to.
    Reprobed(Reprobed),
    /// Somebody tried to tell a notice.
    Tried(Tried),
    /// Somebody wants incidents not to be told for a while; answered with the silence's name.
    Silenced(Wish, oneshot::Sender<SilenceId>),
    /// Somebody wants a silence to end; answered with whether there was one.
    Expired(SilenceId, oneshot::Sender<bool>),
    /// Somebody accepts the challenges that the checks of an endpoint, or one of them, offer by now;
    /// answered with the checks that offered something new, or `None` where there is no such check.
    Accepted {
        /// The endpoint.
        endpoint: Name,
        /// The check; all of them where it is not named.
        check: Option<Name>,
        /// Who asked.
        reply: oneshot::Sender<Option<Vec<CheckId>>>,
    },
    /// The schedule departs from the configured intervals in this way now.
    Paced(Pace),
    /// The configuration was read again and is at fault.
    Refused {
        /// The faults, in one line.
        faults: String,
    },
    /// The end has begun: nothing is probed any more.
    Stopping,
    /// The end is near: what is to be told is told now. Answered when all of it was handed over.
    Hurried(oneshot::Sender<()>),
    /// Somebody wants to see everything.
    Asked(oneshot::Sender<Arc<Snapshot>>),
    /// Nothing more will happen; whoever told it is answered when the store has everything.
    Ended(oneshot::Sender<()>),
}

/// A valid configuration, as far as the keeper needs it.
#[derive(Clone, Debug, Default)]
pub struct Adoption {
    /// What is watched.
    pub endpoints: Vec<Arc<Endpoint>>,
    /// Who is told of what.
    pub policy: Arc<Policy>,
    /// How each credential travels.
    pub presentations: BTreeMap<Name, Presentation>,
}

/// What probes right after one that saw a bypass came to.
#[derive(Debug)]
pub struct Reprobed {
    /// The incident of the bypass.
    pub incident: IncidentId,
    /// What each of them saw; none where there was no time.
    pub observed: Vec<Observed>,
}

/// A silence that somebody wants.
#[derive(Clone, Debug, PartialEq)]
pub struct Wish {
    /// What must hold of an incident's labels; at least one.
    pub matchers: Vec<Matcher>,
    /// For how long.
    pub length: Duration,
    /// Why.
    pub comment: String,
    /// Who wants it.
    pub author: String,
}

/// What came of one probe.
#[derive(Debug)]
pub struct Observed {
    /// Which check.
    pub id: CheckId,
    /// The endpoint as it was when the probe was sent: under another definition it says nothing.
    pub endpoint: Arc<Endpoint>,
    /// When it ended.
    pub at: Timestamp,
    /// What was seen, with the whole body; or why nothing was sent.
    pub outcome: Result<Observation, Unpresentable>,
    /// What is known of the credential that was shown.
    pub shown: Shown,
    /// Takes every secret out of what is kept.
    pub redactor: Redactor,
}

/// How the schedule departs from the configured intervals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// Every check that an endpoint's answers hold back.
    pub held: Vec<(CheckId, Hold)>,
    /// The cadence of probes that must be refused, where an origin has too many for their own.
    pub stretched: BTreeMap<Origin, Duration>,
}

/// The times of one moment.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The time of day: for what is shown and stored.
    pub wall: Timestamp,
    /// The same, unless the clock was set back: for what is to be said, and when.
    pub steady: Timestamp,
    /// Time that never goes back: for what has become stale.
    pub monotonic: Instant,
}
