//! Asks the queue who goes, starts one task for each try, and reports how it ended.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinError, JoinSet};
use tokio::time::Sleep;

use super::queue::{Queue, Ticket};
use super::{Limits, Report};
use crate::clock::SharedClock;
use crate::domain::notice::{Attempt, Owed};
use crate::notify::carrier::{Carried, Carrier};

/// The queue is looked at so often, should the clock have been moved.
const LOOK: Duration = Duration::from_secs(1);

/// What the work is told.
pub(super) enum Order {
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

/// A try's task: what it was about, and what it came to.
type Ended = (Ticket, Carried);

/// Asks the queue who goes, and lets them go.
pub(super) struct Work {
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
    /// The work with this carrier; the seed spreads retries.
    pub(super) fn new(
        carrier: Arc<dyn Carrier>,
        (clock, seed): (SharedClock, u64),
        limits: Limits,
        reports: mpsc::UnboundedSender<Report>,
    ) -> Self {
        Self {
            queue: Queue::new(limits, seed),
            carrier,
            clock,
            longest_try: limits.longest_try,
            tries: JoinSet::new(),
            reports,
        }
    }

    /// Works until it has finished, or nobody is left who could tell it to.
    pub(super) async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
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
