//! The guard of one account: a rejected password is not shown again and again.
//!
//! Servers lock an account after a handful of failures, so no more than four rejections in a
//! quarter of an hour are risked, those counted that are still on their way. Bytes that were just
//! accepted are known to be right, and are shown to many endpoints at once; other bytes are not. They
//! may have gone bad since, and many servers are slow to refuse: while some are out for longer than
//! usual, no more go.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Rejections that are risked within [`WINDOW`].
const MOST_REJECTIONS: usize = 4;

/// How many may be under way at once while the last word on the password was that it is right.
const MOST_TRUSTED: usize = 64;

/// How many of these may be out for longer than is usual.
const MOST_SLOW: usize = 3;

/// Whoever is back within this long is never slow.
const PATIENCE: Duration = Duration::from_millis(250);

/// After this long a rejection counts no more; also the time between probes while it is counted out.
const WINDOW: Duration = Duration::from_mins(15);

/// Names the bytes of a secret.
type Fingerprint = [u8; 32];

/// Whether a credential may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// Yes; what became of it must be told.
    Go(Footing),
    /// Not before one of those on their way has come back.
    Wait,
    /// Not before this instant.
    Held {
        /// When it may be shown once more.
        until: Instant,
    },
}

/// What is known of bytes that may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Footing {
    /// They were accepted last.
    Known,
    /// They may be rejected.
    Risked,
}

/// What is counted of an account: all that another run needs to go on from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Rejections, the oldest first; also those on their way that may become one.
    pub rejections: Vec<Instant>,
    /// As many were rejected as are risked, and none was accepted since.
    pub is_counted_out: bool,
}

/// Counts what became of one account's password over all endpoints that it opens.
#[derive(Debug, Default)]
pub struct Guard {
    /// When those on their way set out whose bytes were accepted last.
    known: VecDeque<Instant>,
    /// How long one of them takes that is not rejected.
    usual: Duration,
    /// When the others on their way set out.
    risked: VecDeque<Instant>,
    rejections: VecDeque<Instant>,
    /// As many were rejected as are risked, and none was accepted since.
    counted_out: bool,
    /// Names the bytes that were accepted, where that is the last word on the password.
    accepted: Option<Fingerprint>,
    /// Names the bytes that were rejected.
    rejected: Option<Fingerprint>,
}

impl Guard {
    /// Asks to show these bytes now; ones that are wrong on purpose have no name. They may be shown
    /// as often as `times` before the outcome is known. After [`Leave::Go`] it must be told.
    pub fn ask(&mut self, fingerprint: Option<Fingerprint>, times: usize, now: Instant) -> Leave {
        if let Some(until) = self.held_until().filter(|until| now < *until) {
            return Leave::Held { until };
        }
        self.rejections
            .retain(|at| now.saturating_duration_since(*at) < WINDOW);
        if fingerprint.is_some() && self.accepted == fingerprint {
            let may = self.known.len() + self.risked.len() < MOST_TRUSTED;
            if !may || self.slow(now) >= MOST_SLOW {
                return Leave::Wait;
            }
            self.known.push_back(now);
            return Leave::Go(Footing::Known);
        }
        let most = if self.counted_out { 1 } else { MOST_REJECTIONS };
        // While the last word is that a password is right, it is so on its way too.
        let doubtful = if self.accepted.is_some() {
            0
        } else {
            self.known.len()
        };
        if self.rejections.len() + self.risked.len() * times.max(1) + doubtful < most {
            self.risked.push_back(now);
            return Leave::Go(Footing::Risked);
        }
        Leave::Wait
    }

    /// Goes on from what a former run counted.
    pub fn resume(&mut self, count: Count, now: Instant) {
        let recent = |at: &Instant| now.saturating_duration_since(*at) < WINDOW;
        let mut all: Vec<Instant> = count.rejections;
        self.counted_out |=
            count.is_counted_out || all.iter().filter(|at| recent(at)).count() >= MOST_REJECTIONS;
        // Where it is counted out, the last one says since when, however long ago.
        let last = all.pop();
        all.retain(recent);
        all.extend(last.filter(|at| recent(at) || self.counted_out));
        all.extend(self.rejections.drain(..));
        all.sort_unstable();
        self.rejections = all.into();
    }

    /// What is counted now.
    pub fn count(&self, now: Instant) -> Count {
        let recent = |at: &&Instant| now.saturating_duration_since(**at) < WINDOW;
        let mut rejections: Vec<Instant> = self.rejections.iter().filter(recent).copied().collect();
        if rejections.is_empty() && self.counted_out {
            rejections.extend(self.rejections.back());
        }
        rejections.extend(&self.risked);
        rejections.sort_unstable();
        Count {
            rejections,
            is_counted_out: self.counted_out,
        }
    }

    /// The secret has these bytes now: others than those that were rejected are shown again.
    ///
    /// Which ones a former run showed is not known; they are taken to be the first that are seen.
    pub fn renew(&mut self, fingerprint: Option<Fingerprint>) {
        if self.counted_out && self.rejected.is_none() {
            self.rejected = fingerprint;
        }
        if let (Some(rejected), Some(now)) = (self.rejected, fingerprint)
            && rejected != now
        {
            self.forgive();
        }
    }

    /// The password was accepted: all is forgiven, as it is on servers that count.
    ///
    /// Says whether that was news, so that all who wait may ask again.
    pub fn accepted(
        &mut self,
        footing: Footing,
        fingerprint: Option<Fingerprint>,
        now: Instant,
    ) -> bool {
        self.is_usual(footing, now);
        self.forgive();
        std::mem::replace(&mut self.accepted, fingerprint) != fingerprint
    }

    /// The password was rejected: of these bytes, or of ones that are not the account's own.
    pub fn rejected(&mut self, footing: Footing, fingerprint: Option<Fingerprint>, now: Instant) {
        let _took = self.returned(footing);
        if fingerprint.is_some() {
            self.renew(fingerprint);
            self.rejected = fingerprint;
        }
        self.accepted = None;
        self.rejections.push_back(now);
        self.counted_out |= self.rejections.len() >= MOST_REJECTIONS;
    }

    /// Neither: no answer came, or one that says nothing of the password.
    pub fn undecided(&mut self, footing: Footing, now: Instant) {
        self.is_usual(footing, now);
    }

    /// It was not even sent, or it is right and nobody waited for the answer.
    pub fn dropped(&mut self, footing: Footing) {
        let _took = self.returned(footing);
    }

    /// The same bytes were rejected once more on the same way.
    pub fn rejected_again(&mut self, now: Instant) {
        self.rejections.push_back(now);
        self.counted_out |= self.rejections.len() >= MOST_REJECTIONS;
    }

    /// Until when the password is not shown, where it is counted out; that may be in the past.
    pub fn held_until(&self) -> Option<Instant> {
        let last = self.rejections.back().filter(|_| self.counted_out)?;
        Some(*last + WINDOW)
    }

    /// How many are out for longer than is usual.
    fn slow(&self, now: Instant) -> usize {
        let patience = (self.usual * 2).max(PATIENCE);
        let is_slow = |out: &&Instant| now.saturating_duration_since(**out) > patience;
        self.known.iter().filter(is_slow).count()
    }

    /// One has come back that was not rejected: how long it took is how long they take.
    fn is_usual(&mut self, footing: Footing, now: Instant) {
        if let Some(out) = self.returned(footing) {
            let took = now.saturating_duration_since(out);
            self.usual = took.max(self.usual * 7 / 8);
        }
    }

    /// When the one set out that has come back. Which it is, is not known: it is taken to be the
    /// oldest.
    fn returned(&mut self, footing: Footing) -> Option<Instant> {
        match footing {
            Footing::Known => self.known.pop_front(),
            Footing::Risked => self.risked.pop_front(),
        }
    }

    fn forgive(&mut self) {
        self.rejections.clear();
        self.counted_out = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GO: Leave = Leave::Go(Footing::Risked);

    #[expect(clippy::disallowed_methods, reason = "any instant will do")]
    fn start() -> Instant {
        Instant::now()
    }

    #[test]
    fn four_rejections_are_risked_and_no_fifth() {
        let (mut guard, now) = (Guard::default(), start());
        for _ in 0..4 {
            assert_eq!(guard.ask(None, 1, now), GO);
            guard.rejected(Footing::Risked, None, now);
        }
        assert_eq!(
            guard.ask(None, 1, now),
            Leave::Held {
                until: now + WINDOW
            }
        );
    }

    #[test]
    fn those_on_their_way_count_as_rejections_to_be() {
        let (mut guard, now) = (Guard::default(), start());
        assert_eq!(
            [(); 5].map(|()| guard.ask(None, 1, now))[3..],
            [GO, Leave::Wait]
        );
        guard.accepted(Footing::Risked, Some([1; 32]), now);
        assert_eq!(guard.ask(None, 1, now), GO);
    }

    #[test]
    fn more_are_under_way_while_the_password_is_known_to_be_right() {
        let (right, known) = (Some([1; 32]), Leave::Go(Footing::Known));
        let (mut guard, now) = (Guard::default(), start());
        guard.ask(right, 1, now);
        guard.accepted(Footing::Risked, right, now);
        assert!((0..64).all(|_| guard.ask(right, 1, now) == known));
        assert_eq!(guard.ask(right, 1, now), Leave::Wait);
        guard.rejected(Footing::Known, right, now);
        assert_eq!(guard.ask(right, 1, now), Leave::Wait);
    }

    #[test]
    fn other_bytes_than_those_accepted_are_no_better_known_than_any() {
        let (mut guard, now) = (Guard::default(), start());
        guard.ask(Some([1; 32]), 1, now);
        guard.accepted(Footing::Risked, Some([1; 32]), now);
        let asked = [(); 5].map(|()| guard.ask(Some([2; 32]), 1, now));
        assert_eq!(asked, [GO, GO, GO, GO, Leave::Wait]);
    }

    #[test]
    fn those_that_were_known_are_in_doubt_once_one_was_rejected() {
        let (mut guard, now) = (Guard::default(), start());
        guard.ask(Some([1; 32]), 1, now);
        guard.accepted(Footing::Risked, Some([1; 32]), now);
        for _ in 0..4 {
            guard.ask(Some([1; 32]), 1, now);
        }
        guard.rejected(Footing::Known, Some([1; 32]), now);
        assert_eq!(guard.ask(Some([1; 32]), 1, now), Leave::Wait);
    }

    #[test]
    fn once_counted_out_a_password_is_shown_once_in_fifteen_minutes() {
        let (mut guard, mut now) = (Guard::default(), start());
        for _ in 0..4 {
            guard.ask(None, 1, now);
            guard.rejected(Footing::Risked, None, now);
        }
        for _ in 0..3 {
            now += WINDOW;
            assert_eq!(guard.ask(None, 1, now), GO);
            assert_eq!(guard.ask(None, 1, now), Leave::Wait);
            guard.rejected(Footing::Risked, None, now);
            assert_eq!(
                guard.ask(None, 1, now),
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
            guard.ask(None, 1, now);
            guard.rejected(Footing::Risked, Some([1; 32]), now);
        }
        guard.ask(None, 1, now);
        guard.rejected(Footing::Risked, Some([2; 32]), now);
        assert_eq!(guard.ask(None, 1, now), GO);
        guard.accepted(Footing::Risked, Some([1; 32]), now);
        assert_eq!([(); 4].map(|()| guard.ask(None, 1, now)), [GO; 4]);
    }

    #[test]
    fn a_wrong_password_counts_and_is_no_rotation() {
        let (mut guard, now) = (Guard::default(), start());
        for fingerprint in [Some([1; 32]), None, Some([1; 32]), None] {
            assert_eq!(guard.ask(None, 1, now), GO);
            guard.rejected(Footing::Risked, fingerprint, now);
        }
        guard.renew(Some([1; 32]));
        assert_eq!(
            guard.ask(None, 1, now),
            Leave::Held {
                until: now + WINDOW
            }
        );
        guard.renew(Some([2; 32]));
        assert_eq!(guard.ask(None, 1, now), GO);
    }

    fn rejected_before(now: Instant, ago: &[Duration]) -> Count {
        Count {
            rejections: ago
                .iter()
                .map(|ago| now.checked_sub(*ago).unwrap())
                .collect(),
            is_counted_out: ago.len() >= MOST_REJECTIONS,
        }
    }

    #[test]
    fn a_hold_of_a_former_run_ends_with_its_time_or_with_other_bytes() {
        let now = start() + WINDOW * 4;
        let held = || {
            let mut guard = Guard::default();
            guard.resume(rejected_before(now, &[WINDOW * 2 / 3; 4]), now);
            guard
        };
        let until = now + WINDOW / 3;
        let mut guard = held();
        assert_eq!(guard.ask(None, 1, now), Leave::Held { until });
        guard.renew(Some([1; 32]));
        assert_eq!(guard.ask(None, 1, now), Leave::Held { until });
        guard.renew(Some([2; 32]));
        assert_eq!(guard.ask(None, 1, now), GO);
        let mut guard = held();
        assert_eq!(
            [(); 2].map(|()| guard.ask(None, 1, until)),
            [GO, Leave::Wait]
        );
    }

    #[test]
    fn a_password_counted_out_long_before_a_restart_is_still_shown_once_only() {
        let now = start() + WINDOW * 4;
        let mut guard = Guard::default();
        guard.resume(rejected_before(now, &[WINDOW * 3; 4]), now);
        assert_eq!([(); 2].map(|()| guard.ask(None, 1, now)), [GO, Leave::Wait]);
        guard.rejected(Footing::Risked, None, now);
        let until = now + WINDOW;
        assert_eq!(guard.ask(None, 1, now), Leave::Held { until });
    }

    #[test]
    fn rejections_of_a_former_run_count_for_as_long_as_any() {
        let now = start() + WINDOW * 4;
        let mut guard = Guard::default();
        guard.resume(rejected_before(now, &[WINDOW, WINDOW / 2, WINDOW / 3]), now);
        assert_eq!(
            [(); 3].map(|()| guard.ask(None, 1, now)),
            [GO, GO, Leave::Wait]
        );
    }

    #[test]
    fn what_is_on_its_way_when_a_run_ends_counts_as_rejected_in_the_next() {
        let now = start();
        let mut guard = Guard::default();
        for _ in 0..4 {
            guard.ask(None, 1, now);
        }
        guard.rejected(Footing::Risked, None, now);
        let count = guard.count(now);
        let mut next = Guard::default();
        next.resume(count, now);
        let until = now + WINDOW;
        assert_eq!(next.ask(None, 1, now), Leave::Held { until });
    }

    #[test]
    fn nothing_is_counted_after_an_acceptance() {
        let (mut guard, now) = (Guard::default(), start());
        for _ in 0..3 {
            guard.ask(None, 1, now);
            guard.rejected(Footing::Risked, None, now);
        }
        guard.ask(None, 1, now);
        guard.accepted(Footing::Risked, Some([1; 32]), now);
        assert_eq!(guard.count(now), Count::default());
    }

    #[test]
    fn silence_costs_nothing() {
        let (mut guard, now) = (Guard::default(), start());
        for _ in 0..20 {
            assert_eq!(guard.ask(None, 1, now), GO);
            guard.undecided(Footing::Risked, now);
        }
    }

    #[test]
    fn what_may_be_shown_twice_goes_out_by_half_as_many() {
        let (mut guard, now) = (Guard::default(), start());
        let asked = [(); 3].map(|()| guard.ask(None, 2, now));
        assert_eq!(asked, [GO, GO, Leave::Wait]);
        for _ in 0..2 {
            guard.rejected(Footing::Risked, None, now);
            guard.rejected_again(now);
        }
        let until = now + WINDOW;
        assert_eq!(guard.ask(None, 2, now), Leave::Held { until });
    }

    /// A guard that knows the password to be right, by one that took so long.
    fn trusting(took: Duration, now: Instant) -> Guard {
        let mut guard = Guard::default();
        guard.ask(Some([1; 32]), 1, now);
        guard.accepted(Footing::Risked, Some([1; 32]), now + took);
        guard
    }

    #[test]
    fn no_more_go_while_three_are_out_for_longer_than_is_usual() {
        let (right, now) = (Some([1; 32]), start());
        let mut guard = trusting(Duration::from_millis(5), now);
        let mut gone = 0;
        for at in 0..50 {
            let at = now + Duration::from_millis(200) * at;
            gone += usize::from(guard.ask(right, 1, at) != Leave::Wait);
        }
        assert_eq!(gone, 4);
    }

    #[test]
    fn a_server_that_takes_its_time_is_not_slow() {
        let (right, now) = (Some([1; 32]), start());
        let mut guard = trusting(Duration::from_secs(3), now);
        for at in 0..50 {
            let at = now + Duration::from_millis(100) * at;
            assert_eq!(guard.ask(right, 1, at), Leave::Go(Footing::Known));
        }
    }

    #[test]
    fn where_nothing_is_answered_all_go_on_after_the_first() {
        let (right, mut now) = (Some([1; 32]), start());
        let mut guard = trusting(Duration::from_millis(5), now);
        for _ in 0..3 {
            guard.ask(right, 1, now);
        }
        now += Duration::from_secs(10);
        assert_eq!(guard.ask(right, 1, now), Leave::Wait);
        guard.undecided(Footing::Known, now);
        assert_eq!(guard.ask(right, 1, now), Leave::Go(Footing::Known));
    }
}
