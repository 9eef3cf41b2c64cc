//! The outbox at work: everything that is owed is tried until it is told or refused for good.
//!
//! In come notices that are owed; out goes a report of each try. What is not told when the program
//! ends is still owed, and comes again from the store at the next start.
//!
//! - `backoff` says how long to wait after a try that failed.
//! - `line` keeps what waits for one recipient, in order.
//! - `station` is a place that several lines lead to, such as the relay, and what it does meanwhile.
//! - `queue` is all of these; it is told the time, and says who goes.
//!
//! **Invariant:** nothing that is owed is dropped but after five days, nothing overtakes an earlier
//! notice of the same incident to the same recipient, and nobody who hangs holds up another place.

mod backoff;
mod line;
mod queue;
mod station;
#[cfg(test)]
mod tests;

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinError, JoinSet};
use tokio::time::Sleep;

use self::queue::{Queue, Ticket};
use super::carrier::{Carried, Carrier};
use crate::clock::SharedClock;
use crate::domain::check::Name;
use crate::domain::notice::{Attempt, NoticeId, Owed, Way};

/// The queue is looked at so often, should the clock have been moved.
const LOOK: Duration = Duration::from_secs(1);

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

enum Order {
    Send(Arc<Owed>),
    Replace(Arc<dyn Carrier>),
    Finish {
        longest: Duration,
        finished: oneshot::Sender<()>,
    },
}

impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Send(_) => "Send",
            Self::Replace(_) => "Replace",
            Self::Finish { .. } => "Finish",
        })
    }
}

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
        let work = Work {
            queue: Queue::new(limits, seed),
            carrier,
            clock,
            longest_try: limits.longest_try,
            tries: JoinSet::new(),
            reports,
        };
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

/// A try's task: what it was about, and what it came to.
type Ended = (Ticket, Carried);

struct Work {
    queue: Queue,
    carrier: Arc<dyn Carrier>,
    clock: SharedClock,
    longest_try: Duration,
    tries: JoinSet<Ended>,
    reports: mpsc::UnboundedSender<Report>,
}

/// The end of the work, once it is wanted.
struct End {
    deadline: Pin<Box<Sleep>>,
    finished: Vec<oneshot::Sender<()>>,
}

impl Work {
    async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        let mut end: Option<End> = None;
        loop {
            let wait = self.turn();
            if end.is_some() && self.queue.is_finished() {
                break;
            }
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => self.obey(order, &mut end),
                    None => break,
                },
                Some(ended) = self.tries.join_next() => self.take_in(ended),
                () = until(end.as_mut()) => break,
                () = tokio::time::sleep(wait) => {}
            }
            self.catch_up(&mut orders, &mut end);
        }
        self.tries.abort_all();
        for finished in end.into_iter().flat_map(|end| end.finished) {
            // Who asked may have gone by now.
            finished.send(()).ok();
        }
    }

    /// Takes in what has come meanwhile, before the queue is asked once for all of it.
    fn catch_up(&mut self, orders: &mut mpsc::UnboundedReceiver<Order>, end: &mut Option<End>) {
        while let Ok(order) = orders.try_recv() {
            self.obey(order, end);
        }
        while let Some(ended) = self.tries.try_join_next() {
            self.take_in(ended);
        }
    }

    /// Looks at the queue once, and says how long to wait.
    fn turn(&mut self) -> Duration {
        let (now, wall) = (self.clock.monotonic(), self.clock.now());
        for report in self.queue.give_up(now, wall) {
            self.tell(report);
        }
        for ticket in self.queue.take(now) {
            self.start(ticket);
        }
        let wait = self.queue.due();
        wait.map_or(LOOK, |due| due.saturating_duration_since(now).min(LOOK))
    }

    fn obey(&mut self, order: Order, end: &mut Option<End>) {
        match order {
            Order::Send(owed) => self.queue.add(&owed, self.clock.monotonic()),
            Order::Replace(carrier) => {
                self.carrier = carrier;
                self.queue.rouse();
            }
            Order::Finish { longest, finished } => {
                self.queue.finish();
                let end = end.get_or_insert_with(|| End {
                    deadline: Box::pin(tokio::time::sleep(longest)),
                    finished: Vec::new(),
                });
                end.finished.push(finished);
            }
        }
    }

    fn start(&mut self, ticket: Ticket) {
        let carrier = Arc::clone(&self.carrier);
        let longest = self.longest_try;
        self.tries.spawn(async move {
            let outcome = carry(&*carrier, &ticket, longest).await;
            (ticket, outcome)
        });
    }

    fn take_in(&mut self, ended: Result<Ended, JoinError>) {
        // A task is not aborted while anybody takes in its end, and its panic is caught inside.
        let Ok((ticket, carried)) = ended else {
            return;
        };
        let time = (self.clock.monotonic(), self.clock.now());
        let report = self.queue.ended(ticket, carried, time);
        self.tell(report);
    }

    fn tell(&self, report: Report) {
        let notice = report.notice.as_str();
        let (receiver, way) = (report.receiver.as_str(), report.way.as_str());
        match &report.attempt {
            Attempt::Delivered(said) => {
                tracing::debug!(notice, receiver, way, said, "a notice is delivered");
            }
            Attempt::Retried(said) => {
                tracing::warn!(
                    notice,
                    receiver,
                    way,
                    said,
                    "a notice has to be tried again"
                );
            }
            Attempt::Rejected(said) => {
                tracing::error!(notice, receiver, way, said, "a notice cannot be delivered");
            }
        }
        // Where nobody listens any more, the store still says that it is owed.
        self.reports.send(report).ok();
    }
}

/// Waits for the end of the last tries, and for ever where it is not wanted yet.
async fn until(end: Option<&mut End>) {
    match end {
        Some(end) => end.deadline.as_mut().await,
        None => std::future::pending().await,
    }
}

/// One try, which ends in time and whatever happens to it.
async fn carry(carrier: &dyn Carrier, ticket: &Ticket, longest: Duration) -> Carried {
    let carrying = async { carrier.carry(&ticket.notice, ticket.way()).await };
    let carrying = AssertUnwindSafe(carrying).catch_unwind();
    let why = match tokio::time::timeout(longest, carrying).await {
        Ok(Ok(outcome)) => return outcome,
        Ok(Err(_)) => "this program failed at it; its log says more".to_owned(),
        Err(_) => format!("no answer within {} s", longest.as_secs()),
    };
    Attempt::Retried(why).into()
}
