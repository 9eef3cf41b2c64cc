//! The lines of one field joined into its value, RFC 9110 §5.3, and the way back.

use std::borrow::Cow;

/// What stands between two lines in the joined value.
const JOINT: &[u8] = b", ";

/// The joined value of a field.
pub(super) struct FieldValue<'a> {
    /// All lines, trimmed and joined with a comma and a space.
    pub(super) text: Cow<'a, [u8]>,
    /// Offsets of the commas that the joining put in, in ascending order.
    joints: Vec<usize>,
    lines: usize,
}

impl<'a> FieldValue<'a> {
    /// Joins the lines; a single one is not copied.
    pub(super) fn of<L: AsRef<[u8]>>(lines: &'a [L]) -> Self {
        match lines {
            [] => Self {
                text: Cow::Borrowed(&[]),
                joints: Vec::new(),
                lines: lines.len(),
            },
            [line] => Self {
                text: Cow::Borrowed(trimmed(line.as_ref())),
                joints: Vec::new(),
                lines: lines.len(),
            },
            [first, rest @ ..] => Self::joined(trimmed(first.as_ref()), rest),
        }
    }

    fn joined<L: AsRef<[u8]>>(first: &[u8], rest: &[L]) -> Self {
        let mut text = first.to_vec();
        let mut joints = Vec::with_capacity(rest.len());
        for line in rest {
            joints.push(text.len());
            text.extend_from_slice(JOINT);
            text.extend_from_slice(trimmed(line.as_ref()));
        }
        Self {
            text: Cow::Owned(text),
            joints,
            lines: rest.len() + 1,
        }
    }

    /// How many lines were joined.
    pub(super) fn lines(&self) -> usize {
        self.lines
    }

    /// Whether the comma at this offset came from the joining.
    pub(super) fn is_joint(&self, offset: usize) -> bool {
        self.joints.binary_search(&offset).is_ok()
    }

    /// The line that the offset lies on, counted from 0.
    pub(super) fn line_of(&self, offset: usize) -> usize {
        self.joints.partition_point(|joint| *joint < offset)
    }

    /// Line and byte of an offset, as the lines were before they were trimmed.
    pub(super) fn locate<L: AsRef<[u8]>>(&self, lines: &[L], offset: usize) -> (usize, usize) {
        let number = self.line_of(offset);
        let Some(line) = lines.get(number).map(AsRef::as_ref) else {
            return (number, 0);
        };
        let before = number.checked_sub(1).and_then(|last| self.joints.get(last));
        let start = before.map_or(0, |joint| joint + JOINT.len());
        let column = indent(line) + offset.saturating_sub(start);
        (number, column.min(line.len()))
    }
}

/// The line without SP and HTAB at both ends: they are no part of a field value, RFC 9110 §5.5.
pub(super) fn trimmed(line: &[u8]) -> &[u8] {
    let line = line.get(indent(line)..).unwrap_or_default();
    let blanks = line
        .iter()
        .rev()
        .take_while(|byte| is_blank(**byte))
        .count();
    line.get(..line.len() - blanks).unwrap_or_default()
}

fn indent(line: &[u8]) -> usize {
    line.iter().take_while(|byte| is_blank(**byte)).count()
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_trimmed_and_joined() {
        let value = FieldValue::of(&[" A\t", "", "B"]);
        assert_eq!(value.text.as_ref(), b"A, , B");
        assert!(value.is_joint(1) && value.is_joint(3) && !value.is_joint(2));
    }

    #[test]
    fn an_offset_leads_back_to_its_line_and_byte() {
        let lines = ["  AB ", "", "\tC"];
        let value = FieldValue::of(&lines);
        let places: Vec<_> = (0..=value.text.len())
            .map(|at| value.locate(&lines, at))
            .collect();
        let expected = [
            (0, 2),
            (0, 3),
            (0, 4),
            (1, 0),
            (1, 0),
            (2, 1),
            (2, 1),
            (2, 2),
        ];
        assert_eq!(places, expected);
    }
}
