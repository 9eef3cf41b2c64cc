//! How a command asks the running daemon.

use std::path::Path;

use super::check::wait;
use super::exit::Failure;
use crate::config;
use crate::daemon::{self, Reply, Request, causes};

/// Asks the daemon that runs with this configuration, one request after the other.
///
/// A request that was refused is among the replies: it makes the others no worse.
pub(super) fn ask(
    config: &Path,
    requests: impl IntoIterator<Item = Request>,
) -> Result<Vec<Reply>, Failure> {
    // Warnings are for whoever wrote the file, and not for whoever was woken.
    let config = config::load(config).map_err(|faults| Failure::Config(faults.to_string()))?;
    let state = &config.state.path;
    let mut replies = Vec::new();
    for request in requests {
        let reply = wait(daemon::ask(state, request))?;
        replies.push(reply.map_err(|error| Failure::Own(causes(&error)))?);
    }
    Ok(replies)
}

/// Asks for one thing; a refusal is a wrong command line.
pub(super) fn ask_once(config: &Path, request: Request) -> Result<Reply, Failure> {
    match ask(config, [request])?.pop() {
        None => Err(unfit()),
        Some(Reply::Refused { why }) => Err(Failure::Usage(why)),
        Some(Reply::Failed { why }) => Err(Failure::Own(why)),
        Some(reply) => Ok(reply),
    }
}

/// What is said where a reply belongs to another request.
pub(super) fn unfit() -> Failure {
    let why = "the daemon answered something else than it was asked; is it of another version?";
    Failure::Own(why.to_owned())
}
