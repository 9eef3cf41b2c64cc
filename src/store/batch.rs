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
    /// What is counted of accounts, in the place of what was counted before.
    pub accounts: Vec<(Name, SavedAccount)>,
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

/// What is counted of the account that a credential's password opens.
///
/// The password itself has no trace here, not even a hash of it: one without salt would help whoever
/// steals the file to guess it, and a salt beside it helps little against short passwords.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedAccount {
    /// When the password was rejected, the oldest first. One that was on its way is among them: what
    /// became of it is not known where the program ended meanwhile.
    pub rejected_at: Vec<Timestamp>,
    /// As many were rejected as are risked, and none was accepted since.
    pub is_counted_out: bool,
    /// When the account's user was last shown a wrong password on purpose.
    pub wronged_at: Option<Timestamp>,
}

impl SavedAccount {
    /// When anything about it last happened; `None` where nothing is counted.
    pub fn latest(&self) -> Option<Timestamp> {
        let all = self.rejected_at.iter().copied().chain(self.wronged_at);
        all.max()
    }
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
    /// What is counted of accounts; also of those whose credential was configured no more.
    pub accounts: BTreeMap<Name, SavedAccount>,
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
