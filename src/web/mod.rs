//! The web port.
//!
//! [`page`] renders snapshots for people.
//!
//! **Invariant:** writes nothing: neither the state nor the configuration changes by a request.

pub mod page;
