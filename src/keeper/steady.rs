//! A time of day that never goes back: what is to be said in ten seconds is said in ten seconds,
//! whatever somebody does to the clock meanwhile.

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

/// Where the time of day was last sure, and what monotonic time it was then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Steady {
    wall: Timestamp,
    monotonic: Instant,
}

impl Steady {
    /// Begins with the time of day as it is.
    pub(super) fn new(wall: Timestamp, monotonic: Instant) -> Self {
        Self { wall, monotonic }
    }

    /// What time it is, in whole microseconds: that of the clock, unless it was set back; then as if
    /// it had not been.
    pub(super) fn now(&mut self, wall: Timestamp, monotonic: Instant) -> Timestamp {
        let passed = monotonic.saturating_duration_since(self.monotonic);
        let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX);
        let expected = self.wall.saturating_add(passed).unwrap_or(Timestamp::MAX);
        let now = wall.max(expected);
        *self = Self::new(now, monotonic);
        // As the clock gives it: what is stored comes back the same.
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn second(number: i64) -> Timestamp {
        Timestamp::from_second(number).unwrap()
    }

    #[test]
    fn clock_that_is_set_back_holds_nothing_up_and_one_that_leaps_is_followed() {
        #[expect(clippy::disallowed_methods, reason = "any instant will do")]
        let begun = Instant::now();
        let mut steady = Steady::new(second(1_000), begun);
        let mut at =
            |wall: i64, passed: u64| steady.now(second(wall), begun + Duration::from_secs(passed));
        assert_eq!(at(1_010, 10), second(1_010));
        assert_eq!(at(20, 20), second(1_020));
        assert_eq!(at(30, 30), second(1_030));
        assert_eq!(at(5_000, 40), second(5_000));
    }
}
