//! `authvigil run`: the daemon.

use std::num::NonZero;
use std::path::Path;

use tokio::runtime::Runtime;
use tracing::warn;

use super::exit::Failure;
use crate::config;
use crate::daemon::{Ending, causes, real_time, serve};

/// More threads than this add nothing: the work is in the kernel and on the wire.
const MOST_THREADS: usize = 4;

/// Runs until it is asked to stop.
pub(super) fn run(path: &Path) -> Result<u8, Failure> {
    let config = config::load(path).map_err(|faults| Failure::Config(faults.to_string()))?;
    for warning in &config.warnings {
        warn!("{warning}");
    }
    let runtime = runtime()?;
    let ended = runtime.block_on(serve(path.to_owned(), config, real_time()));
    // Whatever hangs now (a name lookup, a read) has been waited for long enough.
    runtime.shutdown_background();
    match ended {
        Ok(Ending::Orderly | Ending::Hasty) => Ok(0),
        Err(error) => Err(Failure::Own(causes(&error))),
    }
}

/// The threads that the daemon works with.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    let threads = std::thread::available_parallelism().map_or(MOST_THREADS, NonZero::get);
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads.min(MOST_THREADS))
        .enable_all()
        .build()
        .map_err(|error| Failure::Own(format!("the runtime cannot start: {error}")))
}
