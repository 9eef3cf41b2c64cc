//! Time as an argument.
//!
//! The only place that asks the system what time it is. Everything else is handed a [`Clock`],
//! so that a test can hold time still or move it.
//!
//! **Invariant:** a clock never waits.

use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The time of day, in whole microseconds: for what people read and for certificates.
    fn now(&self) -> Timestamp;

    /// Time that never goes back: for durations and deadlines.
    fn monotonic(&self) -> Instant;
}

/// A clock that rooms share.
pub type SharedClock = Arc<dyn Clock>;

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // The state file keeps no more, and a time must read the same before and after a restart.
        let now = Timestamp::now();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the clock"
    )]
    fn monotonic(&self) -> Instant {
        Instant::now()
    }
}
