//! A port on loopback, and somebody behind it who knows what a test wants to be shown.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use authvigil::domain::check::Name;
use authvigil::domain::status::{Change, CheckStatus, EndpointStatus, Monitor, Snapshot};
use authvigil::web::{Access, Backend, Limits, Protection, Readiness, Server, Settings};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::visitor::{Answer, connect, converse, request};
use crate::support::background::Background;

/// What stands behind the port.
pub(super) struct Board {
    pub(super) snapshot: Mutex<Option<Arc<Snapshot>>>,
    pub(super) readiness: Mutex<Readiness>,
    /// How many pieces of 64 KiB the metrics have; `None` where they are not to be had.
    pub(super) pieces: Mutex<Option<usize>>,
    pub(super) made: Arc<AtomicUsize>,
    pub(super) reload: Mutex<Result<(), String>>,
    pub(super) reloads: AtomicUsize,
}

impl Default for Board {
    fn default() -> Self {
        Self {
            snapshot: Mutex::new(Some(Arc::new(snapshot("orders")))),
            readiness: Mutex::new(Readiness::Ready),
            pieces: Mutex::new(Some(1)),
            made: Arc::default(),
            reload: Mutex::new(Ok(())),
            reloads: AtomicUsize::new(0),
        }
    }
}

/// The size of a piece of the metrics.
pub(super) const PIECE: usize = 64 * 1024;

impl Backend for Board {
    fn snapshot(&self) -> BoxFuture<'_, Option<Arc<Snapshot>>> {
        let snapshot = self.snapshot.lock().unwrap().clone();
        Box::pin(async move { snapshot })
    }

    fn readiness(&self) -> BoxFuture<'_, Readiness> {
        let readiness = self.readiness.lock().unwrap().clone();
        Box::pin(async move { readiness })
    }

    fn exposition(&self) -> BoxFuture<'_, Option<Box<dyn Iterator<Item = Bytes> + Send>>> {
        let pieces = *self.pieces.lock().unwrap();
        let made = Arc::clone(&self.made);
        let piece = move |_| {
            made.fetch_add(1, Ordering::SeqCst);
            Bytes::from(vec![b'#'; PIECE])
        };
        let pieces = pieces.map(|count| Box::new((0..count).map(piece)) as Box<_>);
        Box::pin(async move { pieces })
    }

    fn changes<'a>(&'a self, _: &'a Name) -> BoxFuture<'a, Vec<Change>> {
        Box::pin(async { Vec::new() })
    }

    fn reload(&self) -> BoxFuture<'_, Result<(), String>> {
        self.reloads.fetch_add(1, Ordering::SeqCst);
        let result = self.reload.lock().unwrap().clone();
        Box::pin(async move { result })
    }
}

/// A snapshot of one endpoint, which was never probed; its checks are `anonymous` alone.
pub(super) fn snapshot(name: &str) -> Snapshot {
    let text = format!("endpoints: [{{name: {name}, url: 'https://{name}.example.com/'}}]");
    let config = authvigil::config::parse(Path::new("test.yaml"), text).unwrap();
    let endpoints = config.endpoints.into_iter().map(|endpoint| {
        let checks = endpoint.checks.iter();
        let checks = checks.map(|_| Arc::new(CheckStatus::default())).collect();
        Arc::new(EndpointStatus {
            endpoint: Arc::new(endpoint),
            checks,
            certificate: None,
        })
    });
    let moment = |second| Timestamp::from_second(second).unwrap();
    Snapshot {
        fetches: Vec::new(),
        incidents: Vec::new(),
        notices: Vec::new(),
        silences: Vec::new(),
        receivers: Vec::new(),
        taken_at: moment(1_700_000_060),
        started_at: moment(1_700_000_000),
        endpoints: endpoints.collect(),
        credentials: Vec::new(),
        monitor: Monitor::default(),
    }
}

/// Settings of a port on loopback that the system chooses.
pub(super) fn settings(protection: Protection) -> Settings {
    Settings {
        listen: "127.0.0.1:0".parse().unwrap(),
        hosts: vec!["monitor.example.com".to_owned()],
        enable_lifecycle: false,
        external_url: None,
        config_file: None,
        protection,
    }
}

/// A port that is served until it is dropped.
pub(super) struct Port {
    pub(super) address: SocketAddr,
    pub(super) access: Access,
    pub(super) board: Arc<Board>,
    _serving: Background,
}

impl Port {
    pub(super) fn open() -> Self {
        Self::with(&settings(Protection::default()), Limits::default())
    }

    pub(super) fn protected(protection: Protection) -> Self {
        Self::with(&settings(protection), Limits::default())
    }

    pub(super) fn with(settings: &Settings, limits: Limits) -> Self {
        let server = Server::bind(settings, None).unwrap().limited(limits);
        let (address, access) = (server.address(), server.access());
        let board = Arc::new(Board::default());
        let backend = Arc::clone(&board);
        let serving = Background::run(move || async move {
            server.serve(backend, std::future::pending()).await.unwrap();
        });
        Self {
            address,
            access,
            board,
            _serving: serving,
        }
    }

    /// Asks with these headers and the right `Host`.
    pub(super) fn ask(&self, line: &str, headers: &[(&str, &str)]) -> Answer {
        let host = self.address.to_string();
        let mut all = vec![("Host", host.as_str())];
        all.extend_from_slice(headers);
        self.say(&request(line, &all)).unwrap()
    }

    pub(super) fn get(&self, path: &str) -> Answer {
        self.ask(&format!("GET {path}"), &[])
    }

    /// Says this over a new connection.
    pub(super) fn say(&self, text: &str) -> Option<Answer> {
        converse(&mut connect(self.address), text)
    }
}
