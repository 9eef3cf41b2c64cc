//! What the keeper needs to know of an endpoint beside what is shown: what its holder met, and when
//! its verdicts become too old.

use std::time::{Duration, Instant};

use crate::domain::check::Role;
use crate::domain::endpoint::Endpoint;
use crate::domain::judge::{self, BodyDigest, Circumstances};
use crate::domain::observation::Observation;
use crate::domain::presenter::Unpresentable;

/// What is known of one endpoint.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    /// Names the body that the rightful holder last met.
    pub(super) holder_body: Option<BodyDigest>,
    /// Whether it is here that an expiring certificate of its host and port is told.
    pub(super) tells_certificate: bool,
    /// One for each check, in the endpoint's order.
    pub(super) checks: Vec<Watched>,
}

/// What is known of one check.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watched {
    /// When it last had a verdict, or was first asked for one.
    pub(super) fresh_at: Instant,
    /// How old its verdict may become.
    pub(super) patience: Duration,
    /// Whether it was told that the verdict is too old.
    pub(super) told_stale: bool,
    /// Whether a holder was let in.
    pub(super) admitted: Option<bool>,
    /// Names what it asks.
    pub(super) question: u64,
}

impl Watched {
    /// Its verdict may become so old from now on. One that was good for longer does not become too old
    /// at once: the next probe is due by the new cadence, but by the old one at the latest.
    pub(super) fn be_patient(&mut self, patience: Duration, now: Instant) {
        if patience < self.patience && !self.told_stale {
            let due = (self.fresh_at + self.patience).min(now + patience);
            self.fresh_at = due.checked_sub(patience).unwrap_or(self.fresh_at);
        }
        self.patience = patience;
    }
}

impl Watch {
    /// What other probes of the endpoint showed.
    pub(super) fn circumstances(&self) -> Circumstances {
        Circumstances {
            holder_body: self.holder_body,
            holder_admitted: self
                .checks
                .iter()
                .filter_map(|check| check.admitted)
                .reduce(|any, admitted| any || admitted),
            ..Circumstances::default()
        }
    }

    /// Takes down what a holder met.
    pub(super) fn note(
        &mut self,
        endpoint: &Endpoint,
        at: usize,
        outcome: &Result<Observation, Unpresentable>,
    ) {
        let (Some(check), Some(watched)) = (endpoint.checks.get(at), self.checks.get_mut(at))
        else {
            return;
        };
        if !check.persona.is_holder() || check.role() != Role::Admitted {
            return;
        }
        let met = outcome.as_ref().ok().and_then(Observation::answer);
        watched.admitted = Some(met.is_some_and(|answer| judge::is_admitted(check, answer)));
        if let Some(answer) = met.filter(|answer| (200..=299).contains(&answer.status)) {
            self.holder_body = Some(judge::digest(&answer.body));
        }
    }

    /// Whether the verdict of a check has become too old, and that was not told yet.
    pub(super) fn is_stale(&self, at: usize, now: Instant) -> bool {
        self.checks.get(at).is_some_and(|watched| {
            !watched.told_stale
                && now.saturating_duration_since(watched.fresh_at) > watched.patience
        })
    }

    /// The check has a new verdict, or may go without one for as long again.
    pub(super) fn freshen(&mut self, at: usize, now: Instant) {
        if let Some(watched) = self.checks.get_mut(at) {
            watched.fresh_at = now;
            watched.told_stale = false;
        }
    }

    /// For so long nobody could have looked: no verdict has become older by it.
    pub(super) fn forgive(&mut self, pause: Duration) {
        for watched in &mut self.checks {
            watched.fresh_at += pause;
        }
    }

    /// It is told that the verdict is too old.
    pub(super) fn set_stale(&mut self, at: usize) {
        if let Some(watched) = self.checks.get_mut(at) {
            watched.told_stale = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[expect(clippy::disallowed_methods, reason = "any instant will do")]
    fn start() -> Instant {
        Instant::now()
    }

    /// A check that was probed at the start, and when its verdict is too old.
    fn due(start: Instant, steps: &[(u64, u64)]) -> u64 {
        let mut watched = Watched {
            fresh_at: start,
            patience: secs(190),
            told_stale: false,
            admitted: None,
            question: 0,
        };
        for (at, patience) in steps {
            watched.be_patient(secs(*patience), start + secs(*at));
        }
        (watched.fresh_at + watched.patience - start).as_secs()
    }

    #[test]
    fn a_shorter_cadence_makes_no_verdict_too_old_at_once() {
        assert_eq!(due(start(), &[(40, 17)]), 57);
    }

    #[test]
    fn a_shorter_cadence_gives_nobody_more_time_than_the_longer_one_did() {
        assert_eq!(due(start(), &[(180, 17)]), 190);
    }

    #[test]
    fn reloads_that_change_nothing_put_nothing_off() {
        assert_eq!(due(start(), &[(40, 17), (45, 17), (50, 17)]), 57);
        assert_eq!(due(start(), &[(40, 190), (100, 190)]), 190);
    }
}
