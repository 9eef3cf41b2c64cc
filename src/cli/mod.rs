//! The commands: arguments in, text and an exit code out.
//!
//! Standard output carries what was asked for and nothing else; logs, progress and errors go to
//! standard error. Everything that a server sent is made harmless for the place where it is shown.
//!
//! **Invariant:** the only room that prints, and one that decides nothing: an exit code follows from
//! a report.

mod accept;
mod arguments;
mod ask;
mod check;
mod demo;
mod exit;
mod explain;
mod json;
mod junit;
mod logs;
mod notify_test;
mod one_off;
mod probe;
mod probe_text;
mod progress;
mod reload;
mod routes;
mod run;
mod silence;
mod terminal;
mod text;
mod validate;

use std::ffi::OsString;
use std::process::ExitCode;

pub use arguments::Arguments;
use arguments::Command;
use clap::Parser as _;
use logs::Speaker;

use crate::daemon::keep_to_itself;

/// Runs the program with these arguments, the first of which is its own name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return exit::of_usage(&error),
    };
    let speaker = match &arguments.command {
        Command::Run(_) => Speaker::Daemon,
        Command::Accept(_)
        | Command::Check(_)
        | Command::Demo(_)
        | Command::Explain(_)
        | Command::NotifyTest(_)
        | Command::Probe(_)
        | Command::Reload(_)
        | Command::Routes(_)
        | Command::Silence(_)
        | Command::Validate(_) => Speaker::Command,
    };
    // Dropped at the end, so that the last lines are written.
    let _log = logs::start(arguments.log_level, arguments.log_format, speaker);
    keep_to_itself();
    let config = &arguments.config;
    let done = match &arguments.command {
        Command::Accept(accept) => accept::run(config, accept),
        Command::Check(check) => check::run(config, check),
        Command::Demo(arguments) => demo::run(arguments),
        Command::Explain(explain) => explain::run(explain),
        Command::NotifyTest(test) => notify_test::run(config, test),
        Command::Probe(probe) => probe::run(probe),
        Command::Reload(_) => reload::run(config),
        Command::Routes(routes) => routes::run(config, routes),
        Command::Run(_) => run::run(config),
        Command::Silence(silence) => silence::run(config, silence),
        Command::Validate(_) => validate::run(config),
    };
    exit::of(done)
}
