//! The progress line: on a terminal, while many checks run.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::terminal::stderr;
use crate::clock::SharedClock;
use crate::daemon::{CheckResult, Progress};
use crate::domain::finding::Verdict;

/// Fewer checks than this are done before anybody could read.
const MANY: usize = 20;

/// The time between two lines: faster than this nobody reads.
const BREATH: Duration = Duration::from_millis(100);

/// A line that tells how far a run has come; `None` where nobody would see it.
pub(super) fn line(checks: usize, clock: SharedClock) -> Option<Progress> {
    if checks < MANY || !io::stderr().is_terminal() {
        return None;
    }
    let (done, wrong) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let last: Mutex<Option<Instant>> = Mutex::new(None);
    Some(Arc::new(move |results: &[CheckResult]| {
        let passed = |result: &&CheckResult| result.judgement.verdict() != Verdict::Pass;
        let wrong_now = results.iter().filter(passed).count();
        let wrong = wrong.fetch_add(wrong_now, Ordering::Relaxed) + wrong_now;
        let done = done.fetch_add(results.len(), Ordering::Relaxed) + results.len();
        let now = clock.monotonic();
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|last| now.saturating_duration_since(last) >= BREATH) {
            *last = Some(now);
            let text = format!("{done} of {checks} checks, {wrong} not passing");
            let _shown = write!(stderr(), "\r{text}\x1b[K").is_ok();
        }
    }))
}

/// Wipes the line away.
pub(super) fn wipe() {
    let _wiped = write!(stderr(), "\r\x1b[K").is_ok();
}
