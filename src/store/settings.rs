//! What a person configured of the state file.

use std::path::PathBuf;
use std::time::Duration;

/// Where the state is kept, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The database file. Beside it stand its log, its lock, and what had to be set aside.
    pub path: PathBuf,
    /// How long verdict changes, incidents and notices are kept.
    pub retention: Retention,
}

/// How long verdict changes are kept, incidents after their end, and notices once nothing of them is
/// owed. What every check last came to is kept for as long as the check is configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// The age at which a change goes.
    pub max_age: Duration,
    /// How many changes stay, of all checks together, how many incidents that ended, and how many
    /// notices; the oldest go first.
    pub max_changes: u64,
}
