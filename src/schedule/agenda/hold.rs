//! The rest that an endpoint asked for with 423 or 429, longer each time it asks again.

use std::time::{Duration, Instant};

use super::Pushback;
use crate::schedule::plan::later;

/// The first hold.
const SHORTEST: Duration = Duration::from_mins(5);

/// The longest hold; a `Retry-After` counts up to here too.
pub(super) const LONGEST: Duration = Duration::from_hours(1);

/// So long after a hold, it is forgotten that there was one.
pub(super) const CALM: Duration = Duration::from_hours(2);

/// Who met a 423 or 429.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Met {
    /// A probe that showed a credential to be refused: what holds are there to spare.
    Refused,
    /// Any other.
    Other,
}

/// How long an endpoint's probes that show a credential to be refused are held back.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rest {
    /// The end of the last hold, and how long one lasts at the level that was reached.
    last: Option<(Instant, Duration)>,
}

impl Rest {
    /// Goes on from a hold of a former run that lasts for so much longer, if it is not over, and from
    /// which the next one doubles. What this run met itself counts for more.
    pub(super) fn resume(&mut self, left: Duration, span: Duration, now: Instant) {
        if self.last.is_none() {
            let span = span.clamp(SHORTEST, LONGEST);
            self.last = Some((later(now, left.min(LONGEST)), span));
        }
    }

    /// How long a hold lasts at the level that was reached, where one is remembered.
    pub(super) fn span(&self, now: Instant) -> Option<Duration> {
        let (until, span) = self.last?;
        (now < later(until, CALM)).then_some(span)
    }

    /// Until when probes are held, where they are.
    pub(super) fn until(&self, now: Instant) -> Option<Instant> {
        let (until, _) = self.last?;
        Some(until).filter(|until| now < *until)
    }

    /// A probe met 423 or 429.
    pub(super) fn push_back(&mut self, pushback: Pushback, met: Met, now: Instant) {
        let asked = pushback.retry_after.unwrap_or_default().min(LONGEST);
        self.last = Some(match self.last {
            Some((until, span)) if now < until => (until.max(later(now, asked)), span),
            Some((until, span)) if now < later(until, CALM) => {
                let span = match met {
                    Met::Refused => (span * 2).min(LONGEST),
                    Met::Other => span,
                };
                (later(now, span.max(asked)), span)
            }
            Some(_) | None => (later(now, SHORTEST.max(asked)), SHORTEST),
        });
    }

    /// A probe that showed a credential to be refused got another answer: all is forgiven, unless
    /// it was on its way when the hold began.
    pub(super) fn relent(&mut self, now: Instant) {
        if self.until(now).is_none() {
            self.last = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    #[expect(clippy::disallowed_methods, reason = "any instant will do")]
    fn start() -> Instant {
        Instant::now()
    }

    fn after(minutes: u64) -> Pushback {
        Pushback {
            retry_after: Some(Duration::from_mins(minutes)),
        }
    }

    /// How long each of a row of holds is, each met as soon as the one before is over.
    fn holds(met: Met, pushback: Pushback, count: usize) -> Vec<Duration> {
        let (mut rest, mut now) = (Rest::default(), start());
        let hold = |_| {
            rest.push_back(pushback, met, now);
            let length = rest.until(now).unwrap() - now;
            now += length;
            length
        };
        (0..count).map(hold).collect()
    }

    #[test]
    fn holds_double_from_five_minutes_to_an_hour() {
        let minutes = [5, 10, 20, 40, 60, 60].map(|minutes| MINUTE * minutes);
        assert_eq!(holds(Met::Refused, Pushback::default(), 6), minutes);
    }

    #[test]
    fn holds_double_on_from_that_of_a_former_run() {
        let (mut rest, now) = (Rest::default(), start());
        rest.resume(MINUTE * 3, MINUTE * 20, now);
        rest.resume(MINUTE * 50, MINUTE * 60, now);
        assert_eq!(rest.until(now), Some(now + MINUTE * 3));
        let over = now + MINUTE * 3;
        rest.push_back(Pushback::default(), Met::Refused, over);
        assert_eq!(rest.until(over), Some(over + MINUTE * 40));
    }

    #[test]
    fn what_a_former_run_left_is_kept_within_reason() {
        let (mut rest, now) = (Rest::default(), start());
        rest.resume(Duration::MAX, Duration::MAX, now);
        assert_eq!(rest.last, Some((now + LONGEST, LONGEST)));
        let mut rest = Rest::default();
        rest.resume(Duration::ZERO, Duration::ZERO, now);
        assert_eq!((rest.until(now), rest.span(now)), (None, Some(SHORTEST)));
        assert_eq!(rest.span(now + CALM), None);
    }

    #[test]
    fn what_others_meet_holds_again_but_does_not_double() {
        assert_eq!(holds(Met::Other, Pushback::default(), 3), [MINUTE * 5; 3]);
    }

    #[test]
    fn retry_after_lengthens_a_hold_up_to_an_hour() {
        assert_eq!(holds(Met::Refused, after(12), 1), [MINUTE * 12]);
        assert_eq!(holds(Met::Refused, after(1), 1), [MINUTE * 5]);
        assert_eq!(holds(Met::Refused, after(60 * 24), 1), [MINUTE * 60]);
    }

    #[test]
    fn a_long_retry_after_is_no_level_to_double_from() {
        assert_eq!(
            holds(Met::Refused, after(12), 3),
            [MINUTE * 12, MINUTE * 12, MINUTE * 20]
        );
    }

    #[test]
    fn an_answer_met_while_held_lengthens_and_does_not_double() {
        let (mut rest, now) = (Rest::default(), start());
        rest.push_back(Pushback::default(), Met::Refused, now);
        rest.push_back(Pushback::default(), Met::Refused, now + MINUTE);
        assert_eq!(rest.until(now), Some(now + MINUTE * 5));
        rest.push_back(after(30), Met::Other, now + MINUTE);
        assert_eq!(rest.until(now), Some(now + MINUTE * 31));
        let over = now + MINUTE * 31;
        rest.push_back(Pushback::default(), Met::Refused, over);
        assert_eq!(rest.until(over), Some(over + MINUTE * 10));
    }

    #[test]
    fn another_answer_after_the_hold_forgives() {
        let (mut rest, now) = (Rest::default(), start());
        rest.push_back(Pushback::default(), Met::Refused, now);
        let over = now + MINUTE * 5;
        rest.relent(over);
        rest.push_back(Pushback::default(), Met::Refused, over);
        assert_eq!(rest.until(over), Some(over + MINUTE * 5));
    }

    #[test]
    fn an_answer_to_a_probe_from_before_the_hold_does_not_end_it() {
        let (mut rest, now) = (Rest::default(), start());
        rest.push_back(Pushback::default(), Met::Other, now);
        rest.relent(now + MINUTE);
        assert_eq!(rest.until(now), Some(now + MINUTE * 5));
    }

    #[test]
    fn a_long_calm_forgives() {
        let (mut rest, now) = (Rest::default(), start());
        rest.push_back(Pushback::default(), Met::Refused, now);
        let much_later = now + MINUTE * 126;
        rest.push_back(Pushback::default(), Met::Refused, much_later);
        assert_eq!(rest.until(much_later), Some(much_later + MINUTE * 5));
    }
}
