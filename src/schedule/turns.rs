//! Turns: probes that must be refused reach an origin one at a time.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::domain::endpoint::Origin;

/// The least time between two probes of one origin that show a credential to be refused.
pub(super) const SPACING: Duration = Duration::from_secs(1);

/// Whose turn it is at each origin.
#[derive(Debug, Default)]
pub struct Turns(HashMap<Origin, Instant>);

impl Turns {
    /// Takes the next free turn at an origin: now, or as late as the turns before it ask for.
    pub fn take(&mut self, origin: &Origin, now: Instant) -> Instant {
        let free = self
            .0
            .get(origin)
            .copied()
            .filter(|free| *free > now)
            .unwrap_or(now);
        self.0.insert(origin.clone(), free + SPACING);
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(host: &str) -> Origin {
        Origin {
            scheme: "https".into(),
            host: host.into(),
            port: 443,
        }
    }

    #[expect(clippy::disallowed_methods, reason = "any instant will do")]
    fn start() -> Instant {
        Instant::now()
    }

    #[test]
    fn one_origin_is_knocked_on_once_a_second() {
        let (mut turns, now) = (Turns::default(), start());
        let taken: Vec<_> = (0..3)
            .map(|_| turns.take(&origin("a"), now) - now)
            .collect();
        assert_eq!(taken, [0, 1, 2].map(Duration::from_secs));
    }

    #[test]
    fn origins_do_not_wait_for_each_other() {
        let (mut turns, now) = (Turns::default(), start());
        assert_eq!(turns.take(&origin("a"), now), now);
        assert_eq!(turns.take(&origin("b"), now), now);
    }

    #[test]
    fn a_turn_that_has_passed_is_not_saved_up() {
        let (mut turns, now) = (Turns::default(), start());
        turns.take(&origin("a"), now);
        let later = now + Duration::from_mins(1);
        assert_eq!(turns.take(&origin("a"), later), later);
        assert_eq!(turns.take(&origin("a"), later), later + SPACING);
    }
}
