//! What can fail for the one who asks.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process holds the lock.
    #[error("the state file `{}` is in use by another authvigil", path.display())]
    InUse {
        /// The state file.
        path: PathBuf,
    },
    /// The system gives no thread.
    #[error("no thread could be started for the state file")]
    Thread(#[source] io::Error),
    /// Something waits that could not be written.
    #[error("{what}")]
    NotWritten {
        /// The trouble, in a sentence.
        what: String,
    },
    /// The thread did not end in time.
    #[error("the state file was not closed within {} s", longest.as_secs_f32())]
    TooSlow {
        /// The time that it was given.
        longest: Duration,
    },
}
