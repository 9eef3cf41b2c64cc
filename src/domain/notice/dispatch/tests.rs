//! Plays: what happens to incidents, second by second, and who is told of it.

mod bypasses;
mod causes;
mod flaps;
mod groups;
mod holds;
mod laws;
mod monitor;
mod play;
mod reasons;
mod restarts;
mod threads;
