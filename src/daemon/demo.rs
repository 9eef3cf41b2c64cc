//! The demo: a protected site on loopback and the daemon that watches it, in one process.
//!
//! The site's lock holds, breaks and is mended again, and what the daemon made of it is told.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use super::reader::Reader;
use super::report::{CheckResult, Report};
use super::serve::Signals;
use super::service::{ServeError, Service};
use super::site::Site;
use crate::clock::SharedClock;
use crate::config;
use crate::domain::finding::{Class, Verdict};
use crate::domain::status::Snapshot;

/// The user that the site knows.
const USER: &str = "reader";

/// Where the status page is looked for first: the daemon's own port.
const PORT: u16 = 9401;

/// How long a lock is left as it is, so that somebody can follow.
const PAUSE: Duration = Duration::from_secs(3);

/// How long the open door is left open.
const OPEN: Duration = Duration::from_secs(10);

/// The daemon probes every second, so this long without a verdict means that something is broken.
const PATIENCE: Duration = Duration::from_secs(20);

/// What happens in the demo, in this order.
#[derive(Clone, Debug)]
pub enum Scene {
    /// Site and daemon run.
    Started {
        /// The configuration, as a person would write it, without the password.
        config: String,
        /// Where the status page is.
        address: SocketAddr,
    },
    /// Every check passed.
    Holds(Report),
    /// The site lets everybody in from now on.
    Broken,
    /// The daemon has seen it.
    Seen {
        /// What it says.
        report: Report,
        /// The lines of its metrics that tell it.
        metrics: Vec<String>,
    },
    /// The site is locked again.
    Mended,
    /// Every check passes again.
    HoldsAgain(Report),
    /// Nothing more happens by itself.
    Waiting,
}

/// Why the demo cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// No port of loopback can be had, or no directory for the state.
    #[error("the demo cannot set itself up")]
    Setup(#[from] std::io::Error),
    /// The embedded configuration is at fault.
    #[error("the demo's own configuration is at fault:\n{0}")]
    Config(String),
    /// The daemon did not start, or broke.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The daemon sees nothing.
    #[error("the daemon came to no verdict within {} s", PATIENCE.as_secs())]
    Stuck,
    /// What happens cannot be told.
    #[error("the demo cannot be told")]
    Told(#[source] std::io::Error),
}

/// Runs the demo until somebody asks for its end, or for so long; nothing of it is left behind.
pub async fn demo(
    clock: SharedClock,
    length: Option<Duration>,
    mut tell: impl FnMut(&Scene) -> std::io::Result<()>,
) -> Result<(), DemoError> {
    let mut signals = Signals::new().map_err(ServeError::Signals)?;
    let stage = Stage::set(clock).await?;
    let over = async {
        match length {
            Some(length) => sleep(length).await,
            None => std::future::pending().await,
        }
    };
    let shown = tokio::select! {
        shown = stage.show(&mut tell) => shown,
        () = signals.stop() => Ok(()),
        () = over => Ok(()),
    };
    stage.strike().await;
    shown
}

/// Everything that the demo consists of.
struct Stage {
    site: Site,
    service: Service,
    config: String,
    /// Removed when the demo ends.
    _state: TempDir,
}

impl Stage {
    async fn set(clock: SharedClock) -> Result<Self, DemoError> {
        // Known to both sides and to nobody else; the site lives for minutes, on loopback.
        let password = format!("{:x}", clock.now().as_nanosecond());
        let pair = STANDARD.encode(format!("{USER}:{password}"));
        let site = Site::open(format!("Basic {pair}")).await?;
        let state = tempfile::Builder::new()
            .prefix("authvigil-demo-")
            .tempdir()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, PORT))
            .or_else(|_taken| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let text = config_text(site.address, listener.local_addr()?, &state, &password);
        let parsed = config::parse("demo.yaml".as_ref(), text.clone());
        let parsed = parsed.map_err(|faults| DemoError::Config(faults.to_string()))?;
        let reader = Reader::Text {
            name: "demo.yaml",
            text: text.clone(),
        };
        let service = Service::start(parsed, reader, clock, Some(listener)).await?;
        let lines = text.lines().filter(|line| !line.contains("password:"));
        Ok(Self {
            site,
            service,
            config: lines.collect::<Vec<_>>().join("\n"),
            _state: state,
        })
    }

    async fn show(
        &self,
        tell: &mut impl FnMut(&Scene) -> std::io::Result<()>,
    ) -> Result<(), DemoError> {
        let mut tell = |scene: Scene| tell(&scene).map_err(DemoError::Told);
        tell(Scene::Started {
            config: self.config.clone(),
            address: self.service.house.address,
        })?;
        tell(Scene::Holds(self.wait_for(holds).await?))?;
        sleep(PAUSE).await;
        self.site.set_lock(false);
        tell(Scene::Broken)?;
        let report = self.wait_for(is_open).await?;
        let metrics = self.metrics().await;
        tell(Scene::Seen { report, metrics })?;
        sleep(OPEN).await;
        self.site.set_lock(true);
        tell(Scene::Mended)?;
        tell(Scene::HoldsAgain(self.wait_for(holds).await?))?;
        tell(Scene::Waiting)?;
        std::future::pending().await
    }

    async fn strike(self) {
        self.service.stop().await;
    }

    /// Waits until the daemon's state is as wanted.
    async fn wait_for(&self, wanted: fn(&Snapshot) -> bool) -> Result<Report, DemoError> {
        let looking = async {
            loop {
                match self.service.house.keeper.snapshot(PATIENCE).await {
                    Some(snapshot) if wanted(&snapshot) => return report(&snapshot),
                    _ => sleep(Duration::from_millis(50)).await,
                }
            }
        };
        timeout(PATIENCE, looking)
            .await
            .map_err(|_late| DemoError::Stuck)
    }

    /// The metrics that tell of an open door.
    async fn metrics(&self) -> Vec<String> {
        let house = &self.service.house;
        let Some(snapshot) = house.keeper.snapshot(PATIENCE).await else {
            return Vec::new();
        };
        let text: Vec<u8> = house.metrics.encode(snapshot).flatten().collect();
        let told = |line: &&str| {
            line.starts_with("authvigil_check_failing{")
                || line.starts_with("authvigil_check_success{")
        };
        let text = String::from_utf8_lossy(&text).into_owned();
        text.lines().filter(told).map(ToOwned::to_owned).collect()
    }
}

fn holds(snapshot: &Snapshot) -> bool {
    let mut checks = snapshot.endpoints.iter().flat_map(|it| &it.checks);
    checks.all(|check| check.verdict() == Some(Verdict::Pass))
}

/// Whether everybody who must be refused was seen to be let in.
fn is_open(snapshot: &Snapshot) -> bool {
    let checks = snapshot.endpoints.iter().flat_map(|it| &it.checks);
    let open = checks.filter(|check| {
        check
            .findings()
            .any(|finding| finding.reason.class() == Class::Bypass)
    });
    open.count() == 2
}

fn report(snapshot: &Snapshot) -> Report {
    let results = snapshot.endpoints.iter().flat_map(|status| {
        status.pairs().filter_map(|(check, known)| {
            let seen = known.last.as_ref()?;
            Some(CheckResult {
                id: status.endpoint.check_id(check),
                persona: check.persona.clone(),
                url: status.shown_url(),
                judgement: seen.judgement.clone(),
                observation: seen.observation.clone(),
            })
        })
    });
    Report {
        started_at: snapshot.started_at,
        results: results.collect(),
    }
}

fn config_text(site: SocketAddr, web: SocketAddr, state: &TempDir, password: &str) -> String {
    let state = state.path().join("authvigil.db");
    // A path may hold what YAML takes for its own.
    let state = serde_json::Value::from(state.to_string_lossy());
    format!(
        "global:
  interval: 1s
  refused_interval: 1s
  timeout: 900ms
web:
  listen: {web}
state:
  path: {state}
credentials:
  orders-reader:
    basic_auth:
      username: {USER}
      password: \"{password}\"
endpoints:
  - name: orders
    url: http://{site}/v1/orders
    credential: orders-reader
    challenge: Basic realm=\"orders\"
"
    )
}
