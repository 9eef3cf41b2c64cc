//! The recent past of a check, one mark a verdict.

use std::collections::VecDeque;

/// How one verdict looks from afar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// The lock held.
    Pass,
    /// No verdict was possible.
    Unknown,
    /// Something was wrong.
    Warning,
    /// Something was gravely wrong.
    Critical,
}

impl Mark {
    /// The stable name: a style on the status page.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Unknown => "unknown",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    fn letter(self) -> char {
        match self {
            Self::Pass => 'p',
            Self::Unknown => 'u',
            Self::Warning => 'w',
            Self::Critical => 'c',
        }
    }

    fn of_letter(letter: char) -> Option<Self> {
        [Self::Pass, Self::Unknown, Self::Warning, Self::Critical]
            .into_iter()
            .find(|mark| mark.letter() == letter)
    }
}

/// The last verdicts of a check, the oldest first.
///
/// ```
/// use authvigil::domain::status::{History, Mark};
/// let mut history = History::default();
/// history.push(Mark::Pass);
/// history.push(Mark::Critical);
/// assert_eq!(history.to_string(), "pc");
/// assert_eq!("pc".parse::<History>(), Ok(history));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History(VecDeque<Mark>);

impl History {
    /// How many verdicts are remembered.
    pub const LENGTH: usize = 60;

    /// Remembers one more verdict, and forgets the oldest where there is no room.
    pub fn push(&mut self, mark: Mark) {
        if self.0.len() == Self::LENGTH {
            self.0.pop_front();
        }
        self.0.push_back(mark);
    }

    /// The marks, the oldest first.
    pub fn marks(&self) -> impl DoubleEndedIterator<Item = Mark> + ExactSizeIterator {
        self.0.iter().copied()
    }
}

/// One letter a mark: how it is kept on disk.
impl std::fmt::Display for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let letters: String = self.marks().map(Mark::letter).collect();
        f.pad(&letters)
    }
}

/// Letters that are not known are left out; of too many, the last ones count.
impl std::str::FromStr for History {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut history = Self::default();
        text.chars()
            .filter_map(Mark::of_letter)
            .for_each(|mark| history.push(mark));
        Ok(history)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_mark_makes_room() {
        let mut history = History::default();
        history.push(Mark::Critical);
        (0..History::LENGTH).for_each(|_| history.push(Mark::Pass));
        assert_eq!(history.to_string(), "p".repeat(History::LENGTH));
    }

    #[test]
    fn letters_of_a_later_version_are_left_out() {
        assert_eq!(
            "p?w".parse(),
            Ok(History(vec![Mark::Pass, Mark::Warning].into()))
        );
    }
}
