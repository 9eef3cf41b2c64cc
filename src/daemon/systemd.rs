//! What systemd is told (`sd_notify(3)`); nothing where it did not start the program.

use std::time::Duration;

use sd_notify::NotifyState;
use tracing::debug;

/// Readiness: the state is loaded and the port bound.
pub(super) fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// The configuration is read again; [`ready`] has to follow, whatever comes of it.
pub(super) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => debug!(%error, "systemd cannot be told when the reload began"),
    }
}

/// The end has begun.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// One line for `systemctl status`.
pub(super) fn status(status: &str) {
    tell(&[NotifyState::Status(status)]);
}

/// A sign of life.
pub(super) fn alive() {
    tell(&[NotifyState::Watchdog]);
}

/// How often a sign of life is asked for, if at all.
pub(super) fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled()
}

fn tell(states: &[NotifyState<'_>]) {
    // Without systemd there is nobody to tell, and a failure harms nobody but its status line.
    if let Err(error) = sd_notify::notify(states) {
        debug!(%error, "systemd cannot be told");
    }
}
