//! `authvigil check`: every check once, now.

use std::future::Future;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use super::arguments::{Check, Format, Include};
use super::exit::Failure;
use super::terminal::stdout;
use super::{json, junit, progress, text, validate};
use crate::daemon::{CheckOptions, Report, check_once, real_time};

/// Checks, writes the report, and gives the exit code.
pub(super) fn run(config: &Path, check: &Check) -> Result<u8, Failure> {
    let config = validate::read(config)?;
    let options = CheckOptions {
        names: check.names.clone(),
        include_wrong_password: check.include.contains(&Include::WrongPassword),
    };
    let checks = config
        .endpoints
        .iter()
        .map(|endpoint| endpoint.checks.len())
        .sum();
    let progress = progress::line(checks);
    let shows_progress = progress.is_some();
    let running = check_once(
        config.endpoints,
        config.credentials,
        &options,
        real_time(),
        progress,
    );
    let report = wait(running)?.map_err(|error| Failure::Usage(error.to_string()))?;
    if shows_progress {
        progress::wipe();
    }
    write(check.format, &report)?;
    Ok(report.exit_code())
}

/// Runs a future to its end on one thread: a run is short, and one core is enough for thousands of
/// probes a second.
pub(super) fn wait<F: Future>(future: F) -> Result<F::Output, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Own(format!("the runtime cannot start: {error}")))?;
    let output = runtime.block_on(future);
    // A name lookup or a read that hangs has a thread of its own, which is not waited for.
    runtime.shutdown_background();
    Ok(output)
}

/// Writes a report to standard output.
pub(super) fn write(format: Format, report: &Report) -> Result<(), Failure> {
    let mut out = BufWriter::new(stdout());
    match format {
        Format::Json => json::write(&mut out, report)?,
        Format::Junit => junit::write(&mut out, report)?,
        Format::Text => text::write(&mut out, report)?,
    }
    Ok(out.flush()?)
}
