//! The daemon as it runs: a process over a scene, its log, its port, and signals to it.
//!
//! ```ignore
//! let daemon = Daemon::start(scene);
//! daemon.until("the bypass is seen", || daemon.reason("orders/anonymous") == "anonymous_admitted");
//! let stopped = daemon.stop();
//! assert_eq!(stopped.code, Some(0));
//! let daemon = Daemon::start(stopped.scene); // … goes on from its state file.
//! ```
//!
//! Nothing is waited for by the clock: a condition is asked for until it holds, and a deadline that
//! no healthy run comes near ends the test. The process ends with its handle.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use super::exposition::{self, Family};
use super::program::Scene;

/// Longer than anything takes; what never comes is waited for so long.
pub(crate) const DEADLINE: Duration = Duration::from_mins(1);

/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// The state file of a scene, as [`Daemon`] expects configurations to name it.
pub(crate) const STATE: &str = "state/authvigil.db";

/// A running daemon.
#[derive(Debug)]
pub(crate) struct Daemon {
    pub(crate) scene: Scene,
    child: Child,
    log: Log,
    address: SocketAddr,
}

/// How a daemon ended.
#[derive(Debug)]
pub(crate) struct Stopped {
    /// The exit code; `None` where a signal ended it.
    pub(crate) code: Option<i32>,
    /// How long the end took.
    pub(crate) took: Duration,
    /// The whole log.
    pub(crate) log: String,
    /// The directory that it worked in.
    pub(crate) scene: Scene,
}

impl Daemon {
    /// Starts `run` over a scene and waits until it is ready.
    pub(crate) fn start(scene: Scene) -> Self {
        Self::start_with(scene, &[])
    }

    /// Starts `run` with more arguments and waits until it is ready.
    pub(crate) fn start_with(scene: Scene, arguments: &[&str]) -> Self {
        let daemon = Self::begin(scene, arguments);
        daemon.until("it is ready", || daemon.get("/-/ready").status == 200);
        daemon
    }

    /// Starts `run` and waits until it listens, ready or not.
    pub(crate) fn begin(scene: Scene, arguments: &[&str]) -> Self {
        let command = scene.command(&[&["run"], arguments].concat());
        Self::begin_by(scene, command)
    }

    /// Starts a command that becomes the daemon, and waits until it listens, ready or not.
    pub(crate) fn begin_by(scene: Scene, mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Log::follow(child.stderr.take().unwrap());
        let address = until("it listens", &log, || {
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "it ended at once: {}", log.text());
            log.address()
        });
        Self {
            scene,
            child,
            log,
            address,
        }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// A file of its scene.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.scene.path().join(name)
    }

    /// Puts a text in the place of a file at once, so that nobody reads a half of it.
    pub(crate) fn replace(&self, name: &str, text: &str) {
        // Not beside it, where somebody watches.
        let place = self.scene.path().parent().unwrap();
        let file = tempfile::NamedTempFile::new_in(place).unwrap();
        std::fs::write(file.path(), text).unwrap();
        file.persist(self.path(name)).unwrap();
    }

    /// What it has logged until now.
    pub(crate) fn log(&self) -> String {
        self.log.text()
    }

    /// What it has logged until now, line by line; a line that is no JSON ends the test.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let text = self.log.text();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
            .collect()
    }

    /// Waits until something is so.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        until(what, &self.log, || holds().then_some(()));
    }

    /// Waits until there is something.
    #[track_caller]
    pub(crate) fn until_some<T>(&self, what: &str, look: impl FnMut() -> Option<T>) -> T {
        until(what, &self.log, look)
    }

    /// Waits until every check has the reason that it is to have, or `pass`.
    #[track_caller]
    pub(crate) fn until_reasons(&self, wanted: &[(&str, &str)]) {
        self.until(&format!("{wanted:?}"), || {
            let status = self.status();
            let seen = |(id, reason): &(&str, &str)| reason_of(&status, id) == *reason;
            wanted.iter().all(seen)
        });
    }

    /// Waits until a check has been probed so many times more than now.
    #[track_caller]
    pub(crate) fn until_probed(&self, id: &str, times: u32) {
        let goal = self.probes(id) + f64::from(times);
        self.until(&format!("{times} more probes of {id}"), || {
            self.probes(id) >= goal
        });
    }

    /// Nobody reads what the daemon logs for as long as this is held.
    pub(crate) fn unread(&self) -> MutexGuard<'_, String> {
        self.log.text.lock().unwrap()
    }

    /// The answer to a request.
    pub(crate) fn ask(&self, method: &str, path: &str) -> Answer {
        // HTTP/1.0, so that the body comes whole and the connection ends with it.
        let request = format!("{method} {path} HTTP/1.0\r\nHost: {}\r\n\r\n", self.address);
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        Answer::parse(&String::from_utf8(bytes).unwrap())
    }

    /// The answer to a `GET`.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path)
    }

    /// The document of `/api/v1/status`.
    pub(crate) fn status(&self) -> Value {
        let answer = self.get("/api/v1/status");
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    /// The result of a check, named `endpoint/check`.
    pub(crate) fn result(&self, id: &str) -> Value {
        let status = self.status();
        let found = results(&status).find(|result| name(result) == id);
        found
            .unwrap_or_else(|| panic!("no result for {id}: {status}"))
            .clone()
    }

    /// The reason of a check, or its verdict where it has none; `pending` before the first one.
    pub(crate) fn reason(&self, id: &str) -> String {
        reason_of(&self.status(), id)
    }

    /// The metrics.
    pub(crate) fn metrics(&self) -> Metrics {
        let answer = self.get("/metrics");
        assert_eq!(answer.status, 200, "{}", answer.body);
        Metrics(exposition::read(&answer.body).unwrap())
    }

    /// How many verdicts a check has come to.
    pub(crate) fn probes(&self, id: &str) -> f64 {
        let (endpoint, check) = id.split_once('/').unwrap();
        let metrics = self.metrics();
        let labels = [("endpoint", endpoint), ("check", check)];
        metrics.sum("authvigil_probes_total", &labels)
    }

    /// Sends a signal to the process.
    pub(crate) fn signal(&self, signal: Signal) {
        let id = Pid::from_raw(self.child.id().try_into().unwrap());
        kill(id, signal).unwrap();
    }

    /// Asks it to stop by SIGTERM, and waits for its end.
    pub(crate) fn stop(self) -> Stopped {
        self.signal(Signal::SIGTERM);
        self.ended()
    }

    /// Ends it by SIGKILL.
    pub(crate) fn kill(self) -> Stopped {
        self.signal(Signal::SIGKILL);
        self.ended()
    }

    /// Waits for an end that was asked for.
    #[expect(clippy::disallowed_methods, reason = "how long an end takes is tested")]
    pub(crate) fn ended(mut self) -> Stopped {
        let began = Instant::now();
        let child = &mut self.child;
        let status: ExitStatus = until("it ends", &self.log, || child.try_wait().unwrap());
        let took = began.elapsed();
        self.log.join();
        Stopped {
            code: status.code(),
            took,
            log: self.log.text(),
            scene: std::mem::replace(&mut self.scene, Scene::new()),
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended by itself; what counts is that it is gone.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[track_caller]
#[expect(clippy::disallowed_methods, reason = "a deadline for what should come")]
fn until<T>(what: &str, log: &Log, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        let late = began.elapsed() > DEADLINE;
        assert!(
            !late,
            "not within {DEADLINE:?}: {what}; the log: {}",
            log.text()
        );
        std::thread::park_timeout(PAUSE);
    }
}

/// The results of a status document.
pub(crate) fn results(status: &Value) -> impl Iterator<Item = &Value> {
    status["results"].as_array().unwrap().iter()
}

/// The name of a result, `endpoint/check`.
pub(crate) fn name(result: &Value) -> String {
    let part = |key: &str| result[key].as_str().unwrap();
    format!("{}/{}", part("endpoint"), part("check"))
}

fn reason_of(status: &Value, id: &str) -> String {
    let result = results(status).find(|result| name(result) == id);
    let Some(result) = result else {
        return "not there".to_owned();
    };
    let word = result["reason"].as_str().or(result["verdict"].as_str());
    word.unwrap_or("pending").to_owned()
}

/// What the port answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Answer {
    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        Self {
            status: head[9..12].parse().unwrap(),
            body: body.to_owned(),
        }
    }
}

/// An exposition.
#[derive(Debug)]
pub(crate) struct Metrics(pub(crate) Vec<Family>);

impl Metrics {
    /// The values of all series of a name that have these labels.
    pub(crate) fn values(&self, name: &str, labels: &[(&str, &str)]) -> Vec<f64> {
        let samples = self.0.iter().flat_map(|family| &family.samples);
        samples
            .filter(|sample| sample.name == name)
            .filter(|sample| {
                labels
                    .iter()
                    .all(|(key, value)| sample.label(key) == *value)
            })
            .map(|sample| sample.value)
            .collect()
    }

    /// The value of the only series of a name that has these labels; `None` where none has.
    #[track_caller]
    pub(crate) fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let values = self.values(name, labels);
        assert!(values.len() < 2, "{name} {labels:?}: {values:?}");
        values.first().copied()
    }

    /// The sum over all series of a name that have these labels.
    pub(crate) fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.values(name, labels).iter().sum()
    }
}

/// What a process writes to standard error, read as it comes.
#[derive(Debug)]
struct Log {
    text: Arc<Mutex<String>>,
    reading: Option<JoinHandle<()>>,
}

impl Log {
    fn follow(stream: ChildStderr) -> Self {
        let text = Arc::new(Mutex::new(String::new()));
        let written = Arc::clone(&text);
        let reading = std::thread::spawn(move || {
            for line in BufReader::new(stream).lines() {
                let Ok(line) = line else { return };
                writeln!(written.lock().unwrap(), "{line}").unwrap();
            }
        });
        Self {
            text,
            reading: Some(reading),
        }
    }

    fn text(&self) -> String {
        self.text.lock().unwrap().clone()
    }

    /// What stands behind `address` in the line that says `listening`, in either form.
    fn address(&self) -> Option<SocketAddr> {
        let text = self.text();
        let line = text.lines().find(|line| line.contains("listening"))?;
        let (_, behind) = line.split_once("address")?;
        let behind = behind.trim_start_matches(['"', ':', '=']);
        let end = behind.find(['"', ' ', ',']).unwrap_or(behind.len());
        behind[..end].parse().ok()
    }

    /// Waits for the last line of a process that has ended.
    fn join(&mut self) {
        if let Some(reading) = self.reading.take() {
            reading.join().unwrap();
        }
    }
}
