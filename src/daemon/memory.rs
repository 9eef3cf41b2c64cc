//! What this process holds in memory stays there: no core dump, and no debugger of its own user.

use std::io;

use nix::sys::prctl::set_dumpable;
use rlimit::Resource;
use tracing::debug;

/// Keeps the memory of this process out of core dumps, from now on, and of those of its children by
/// their limit. To be called before a secret is read.
///
/// A process that may not be dumped belongs to root in `/proc`, so that its own user can neither
/// attach a debugger to it nor read its environment and memory there.
pub fn keep_to_itself() {
    // Either of both is enough, so one that fails stops nobody.
    if let Err(error) = set_dumpable(false) {
        debug!(%error, "a debugger can be attached to this process");
    }
    if let Err(error) = no_core() {
        debug!(%error, "the limit of core dumps stays as it was");
    }
}

fn no_core() -> io::Result<()> {
    Resource::CORE.set(0, 0)
}

#[cfg(test)]
mod tests {
    use nix::sys::prctl::get_dumpable;

    use super::*;

    #[test]
    fn what_keeps_to_itself_is_not_dumped() {
        keep_to_itself();
        assert_eq!(get_dumpable(), Ok(false));
        assert_eq!(Resource::CORE.get().ok(), Some((0, 0)));
    }
}
