//! What the schedule has to know of every check.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::watchlist::Watchlist;
use crate::domain::status::cadence;
use crate::schedule::{Entry, Kind};
use crate::store::Saved;

/// Every check of a watchlist, with what a former run left of it.
pub(super) fn entries(watchlist: &Watchlist, saved: &Saved, now: Timestamp) -> Vec<Entry> {
    let mut entries = Vec::new();
    for endpoint in &watchlist.endpoints {
        let definition = watchlist.definition(&endpoint.name);
        for check in &endpoint.checks {
            let id = endpoint.check_id(check);
            let known = saved.checks.get(&id);
            let sent = known.and_then(|known| known.last.as_ref());
            let kind = Kind::of(&check.persona);
            // A holder is held back by its account, which was told.
            let hold = known.filter(|_| kind != Kind::Holder);
            let hold = hold.and_then(|known| known.held.as_ref());
            entries.push(Entry {
                origin: endpoint.origin(),
                kind,
                cadence: cadence(endpoint, check),
                definition,
                rested: sent.map(|seen| between(seen.at, now)),
                held: hold.map(|hold| between(now, hold.until)),
                span: hold
                    .filter(|hold| between(hold.until, now) < Entry::CALM)
                    .and_then(|hold| hold.span),
                id,
            });
        }
    }
    entries
}

/// The time from one to the other; none where the clock was set back.
fn between(from: Timestamp, to: Timestamp) -> Duration {
    let duration: SignedDuration = to.duration_since(from);
    Duration::try_from(duration).unwrap_or_default()
}
