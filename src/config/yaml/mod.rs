//! YAML: text in, typed values out, and for what is wrong its line and column.
//!
//! The only place that knows `serde_yaml`. It reads a good file in one go and says where the first
//! fault of a bad one is, though not always rightly, and never where the second is. So a file in
//! which anything is wrong is scanned again, into a [`Tree`] whose nodes know where they stand, and
//! a [`Reader`] takes it apart fault by fault.
//!
//! **Invariant:** a good file is never scanned twice, but where it holds anchors or tags, whose
//! traps `serde_yaml` does not see.

mod reader;
mod scalar;
mod tree;
mod trouble;

use serde::de::DeserializeOwned;

pub(crate) use reader::{Reader, Remains};
pub(crate) use scalar::{Scalar, resolve};
pub(crate) use tree::{Defect, DefectKind, Entry, Kind, NodeId, Span, Tree};
pub(crate) use trouble::{Complaint, ComplaintKind, NO_VALUE};

/// What `serde_yaml` had to say of a text.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    /// Its words.
    pub(crate) message: String,
    /// Line and column, counted from 1, where it names them.
    pub(crate) position: Option<(usize, usize)>,
}

/// Reads a whole text as one value.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Refusal> {
    serde_yaml::from_str(text).map_err(|error| Refusal {
        message: error.to_string(),
        position: error.location().map(|at| (at.line(), at.column())),
    })
}

/// Whether a text may hold an anchor, an alias or a tag.
///
/// It may well be that it does not; a text of which this says no certainly does not.
pub(crate) fn may_hold_anchors_or_tags(text: &str) -> bool {
    let bytes = text.as_bytes();
    let begins_token = |index: usize| match index.checked_sub(1).and_then(|it| bytes.get(it)) {
        None => true,
        Some(before) => before.is_ascii_whitespace() || b"[{,:-?".contains(before),
    };
    let marks = bytes.iter().enumerate();
    let mut marks = marks.filter(|(_, byte)| b"&*!".contains(byte));
    marks.any(|(index, _)| begins_token(index))
}
