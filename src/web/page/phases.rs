//! How long each phase of a probe took, as bars of a waterfall.

use std::time::Duration;

use crate::domain::observation::Observation;

/// The width of the drawing, in its own units.
pub(super) const WIDTH: u128 = 1000;

/// The shortest bar: it is still to be seen on a narrow screen.
const LEAST: u128 = 10;

/// One phase.
pub(super) struct Phase {
    pub(super) name: &'static str,
    pub(super) took: String,
    /// Where its bar starts, and how long it is, out of [`WIDTH`].
    pub(super) from: u128,
    pub(super) width: u128,
}

/// The phases that were reached, in their order.
pub(super) fn of(seen: &Observation) -> Vec<Phase> {
    let phases = &seen.phases;
    let named = [
        ("resolve", phases.resolve),
        ("connect", phases.connect),
        ("tls", phases.tls),
        ("processing", phases.processing),
        ("transfer", phases.transfer),
    ];
    let reached: Vec<(&str, Duration)> = named
        .into_iter()
        .filter_map(|(name, took)| Some((name, took?)))
        .collect();
    let sum = reached
        .iter()
        .fold(Duration::ZERO, |sum, (_, took)| sum.saturating_add(*took));
    let whole = sum.max(seen.duration).as_nanos().max(1);
    let mut at = Duration::ZERO;
    let mut bars = Vec::new();
    for (name, took) in reached {
        let from = (at.as_nanos() * WIDTH / whole).min(WIDTH - LEAST);
        let width = (took.as_nanos() * WIDTH / whole).clamp(LEAST, WIDTH - from);
        bars.push(Phase {
            name,
            took: measured(took),
            from,
            width,
        });
        at = at.saturating_add(took);
    }
    bars
}

/// A duration with three digits or so: `4.2 ms`, `123 ms`, `10.0 s`.
pub(super) fn measured(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match duration.as_millis() {
        ..100 => format!("{:.1} ms", seconds * 1000.0),
        100..10_000 => format!("{:.0} ms", seconds * 1000.0),
        _ => format!("{seconds:.1} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::Reason;
    use crate::domain::observation::{Outcome, Phases, Silence};

    #[test]
    fn durations_keep_about_three_digits() {
        let rows = [
            (4_250, "4.2 ms"),
            (123_400, "123 ms"),
            (9_999_000, "9999 ms"),
            (10_000_000, "10.0 s"),
        ];
        for (microseconds, expected) in rows {
            assert_eq!(measured(Duration::from_micros(microseconds)), expected);
        }
    }

    fn bars(phases: Phases, duration: Duration) -> Vec<(&'static str, u128, u128)> {
        let seen = Observation {
            outcome: Outcome::Silence(Silence {
                reason: Reason::Timeout,
                detail: String::new(),
            }),
            phases,
            duration,
            remote_addr: None,
            tls: None,
        };
        of(&seen)
            .iter()
            .map(|phase| (phase.name, phase.from, phase.width))
            .collect()
    }

    #[test]
    fn each_bar_starts_where_the_one_before_ends() {
        let phases = Phases {
            resolve: Some(Duration::from_millis(10)),
            connect: Some(Duration::from_millis(40)),
            processing: Some(Duration::from_millis(50)),
            ..Phases::default()
        };
        let expected = [
            ("resolve", 0, 100),
            ("connect", 100, 400),
            ("processing", 500, 500),
        ];
        assert_eq!(bars(phases, Duration::from_millis(100)), expected);
    }

    #[test]
    fn bars_stay_within_the_drawing_whatever_was_measured() {
        let phases = Phases {
            processing: Some(Duration::from_secs(u64::MAX / 4)),
            transfer: Some(Duration::ZERO),
            ..Phases::default()
        };
        assert_eq!(
            bars(phases, Duration::ZERO),
            [("processing", 0, 1000), ("transfer", 990, 10)]
        );
        assert_eq!(bars(Phases::default(), Duration::ZERO), []);
    }
}
