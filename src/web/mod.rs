//! The web port: status page, metrics, JSON and health, for people, Prometheus and scripts.
//!
//! In come requests of whom the gate lets pass, and what a [`Backend`] knows: snapshots, an
//! exposition, readiness. Out go answers, and at most one wish, `POST /-/reload`.
//! The [`Server`] holds the port, [`Access`] says who may come in and can be replaced while it runs,
//! `entrance` makes connections of sockets, `gate` judges requests, `routes` answers them.
//!
//! **Invariant:** writes nothing and knows nothing of its own: every answer renders what it was
//! handed. No request, however slow, large or strange, holds up another one or a probe.

mod access;
mod api;
mod backend;
mod chunks;
mod connection;
mod entrance;
mod gate;
mod hosts;
mod limits;
pub mod page;
mod routes;
mod server;
mod settings;
mod tls;
mod tokens;
mod users;

pub use access::Access;
pub use backend::{Backend, Readiness};
pub use limits::Limits;
pub use server::{Server, WebError};
pub use settings::{
    ClientCertificates, Pem, Protection, RateLimit, Settings, Tls, TlsRange, Users,
};
pub use tls::TlsError;
