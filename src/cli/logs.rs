//! Logs: to standard error or to the journal, and only our own.
//!
//! Libraries below may log what they send, so their events are never let through.

mod journal;

use std::io::{IsTerminal as _, stderr};

use clap::ValueEnum;
use journal::Journal;
use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::writer::BoxMakeWriter;
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

/// Lines that wait for whoever reads the log; what does not fit is dropped.
const WAITING: usize = 8192;

/// Starts logging, at the speaker's own level unless one is given. A second call changes nothing.
///
/// What is given back writes what waits when it is dropped, for a second at the most.
pub(super) fn start(
    level: Option<LevelFilter>,
    format: LogFormat,
    speaker: Speaker,
) -> Option<WorkerGuard> {
    let level = level.unwrap_or(match speaker {
        Speaker::Daemon => LevelFilter::INFO,
        Speaker::Command => LevelFilter::WARN,
    });
    let own = Targets::new().with_target("authvigil", level);
    let (writer, waiting) = match speaker {
        Speaker::Command => (BoxMakeWriter::new(stderr), None),
        // A daemon does not stand still because nobody reads what it says.
        Speaker::Daemon => {
            let (writer, waiting) = NonBlockingBuilder::default()
                .buffered_lines_limit(WAITING)
                .lossy(true)
                .finish(stderr());
            (BoxMakeWriter::new(writer), Some(waiting))
        }
    };
    let _first = tracing_subscriber::registry()
        .with(lines(format, speaker, writer).with_filter(own))
        .try_init()
        .is_ok();
    waiting
}

fn lines(format: LogFormat, speaker: Speaker, writer: BoxMakeWriter) -> Lines {
    let journal = || Journal::open().ok().map(Layer::boxed);
    match (format, speaker) {
        (LogFormat::Text, _) | (LogFormat::Auto, Speaker::Command) => text(writer),
        (LogFormat::Auto, Speaker::Daemon) if stderr().is_terminal() => text(writer),
        (LogFormat::Journald, _) => journal().unwrap_or_else(|| json(writer)),
        (LogFormat::Auto, Speaker::Daemon) if is_collected_by_journald() => {
            journal().unwrap_or_else(|| json(writer))
        }
        (LogFormat::Json, _) | (LogFormat::Auto, Speaker::Daemon) => json(writer),
    }
}

fn text(writer: BoxMakeWriter) -> Lines {
    fmt::layer()
        .with_writer(writer)
        .with_ansi(stderr().is_terminal())
        .with_target(false)
        .boxed()
}

/// One flat object a line: the fixed keys stand beside `level`, `timestamp` and `message`.
fn json(writer: BoxMakeWriter) -> Lines {
    fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_writer(writer)
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
