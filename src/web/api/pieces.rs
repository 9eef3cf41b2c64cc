//! A document with one long list, made piece by piece.

use bytes::Bytes;
use serde::Serialize;

use crate::document::Harmless;

/// A piece is sent once it has this size; an entry of the list is never taken apart.
const PIECE: usize = 32 * 1024;

/// A JSON object whose last field is a list, of which each entry is written when its turn comes.
pub(super) struct Pieces<W> {
    /// Everything before the first entry, until it is handed over.
    head: Vec<u8>,
    /// Writes the next entry; says whether there was one.
    write_next: W,
    part: Part,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    FirstEntry,
    Entries,
    End,
}

impl<W: FnMut(&mut Vec<u8>) -> bool> Pieces<W> {
    /// An object with the fields of `head`, and the list `name` behind them.
    pub(super) fn new(head: &impl Serialize, name: &str, write_next: W) -> Self {
        let mut written = Vec::with_capacity(PIECE + PIECE / 4);
        write_json(&mut written, head);
        written.pop();
        written.extend_from_slice(format!(",\"{name}\":[").as_bytes());
        Self {
            head: written,
            write_next,
            part: Part::FirstEntry,
        }
    }

    /// Writes the next entry, or what stands behind all of them.
    fn step(&mut self, out: &mut Vec<u8>) {
        let before = out.len();
        if self.part == Part::Entries {
            out.push(b',');
        }
        if (self.write_next)(out) {
            self.part = Part::Entries;
        } else {
            out.truncate(before);
            out.extend_from_slice(b"]}\n");
            self.part = Part::End;
        }
    }
}

impl<W: FnMut(&mut Vec<u8>) -> bool> Iterator for Pieces<W> {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        let mut piece = std::mem::take(&mut self.head);
        if piece.is_empty() {
            piece.reserve(PIECE + PIECE / 4);
        }
        while self.part != Part::End && piece.len() < PIECE {
            self.step(&mut piece);
        }
        (!piece.is_empty()).then(|| piece.into())
    }
}

/// Writes a value as compact JSON that steers no terminal.
pub(super) fn write_json(out: &mut Vec<u8>, value: &impl Serialize) {
    let mut serializer = serde_json::Serializer::with_formatter(out, Harmless);
    let written = value.serialize(&mut serializer);
    debug_assert!(written.is_ok(), "memory takes all, and every key is a text");
}
