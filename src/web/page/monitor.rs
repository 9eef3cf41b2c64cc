//! The monitor's own troubles, for the top of every page.

use super::notices;
use super::text::{LINE, Moment, shown};
use crate::domain::status::Snapshot;

/// One trouble.
pub(super) struct OwnTrouble {
    pub(super) title: &'static str,
    pub(super) text: String,
    pub(super) since: Option<Moment>,
}

pub(super) fn own_troubles(snapshot: &Snapshot) -> Vec<OwnTrouble> {
    let (now, monitor) = (snapshot.taken_at, &snapshot.monitor);
    let isolated = monitor.isolated.then(|| OwnTrouble {
        title: "This monitor may be cut off",
        text: "Most hosts fail at once, so the fault may lie between here and them.".to_owned(),
        since: None,
    });
    let store = monitor.store.as_ref().map(|trouble| OwnTrouble {
        title: "The state file is in trouble",
        text: shown(&trouble.what, LINE),
        since: Some(Moment::of(trouble.since, now)),
    });
    let reload = monitor.reload.failure.as_ref().map(|failure| OwnTrouble {
        title: "The configuration on disk has faults",
        text: format!("The one before is still in force. {}", shown(failure, LINE)),
        since: None,
    });
    let found = [isolated, store].into_iter().flatten();
    let found = found.chain(notices::stuck(snapshot)).chain(reload);
    found.collect()
}
