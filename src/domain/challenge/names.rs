//! Which parameter names a challenge has already.

use std::collections::BTreeSet;

use super::Param;

/// From here on a set is cheaper than looking through the list.
const MANY: usize = 16;

/// Tells new names from known ones in little time, however many a server sends.
#[derive(Default)]
pub(super) struct Names {
    /// Empty until a challenge has many parameters.
    known: BTreeSet<String>,
}

impl Names {
    /// Forgets everything, for the next challenge.
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }

    /// Whether none of the parameters has this name; each new name is to be added to them.
    pub(super) fn is_new(&mut self, params: &[Param], name: &str) -> bool {
        if params.len() < MANY {
            return params.iter().all(|param| param.name != name);
        }
        if self.known.is_empty() {
            self.known
                .extend(params.iter().map(|param| param.name.clone()));
        }
        self.known.insert(name.to_owned())
    }
}
