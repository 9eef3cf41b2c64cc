//! The one owner of live state: events in, snapshots and work for the store out.
//!
//! In come what probes saw, what was held back, and configurations; each observation is judged here,
//! beside what is known around it: what the rightful holder met, what came before. Out go a
//! [`Snapshot`](crate::domain::status::Snapshot) to whoever asks, changes of verdict with their
//! evidence to the store, and a line to the log for each decision.
//!
//! **Invariant:** does no network I/O, never waits for the disk, and nobody else changes live state.

mod accounts;
mod adopt;
mod cases;
mod errand;
mod event;
mod incidents;
mod isolation;
mod live;
mod notes;
mod notices;
mod outbox;
mod owed;
mod run;
mod staleness;
mod steady;
#[cfg(test)]
mod tests;
mod tokens;
mod told;
mod unsaved;
mod verdicts;
mod watch;
mod wishes;

pub use errand::{Errand, Reprobe, ToldAlertmanagers};
pub use event::{Adoption, Event, Moment, Observed, Pace, Reprobed, Wish};
pub use outbox::Tried;
pub use run::{Keeper, Neighbours};
