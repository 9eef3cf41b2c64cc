//! Runs the program as its users do, and watches what that costs.
//!
//! ```ignore
//! let run = program::run(program::authvigil().args(["check", "--config", "x.yaml"]));
//! assert_eq!(run.code, Some(2));
//! assert!(run.duration < Duration::from_secs(4) && run.peak_memory < 128 << 20);
//! ```

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use authvigil::clock::{Clock, SystemClock};

/// How often a running program's memory is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// What came of running a program.
#[derive(Debug)]
pub(crate) struct Run {
    /// The exit code; `None` where a signal ended it.
    pub(crate) code: Option<i32>,
    /// What it wrote to its standard output.
    pub(crate) stdout: String,
    /// What it wrote to its standard error.
    pub(crate) stderr: String,
    /// From its start to its end.
    pub(crate) duration: Duration,
    /// The most memory that it had resident, in bytes, up to 5 ms before its end; 0 where it was
    /// quicker than that.
    pub(crate) peak_memory: u64,
}

impl Run {
    /// Standard output as one JSON value.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error} in {}\n{}", self.stdout, self.stderr))
    }
}

/// The program under test, in an environment of its own, away from a terminal.
pub(crate) fn authvigil() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_authvigil"));
    command.env_clear();
    command
}

/// Runs a program to its end.
pub(crate) fn run(command: &mut Command) -> Run {
    let clock = SystemClock;
    let start = clock.monotonic();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let status_file = format!("/proc/{}/status", child.id());
    let (ended, has_ended) = channel::<()>();
    let memory = std::thread::spawn(move || {
        let mut peak = 0;
        while let Err(RecvTimeoutError::Timeout) = has_ended.recv_timeout(LOOK) {
            peak = peak.max(high_water_mark(&status_file));
        }
        peak
    });
    let mut stderr = child.stderr.take().unwrap();
    let errors = std::thread::spawn(move || read(&mut stderr));
    let stdout = read(child.stdout.as_mut().unwrap());
    let status = child.wait().unwrap();
    let duration = clock.monotonic() - start;
    drop(ended);
    Run {
        code: status.code(),
        stdout,
        stderr: errors.join().unwrap(),
        duration,
        peak_memory: memory.join().unwrap(),
    }
}

fn read(pipe: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    pipe.read_to_end(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// `VmHWM` of a running process, in bytes; 0 where there is none any more.
fn high_water_mark(status_file: &str) -> u64 {
    let status = std::fs::read_to_string(status_file).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    number.unwrap_or(0) * 1024
}
