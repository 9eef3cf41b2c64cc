//! What the tests stand on: servers that behave, servers that do not, and real ones.
//!
//! - [`certificates`]: a test authority and the certificates it would rather not have issued.
//! - [`lab`]: a well-formed HTTP server described by a table of routes; it records what it met.
//!
//! Everything here starts without an async context, listens on loopback on a port that nobody else
//! has, and ends when its handle is dropped.

pub(crate) mod background;
pub(crate) mod certificates;
pub(crate) mod lab;
pub(crate) mod wire;
