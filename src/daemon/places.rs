//! How many probes there is room for.

use tracing::debug;

use crate::schedule::Limits;

/// What is wanted of the system: files, sockets among them.
const FILES: u64 = 65_536;

/// Files that are no probe's: the state file, the web port's visitors, secrets that are read.
const OTHERS: u64 = 768;

/// A probe has its connection, and a secret or a name that is looked up beside it.
const FILES_A_PROBE: u64 = 2;

/// Servers that hang keep a place for a whole timeout each, and an open door elsewhere must be seen
/// meanwhile; so there are many, as far as the system lets this process open files.
const MOST: u64 = 2048;

/// Few places are better than none.
const FEWEST: u64 = 64;

/// Raises the limit of open files, and says how many probes may be under way.
pub(super) fn limits() -> Limits {
    let files = rlimit::increase_nofile_limit(FILES).unwrap_or_else(|error| {
        debug!(%error, "the limit of open files stays as it was");
        1024
    });
    let places = files.saturating_sub(OTHERS) / FILES_A_PROBE;
    Limits {
        overall: usize::try_from(places.clamp(FEWEST, MOST)).unwrap_or(usize::MAX),
        ..Limits::default()
    }
}
