//! Exit codes, which are an interface: `check` and `probe` speak Nagios, the rest sysexits.

use std::io::{self, Write as _};
use std::process::ExitCode;

use super::terminal::{ALARM, stderr, visible};

/// The command line could not be understood (`EX_USAGE`).
pub(super) const USAGE: u8 = 64;
/// A fault of this program or of where it writes (`EX_SOFTWARE`).
pub(super) const OWN_FAILURE: u8 = 70;
/// The configuration is at fault (`EX_CONFIG`).
pub(super) const CONFIG: u8 = 78;

/// Why a command ended early.
#[derive(Debug)]
pub(super) enum Failure {
    /// Faults of the configuration, ready to be shown.
    Config(String),
    /// What was asked for makes no sense.
    Usage(String),
    /// Something of ours, or the place that is written to, failed.
    Own(String),
    /// Nobody reads any more: `authvigil … | head`.
    ReaderGone,
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::ReaderGone;
        }
        Self::Own(format!("the report cannot be written: {error}"))
    }
}

/// The exit code of a command, after its failure was told.
pub(super) fn of(done: Result<u8, Failure>) -> ExitCode {
    let code = match done {
        Ok(code) => code,
        Err(Failure::ReaderGone) => 0,
        Err(Failure::Config(faults)) => {
            tell_plainly(&faults);
            CONFIG
        }
        Err(Failure::Usage(text)) => {
            tell(&text);
            USAGE
        }
        Err(Failure::Own(text)) => {
            tell(&text);
            OWN_FAILURE
        }
    };
    ExitCode::from(code)
}

/// clap says 2 for a wrong command line, which `check` needs for something graver.
pub(super) fn of_usage(error: &clap::Error) -> ExitCode {
    let printed = error.print();
    match (error.use_stderr(), printed) {
        (true, _) => ExitCode::from(USAGE),
        (false, Ok(())) => ExitCode::SUCCESS,
        (false, Err(error)) => of(Err(error.into())),
    }
}

fn tell(text: &str) {
    let mut err = stderr();
    // Where standard error is gone there is nobody left to tell.
    let _told = writeln!(err, "{ALARM}error:{ALARM:#} {}", visible(text)).is_ok();
}

fn tell_plainly(text: &str) {
    let _told = writeln!(stderr(), "{text}").is_ok();
}
