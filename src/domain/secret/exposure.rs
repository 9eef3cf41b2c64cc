//! Whether a file with a secret lies open to people it is not meant for.

use std::fmt;

/// Who besides this program and root has a say over a file with a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposure {
    /// Every user of the machine can replace what is in it.
    WritableByOthers,
    /// Every user of the machine can read it.
    ReadableByOthers,
    /// It belongs to this user, who is neither root nor the one that asks.
    Foreign(u32),
}

impl fmt::Display for Exposure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WritableByOthers => f.write_str("every user of this machine can write to it"),
            Self::ReadableByOthers => f.write_str("every user of this machine can read it"),
            Self::Foreign(owner) => write!(f, "it belongs to another user, {owner}"),
        }
    }
}

/// The gravest exposure of a file with this mode and owner, for a program that runs as `me`.
///
/// A group may read: `root:authvigil` with mode `0640` is how a daemon of its own user is given a
/// secret. Root is told nothing of owners, as it asks on behalf of a daemon whose user it need not be.
///
/// ```
/// use authvigil::domain::secret::{Exposure, exposure};
/// assert_eq!(exposure(0o640, 0, 997), None);
/// assert_eq!(exposure(0o644, 0, 997), Some(Exposure::ReadableByOthers));
/// ```
pub fn exposure(mode: u32, owner: u32, me: u32) -> Option<Exposure> {
    const ROOT: u32 = 0;
    const OTHERS_READ: u32 = 0o004;
    const OTHERS_WRITE: u32 = 0o002;
    if mode & OTHERS_WRITE != 0 {
        return Some(Exposure::WritableByOthers);
    }
    if mode & OTHERS_READ != 0 {
        return Some(Exposure::ReadableByOthers);
    }
    let foreign = ![ROOT, me].contains(&owner) && me != ROOT;
    foreign.then_some(Exposure::Foreign(owner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_daemon_or_of_root_is_not_exposed_to_its_group() {
        let safe = [(0o400, 997), (0o600, 997), (0o640, 0), (0o100_440, 0)];
        let found = safe.map(|(mode, owner)| exposure(mode, owner, 997));
        assert_eq!(found, [None; 4]);
    }

    #[test]
    fn what_everybody_can_read_or_write_is_exposed_whoever_owns_it() {
        assert_eq!(exposure(0o100_644, 0, 0), Some(Exposure::ReadableByOthers));
        assert_eq!(exposure(0o604, 997, 997), Some(Exposure::ReadableByOthers));
        assert_eq!(exposure(0o666, 0, 997), Some(Exposure::WritableByOthers));
    }

    #[test]
    fn a_file_of_somebody_else_is_exposed_to_its_owner() {
        assert_eq!(exposure(0o600, 1000, 997), Some(Exposure::Foreign(1000)));
    }

    #[test]
    fn root_cannot_tell_whose_file_a_daemon_reads() {
        assert_eq!(exposure(0o600, 997, 0), None);
    }
}
