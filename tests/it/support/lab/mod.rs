//! The lab server: well-formed answers by a table of routes, and a record of what was asked.
//!
//! ```ignore
//! let lab = Lab::http();
//! lab.route("/orders", door::basic("orders", "reader", "s3cret"));
//! lab.route("/open", |_| Answer::status(200));
//! // … probe `lab.url("/orders")` …
//! assert_eq!(lab.requests()[0].basic(), None);
//! ```
//!
//! Routes may be added and replaced while the server runs: that is how a test breaks a lock. What
//! no well-formed server does is in [`super::hostile`].

mod answer;
mod builder;
pub(crate) mod door;
mod request;
mod serve;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

pub(crate) use answer::Answer;
pub(crate) use builder::{Builder, Clients, Versions};
pub(crate) use request::Request;
use tokio_rustls::rustls::ServerConfig;

use super::background::Background;
use super::certificates::Certificate;

/// A running lab server; it ends, with all of its connections, when this is dropped.
#[derive(Debug)]
pub(crate) struct Lab {
    address: SocketAddr,
    builder: Builder,
    shared: Arc<Shared>,
    _background: Background,
}

impl Lab {
    /// Starts one over plain HTTP on 127.0.0.1.
    pub(crate) fn http() -> Self {
        Self::builder().start()
    }

    /// Starts one over TLS with this certificate, HTTP/1.1 alone.
    pub(crate) fn https(certificate: Certificate) -> Self {
        Self::builder().tls(certificate).start()
    }

    /// The other ways to start one.
    pub(crate) fn builder() -> Builder {
        Builder::default()
    }

    /// Answers every request to a path, whatever its method and query; replaces an earlier route.
    ///
    /// A path without a route meets 404.
    pub(crate) fn route(
        &self,
        path: &str,
        answer: impl Fn(&Request) -> Answer + Send + Sync + 'static,
    ) -> &Self {
        let mut routes = self.shared.routes.lock().unwrap();
        routes.insert(path.to_owned(), Arc::new(answer));
        drop(routes);
        self
    }

    /// Makes each server redirect a path to the same path of the next, and the last to the first.
    ///
    /// One server makes a loop within an origin; an `https` and an `http` one make a downgrade.
    pub(crate) fn redirect_in_a_ring(ring: &[&Self], path: &str) {
        for (index, lab) in ring.iter().enumerate() {
            let next = ring[(index + 1) % ring.len()].url(path);
            lab.route(path, move |_| Answer::redirect(&next));
        }
    }

    /// The URL of a path, by address: `http://127.0.0.1:PORT/path`.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.builder.scheme(), self.address)
    }

    /// The URL of a path under a host name, which is the caller's to resolve.
    pub(crate) fn url_at(&self, host: &str, path: &str) -> String {
        let (scheme, port) = (self.builder.scheme(), self.address.port());
        format!("{scheme}://{host}:{port}{path}")
    }

    /// The address that it listens on.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// All requests whose head and body have arrived, in that order.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// How many connections came, whether or not they brought a request.
    pub(crate) fn connections(&self) -> u64 {
        *self.shared.connections.lock().unwrap()
    }

    /// Shows another certificate from the next connection on.
    ///
    /// Sessions of before can still be resumed: a client that resumes does not see the change.
    pub(crate) fn present(&self, certificate: Certificate) {
        let before = self.shared.tls.lock().unwrap().take();
        let sessions = before.map(|config| Arc::clone(&config.session_storage));
        let config = self.builder.config(&certificate.issue(), sessions);
        *self.shared.tls.lock().unwrap() = Some(config);
    }
}

type Route = Arc<dyn Fn(&Request) -> Answer + Send + Sync>;

/// What the server and its handle both hold.
#[derive(Default)]
struct Shared {
    routes: Mutex<HashMap<String, Route>>,
    requests: Mutex<Vec<Request>>,
    connections: Mutex<u64>,
    tls: Mutex<Option<Arc<ServerConfig>>>,
}

impl Shared {
    /// Records a request and looks up its answer.
    fn answer(&self, request: Request) -> Answer {
        let route = self.routes.lock().unwrap().get(&request.path).cloned();
        let answer = route.map_or_else(
            || Answer::status(404).body("no such route in the lab\n"),
            |route| route(&request),
        );
        self.requests.lock().unwrap().push(request);
        answer
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}
