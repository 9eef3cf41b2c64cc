//! The guard of one account: a rejected password is not shown again and again.
//!
//! Servers lock an account after a handful of failures, so no more than four rejections in a
//! quarter of an hour are risked, those counted that are still on their way. A password that was just
//! accepted is known to be right, and is shown to many endpoints at once.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Rejections that are risked within [`WINDOW`].
const MOST_REJECTIONS: usize = 4;

/// How many may be under way at once while the last word on the password was that it is right.
const MOST_TRUSTED: usize = 64;

/// After this long a rejection counts no more; also the time between probes while it is counted out.
const WINDOW: Duration = Duration::from_mins(15);

/// Whether a credential may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// Yes; what became of it must be told.
    Go,
    /// Not before one of those on their way has come back.
    Wait,
    /// Not before this instant.
    Held {
        /// When it may be shown once more.
        until: Instant,
    },
}

/// Counts what became of one account's password over all endpoints that it opens.
#[derive(Debug, Default)]
pub struct Guard {
    under_way: usize,
    rejections: VecDeque<Instant>,
    /// As many were rejected as are risked, and none was accepted since.
    counted_out: bool,
    /// The last word on the password was that it is right.
    trusted: bool,
    /// Names the bytes that were rejected.
    fingerprint: Option<[u8; 32]>,
}

impl Guard {
    /// After this long a rejection counts no more; also the time between probes while the password
    /// is counted out.
    pub const WINDOW: Duration = WINDOW;

    /// Asks to show the password now. After [`Leave::Go`] an outcome must be told.
    pub fn ask(&mut self, now: Instant) -> Leave {
        if let Some(until) = self.held_until().filter(|until| now < *until) {
            return Leave::Held { until };
        }
        self.rejections
            .retain(|at| now.saturating_duration_since(*at) < WINDOW);
        let most = match (self.counted_out, self.trusted) {
            (true, _) => 1,
            (false, true) => MOST_TRUSTED,
            (false, false) => MOST_REJECTIONS,
        };
        if self.rejections.len() + self.under_way < most {
            self.under_way += 1;
            return Leave::Go;
        }
        Leave::Wait
    }

    /// A former run counted the password out, and was not to show it for this long.
    pub fn resume(&mut self, left: Duration, now: Instant) {
        let known = self.rejections.back().copied();
        let last = now.checked_sub(WINDOW.saturating_sub(left));
        if let Some(last) = last.filter(|last| known < Some(*last)) {
            self.rejections.push_back(last);
            self.counted_out = true;
        }
    }

    /// A former run saw the password rejected so long ago. How often is not known, so that one more
    /// rejection counts it out: a daemon that starts again and again is no way round the guard.
    pub fn recall(&mut self, ago: Duration, now: Instant) {
        let Some(at) = now.checked_sub(ago).filter(|_| ago < WINDOW) else {
            return;
        };
        if self.rejections.back().is_none_or(|known| *known < at) && !self.counted_out {
            self.rejections = [at; MOST_REJECTIONS - 1].into();
        }
    }

    /// The secret has these bytes now: others than those that were rejected are shown again.
    ///
    /// Which ones a former run showed is not known; they are taken to be the first that are seen.
    pub fn renew(&mut self, fingerprint: Option<[u8; 32]>) {
        if self.counted_out && self.fingerprint.is_none() {
            self.fingerprint = fingerprint;
        }
        if let (Some(rejected), Some(now)) = (self.fingerprint, fingerprint)
            && rejected != now
        {
            self.forgive();
        }
    }

    /// The password was accepted: all is forgiven, as it is on servers that count.
    ///
    /// Says whether that was news, so that all who wait may ask again.
    pub fn accepted(&mut self) -> bool {
        self.under_way = self.under_way.saturating_sub(1);
        self.forgive();
        !std::mem::replace(&mut self.trusted, true)
    }

    /// The password was rejected: of these bytes, or of ones that are not the account's own.
    pub fn rejected(&mut self, fingerprint: Option<[u8; 32]>, now: Instant) {
        self.under_way = self.under_way.saturating_sub(1);
        if fingerprint.is_some() {
            self.renew(fingerprint);
            self.fingerprint = fingerprint;
        }
        self.trusted = false;
        self.rejections.push_back(now);
        self.counted_out |= self.rejections.len() >= MOST_REJECTIONS;
    }

    /// Until when the password is not shown, where it is counted out; that may be in the past.
    pub fn held_until(&self) -> Option<Instant> {
        let last = self.rejections.back().filter(|_| self.counted_out)?;
        Some(*last + WINDOW)
    }

    fn forgive(&mut self) {
        self.rejections.clear();
        self.counted_out = false;
    }

    /// Neither: no answer came, or one that says nothing of the password.
    pub fn undecided(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::disallowed_methods, reason = "any instant will do")]
    fn start() -> Instant {
        Instant::now()
    }

    #[test]
    fn four_rejections_are_risked_and_no_fifth() {
        let (mut guard, now) = (Guard::default(), start());
        for _ in 0..4 {
            assert_eq!(guard.ask(now), Leave::Go);
            guard.rejected(None, now);
        }
        assert_eq!(
            guard.ask(now),
            Leave::Held {
                until: now + WINDOW
            }
        );
    }

    #[test]
    fn those_on_their_way_count_as_rejections_to_be() {
        let (mut guard, now) = (Guard::default(), start());
        assert_eq!(
            [(); 5].map(|()| guard.ask(now))[3..],
            [Leave::Go, Leave::Wait]
        );
        guard.accepted();
        assert_eq!(guard.ask(now), Leave::Go);
    }

    #[test]
    fn more_are_under_way_while_the_password_is_known_to_be_right() {
        let (mut guard, now) = (Guard::default(), start());
        guard.ask(now);
        guard.accepted();
        assert!((0..64).all(|_| guard.ask(now) == Leave::Go));
        assert_eq!(guard.ask(now), Leave::Wait);
        guard.rejected(None, now);
        assert_eq!(guard.ask(now), Leave::Wait);
    }

    #[test]
    fn once_counted_out_a_password_is_shown_once_in_fifteen_minutes() {
        let (mut guard, mut now) = (Guard::default(), start());
        for _ in 0..4 {
            guard.ask(now);
            guard.rejected(None, now);
        }
        for _ in 0..3 {
            now += WINDOW;
            assert_eq!(guard.ask(now), Leave::Go);
            assert_eq!(guard.ask(now), Leave::Wait);
            guard.rejected(None, now);
            assert_eq!(
                guard.ask(now),
                Leave::Held {
                    until: now + WINDOW
                }
            );
        }
    }

    #[test]
    fn an_acceptance_forgives_and_other_bytes_are_counted_anew() {
        let (mut guard, now) = (Guard::default(), start());
        for _ in 0..3 {
            guard.ask(now);
            guard.rejected(Some([1; 32]), now);
        }
        guard.ask(now);
        guard.rejected(Some([2; 32]), now);
        assert_eq!(guard.ask(now), Leave::Go);
        guard.accepted();
        assert_eq!([(); 4].map(|()| guard.ask(now)), [Leave::Go; 4]);
    }

    #[test]
    fn a_wrong_password_counts_and_is_no_rotation() {
        let (mut guard, now) = (Guard::default(), start());
        for fingerprint in [Some([1; 32]), None, Some([1; 32]), None] {
            assert_eq!(guard.ask(now), Leave::Go);
            guard.rejected(fingerprint, now);
        }
        guard.renew(Some([1; 32]));
        assert_eq!(
            guard.ask(now),
            Leave::Held {
                until: now + WINDOW
            }
        );
        guard.renew(Some([2; 32]));
        assert_eq!(guard.ask(now), Leave::Go);
    }

    #[test]
    fn a_hold_of_a_former_run_ends_with_its_time_or_with_other_bytes() {
        let (mut guard, now) = (Guard::default(), start());
        let until = now + WINDOW / 3;
        guard.resume(WINDOW / 3, now);
        guard.resume(Duration::ZERO, now);
        assert_eq!(guard.ask(now), Leave::Held { until });
        guard.renew(Some([1; 32]));
        assert_eq!(guard.ask(now), Leave::Held { until });
        guard.renew(Some([2; 32]));
        assert_eq!(guard.ask(now), Leave::Go);
        let mut guard = Guard::default();
        guard.resume(WINDOW / 3, now);
        assert_eq!(guard.ask(until), Leave::Go);
        assert_eq!(guard.ask(until), Leave::Wait);
        let mut guard = Guard::default();
        guard.resume(Duration::MAX, now);
        let until = now + WINDOW;
        assert_eq!(guard.ask(now), Leave::Held { until });
    }

    #[test]
    fn after_a_rejection_in_a_former_run_one_more_is_risked() {
        let (mut guard, now) = (Guard::default(), start());
        guard.recall(WINDOW / 3, now);
        guard.recall(WINDOW / 3, now);
        assert_eq!([guard.ask(now), guard.ask(now)], [Leave::Go, Leave::Wait]);
        guard.rejected(Some([1; 32]), now);
        let until = now + WINDOW;
        assert_eq!(guard.ask(now), Leave::Held { until });
        let mut guard = Guard::default();
        guard.recall(WINDOW, now);
        assert!((0..4).all(|_| guard.ask(now) == Leave::Go));
    }

    #[test]
    fn silence_costs_nothing() {
        let (mut guard, now) = (Guard::default(), start());
        for _ in 0..20 {
            assert_eq!(guard.ask(now), Leave::Go);
            guard.undecided();
        }
    }
}
