//! What the keeper is told, and the one thing that it is asked.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::domain::check::CheckId;
use crate::domain::endpoint::{Endpoint, Origin};
use crate::domain::observation::Observation;
use crate::domain::presenter::Unpresentable;
use crate::domain::secret::Redactor;
use crate::domain::status::{Hold, Snapshot};

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
    /// A valid configuration takes the place of the one before.
    Adopted(Vec<Arc<Endpoint>>),
    /// The schedule departs from the configured intervals in this way now.
    Paced(Pace),
    /// The configuration was read again and is at fault.
    Refused {
        /// The faults, in one line.
        faults: String,
    },
    /// Somebody wants to see everything.
    Asked(oneshot::Sender<Arc<Snapshot>>),
    /// Nothing more will happen; whoever told it is answered when the store has everything.
    Ended(oneshot::Sender<()>),
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
    /// When the credential that was shown is known to expire.
    pub expires_at: Option<Timestamp>,
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

/// The two times of one moment.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The time of day: for what is shown and stored.
    pub wall: Timestamp,
    /// Time that never goes back: for what has become stale.
    pub monotonic: Instant,
}
