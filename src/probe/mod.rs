//! One check in, one observation out: the only room that talks to watched servers.
//!
//! In come endpoints, once, to be made into [`Target`]s, and then a persona and a deadline for each
//! probe. Out goes an observation: an answer, or a silence with its reason.
//! Those who hold credentials have their own requests carried by it too (`courier`), so that token
//! endpoints and login forms are looked at as closely as what is watched.
//! Each probe makes one attempt over one fresh connection; what probes can share (the TLS
//! configuration, the trust store, the client) is made once.
//!
//! **Invariant:** knows no scheme (a [`Presenter`](crate::domain::presenter::Presenter) does), never
//! retries, never judges, never stores, and never resumes a TLS session: a resumed one would not
//! show the certificate.

mod certificate;
mod client;
mod courier;
mod journey;
mod silence;
mod target;
mod tls;
mod trace;
mod visit;

pub use client::{Prober, ProberError};
pub use target::Target;
pub use visit::{Visit, visit};
