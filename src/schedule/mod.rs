//! Who knocks when.
//!
//! In come origins, credentials and what became of earlier probes; out go instants, and whether a
//! credential may be shown at all. What must be refused is shown sparingly: probes of that kind can
//! lock accounts and trip alarms.
//!
//! **Invariant:** never judges an answer, and never waits: it says until when to wait.

mod guard;
mod turns;

pub use guard::{Guard, Leave};
pub use turns::Turns;
