//! The demo: a protected site on loopback, checked, broken, and checked again.

use std::net::SocketAddr;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::report::Report;
use super::run::{CheckError, CheckOptions, check_once};
use super::site::Site;
use crate::clock::SharedClock;
use crate::config::{self, Config, Faults};

/// The user that the site knows.
const USER: &str = "reader";

/// A protected site and the configuration that watches it. Nothing of it outlives the value.
#[derive(Debug)]
pub struct Demo {
    site: Site,
    text: String,
    clock: SharedClock,
}

/// Why the demo cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// No port of loopback can be had.
    #[error("cannot listen on loopback")]
    Listen(#[from] std::io::Error),
    /// The embedded configuration is at fault.
    #[error("the demo's own configuration is at fault:\n{0}")]
    Config(Faults),
    /// The run did not begin.
    #[error(transparent)]
    Check(#[from] CheckError),
}

impl Demo {
    /// Starts the site, locked.
    pub async fn start(clock: SharedClock) -> Result<Self, DemoError> {
        // Known to both sides and to nobody else; the site lives for seconds, on loopback.
        let password = format!("{:x}", clock.now().as_nanosecond());
        let pair = STANDARD.encode(format!("{USER}:{password}"));
        let site = Site::open(format!("Basic {pair}")).await?;
        let text = config_text(site.address, &password);
        Ok(Self { site, text, clock })
    }

    /// Where the site listens.
    pub fn address(&self) -> SocketAddr {
        self.site.address
    }

    /// The configuration that watches the site, as a person would write it.
    pub fn config_text(&self) -> String {
        self.text
            .lines()
            .filter(|line| !line.contains("password:"))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Checks the site once.
    pub async fn check(&self) -> Result<Report, DemoError> {
        let Config {
            endpoints,
            credentials,
            ..
        } = config::parse(Path::new("demo.yaml"), self.text.clone()).map_err(DemoError::Config)?;
        let (options, clock) = (CheckOptions::default(), SharedClock::clone(&self.clock));
        Ok(check_once(endpoints, credentials, &options, clock, None).await?)
    }

    /// Breaks the lock: the site lets everybody in from now on.
    pub fn break_lock(&self) {
        self.site.break_lock();
    }
}

fn config_text(address: SocketAddr, password: &str) -> String {
    format!(
        "credentials:\n  orders-reader:\n    basic_auth:\n      username: {USER}\n      \
         password: \"{password}\"\nendpoints:\n  - name: orders\n    url: http://{address}/v1/orders\n    \
         credential: orders-reader\n    challenge: Basic realm=\"orders\"\n"
    )
}
