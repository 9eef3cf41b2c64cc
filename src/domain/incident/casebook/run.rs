//! A row of bad verdicts.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::Step;

/// When a verdict came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// By the time that never goes back.
    at: Timestamp,
    /// As the clock showed it.
    wall: Timestamp,
}

impl Moment {
    pub(super) fn of(step: &Step<'_>) -> Self {
        let Step { at, wall, .. } = *step;
        Self { at, wall }
    }
}

/// The moments of the last bad verdicts of a row, the oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Run(VecDeque<Moment>);

impl Run {
    /// Adds a verdict; no more than this many are remembered, and at least one.
    pub(super) fn push(&mut self, moment: Moment, most: u32) {
        self.0.push_back(moment);
        let most = usize::try_from(most.max(1)).unwrap_or(usize::MAX);
        while self.0.len() > most {
            self.0.pop_front();
        }
    }

    /// Whether the last verdict was none of the row's.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The row is broken.
    pub(super) fn clear(&mut self) {
        self.0 = VecDeque::new();
    }

    /// When the first of the last `needed` verdicts came, where there are as many; as the clock
    /// showed it.
    ///
    /// Those up to `after` do not count as the first: they were told of already.
    pub(super) fn confirmed(&self, needed: u32, after: Option<Timestamp>) -> Option<Timestamp> {
        let needed = usize::try_from(needed.max(1)).unwrap_or(usize::MAX);
        let start = self.0.len().checked_sub(needed)?;
        let is_new = |moment: &&Moment| after.is_none_or(|after| moment.at > after);
        let first = self.0.iter().skip(start).find(is_new);
        first.or(self.0.back()).map(|moment| moment.wall)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(number: i64) -> Timestamp {
        Timestamp::from_second(number).unwrap()
    }

    fn moment(number: i64) -> Moment {
        Moment {
            at: second(number),
            wall: second(number),
        }
    }

    fn run(seconds: &[i64], most: u32) -> Run {
        let mut run = Run::default();
        for number in seconds {
            run.push(moment(*number), most);
        }
        run
    }

    #[test]
    fn a_row_is_confirmed_since_the_first_of_as_many_as_are_needed() {
        let run = run(&[10, 20, 30], 3);
        let since = |needed| run.confirmed(needed, None);
        assert_eq!(
            [1, 2, 3, 4].map(since),
            [Some(second(30)), Some(second(20)), Some(second(10)), None]
        );
    }

    #[test]
    fn what_was_told_of_already_is_not_where_the_next_one_begins() {
        let run = run(&[10, 20, 30], 3);
        assert_eq!(run.confirmed(3, Some(second(10))), Some(second(20)));
        // A clock that was set back.
        assert_eq!(run.confirmed(3, Some(second(99))), Some(second(30)));
    }

    #[test]
    fn no_more_is_remembered_than_confirms() {
        assert_eq!(run(&[10, 20, 30], 2).0, [moment(20), moment(30)]);
        assert_eq!(run(&[10, 20], 0).0, [moment(20)]);
    }
}
