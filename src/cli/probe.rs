//! `authvigil probe URL`: knock once and show everything.

use std::io::{BufWriter, Write as _};

use super::arguments::{Format, Probe};
use super::exit::Failure;
use super::terminal::stdout;
use super::{check, one_off, probe_text};
use crate::daemon::{Report, knock_once, real_time};
use crate::domain::observation::Observation;

/// Knocks, shows what came, and gives the exit code.
pub(super) fn run(probe: &Probe) -> Result<u8, Failure> {
    let config = one_off::config(probe)?;
    let knocking = knock_once(config.endpoints, config.credentials, real_time());
    let report = check::wait(knocking)?;
    if probe.json {
        check::write(Format::Json, &report)?;
    } else {
        let mut out = BufWriter::new(stdout());
        for result in &report.results {
            probe_text::write(&mut out, &probe.method, result, report.started_at)?;
        }
        out.flush()?;
    }
    Ok(exit_code(probe, &report))
}

/// Without an expectation any answer is a good one.
fn exit_code(probe: &Probe, report: &Report) -> u8 {
    let expects = !probe.expect_status.is_empty() || !probe.expect_challenge.is_empty();
    let answered = |observation: &Observation| observation.answer().is_some();
    let all_answered = report
        .results
        .iter()
        .all(|result| result.observation.as_ref().is_some_and(answered));
    match (expects, all_answered) {
        (true, _) => report.exit_code(),
        (false, true) => 0,
        (false, false) => 3,
    }
}
