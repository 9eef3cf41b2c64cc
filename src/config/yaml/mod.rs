//! YAML: text in, typed values out, and for what is wrong its line and column.
//!
//! The only place that knows `serde_yaml`. It reads a good file in one go and says where the first
//! fault of a bad one is, though not always rightly, and never where the second is. So a file in
//! which anything is wrong is scanned again, into a [`Tree`] whose nodes know where they stand, and
//! a [`Reader`] takes it apart fault by fault.
//!
//! **Invariant:** a good file is never scanned twice, but where it holds anchors, tags or deep
//! nesting, whose traps `serde_yaml` does not see.

mod builder;
mod reader;
mod scalar;
mod tree;
mod trouble;

pub(crate) use reader::{Reader, Remains};
pub(crate) use scalar::{Scalar, resolve};
use serde::de::DeserializeOwned;
pub(crate) use tree::{Defect, DefectKind, Entry, Kind, NodeId, Span, Tree};
pub(crate) use trouble::{Complaint, ComplaintKind, NO_VALUE};

/// No configuration is nested deeper; what is deeper is an accident or an attack.
const MAX_DEPTH: usize = 64;

/// Far deeper than any text that is only rich in brackets.
const ABYSS: usize = 1_000;

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

/// Whether a text may be nested so deeply that `serde_yaml`, which takes time by the square of the
/// depth, would not come back. Brackets in texts count as well, so that it may well be that it is not.
pub(crate) fn may_be_deep(text: &str) -> bool {
    let mut depth = 0_usize;
    let mut dashes = 0_usize;
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'\n' => dashes = 0,
            b'-' | b'?' => dashes += 1,
            _ => {}
        }
        if depth > MAX_DEPTH || dashes > 4 * MAX_DEPTH {
            return true;
        }
    }
    false
}

/// The line and the column, counted from 1, at which brackets are nested beyond all measure: there
/// the scanner takes time by the square of the depth as well.
pub(crate) fn abyss(text: &str) -> Option<(usize, usize)> {
    let mut depth = 0_usize;
    for (number, line) in text.lines().enumerate() {
        for (column, char) in line.chars().enumerate() {
            match char {
                '[' | '{' => depth += 1,
                ']' | '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > ABYSS {
                return Some((number + 1, column + 1));
            }
        }
    }
    None
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
