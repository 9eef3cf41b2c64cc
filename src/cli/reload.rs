//! `authvigil reload`: asks the running daemon to read its configuration again.

use std::io::Write as _;
use std::path::Path;

use super::ask::unfit;
use super::check::wait;
use super::exit::Failure;
use super::terminal::stdout;
use super::validate;
use crate::daemon::{Reply, Request, ask, causes};

/// Asks, and says what came of it.
pub(super) fn run(path: &Path) -> Result<u8, Failure> {
    // A faulty file is told here already, before anybody is asked.
    let config = validate::read(path)?;
    let reply = wait(ask(&config.state.path, Request::Reload))?;
    match reply.map_err(|error| Failure::Own(causes(&error)))? {
        Reply::Done => {
            writeln!(stdout(), "the configuration was read again")?;
            Ok(0)
        }
        Reply::Refused { why } => Err(Failure::Config(why)),
        Reply::Failed { why } => Err(Failure::Own(why)),
        Reply::Silenced { .. } | Reply::Silences { .. } | Reply::Accepted { .. } => Err(unfit()),
    }
}
