//! How much a mail may show, so that it is taken and shown whole.

use crate::domain::harmless::shown;

/// How much of what others decide the length of is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// Incidents that are told in full.
    pub(super) stories: usize,
    /// Further incidents that get a line of a table.
    pub(super) rows: usize,
    /// Bytes that the names of still further ones take.
    pub(super) names: usize,
    /// Characters of a text that a server or a person wrote.
    pub(super) text: usize,
    /// Lines of one kind: challenges, differences, labels.
    pub(super) lines: usize,
}

impl Room {
    /// What is tried, one after the other, until the mail is small enough; the last always is.
    pub(super) const ALL: [Self; 8] = [
        Self::of((3, 100, 16 << 10), 1500, 20),
        Self::of((3, 60, 16 << 10), 600, 8),
        Self::of((2, 60, 16 << 10), 300, 6),
        Self::of((1, 60, 16 << 10), 200, 6),
        Self::of((1, 20, 16 << 10), 120, 4),
        Self::of((1, 20, 8 << 10), 100, 4),
        Self::of((1, 10, 4 << 10), 80, 3),
        Self::of((1, 0, 0), 60, 2),
    ];

    const fn of((stories, rows, names): (usize, usize, usize), text: usize, lines: usize) -> Self {
        Self {
            stories,
            rows,
            names,
            text,
            lines,
        }
    }

    /// A text that a server or a person wrote, harmless and cut.
    pub(super) fn shown(&self, text: &str) -> String {
        shown(text, self.text)
    }

    /// As many of these as there is room for, and how many more there are.
    pub(super) fn some<'a, T>(&self, all: &'a [T]) -> (&'a [T], usize) {
        let (some, rest) = all.split_at(all.len().min(self.lines));
        (some, rest.len())
    }
}

/// How many bytes a text takes at most in a mail: as quoted-printable or as base64, whichever is more.
pub(super) fn encoded(text: &str) -> usize {
    let byte = |byte: u8| match byte {
        // A line break becomes CR LF, and may stand as it is.
        b'\n' => 2,
        b' '..=b'<' | b'>'..=b'~' => 1,
        _ => 3,
    };
    let quoted: usize = text.bytes().map(byte).sum();
    // A soft line break takes three bytes of each line of 76; an escape is not cut in two.
    let quoted = quoted + quoted / 73 * 3 + 3;
    // Base64 takes four bytes for three, and a line break after 76.
    let breaks = text.bytes().filter(|byte| *byte == b'\n').count();
    let base = (text.len() + breaks).div_ceil(3) * 4;
    quoted.max(base + base / 76 * 2 + 2)
}
