//! How long a relay may take.

use std::time::Duration;

/// How long a relay may take. RFC 5321 §4.5.3.2 allows minutes for each step, which is more than an
/// alert can wait: it is tried again soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For one address to accept a connection.
    pub connect: Duration,
    /// For each other step, from the first byte written to the last one read.
    pub step: Duration,
    /// For all of them. The answer to the mail itself may take what is left of it: who gives up too
    /// early there makes duplicates (RFC 5321 §4.5.3.2.6).
    pub total: Duration,
    /// For the answer to `QUIT`, when all is done.
    pub farewell: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            step: Duration::from_secs(30),
            total: Duration::from_mins(2),
            farewell: Duration::from_millis(500),
        }
    }
}
