//! Who knocks when.
//!
//! In come checks with their cadences, and what became of earlier probes; out go starts, instants,
//! and whether a credential may be shown at all. `plan` says when a check's turn is, `agenda` which
//! checks start now, and `runner` waits and starts them. What must be refused is shown sparingly:
//! probes of that kind can lock accounts and trip alarms.
//!
//! **Invariant:** never judges an answer, never reads the time of day, never has two probes of one
//! check under way, and never holds `anonymous` back. Nothing but `runner` waits.

mod agenda;
mod guard;
mod plan;
mod runner;
mod turns;

pub use agenda::{
    Agenda, Attempt, End, Entry, Held, HeldBy, Key, Kind, Limits, Pushback, Skipped, Start,
};
pub use guard::{Count, Footing, Guard, Leave};
pub use runner::{Command, SharedAgenda, Witness, run};
pub use turns::Turns;
