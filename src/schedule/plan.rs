//! When a check's next turn is: a pure function of its place, its last probe and the time.
//!
//! A [`Rhythm`] divides time, from one epoch on, into turns of one cadence, and gives each check a
//! place within the turn. Places come from a hash of the origin that is the same at every start, and
//! from a sequence that keeps the checks of one origin apart however many there are.

use std::hash::Hasher;
use std::time::{Duration, Instant};

use crate::domain::endpoint::Origin;

/// Each check that is placed anew makes the first pass this much longer.
const FIRST_PASS_STEP: Duration = Duration::from_millis(20);

/// The shortest first pass.
const FIRST_PASS: Duration = Duration::from_secs(1);

/// The golden ratio's fraction of a whole turn: its multiples fill a turn evenly, however many.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// A place within a turn, in parts of 2⁶⁴.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Phase(u64);

impl Phase {
    /// Where the checks of one cadence at an origin start: the same at every start of the program.
    pub(super) fn base(origin: &Origin, cadence: Duration) -> Self {
        let mut hash = Fnv::default();
        hash.write(origin.scheme.as_bytes());
        hash.write(b"://");
        hash.write(origin.host.as_bytes());
        hash.write(&origin.port.to_be_bytes());
        hash.write(&cadence.as_nanos().to_be_bytes());
        Self(hash.finish())
    }

    /// The place across.
    pub(super) fn opposite(self) -> Self {
        Self(self.0.wrapping_add(1 << 63))
    }

    /// The place of the check with this number: the first ones of any length lie near evenly.
    pub(super) fn spread(self, number: u64) -> Self {
        Self(self.0.wrapping_add(GOLDEN.wrapping_mul(number)))
    }

    /// One of `slots` places of the same width.
    pub(super) fn slot(self, slot: u64, slots: u64) -> Self {
        let width = u64::MAX / slots.max(1);
        Self(self.0.wrapping_add(width.wrapping_mul(slot)))
    }

    /// Which of `slots` places of the same width the check with this number would like to have.
    pub(super) fn wanted_slot(number: u64, slots: u64) -> u64 {
        part(u128::from(slots), GOLDEN.wrapping_mul(number))
    }

    fn of(self, whole: Duration) -> Duration {
        Duration::from_nanos(part(whole.as_nanos(), self.0))
    }
}

/// A fraction, in parts of 2⁶⁴, of a number.
fn part(whole: u128, fraction: u64) -> u64 {
    let whole = whole.min(u128::from(u64::MAX));
    u64::try_from((whole * u128::from(fraction)) >> 64).unwrap_or(u64::MAX)
}

/// The turns of one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rhythm {
    /// From when on turns are counted.
    pub(super) epoch: Instant,
    /// The length of a turn.
    pub(super) cadence: Duration,
    /// The place within it.
    pub(super) phase: Phase,
    /// What the next turn is counted from.
    pub(super) pace: Pace,
}

/// What the next turn of a check is counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// From the check's place: a late probe does not move those after it.
    Place,
    /// From the last probe: what shows a credential to be refused is never shown sooner than a
    /// whole cadence later, because servers count.
    Probe,
}

impl Rhythm {
    /// The first turn after a start or a change: within the first pass, and never so that the turn
    /// after it comes sooner than the pass is long.
    ///
    /// A place within the pass is kept as it is, all other places are drawn together into it.
    pub(super) fn first(&self, pass: Duration, now: Instant) -> Instant {
        let own = self.place_after(now) - now;
        let rest = self.cadence.saturating_sub(pass);
        if own <= pass || rest.is_zero() {
            return now + own;
        }
        now + scaled(own.saturating_sub(pass), pass, rest)
    }

    /// The turn after one that was probed.
    pub(super) fn next(&self, turn: Instant, started: Instant) -> Instant {
        match self.pace {
            Pace::Place => self.place_after(turn),
            Pace::Probe => self.rested(started),
        }
    }

    /// The turn after one that was not probed.
    pub(super) fn following(&self, turn: Instant) -> Instant {
        match self.pace {
            Pace::Place => self.place_after(turn),
            Pace::Probe => later(turn, self.cadence),
        }
    }

    /// The last turn that has come, and how many passed before it, the given one among them.
    pub(super) fn latest(&self, turn: Instant, now: Instant) -> (Instant, u64) {
        let following = self.following(turn);
        let Some(since) = now.checked_duration_since(following) else {
            return (turn, 0);
        };
        let passed = since.as_nanos() / self.cadence.as_nanos().max(1);
        let whole = since.saturating_sub(remainder(since, self.cadence));
        (
            later(following, whole),
            u64::try_from(passed).map_or(u64::MAX, |passed| passed.saturating_add(1)),
        )
    }

    /// A whole cadence after a probe, and up to a quarter more where that brings the check nearer to
    /// its place. One that is little late stays so, rather than to go all the way round.
    fn rested(&self, started: Instant) -> Instant {
        let rested = later(started, self.cadence);
        let ahead = self.place_after(rested) - rested;
        let behind = self.cadence.saturating_sub(ahead);
        if behind <= self.cadence / 8 {
            return rested;
        }
        rested + ahead.min(self.cadence / 4)
    }

    /// The check's place in the first turn that has it after an instant.
    fn place_after(&self, after: Instant) -> Instant {
        let origin = self.epoch + self.phase.of(self.cadence);
        let since = after.saturating_duration_since(origin);
        let until = origin.saturating_duration_since(after);
        let wait = match remainder(until, self.cadence) {
            Duration::ZERO => self.cadence.saturating_sub(remainder(since, self.cadence)),
            wait => wait,
        };
        later(after, wait)
    }
}

/// How long the first pass over so many checks takes: soon, but no burst.
pub(super) fn first_pass(checks: usize, cadence: Duration) -> Duration {
    let checks = u32::try_from(checks).unwrap_or(u32::MAX);
    let pass = FIRST_PASS_STEP.saturating_mul(checks).max(FIRST_PASS);
    if pass >= cadence / 2 { cadence } else { pass }
}

/// `of` × `numerator` ÷ `denominator`.
pub(super) fn scaled(of: Duration, numerator: Duration, denominator: Duration) -> Duration {
    let product = of.as_nanos().saturating_mul(numerator.as_nanos());
    let scaled = product / denominator.as_nanos().max(1);
    Duration::from_nanos(u64::try_from(scaled).unwrap_or(u64::MAX))
}

/// An instant that is later by a span, or itself where no instant is so late.
pub(super) fn later(instant: Instant, by: Duration) -> Instant {
    instant.checked_add(by).unwrap_or(instant)
}

fn remainder(of: Duration, cadence: Duration) -> Duration {
    let rest = of.as_nanos() % cadence.as_nanos().max(1);
    Duration::from_nanos(u64::try_from(rest).unwrap_or(u64::MAX))
}

/// FNV-1a, mixed once more at the end, because it leaves the high bits of short keys alike.
#[derive(Debug)]
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }

    fn finish(&self) -> u64 {
        let mixed = (self.0 ^ (self.0 >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
        let mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xC4CE_B9FE_1A85_EC53);
        mixed ^ (mixed >> 33)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// A turn of a hundred seconds, with the place forty seconds into it.
    fn rhythm(pace: Pace) -> Rhythm {
        #[expect(clippy::disallowed_methods, reason = "any instant will do")]
        let epoch = Instant::now();
        Rhythm {
            epoch,
            cadence: SECOND * 100,
            phase: Phase(0).slot(2, 5),
            pace,
        }
    }

    /// Whole seconds after the epoch, rounded: a place is cut off at a nanosecond.
    fn seconds(rhythm: &Rhythm, at: Instant) -> u64 {
        (at + SECOND / 2 - rhythm.epoch).as_secs()
    }

    #[test]
    fn a_turn_is_at_the_place_however_late_the_one_before_was() {
        let rhythm = rhythm(Pace::Place);
        let next = |turn| rhythm.next(rhythm.epoch + SECOND * turn, rhythm.epoch + SECOND * 139);
        let nexts = [0, 39, 41, 139, 141].map(|turn| seconds(&rhythm, next(turn)));
        assert_eq!(nexts, [40, 40, 140, 140, 240]);
    }

    #[test]
    fn rest_is_a_cadence_and_a_quarter_more_where_that_leads_to_the_place() {
        let rhythm = rhythm(Pace::Probe);
        let next = |started| rhythm.next(rhythm.epoch, rhythm.epoch + SECOND * started);
        let rested = [39, 41, 52, 60, 90, 130].map(|started| seconds(&rhythm, next(started)));
        // At the place; little late; little late; far; far; near.
        assert_eq!(rested, [140, 141, 152, 185, 215, 240]);
    }

    #[test]
    fn turns_that_passed_are_counted_and_the_last_one_is_found() {
        let rhythm = rhythm(Pace::Place);
        let first = rhythm.following(rhythm.epoch);
        let latest = |after| {
            let (turn, passed) = rhythm.latest(first, first + SECOND * after);
            (seconds(&rhythm, turn), passed)
        };
        assert_eq!(
            [0, 99, 100, 350].map(latest),
            [(40, 0), (40, 0), (140, 1), (340, 3)]
        );
    }

    #[test]
    fn a_first_turn_is_within_the_pass_and_at_least_a_pass_before_the_second() {
        for slot in 0..50 {
            let rhythm = Rhythm {
                phase: Phase(0).slot(slot, 50),
                ..rhythm(Pace::Place)
            };
            let first = rhythm.first(SECOND * 10, rhythm.epoch);
            let gap = rhythm.following(first) - first;
            assert!(first - rhythm.epoch <= SECOND * 10, "{slot}");
            assert!(
                (SECOND * 9..=SECOND * 100).contains(&gap),
                "{slot}: {gap:?}"
            );
        }
    }

    #[test]
    fn a_pass_is_soon_and_no_burst() {
        let passes = [1, 500, 2000, 30_000].map(|checks| first_pass(checks, SECOND * 60));
        assert_eq!(passes, [1, 10, 60, 60].map(|seconds| SECOND * seconds));
    }

    #[test]
    fn hosts_with_like_names_have_places_that_are_not_alike() {
        let base = |number: u32| {
            let origin = Origin {
                scheme: "https".into(),
                host: format!("host-{number}"),
                port: 443,
            };
            Phase::base(&origin, SECOND).0 >> 60
        };
        let mut counts = [0; 16];
        for number in 0..1600 {
            counts[usize::try_from(base(number)).unwrap()] += 1;
        }
        assert!(
            counts.iter().all(|count| (60..=140).contains(count)),
            "{counts:?}"
        );
    }
}
