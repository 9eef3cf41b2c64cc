//! The progress line: on a terminal, while many checks run.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::terminal::stderr;
use crate::daemon::{CheckResult, Progress};
use crate::domain::finding::Verdict;

/// Fewer checks than this are done before anybody could read.
const MANY: usize = 20;

/// A line is written this often in a run; more often nobody reads.
const STEPS: usize = 200;

/// A line that tells how far a run has come; `None` where nobody would see it.
pub(super) fn line(checks: usize) -> Option<Progress> {
    if checks < MANY || !io::stderr().is_terminal() {
        return None;
    }
    let (done, wrong, shown) = (
        AtomicUsize::new(0),
        AtomicUsize::new(0),
        AtomicUsize::new(0),
    );
    Some(Arc::new(move |results: &[CheckResult]| {
        let not_passing = |result: &&CheckResult| result.judgement.verdict() != Verdict::Pass;
        let wrong_now = results.iter().filter(not_passing).count();
        let wrong = wrong.fetch_add(wrong_now, Ordering::Relaxed) + wrong_now;
        let done = done.fetch_add(results.len(), Ordering::Relaxed) + results.len();
        let step = done * STEPS / checks;
        if shown.swap(step, Ordering::Relaxed) != step || wrong_now > 0 {
            let text = format!("{done} of {checks} checks, {wrong} not passing");
            let _shown = write!(stderr(), "\r{text}\x1b[K").is_ok();
        }
    }))
}

/// Wipes the line away.
pub(super) fn wipe() {
    let _wiped = write!(stderr(), "\r\x1b[K").is_ok();
}
