//! Logs: to standard error, and only our own.
//!
//! Libraries below may log what they send, so their events are never let through.

use std::io::IsTerminal as _;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Starts logging at a level. A second call changes nothing.
pub(super) fn start(level: LevelFilter) {
    let own = Targets::new().with_target("authvigil", level);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    let _first = tracing_subscriber::registry()
        .with(own)
        .with(lines)
        .try_init()
        .is_ok();
}
