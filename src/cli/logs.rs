//! Logs: to standard error or to the journal, and only our own.
//!
//! Libraries below may log what they send, so their events are never let through.

use std::io::{IsTerminal as _, stderr};

use clap::ValueEnum;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer, Registry, fmt};

/// The form of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// Text on a terminal, to the journal where systemd collects it, else JSON for the daemon and
    /// text for the other commands
    #[default]
    Auto,
    /// The journal, with a field for each key
    Journald,
    /// One JSON object a line
    Json,
    /// Text
    Text,
}

/// A log that is written to.
type Lines = Box<dyn Layer<Registry> + Send + Sync>;

/// Who logs: it decides what `auto` means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaker {
    /// The daemon, whose log machines collect.
    Daemon,
    /// A command that a person waits for.
    Command,
}

/// Starts logging, at the speaker's own level unless one is given. A second call changes nothing.
pub(super) fn start(level: Option<LevelFilter>, format: LogFormat, speaker: Speaker) {
    let level = level.unwrap_or(match speaker {
        Speaker::Daemon => LevelFilter::INFO,
        Speaker::Command => LevelFilter::WARN,
    });
    let own = Targets::new().with_target("authvigil", level);
    let _first = tracing_subscriber::registry()
        .with(lines(format, speaker).with_filter(own))
        .try_init()
        .is_ok();
}

fn lines(format: LogFormat, speaker: Speaker) -> Lines {
    // Without a prefix, as the guide has it: `ENDPOINT=orders`.
    let journal = || {
        let layer = tracing_journald::layer().ok()?;
        Some(layer.with_field_prefix(None).boxed())
    };
    match (format, speaker) {
        (LogFormat::Text, _) | (LogFormat::Auto, Speaker::Command) => text(),
        (LogFormat::Auto, Speaker::Daemon) if stderr().is_terminal() => text(),
        (LogFormat::Journald, _) => journal().unwrap_or_else(json),
        (LogFormat::Auto, Speaker::Daemon) if is_collected_by_journald() => {
            journal().unwrap_or_else(json)
        }
        (LogFormat::Json, _) | (LogFormat::Auto, Speaker::Daemon) => json(),
    }
}

fn text() -> Lines {
    fmt::layer()
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        .with_target(false)
        .boxed()
}

/// One flat object a line: the fixed keys stand beside `level`, `timestamp` and `message`.
fn json() -> Lines {
    fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_writer(stderr)
        .boxed()
}

/// Whether standard error leads to the journal: systemd.exec(5) has `JOURNAL_STREAM` name device and
/// inode of it, which a redirected one does not match.
fn is_collected_by_journald() -> bool {
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::MetadataExt as _;

    #[expect(
        clippy::disallowed_methods,
        reason = "systemd tells it by the environment alone"
    )]
    let Ok(stream) = std::env::var("JOURNAL_STREAM") else {
        return false;
    };
    let Ok(own) = stderr().as_fd().try_clone_to_owned() else {
        return false;
    };
    let Ok(metadata) = std::fs::File::from(own).metadata() else {
        return false;
    };
    stream == format!("{}:{}", metadata.dev(), metadata.ino())
}
