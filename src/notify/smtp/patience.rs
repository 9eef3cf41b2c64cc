//! How long a relay may take.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use super::record::Failure;

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

/// Waits for a step, and no longer than this; an error becomes what is said of it.
pub(super) async fn within<T, E: Display>(
    patience: Duration,
    step: impl Future<Output = Result<T, E>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(patience, step).await {
        Ok(done) => done.map_err(|error| Failure::Broken(error.to_string())),
        Err(_elapsed) => Err(Failure::Broken(format!(
            "nothing came within {} s",
            patience.as_secs_f32()
        ))),
    }
}
