//! `authvigil accept`: a changed challenge is the right one.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::arguments::Accept;
use super::ask::{ask_once, unfit};
use super::exit::Failure;
use super::terminal::{GOOD, QUIET, stdout, tell_aside, visible};
use crate::daemon::{AcceptedCheck, Reply, Request};

/// Has the daemon accept, and says what it accepted in the place of what.
pub(super) fn run(config: &Path, accept: &Accept) -> Result<u8, Failure> {
    let (endpoint, check) = match accept.name.split_once('/') {
        Some((endpoint, check)) => (endpoint, Some(check.to_owned())),
        None => (accept.name.as_str(), None),
    };
    let endpoint = endpoint.to_owned();
    let (checks, notes) = match ask_once(config, Request::Accept { endpoint, check })? {
        Reply::Accepted { checks, notes } => (checks, notes),
        Reply::Done
        | Reply::Refused { .. }
        | Reply::Failed { .. }
        | Reply::Silenced { .. }
        | Reply::Silences { .. } => return Err(unfit()),
    };
    let mut out = BufWriter::new(stdout());
    for check in &checks {
        write(&mut out, check)?;
    }
    if checks.iter().all(|check| check.accepted.is_empty()) {
        writeln!(
            out,
            "nothing strange was offered: there is nothing to accept"
        )?;
    }
    out.flush()?;
    for note in &notes {
        tell_aside("note", note);
    }
    Ok(0)
}

fn write(out: &mut impl Write, check: &AcceptedCheck) -> io::Result<()> {
    let name = visible(&check.check);
    match (check.accepted.is_empty(), check.before.is_empty()) {
        (true, true) => writeln!(out, "{name}: no challenge was learnt yet"),
        (true, false) => writeln!(out, "{name}: as accepted before"),
        (false, _) => {
            writeln!(out, "{name}: {GOOD}accepted{GOOD:#}")?;
            rows(out, "before", &check.before)?;
            rows(out, "now", &check.accepted)
        }
    }
}

fn rows(out: &mut impl Write, word: &str, forms: &[String]) -> io::Result<()> {
    for form in forms {
        writeln!(out, "  {QUIET}{word:<7}{QUIET:#}{}", visible(form))?;
    }
    Ok(())
}
