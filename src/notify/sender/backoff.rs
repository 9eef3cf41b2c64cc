//! When to try again: soon at first, patiently later, and one day no more.

use std::time::Duration;

use jiff::Timestamp;

/// The wait after the first try.
pub(super) const FIRST: Duration = Duration::from_secs(1);

/// The longest wait within a notice's first hour.
pub(super) const SOON: Duration = Duration::from_secs(30);

/// The longest wait of all.
pub(super) const LATE: Duration = Duration::from_mins(10);

/// How old a notice may become.
pub(super) const LIFE: Duration = Duration::from_hours(5 * 24);

/// How many times its longest wait a notice is old: an hour to half a minute.
const PACE: u32 = 120;

/// How long to wait after so many tries, of something that is so old. The seed spreads those that
/// failed together, by a fifth to each side.
pub(super) fn delay(tries: u32, age: Duration, seed: u64) -> Duration {
    let ceiling = ceiling(age);
    let doubled = FIRST * 2_u32.pow(tries.saturating_sub(1).min(16));
    let permille = u32::try_from(mix(seed) % 401).unwrap_or_default() + 800;
    let jittered = doubled.min(ceiling * 5 / 6) * permille / 1000;
    jittered.min(ceiling)
}

/// The longest wait at that age: it grows from the end of the first hour on, without a jump.
pub(super) fn ceiling(age: Duration) -> Duration {
    (age / PACE).clamp(SOON, LATE)
}

/// How old something is; nothing is younger than new, whatever a clock was set to.
pub(super) fn age(created_at: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(created_at)).unwrap_or_default()
}

/// Makes any number look random (`SplitMix64`).
pub(super) fn mix(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    proptest! {
        #[test]
        fn within_the_first_hour_no_wait_is_over_30_seconds(
            tries in 1_u32.., seconds in 0_u64..=3600, seed: u64
        ) {
            prop_assert!(delay(tries, Duration::from_secs(seconds), seed) <= SOON);
        }

        #[test]
        fn no_wait_is_over_ten_minutes_or_under_four_fifths_of_a_second(
            tries: u32, seconds in 0_u64..1_000_000_000, seed: u64
        ) {
            let wait = delay(tries, Duration::from_secs(seconds), seed);
            prop_assert!((FIRST * 4 / 5..=LATE).contains(&wait), "{wait:?}");
        }

        #[test]
        fn a_wait_is_twice_the_one_before_but_for_a_fifth_to_each_side(
            tries in 1_u32..=5, seed: u64
        ) {
            let plain = FIRST * 2_u32.pow(tries - 1);
            let wait = delay(tries, Duration::ZERO, seed);
            prop_assert!((plain * 4 / 5..=plain * 6 / 5).contains(&wait), "{wait:?}");
        }

        #[test]
        fn patience_never_shrinks_with_age(younger in 0_u64..1_000_000, more in 0_u64..1_000_000) {
            let older = Duration::from_secs(younger + more);
            prop_assert!(ceiling(Duration::from_secs(younger)) <= ceiling(older));
        }
    }

    #[test]
    fn an_old_notice_waits_up_to_ten_minutes() {
        let longest = (0..1000).map(|seed| delay(40, HOUR * 48, seed)).max();
        assert!(longest > Some(LATE * 9 / 10), "{longest:?}");
    }

    #[test]
    fn those_that_failed_together_come_back_apart() {
        let waits: std::collections::BTreeSet<_> = (0..100)
            .map(|seed| delay(5, Duration::ZERO, seed))
            .collect();
        assert!(waits.len() > 50, "{waits:?}");
    }

    #[test]
    fn a_notice_from_the_future_is_new() {
        let second = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(age(second(100), second(50)), Duration::ZERO);
        assert_eq!(age(second(100), second(160)), Duration::from_mins(1));
    }
}
