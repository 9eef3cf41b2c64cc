//! A real Prometheus: it scrapes what it is told to and answers queries.
//!
//! ```ignore
//! let prometheus = Prometheus::start(&format!(
//!     "scrape_configs: [{{job_name: lab, static_configs: [{{targets: ['{address}']}}]}}]"
//! ));
//! let up = prometheus.eventually("up{job=\"lab\"} == 1");
//! assert_eq!(up[0].value, 1.0);
//! ```
//!
//! Each test starts its own, on a port of its own and with its storage in a directory of its own; it
//! is stopped by its process id when the handle is dropped.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde::Deserialize;
use tempfile::TempDir;

use crate::support::servers::free_listener;

/// How often a start is tried with another port, should somebody have taken one meanwhile.
const TRIES: usize = 5;

/// How often it is asked for something that is to come, and the pause between: a minute in all.
const POLLS: usize = 1200;
const PAUSE: Duration = Duration::from_millis(50);

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running Prometheus.
#[derive(Debug)]
pub(crate) struct Prometheus {
    directory: TempDir,
    address: SocketAddr,
    child: Child,
}

/// One series of an instant query's answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Series {
    /// Its labels, the name among them as `__name__`.
    pub(crate) labels: BTreeMap<String, String>,
    /// Its value.
    pub(crate) value: f64,
}

impl Prometheus {
    /// Starts one with the text of a `prometheus.yml` and returns once it is ready.
    pub(crate) fn start(configuration: &str) -> Self {
        for _ in 0..TRIES {
            let directory = tempfile::tempdir().unwrap();
            std::fs::write(directory.path().join("prometheus.yml"), configuration).unwrap();
            let address = free_listener().local_addr().unwrap();
            let mut prometheus = Self {
                child: spawn(directory.path(), address),
                directory,
                address,
            };
            if prometheus.becomes_ready() {
                return prometheus;
            }
        }
        panic!("Prometheus did not start in {TRIES} tries");
    }

    /// The answer to an instant query, as of now.
    pub(crate) fn query(&self, expression: &str) -> Vec<Series> {
        let query: String = url::form_urlencoded::byte_serialize(expression.as_bytes()).collect();
        let (status, body) = self
            .ask(&format!("/api/v1/query?query={query}"))
            .unwrap_or_else(|error| panic!("no answer to `{expression}`: {error}"));
        assert_eq!(status, 200, "`{expression}`: {body}");
        let answer: Answer = serde_json::from_str(&body).unwrap();
        answer.data.result.into_iter().map(Series::from).collect()
    }

    /// The answer to an instant query once it has one: after the first scrapes, say.
    pub(crate) fn eventually(&self, expression: &str) -> Vec<Series> {
        for _ in 0..POLLS {
            let series = self.query(expression);
            if !series.is_empty() {
                return series;
            }
            std::thread::park_timeout(PAUSE);
        }
        let log = self.log();
        panic!("nothing for `{expression}` in {:?}: {log}", PAUSE * 1200);
    }

    /// Whether it answers in the end; if not, it has ended and says why on the test's output.
    fn becomes_ready(&mut self) -> bool {
        for _ in 0..POLLS {
            if self.child.try_wait().unwrap().is_some() {
                let mut output = std::io::stderr();
                writeln!(output, "Prometheus ended at once: {}", self.log()).unwrap();
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

impl Drop for Prometheus {
    fn drop(&mut self) {
        // It may have ended by itself; what counts is that it is gone.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The prefix of all its paths: no other Prometheus has the same.
fn prefix(directory: &Path) -> String {
    let name = directory.file_name().unwrap().to_str().unwrap();
    format!("/{}", name.trim_start_matches('.'))
}

fn spawn(directory: &Path, address: SocketAddr) -> Child {
    let child = Command::new("prometheus")
        .arg("--config.file=prometheus.yml")
        .arg("--storage.tsdb.path=data")
        .arg("--log.level=warn")
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
            panic!("`prometheus` is not installed; `tests/run` installs it")
        }
        Err(error) => panic!("`prometheus` does not start: {error}"),
    }
}

/// What the API answers to an instant query.
#[derive(Deserialize)]
struct Answer {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    result: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    metric: BTreeMap<String, String>,
    /// When, and how much.
    value: (f64, String),
}

impl From<Row> for Series {
    fn from(row: Row) -> Self {
        Self {
            labels: row.metric,
            value: row.value.1.parse().unwrap(),
        }
    }
}
