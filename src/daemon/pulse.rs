//! Signs of life: whether the schedule moves on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tracing::{debug, error};

use crate::clock::SharedClock;
use crate::domain::check::CheckId;
use crate::domain::status::Skip;
use crate::metrics::Metrics;
use crate::schedule::Witness;

/// The schedule looks for what is due at least once a second; after this long it stands still.
const STILL: Duration = Duration::from_secs(10);

/// Counts what the schedule does, and remembers when it last did anything.
#[derive(Debug)]
pub(super) struct Pulse {
    metrics: Arc<Metrics>,
    clock: SharedClock,
    begun: Instant,
    /// Milliseconds from the beginning to the last turn.
    turned_at: AtomicU64,
}

impl Pulse {
    /// A pulse that has just been felt.
    pub(super) fn new(metrics: Arc<Metrics>, clock: SharedClock) -> Self {
        let begun = clock.monotonic();
        Self {
            metrics,
            clock,
            begun,
            turned_at: AtomicU64::new(0),
        }
    }

    /// Whether the schedule moves on.
    pub(super) fn is_felt(&self) -> bool {
        let turned_at = Duration::from_millis(self.turned_at.load(Ordering::Relaxed));
        self.age().saturating_sub(turned_at) < STILL
    }

    fn age(&self) -> Duration {
        self.clock.monotonic().saturating_duration_since(self.begun)
    }
}

impl Witness for Pulse {
    fn started(&self, _: &CheckId, lag: Duration) {
        self.metrics.started(lag);
    }

    fn ended(&self, _: &CheckId) {
        self.metrics.ended();
    }

    fn panicked(&self, id: &CheckId) {
        error!(
            endpoint = id.endpoint.as_str(),
            check = id.check.as_str(),
            "a probe broke off by a fault of this program; please report it"
        );
    }

    fn skipped(&self, id: &CheckId, cause: Skip, turns: u64) {
        debug!(
            endpoint = id.endpoint.as_str(),
            check = id.check.as_str(),
            cause = cause.as_str(),
            turns,
            "skipped"
        );
        self.metrics.skipped(cause, turns);
    }

    fn turned(&self) {
        let age = u64::try_from(self.age().as_millis()).unwrap_or(u64::MAX);
        self.turned_at.store(age, Ordering::Relaxed);
    }
}
