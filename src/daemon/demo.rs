//! The demo: a protected site on loopback, the daemon that watches it and a mailbox, in one process.
//!
//! The site's lock holds, breaks and is mended again, and what the daemon made of it is told.

mod look;
mod mail;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
pub use mail::Mail;
use serde_json::Value;
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use super::reader::Reader;
use super::report::Report;
use super::serve::Signals;
use super::service::{ServeError, Service};
use super::site::Site;
use crate::clock::SharedClock;
use crate::config;
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
        /// The mailbox: a directory.
        mailbox: PathBuf,
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
    /// The mail that says so lies in the mailbox.
    Mailed(Mail),
    /// The site is locked again.
    Mended,
    /// Every check passes again.
    HoldsAgain(Report),
    /// The mail that says so lies in the mailbox, in the thread of the first one.
    MailedAgain(Mail),
    /// Nothing more happens by itself.
    Waiting,
}

/// What may be asked of a demo.
#[derive(Clone, Debug, Default)]
pub struct DemoOptions {
    /// When it ends by itself; `None` for never.
    pub length: Option<Duration>,
    /// A directory whose mails outlive the demo; else they end with it.
    pub mailbox: Option<PathBuf>,
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
    #[error("the daemon came to no verdict, or wrote no mail, within {} s", PATIENCE.as_secs())]
    Stuck,
    /// What happens cannot be told.
    #[error("the demo cannot be told")]
    Told(#[source] std::io::Error),
}

/// Runs the demo until somebody asks for its end, or for so long; nothing of it is left behind but
/// the mails in a mailbox that was asked for.
pub async fn demo(
    clock: SharedClock,
    options: DemoOptions,
    mut tell: impl FnMut(&Scene) -> std::io::Result<()>,
) -> Result<(), DemoError> {
    let mut signals = Signals::new().map_err(ServeError::Signals)?;
    let stage = Stage::set(clock, options.mailbox).await?;
    let over = async {
        match options.length {
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
    mailbox: PathBuf,
    /// Removed when the demo ends.
    _state: TempDir,
}

impl Stage {
    async fn set(clock: SharedClock, mailbox: Option<PathBuf>) -> Result<Self, DemoError> {
        // Known to both sides and to nobody else; the site lives for minutes, on loopback.
        let password = format!("{:x}", clock.now().as_nanosecond());
        let pair = STANDARD.encode(format!("{USER}:{password}"));
        let site = Site::open(format!("Basic {pair}")).await?;
        let state = tempfile::Builder::new()
            .prefix("authvigil-demo-")
            .tempdir()?;
        let mailbox = match mailbox {
            Some(asked_for) => std::path::absolute(asked_for)?,
            None => state.path().join("mail"),
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, PORT))
            .or_else(|_taken| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let addresses = (site.address, listener.local_addr()?);
        let text = config_text(addresses, (state.path(), &mailbox), &password);
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
            mailbox,
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
            mailbox: self.mailbox.clone(),
        })?;
        tell(Scene::Holds(self.wait_for(look::holding).await?))?;
        sleep(PAUSE).await;
        self.site.set_lock(false);
        tell(Scene::Broken)?;
        let report = self.wait_for(look::open).await?;
        let metrics = self.metrics().await;
        tell(Scene::Seen { report, metrics })?;
        let first = self.wait_for(mail::of_break).await?;
        let thread = first.message_id.clone();
        tell(Scene::Mailed(first))?;
        sleep(OPEN).await;
        self.site.set_lock(true);
        tell(Scene::Mended)?;
        tell(Scene::HoldsAgain(self.wait_for(look::holding).await?))?;
        let recovery = |snapshot: &Snapshot| mail::of_recovery(snapshot, &thread);
        tell(Scene::MailedAgain(self.wait_for(recovery).await?))?;
        tell(Scene::Waiting)?;
        std::future::pending().await
    }

    async fn strike(self) {
        self.service.stop().await;
    }

    /// Waits until the daemon's state shows what is looked for.
    async fn wait_for<T>(&self, look: impl Fn(&Snapshot) -> Option<T>) -> Result<T, DemoError> {
        let looking = async {
            loop {
                let snapshot = self.service.house.keeper.snapshot(PATIENCE).await;
                match snapshot.and_then(|snapshot| look(&snapshot)) {
                    Some(found) => return found,
                    None => sleep(Duration::from_millis(50)).await,
                }
            }
        };
        let found = timeout(PATIENCE, looking).await;
        found.map_err(|_late| DemoError::Stuck)
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
                || line.starts_with("authvigil_incident_open{")
        };
        let text = String::from_utf8_lossy(&text).into_owned();
        text.lines().filter(told).map(ToOwned::to_owned).collect()
    }
}

fn config_text(
    (site, web): (SocketAddr, SocketAddr),
    (state, mailbox): (&Path, &Path),
    password: &str,
) -> String {
    // A path may hold what YAML takes for its own.
    let quoted = |path: &Path| Value::from(path.to_string_lossy());
    let (state, mailbox) = (quoted(&state.join("authvigil.db")), quoted(mailbox));
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
alerting:
  receivers:
    - name: mailbox
      file:
        directory: {mailbox}
  route:
    receiver: mailbox
"
    )
}
