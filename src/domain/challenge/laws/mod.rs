//! Laws that hold for every header, and two oracles.
//!
//! The fuzz target includes [`grammar`] and [`invariants`] by path.
//!
//! One oracle is the grammar written out, for short headers; the other is the crate `http-auth`,
//! wherever both claim to understand.

mod grammar;
mod invariants;
pub(crate) mod properties;
