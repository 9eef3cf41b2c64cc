//! What happens inside one probe, as it happens: marks that the resolver, the connector and the TLS
//! callbacks leave behind.
//!
//! reqwest offers no way to hand a value of one request down to those three, so the trace travels in
//! a task-local. That holds only while the pool keeps no connection: then the connection is made
//! inside the future of the request that asked for it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustls::pki_types::CertificateDer;
use rustls::sign::CertifiedKey;

use crate::clock::SharedClock;
use crate::domain::endpoint::TlsVersion;

tokio::task_local! {
    static TRACE: Arc<Trace>;
}

/// The marks of one exchange, and what its callbacks need to know.
#[derive(Debug)]
pub(super) struct Trace {
    clock: SharedClock,
    marks: Mutex<Marks>,
    identity: Option<Arc<CertifiedKey>>,
}

/// When what happened.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    pub(super) connector_called: Option<Instant>,
    pub(super) resolve_begun: Option<Instant>,
    pub(super) resolved: Option<Instant>,
    pub(super) tls_begun: Option<Instant>,
    pub(super) connected: Option<Instant>,
    /// The only address that the name resolved to, if it was one.
    pub(super) only_address: Option<std::net::IpAddr>,
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) tls_version: Option<TlsVersion>,
    pub(super) certificate_requested: bool,
}

/// How far an exchange has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Resolving,
    Connecting,
    Handshake,
    Exchange,
}

impl Trace {
    pub(super) fn new(clock: SharedClock, identity: Option<Arc<CertifiedKey>>) -> Arc<Self> {
        Arc::new(Self {
            clock,
            marks: Mutex::default(),
            identity,
        })
    }

    /// Runs a future whose connection leaves its marks here.
    pub(super) async fn around<F: Future>(self: &Arc<Self>, future: F) -> F::Output {
        TRACE.scope(Arc::clone(self), future).await
    }

    /// The marks so far.
    pub(super) fn marks(&self) -> Marks {
        self.marks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Leaves a mark, with the time, on the trace of the probe that is running here.
pub(super) fn mark(leave: impl FnOnce(&mut Marks, Instant)) {
    // Outside of a probe there is nobody to tell.
    let _outside = TRACE.try_with(|trace| {
        let now = trace.clock.monotonic();
        let mut marks = trace.marks.lock().unwrap_or_else(PoisonError::into_inner);
        leave(&mut marks, now);
    });
}

/// The client certificate of the probe that is running here.
pub(super) fn identity() -> Option<Arc<CertifiedKey>> {
    TRACE
        .try_with(|trace| trace.identity.clone())
        .ok()
        .flatten()
}

impl Marks {
    /// How far it came.
    pub(super) fn stage(&self) -> Stage {
        if self.connected.is_some() {
            Stage::Exchange
        } else if self.tls_begun.is_some() {
            Stage::Handshake
        } else if self.resolve_begun.is_some() && self.resolved.is_none() {
            Stage::Resolving
        } else {
            Stage::Connecting
        }
    }

    /// Name resolution; `None` for an address in the URL.
    pub(super) fn resolve(&self) -> Option<Duration> {
        between(self.resolve_begun, self.resolved)
    }

    /// From the addresses to the TCP connection; through a proxy, to the end of the tunnel's making.
    pub(super) fn connect(&self) -> Option<Duration> {
        let begun = self.resolved.or(self.connector_called);
        between(begun, self.tls_begun.or(self.connected))
    }

    /// From the TCP connection to the end of the handshake.
    pub(super) fn tls(&self) -> Option<Duration> {
        between(self.tls_begun, self.connected)
    }
}

fn between(begun: Option<Instant>, ended: Option<Instant>) -> Option<Duration> {
    Some(ended?.saturating_duration_since(begun?))
}
