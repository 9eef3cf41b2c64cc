//! What is handed over, and what is found at the next start.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::check::{CheckId, Name};
use crate::domain::drift::Baseline;
use crate::domain::incident::Incident;
use crate::domain::judge::BodyDigest;
use crate::domain::notice::{Memo, Owed, Telling};
use crate::domain::silence::Silence;
use crate::domain::status::{Change, History, Hold, Seen};

/// What happened since the batch before: all of it is committed, or none.
///
/// `removed` counts first: a check that is both removed and in `checks` begins anew. Observations
/// are evidence alone (`Observation::evidence`), as what waits for the disk must be small.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// Changed verdicts, the oldest first.
    pub changes: Vec<Change>,
    /// Checks whose whole state is to be kept.
    pub checks: Vec<SavedCheck>,
    /// Checks that came to the same as before, and when.
    pub seen: Vec<(CheckId, Timestamp)>,
    /// Credentials, and when their rightful holder was last let in.
    pub credentials: Vec<(Name, Timestamp)>,
    /// Checks that are watched no more. Their changes stay until they are too old.
    pub removed: Vec<CheckId>,
    /// Incidents that were opened or have changed, whole.
    pub incidents: Vec<Arc<Incident>>,
    /// What was said of them, in the place of what was said before to the same receiver.
    pub tellings: Vec<Telling>,
    /// Notices that are owed from now on, or whose deliveries have changed, whole.
    pub notices: Vec<Arc<Owed>>,
    /// Silences that were made or ended.
    pub silences: Vec<Arc<Silence>>,
    /// What was said that is about no incident, where it has changed.
    pub memo: Option<Memo>,
}

/// What must be known of a check at the next start.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedCheck {
    /// Which check.
    pub id: CheckId,
    /// Names the definition of its endpoint that all of this is of.
    pub definition: u64,
    /// What it last came to.
    pub last: Option<Seen>,
    /// What it last came to when all was well, where that is no longer so.
    pub good: Option<Arc<Seen>>,
    /// The probes that it is not given for a while.
    pub held: Option<Hold>,
    /// Its last verdicts.
    pub history: History,
    /// Names the body that the rightful holder last met.
    pub holder_body: Option<BodyDigest>,
    /// The challenges that it may offer.
    pub baseline: Baseline,
}

/// What the last run left.
///
/// Times are whole microseconds. An observation is there as it was handed over, without bytes of a
/// body.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Saved {
    /// Every check that was saved and not removed.
    pub checks: BTreeMap<CheckId, SavedCheck>,
    /// When each credential's rightful holder was last let in.
    pub credentials: BTreeMap<Name, Timestamp>,
    /// Every incident that is open, those that ended in the last days, and those whose end somebody
    /// was not told of; in the order in which they were opened.
    pub incidents: Vec<Arc<Incident>>,
    /// What was said of these.
    pub tellings: Vec<Telling>,
    /// Notices that are still owed, those that were refused lately, and the newest of the others; the
    /// oldest first.
    pub notices: Vec<Arc<Owed>>,
    /// How many notices are still owed and cannot be read, or not wholly: this program cannot deliver
    /// them as they were meant. They stay in the file.
    pub illegible: usize,
    /// Every silence that has not ended, in the order of their ends.
    pub silences: Vec<Arc<Silence>>,
    /// What was said that is about no incident.
    pub memo: Memo,
}
