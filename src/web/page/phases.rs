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
    let sum: Duration = reached.iter().map(|(_, took)| *took).sum();
    let whole = sum.max(seen.duration).as_nanos().max(1);
    let mut at = Duration::ZERO;
    let mut bars = Vec::new();
    for (name, took) in reached {
        let from = (at.as_nanos() * WIDTH / whole).min(WIDTH - LEAST);
        let width = (took.as_nanos() * WIDTH / whole).clamp(LEAST, WIDTH - from);
        bars.push(Phase {
            name,
            took: milliseconds(took),
            from,
            width,
        });
        at += took;
    }
    bars
}

/// A duration as it is compared: `12.3 ms`, `1 234 ms`.
pub(super) fn milliseconds(duration: Duration) -> String {
    let milliseconds = duration.as_secs_f64() * 1000.0;
    if milliseconds < 100.0 {
        format!("{milliseconds:.1} ms")
    } else {
        format!("{milliseconds:.0} ms")
    }
}
