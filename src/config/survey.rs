//! Which files a configuration consists of, and whether they still say the same.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use super::fault::Fault;
use super::read;

/// What a configuration consisted of when it was looked at, right or wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// Names what the files said: equal for as long as they say it.
    pub stamp: u64,
    /// Every file that could be read, the main one first.
    pub files: Vec<PathBuf>,
    /// The directories in which a change can change the configuration.
    pub directories: BTreeSet<PathBuf>,
    /// The directory that the patterns of `endpoint_files` are relative to.
    pub(super) base: PathBuf,
    /// The patterns of `endpoint_files`.
    pub(super) patterns: Vec<String>,
}

impl Survey {
    /// Looks at the files of a configuration once more; what they say is read only where it differs.
    #[must_use]
    pub fn again(&self, path: &Path) -> Self {
        if self.still_holds() {
            self.clone()
        } else {
            read::files(path).survey()
        }
    }

    /// Whether the same files say the same. Where one cannot be read, it is not known.
    fn still_holds(&self) -> bool {
        let mut stamp = Stamp::default();
        for file in &self.files {
            match read::open(file) {
                Ok(text) => stamp.add(file, &text),
                Err(_) => return false,
            }
        }
        let matched = self
            .patterns
            .iter()
            .map(|it| read::matching(&self.base, it));
        let known = matched
            .flatten()
            .flatten()
            .all(|it| self.files.contains(&it));
        known && stamp.finish() == self.stamp
    }
}

/// Names files and what they say.
#[derive(Debug, Default)]
pub(super) struct Stamp(DefaultHasher);

impl Stamp {
    /// One more file.
    pub(super) fn add(&mut self, name: &Path, text: &str) {
        (name, text).hash(&mut self.0);
    }

    /// What is wrong with files as a whole.
    pub(super) fn fail(&mut self, faults: &[Fault]) {
        for fault in faults {
            fault.to_string().hash(&mut self.0);
        }
    }

    /// The name of all of it.
    pub(super) fn finish(&self) -> u64 {
        self.0.finish()
    }
}
