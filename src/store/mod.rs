//! The state file: what must outlive the program, in SQLite.
//!
//! In come batches of what changed; out come, at the start, the last verdicts of every check with
//! the incidents, notices and silences that matter, and, at any time, the changes of an endpoint.
//! One thread owns the file and writes; whoever commits only hands over. What waits is merged by
//! name, so that its size is bounded by what is watched and what is owed.
//!
//! A file that cannot be used stops nobody: what matters waits in memory, the file is tried again
//! and again, and [`Store::health`] says what is wrong.
//! Observations arrive redacted, and as evidence alone (see `form`).
//!
//! **Invariant:** decides nothing, and never blocks or fails the one who commits.

mod batch;
mod error;
mod file;
mod form;
mod health;
mod load;
mod pending;
mod place;
mod queue;
mod retention;
#[cfg(test)]
mod samples;
mod schema;
mod settings;
#[cfg(test)]
mod tests;
mod write;
mod writer;

use std::sync::Arc;
use std::time::Duration;

pub use batch::{Batch, Saved, SavedAccount, SavedCheck};
pub use error::StoreError;
pub use health::Health;
use jiff::Timestamp;
use place::{Connect, Place};
use queue::Queue;
pub use settings::{Retention, Settings};
use writer::Writer;

use crate::domain::check::Name;
use crate::domain::status::{Change, Trouble};

/// A handle on the state file; clones share it.
///
/// When the last handle is dropped, what waits is still committed, and nobody is told; to know, use
/// [`Store::close`].
#[derive(Clone, Debug)]
pub struct Store(Arc<Handle>);

/// The state file as it was found.
#[derive(Debug)]
pub struct Opened {
    /// The handle.
    pub store: Store,
    /// What the last run left.
    pub saved: Saved,
    /// What is wrong, if anything is.
    pub trouble: Option<Trouble>,
}

#[derive(Debug)]
struct Handle(Arc<Queue>);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.close(None);
    }
}

impl Store {
    /// Opens the state file, or begins one, and starts the thread that writes.
    ///
    /// Blocks while the file is checked and read. A file that cannot be used is trouble and no
    /// error: the store goes on trying.
    ///
    /// # Errors
    ///
    /// Another authvigil has the file, or the system gives no thread.
    pub fn open(settings: Settings, now: Timestamp) -> Result<Opened, StoreError> {
        Self::open_through(place::connect(), settings, now)
    }

    fn open_through(
        connect: Connect,
        settings: Settings,
        now: Timestamp,
    ) -> Result<Opened, StoreError> {
        let place = Place::new(settings.path, connect);
        let queue = Arc::new(Queue::new(now));
        let mut writer = Writer::new(Arc::clone(&queue), place, settings.retention, now);
        let saved = writer.begin(now)?;
        writer.start()?;
        let store = Self(Arc::new(Handle(queue)));
        let trouble = store.health().trouble;
        Ok(Opened {
            store,
            saved,
            trouble,
        })
    }

    /// Hands a batch to the thread that writes; returns at once.
    ///
    /// Once [`Self::settle`] has returned, a batch with changes, incidents, silences, counts of
    /// accounts or anything that is said or owed is on the disk; any other is safe from whatever happens to the program, and a
    /// power cut may take it.
    pub fn commit(&self, batch: Batch, now: Timestamp) {
        self.0.0.put(batch, now);
    }

    /// Waits until all that was handed over before has been committed.
    ///
    /// # Errors
    ///
    /// It could not be committed; it waits, and will be tried again.
    pub async fn settle(&self) -> Result<(), StoreError> {
        self.0.0.settle().await
    }

    /// How the store does at present.
    pub fn health(&self) -> Health {
        self.0.0.health()
    }

    /// The newest changes of an endpoint's checks, the newest first, those that still wait for the
    /// disk included.
    pub async fn changes(&self, endpoint: &Name, most: usize) -> Vec<Change> {
        self.0.0.ask(endpoint.clone(), most).await
    }

    /// Commits what waits, folds the log into the file and ends the thread.
    ///
    /// # Errors
    ///
    /// Something could not be committed and is lost, or all of it took too long; then the thread
    /// goes on with it until the program ends.
    pub async fn close(&self, longest: Duration) -> Result<(), StoreError> {
        let (ended, end) = tokio::sync::oneshot::channel();
        self.0.0.close(Some(ended));
        match tokio::time::timeout(longest, end).await {
            Ok(Ok(result)) => result,
            // The thread is gone already: closed before, by another handle.
            Ok(Err(_)) => self.0.0.unsaved(),
            Err(_) => Err(StoreError::TooSlow { longest }),
        }
    }
}
