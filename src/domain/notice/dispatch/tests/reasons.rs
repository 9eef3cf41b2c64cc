//! The decision on one incident and one receiver, as a table.

use jiff::{SignedDuration, Timestamp};

use super::play::incident;
use crate::domain::finding::Reason::{self, AnonymousAdmitted, ConnectRefused, NotFound};
use crate::domain::incident::{Ended, Incident, Resolution};
use crate::domain::notice::Said::{self, Flapping, Opened};
use crate::domain::notice::{Decision, Held, Matter, Pace, Why, WhyNot, decide};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Open,
    Over,
    Flaps,
    FlapsAndIsOver,
}

fn of(reason: Reason, state: State) -> Incident {
    let mut incident = incident("orders/valid", reason, &[], at(0));
    if matches!(state, State::Over | State::FlapsAndIsOver) {
        incident.ended = Some(Ended {
            at: at(50),
            resolution: Resolution::Recovered,
        });
    }
    incident.flapping = matches!(state, State::Flaps | State::FlapsAndIsOver);
    incident
}

/// At second 100; the group may open things at 90, and tell of ends at 110.
fn decided(
    reason: Reason,
    state: State,
    told: Option<(Said, i64)>,
    held: Option<Held>,
) -> Decision {
    let incident = of(reason, state);
    let matter = Matter {
        incident: &incident,
        told: told.map(|(said, second)| (said, at(second))),
        held,
        reprobing_until: None,
    };
    let pace = Pace {
        opens_at: at(90),
        ends_at: at(110),
        repeats_at: at(0),
        repeat_interval: Some(SignedDuration::from_secs(60)),
    };
    decide(&matter, &pace, at(100))
}

#[test]
fn the_decision_follows_from_what_is_and_what_was_told() {
    use Decision::{Hold, Speak};
    use State::{Flaps, FlapsAndIsOver, Open, Over};
    let collecting = Hold(WhyNot::Collecting(at(110)));
    let rows = [
        (Open, None, Speak(Why::Opened)),
        (Over, None, Speak(Why::Opened)),
        (Flaps, None, Speak(Why::Flapping)),
        (FlapsAndIsOver, None, Speak(Why::Flapping)),
        (Open, Some((Opened, 40)), Speak(Why::Repeated)),
        (Open, Some((Opened, 41)), Hold(WhyNot::Told(at(101)))),
        (Over, Some((Opened, 40)), collecting),
        (Flaps, Some((Opened, 40)), Speak(Why::Flapping)),
        (FlapsAndIsOver, Some((Opened, 40)), Speak(Why::Flapping)),
        (Flaps, Some((Flapping, 40)), Hold(WhyNot::Quiet)),
        (FlapsAndIsOver, Some((Flapping, 40)), Hold(WhyNot::Quiet)),
        (Open, Some((Flapping, 40)), Speak(Why::Opened)),
        (Over, Some((Flapping, 40)), collecting),
        (Over, Some((Said::Ended, 40)), Hold(WhyNot::Settled)),
    ];
    for (number, (state, told, expected)) in rows.into_iter().enumerate() {
        assert_eq!(
            decided(NotFound, state, told, None),
            expected,
            "row {number}"
        );
    }
}

#[test]
fn what_holds_back_depends_on_the_class_and_on_what_is_said() {
    use Decision::{Hold, Speak};
    use State::{Open, Over};
    let (silenced, muted) = (Held::Silenced(at(500)), Held::Muted(at(120)));
    let held = |held| Hold(WhyNot::Held(held));
    let collecting = Hold(WhyNot::Collecting(at(110)));
    let told = Some((Opened, 10));
    let rows = [
        (NotFound, Open, None, silenced, held(silenced)),
        (NotFound, Over, told, silenced, held(silenced)),
        (NotFound, Open, told, muted, held(muted)),
        (NotFound, Over, told, muted, held(muted)),
        (NotFound, Open, None, Held::Isolated, Speak(Why::Opened)),
        (
            ConnectRefused,
            Open,
            None,
            Held::Isolated,
            held(Held::Isolated),
        ),
        (
            ConnectRefused,
            Open,
            told,
            Held::Isolated,
            held(Held::Isolated),
        ),
        (ConnectRefused, Over, told, Held::Isolated, collecting),
        (AnonymousAdmitted, Open, None, muted, Speak(Why::Opened)),
        (
            AnonymousAdmitted,
            Open,
            None,
            Held::Isolated,
            Speak(Why::Opened),
        ),
        (AnonymousAdmitted, Open, None, silenced, held(silenced)),
        (AnonymousAdmitted, Over, told, silenced, collecting),
    ];
    for (number, (reason, state, told, held, expected)) in rows.into_iter().enumerate() {
        let decision = decided(reason, state, told, Some(held));
        assert_eq!(decision, expected, "row {number}");
    }
}
