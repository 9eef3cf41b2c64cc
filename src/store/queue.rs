//! Where those who commit and ask meet the thread that writes.
//!
//! The lock is held for moments, and never while the disk is touched.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::oneshot;

use super::batch::Batch;
use super::error::StoreError;
use super::health::Health;
use super::pending::Pending;
use crate::domain::check::Name;
use crate::domain::status::{Change, Trouble};

/// Where somebody waits for an answer.
pub(super) type Answer<T> = oneshot::Sender<T>;

/// Those who wait until something is done.
pub(super) type Ends = Vec<Answer<Result<(), StoreError>>>;

/// A question for the newest changes of an endpoint.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) endpoint: Name,
    pub(super) most: usize,
    pub(super) answer: Answer<Vec<Change>>,
}

/// How long the thread waits for work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// Until there is some.
    Endless,
    /// So long, whatever is to be written; somebody who waits for an answer is served at once.
    Pause(Duration),
    /// Not at all.
    None,
}

/// What there is to do.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) now: Timestamp,
    pub(super) pending: Pending,
    pub(super) settling: Ends,
    pub(super) questions: Vec<Question>,
    /// That this is the last of it, and who wants to know of the end.
    pub(super) ends: Option<Ends>,
}

/// What is told of a thread that ended and was not asked to.
const BROKEN_OFF: &str = "the thread that writes the state file ended by a fault of this program; \
    nothing is written until the program is started again";

#[derive(Debug)]
pub(super) struct Queue {
    inner: Mutex<Inner>,
    woken: Condvar,
}

#[derive(Debug)]
struct Inner {
    now: Timestamp,
    pending: Pending,
    /// Changes that the thread has taken and not yet written.
    taken: usize,
    settling: Ends,
    questions: Vec<Question>,
    closing: Option<Ends>,
    ended: bool,
    /// What hinders writing at present.
    hindrance: Option<Trouble>,
    /// That a damaged file was set aside.
    set_aside: Option<Trouble>,
    failures: u64,
    renewals: u64,
}

impl Inner {
    fn is_awaited(&self) -> bool {
        !self.settling.is_empty() || !self.questions.is_empty() || self.closing.is_some()
    }
}

impl Queue {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            inner: Mutex::new(Inner {
                now,
                pending: Pending::default(),
                taken: 0,
                settling: Vec::new(),
                questions: Vec::new(),
                closing: None,
                ended: false,
                hindrance: None,
                set_aside: None,
                failures: 0,
                renewals: 0,
            }),
            woken: Condvar::new(),
        }
    }

    /// A thread that panicked with the lock held left nothing half done that matters.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn put(&self, batch: Batch, now: Timestamp) {
        let mut inner = self.lock();
        inner.pending.add(batch);
        inner.now = now;
        self.woken.notify_one();
    }

    pub(super) async fn settle(&self) -> Result<(), StoreError> {
        let (answer, answered) = oneshot::channel();
        self.wake(|inner| inner.settling.push(answer));
        match answered.await {
            Ok(result) => result,
            // The thread has ended.
            Err(_) => self.unsaved(),
        }
    }

    pub(super) async fn ask(&self, endpoint: Name, most: usize) -> Vec<Change> {
        let (answer, answered) = oneshot::channel();
        let question = Question {
            endpoint,
            most,
            answer,
        };
        self.wake(|inner| inner.questions.push(question));
        answered.await.unwrap_or_default()
    }

    pub(super) fn close(&self, end: Option<Answer<Result<(), StoreError>>>) {
        self.wake(|inner| inner.closing.get_or_insert_default().extend(end));
    }

    /// Asks the thread for something; what is asked after its end is dropped, and so answered.
    fn wake(&self, ask: impl FnOnce(&mut Inner)) {
        let mut inner = self.lock();
        if !inner.ended {
            ask(&mut inner);
            self.woken.notify_one();
        }
    }

    /// That all was written, or what was not.
    pub(super) fn unsaved(&self) -> Result<(), StoreError> {
        let inner = self.lock();
        match &inner.hindrance {
            // Whoever waits may hear of a broken thread before the thread says so.
            _ if !inner.ended => Err(not_written(BROKEN_OFF)),
            Some(Trouble { what, .. }) => Err(not_written(what)),
            None if inner.pending.is_empty() => Ok(()),
            None => Err(not_written("the state file was closed before")),
        }
    }

    pub(super) fn health(&self) -> Health {
        let inner = self.lock();
        Health {
            trouble: inner
                .hindrance
                .as_ref()
                .or(inner.set_aside.as_ref())
                .cloned(),
            works: inner.hindrance.is_none() && !inner.ended,
            failures: inner.failures,
            waiting: inner.pending.changes.len() + inner.taken,
            lost: inner.pending.lost,
            renewals: inner.renewals,
        }
    }

    /// Waits for work and takes all of it.
    pub(super) fn next(&self, patience: Patience) -> Work {
        let inner = self.lock();
        let mut inner = match patience {
            Patience::None => inner,
            Patience::Endless => self
                .woken
                .wait_while(inner, |inner| {
                    inner.pending.is_empty() && !inner.is_awaited()
                })
                .unwrap_or_else(PoisonError::into_inner),
            Patience::Pause(pause) => {
                let waited = self
                    .woken
                    .wait_timeout_while(inner, pause, |inner| !inner.is_awaited());
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
        };
        inner.taken = inner.pending.changes.len();
        let lost = inner.pending.lost;
        let pending = std::mem::take(&mut inner.pending);
        inner.pending.lost = lost;
        Work {
            now: inner.now,
            pending: Pending { lost: 0, ..pending },
            settling: std::mem::take(&mut inner.settling),
            questions: std::mem::take(&mut inner.questions),
            ends: inner.closing.take(),
        }
    }

    /// What was taken is written.
    pub(super) fn written(&self) {
        let mut inner = self.lock();
        inner.taken = 0;
        inner.hindrance = None;
    }

    /// What was taken could not be written, and waits again.
    pub(super) fn put_back(&self, pending: Pending, what: String) {
        let mut inner = self.lock();
        inner.pending.put_back(pending);
        inner.taken = 0;
        inner.failures += 1;
        let since = inner
            .hindrance
            .as_ref()
            .map_or(inner.now, |trouble| trouble.since);
        inner.hindrance = Some(Trouble { since, what });
    }

    /// A damaged file was set aside.
    pub(super) fn tell_set_aside(&self, what: String) {
        let mut inner = self.lock();
        let since = inner.now;
        inner.set_aside = Some(Trouble { since, what });
    }

    /// A file was begun anew while the program ran.
    pub(super) fn renewed(&self) {
        self.lock().renewals += 1;
    }

    /// The newest changes of an endpoint among those that wait.
    pub(super) fn waiting(&self, endpoint: &Name, most: usize) -> Vec<Change> {
        let inner = self.lock();
        let newest = inner.pending.changes.iter().rev();
        let of_endpoint = newest.filter(|change| change.id.endpoint == *endpoint);
        of_endpoint.take(most).cloned().collect()
    }

    /// The thread met a fault of its own: what it had taken is lost, and nothing is written any more.
    pub(super) fn break_off(&self) {
        let mut inner = self.lock();
        let taken = std::mem::take(&mut inner.taken);
        inner.pending.lost += u64::try_from(taken).unwrap_or(u64::MAX);
        let since = inner.now;
        inner.hindrance = Some(Trouble {
            since,
            what: BROKEN_OFF.to_owned(),
        });
    }

    /// Nobody will be answered any more.
    pub(super) fn end(&self) {
        let mut inner = self.lock();
        inner.ended = true;
        inner.settling.clear();
        inner.questions.clear();
        inner.closing = None;
    }
}

fn not_written(what: &str) -> StoreError {
    StoreError::NotWritten {
        what: what.to_owned(),
    }
}
