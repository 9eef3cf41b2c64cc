//! The outbox at work: everything that is owed is tried until it is told or refused for good.
//!
//! In come notices that are owed; out goes a report of each try. What is not told when the program
//! ends is still owed, and comes again from the store at the next start.
//!
//! - `backoff` says how long to wait after a try that failed.
//! - `line` keeps what waits for one recipient, in order.
//! - `station` is a place that several lines lead to, such as the relay, and what it does meanwhile.
//! - `queue` is all of these; it is told the time, and says who goes.
//! - `work` asks it, and starts a task for each try.
//!
//! **Invariant:** nothing that is owed is dropped but after five days, nothing overtakes an earlier
//! notice of the same incident to the same recipient, and nobody who hangs holds up another place.

mod backoff;
mod line;
mod queue;
mod station;
#[cfg(test)]
mod tests;
mod work;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use self::work::{Order, Work};
use super::carrier::Carrier;
use crate::clock::SharedClock;
use crate::domain::check::Name;
use crate::domain::notice::{Attempt, NoticeId, Owed, Way};

/// How much is tried at once, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Mails at the relay at once.
    pub at_relay: usize,
    /// Notices at once to one Alertmanager, one webhook, or one directory.
    pub elsewhere: usize,
    /// How long one try may take before it is cut off and counts as undelivered.
    pub longest_try: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            at_relay: 8,
            elsewhere: 4,
            longest_try: Duration::from_mins(3),
        }
    }
}

/// What one try came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Which notice.
    pub notice: NoticeId,
    /// Who was to be told.
    pub receiver: Name,
    /// On which way.
    pub way: Way,
    /// What it came to.
    pub attempt: Attempt,
    /// When it ended.
    pub at: Timestamp,
}

/// Sends what is owed. Clones lead to the same queue.
#[derive(Clone, Debug)]
pub struct Sender {
    orders: mpsc::UnboundedSender<Order>,
}

/// Reports of all tries, in the order in which they ended.
pub type Reports = mpsc::UnboundedReceiver<Report>;

impl Sender {
    /// A sender, the reports of its tries, and the work, which is to be run beside everything else.
    ///
    /// The seed spreads retries. The work ends when the sender is told to [`Sender::finish`], or
    /// when nobody is left who could tell it anything.
    pub fn new(
        carrier: Arc<dyn Carrier>,
        clock: SharedClock,
        seed: u64,
        limits: Limits,
    ) -> (Self, Reports, impl Future<Output = ()> + Send) {
        let (orders, received) = mpsc::unbounded_channel();
        let (reports, reported) = mpsc::unbounded_channel();
        let work = Work::new(carrier, (clock, seed), limits, reports);
        (Self { orders }, reported, work.run(received))
    }

    /// Tells every way of a notice that is pending; those that wait already are not told twice.
    ///
    /// Never waits. Once the work has ended nothing is sent, and what is owed stays in the store.
    pub fn send(&self, owed: Arc<Owed>) {
        self.order(Order::Send(owed));
    }

    /// Uses this carrier from the next try on, and tries everything at once: what stood in the way
    /// may be mended.
    pub fn replace(&self, carrier: Arc<dyn Carrier>) {
        self.order(Order::Replace(carrier));
    }

    /// Tries everything that waits once more, now, and ends the work. Returns when that is done, and
    /// after this time at the latest; a try that is then under way is cut off and counts as none.
    pub async fn finish(&self, longest: Duration) {
        let (finished, ended) = oneshot::channel();
        self.order(Order::Finish { longest, finished });
        // It is over as well where the work is gone, or nobody runs it.
        tokio::time::timeout(longest, ended).await.ok();
    }

    fn order(&self, order: Order) {
        // Where the work has ended, there is nobody to tell.
        self.orders.send(order).ok();
    }
}
