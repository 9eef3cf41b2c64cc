//! `authvigil validate`: the configuration and every fault in it.

use std::io::Write as _;
use std::path::Path;

use super::exit::Failure;
use super::terminal::{counted, stderr, stdout};
use crate::config::{self, Config};

/// Reads the configuration and says what is in it.
pub(super) fn run(path: &Path) -> Result<u8, Failure> {
    let config = read(path)?;
    let checks: usize = config
        .endpoints
        .iter()
        .map(|endpoint| endpoint.checks.len())
        .sum();
    let (endpoints, credentials) = (config.endpoints.len(), config.credentials.credentials.len());
    writeln!(
        stdout(),
        "{}: no faults; {}, {}, {}",
        path.display(),
        counted(endpoints, "endpoint"),
        counted(checks, "check"),
        counted(credentials, "credential"),
    )?;
    Ok(0)
}

/// Reads the configuration for a command that goes on with it; warnings are told, faults end it.
pub(super) fn read(path: &Path) -> Result<Config, Failure> {
    let config = config::load(path).map_err(|faults| Failure::Config(faults.to_string()))?;
    for warning in &config.warnings {
        let _told = writeln!(stderr(), "warning: {warning}").is_ok();
    }
    Ok(config)
}
