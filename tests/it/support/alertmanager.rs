//! A real Alertmanager: it takes alerts and says which of them fire.
//!
//! ```ignore
//! let alertmanager = Alertmanager::start();
//! // … post to `alertmanager.url()` …
//! let alerts = alertmanager.until(|alerts| alerts.len() == 1);
//! assert_eq!(alerts[0]["labels"]["endpoint"], "orders");
//! ```
//!
//! Each test starts its own, on a port of its own, below a path of its own, and with its storage in a
//! directory of its own; it tells nobody, and is stopped by its process id when the handle is dropped.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::servers::free_listener;

/// How often a start is tried with another port, should somebody have taken one meanwhile.
const TRIES: usize = 5;

/// How often it is asked for something that is to come, and the pause between: a minute in all.
const POLLS: usize = 1200;
const PAUSE: Duration = Duration::from_millis(50);

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_mins(1);

const CONFIGURATION: &str = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n";

/// A running Alertmanager.
#[derive(Debug)]
pub(crate) struct Alertmanager {
    directory: TempDir,
    address: SocketAddr,
    child: Child,
}

impl Alertmanager {
    /// Starts one and returns once it is ready.
    pub(crate) fn start() -> Self {
        for _ in 0..TRIES {
            let directory = tempfile::tempdir().unwrap();
            std::fs::write(directory.path().join("alertmanager.yml"), CONFIGURATION).unwrap();
            let address = free_listener().local_addr().unwrap();
            let mut alertmanager = Self {
                child: spawn(directory.path(), address),
                directory,
                address,
            };
            if alertmanager.becomes_ready() {
                return alertmanager;
            }
        }
        panic!("Alertmanager did not start in {TRIES} tries");
    }

    /// Its base URL, with a path, as a configuration has it.
    pub(crate) fn url(&self) -> String {
        let prefix = prefix(self.directory.path());
        format!("http://{}{prefix}/", self.address)
    }

    /// The alerts that fire.
    pub(crate) fn alerts(&self) -> Vec<Value> {
        let (status, body) = self.ask("/api/v2/alerts").unwrap();
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    /// The alerts that fire, once they are as they should be.
    pub(crate) fn until(&self, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        for _ in 0..POLLS {
            let alerts = self.alerts();
            if wanted(&alerts) {
                return alerts;
            }
            std::thread::park_timeout(PAUSE);
        }
        let log = self.log();
        panic!("not as wanted: {:?}: {log}", self.alerts());
    }

    /// Whether it answers in the end; if not, it has ended and says why on the test's output.
    fn becomes_ready(&mut self) -> bool {
        for _ in 0..POLLS {
            if self.child.try_wait().unwrap().is_some() {
                let mut output = std::io::stderr();
                writeln!(output, "Alertmanager ended at once: {}", self.log()).unwrap();
                return false;
            }
            // Its prefix is what tells it from another one on the same port.
            if self.ask("/-/ready").is_ok_and(|(status, _)| status == 200) {
                return true;
            }
            std::thread::park_timeout(PAUSE);
        }
        panic!("not ready in {:?}: {}", PAUSE * 1200, self.log());
    }

    /// The status and the body that a path answers with.
    fn ask(&self, path: &str) -> std::io::Result<(u16, String)> {
        let mut stream = TcpStream::connect_timeout(&self.address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let prefix = prefix(self.directory.path());
        // HTTP/1.0, so that the body comes whole and the connection ends with it.
        let request = format!("GET {prefix}{path} HTTP/1.0\r\nHost: localhost\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let broken = || std::io::Error::from(ErrorKind::UnexpectedEof);
        let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(broken)?;
        let status = head.get(9..12).and_then(|status| status.parse().ok());
        Ok((status.ok_or_else(broken)?, body.to_owned()))
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Alertmanager {
    fn drop(&mut self) {
        // It may have ended by itself; what counts is that it is gone.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The prefix of all its paths: no other Alertmanager has the same.
fn prefix(directory: &Path) -> String {
    let name = directory.file_name().unwrap().to_str().unwrap();
    format!("/{}", name.trim_start_matches('.'))
}

fn spawn(directory: &Path, address: SocketAddr) -> Child {
    let child = Command::new("prometheus-alertmanager")
        .arg("--config.file=alertmanager.yml")
        .arg("--storage.path=data")
        .arg("--log.level=warn")
        .arg("--cluster.listen-address=")
        .arg(format!("--web.listen-address={address}"))
        .arg(format!("--web.route-prefix={}", prefix(directory)))
        .current_dir(directory)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(directory.join("log")).unwrap())
        .spawn();
    match child {
        Ok(child) => child,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            panic!("`prometheus-alertmanager` is not installed; `tests/run` installs it")
        }
        Err(error) => panic!("`prometheus-alertmanager` does not start: {error}"),
    }
}
