//! What holds for every sequence of verdicts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::scene::{Scene, Seen};
use super::{Casebook, Transition};
use crate::domain::endpoint::{Confirm, Strikes};
use crate::domain::finding::{Class, Reason};
use crate::domain::incident::Reproduced;

/// Something that happens to a check.
#[derive(Clone, Debug)]
enum Event {
    /// A probe, so many minutes after the one before.
    Probe(Seen, i64),
    /// Re-probes of an open bypass.
    Reproduced(Reproduced),
}

fn silence() -> impl Strategy<Value = Seen> {
    let reasons = vec![
        Reason::ConnectRefused,
        Reason::Timeout,
        Reason::SecretUnavailable,
        Reason::NotProbed,
        Reason::ProbeFailed,
    ];
    select(reasons).prop_map(|reason| Seen::Nothing(Some(reason)))
}

fn seen() -> impl Strategy<Value = Seen> {
    let on_the_lock = vec![
        Reason::AnonymousAdmitted,
        Reason::CredentialRejected,
        Reason::ForbiddenInstead,
        Reason::ChallengeMalformed,
        Reason::TooSlow,
    ];
    prop_oneof![
        4 => Just(Seen::Answer(Vec::new())),
        4 => subsequence(on_the_lock, 1..=3).prop_map(Seen::Answer),
        2 => select(&[Reason::ServerError, Reason::RateLimited][..])
            .prop_map(|reason| Seen::Answer(vec![reason])),
        2 => silence(),
        1 => Just(Seen::Nothing(Some(Reason::TokenUnavailable))),
        1 => Just(Seen::Nothing(None)),
        2 => Just(Seen::Expiring(Vec::new())),
        1 => Just(Seen::Expiring(vec![Reason::TooSlow])),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let reproduced = (0_u32..4).prop_map(|again| Event::Reproduced(Reproduced { again, of: 3 }));
    prop_oneof![
        12 => (seen(), 1_i64..25).prop_map(|(seen, minutes)| Event::Probe(seen, minutes)),
        1 => reproduced,
    ]
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    prop::collection::vec(event(), 0..100)
}

fn strikes() -> impl Strategy<Value = Strikes> {
    (1_u32..5, 1_u32..5).prop_map(|(failures, recoveries)| Strikes {
        failures,
        recoveries,
    })
}

fn confirm() -> impl Strategy<Value = Confirm> {
    let classes: Vec<Class> = Class::ALL.into_iter().skip(1).collect();
    let classes = prop::collection::btree_map(select(classes), strikes(), 0..4);
    (strikes(), classes).prop_map(|(default, classes)| Confirm { default, classes })
}

/// Plays the events, and shows the scene after each with what was said.
fn play(scene: &mut Scene, events: &[Event], mut after: impl FnMut(&Scene, &Event, &[Transition])) {
    for event in events {
        let told = match event {
            Event::Probe(seen, minutes) => {
                scene.interval = SignedDuration::from_mins(*minutes);
                scene.meet(seen)
            }
            Event::Reproduced(reproduced) => {
                if scene.casebook.is_open(Class::Bypass) {
                    scene.reproduce(*reproduced);
                }
                Vec::new()
            }
        };
        after(scene, event, &told);
    }
}

/// The classes of what an event's probe found.
fn found(event: &Event) -> BTreeSet<Class> {
    match event {
        Event::Probe(seen, _) => {
            let mut findings = seen.judgement().findings;
            findings.extend(seen.expiring().findings().cloned());
            findings.iter().map(|it| it.reason.class()).collect()
        }
        Event::Reproduced(_) => BTreeSet::new(),
    }
}

fn opened(told: &[Transition]) -> BTreeSet<Class> {
    let opened = told.iter().filter_map(|transition| match transition {
        Transition::Opened { class, .. } => Some(*class),
        Transition::Ended { .. } | Transition::Flapping { .. } | Transition::Calm { .. } => None,
    });
    opened.collect()
}

/// Opened and ended ones, without what is said of flapping.
fn moves(told: &[Transition]) -> Vec<(Class, bool)> {
    let moves = told.iter().filter_map(|transition| match transition {
        Transition::Opened { class, .. } => Some((*class, true)),
        Transition::Ended { class, .. } => Some((*class, false)),
        Transition::Flapping { .. } | Transition::Calm { .. } => None,
    });
    moves.collect()
}

fn flaps(told: &[Transition]) -> Vec<(Class, bool)> {
    let flaps = told.iter().filter_map(|transition| match transition {
        Transition::Flapping { class } => Some((*class, true)),
        Transition::Calm { class } => Some((*class, false)),
        Transition::Opened { .. } | Transition::Ended { .. } => None,
    });
    flaps.collect()
}

fn open(casebook: &Casebook) -> Vec<Class> {
    let classes = Class::ALL.into_iter();
    classes.filter(|class| casebook.is_open(*class)).collect()
}

proptest! {
    // A sequence is some fifty cases in one.
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 4))]

    #[test]
    fn incidents_of_a_class_open_and_end_in_turn(events in events(), confirm in confirm()) {
        let mut is_open: BTreeMap<Class, bool> = BTreeMap::new();
        play(&mut Scene::new(confirm), &events, |scene, _, told| {
            for (class, opens) in moves(told) {
                assert_ne!(is_open.insert(class, opens).unwrap_or(false), opens, "{class:?}");
            }
            for class in Class::ALL {
                let told_open = is_open.get(&class).copied().unwrap_or(false);
                assert_eq!(scene.casebook.is_open(class), told_open, "{class:?}");
            }
        });
    }

    #[test]
    fn nothing_opens_without_a_finding_of_its_class_in_that_very_verdict(
        events in events(),
        confirm in confirm(),
    ) {
        play(&mut Scene::new(confirm), &events, |_, event, told| {
            assert!(opened(told).is_subset(&found(event)), "{event:?}: {told:?}");
        });
    }

    #[test]
    fn a_bypass_is_open_after_each_answer_that_shows_one(
        events in events(),
        confirm in confirm(),
    ) {
        play(&mut Scene::new(confirm), &events, |scene, event, _| {
            if found(event).contains(&Class::Bypass) {
                assert!(scene.casebook.is_open(Class::Bypass), "{event:?}");
            }
        });
    }

    #[test]
    fn nothing_ends_with_a_finding_of_its_class(events in events(), confirm in confirm()) {
        play(&mut Scene::new(confirm), &events, |_, event, told| {
            let mut ended = moves(told).into_iter().filter(|(_, opens)| !opens);
            assert!(ended.all(|(class, _)| !found(event).contains(&class)), "{event:?}: {told:?}");
        });
    }

    #[test]
    fn silence_opens_and_ends_no_incident_of_the_lock(
        before in events(),
        silences in prop::collection::vec(silence(), 1..40),
        confirm in confirm(),
    ) {
        let mut scene = Scene::new(confirm);
        play(&mut scene, &before, |_, _, _| {});
        for silence in silences {
            let told = scene.meet(&silence);
            assert!(moves(&told).iter().all(|(class, _)| class.is_unknown()), "{told:?}");
        }
    }

    #[test]
    fn silence_in_between_changes_nothing_for_the_lock(
        events in events(),
        silence in silence(),
        confirm in confirm(),
    ) {
        let lock = |told: &[Transition]| -> Vec<(Class, bool)> {
            moves(told).into_iter().filter(|(class, _)| !class.is_unknown()).collect()
        };
        let mut quiet = Vec::new();
        play(&mut Scene::new(confirm.clone()), &events, |_, _, told| quiet.extend(lock(told)));
        let between = events.iter().flat_map(|event| {
            [Event::Probe(silence.clone(), 1), event.clone()]
        });
        let between: Vec<Event> = between.collect();
        let mut noisy = Vec::new();
        play(&mut Scene::new(confirm), &between, |_, _, told| noisy.extend(lock(told)));
        prop_assert_eq!(quiet, noisy);
    }

    #[test]
    fn flapping_and_calm_take_turns_and_a_bypass_does_neither(
        events in events(),
        confirm in confirm(),
    ) {
        let mut is_on: BTreeMap<Class, bool> = BTreeMap::new();
        play(&mut Scene::new(confirm), &events, |_, _, told| {
            for (class, begins) in flaps(told) {
                assert_ne!(class, Class::Bypass);
                assert_ne!(is_on.insert(class, begins).unwrap_or(false), begins, "{class:?}");
            }
        });
    }

    #[test]
    fn enough_passes_end_everything(events in events(), confirm in confirm()) {
        let mut scene = Scene::new(confirm);
        play(&mut scene, &events, |_, _, _| {});
        for _ in 0..Reproduced::PARTIAL_RECOVERIES {
            scene.meet(&Seen::Answer(Vec::new()));
        }
        prop_assert_eq!(open(&scene.casebook), []);
        prop_assert!(scene.incidents.iter().all(|incident| incident.ended.is_some()));
    }

    #[test]
    fn each_incident_began_before_it_was_opened_and_after_the_last_one_ended(
        events in events(),
        confirm in confirm(),
    ) {
        let mut scene = Scene::new(confirm);
        play(&mut scene, &events, |_, _, _| {});
        for class in Class::ALL {
            let incidents = scene.incidents.iter().filter(|incident| incident.class == class);
            let mut last = None;
            for incident in incidents {
                prop_assert!(incident.since <= incident.opened_at);
                prop_assert!(last.is_none_or(|last| last < incident.since));
                last = incident.ended.map(|ended| ended.at);
            }
        }
    }

    #[test]
    fn a_restart_at_any_moment_forgets_no_incident_and_no_flapping(
        events in events(),
        confirm in confirm(),
    ) {
        play(&mut Scene::new(confirm), &events, |scene, _, _| {
            let resumed = Casebook::resumed(&scene.incidents);
            let state = |casebook: &Casebook| {
                let flaps = Class::ALL.map(|class| casebook.is_flapping(class));
                (open(casebook), flaps, casebook.calm_at())
            };
            assert_eq!(state(&resumed), state(&scene.casebook));
        });
    }

    #[test]
    fn after_a_restart_at_any_moment_incidents_still_open_and_end_in_turn(
        before in events(),
        after in events(),
        confirm in confirm(),
    ) {
        let mut scene = Scene::new(confirm);
        let mut is_open: BTreeMap<Class, bool> = BTreeMap::new();
        for part in [&before, &after] {
            play(&mut scene, part, |_, _, told| {
                for (class, opens) in moves(told) {
                    assert_ne!(is_open.insert(class, opens).unwrap_or(false), opens, "{class:?}");
                }
            });
            scene.restart();
        }
    }

    #[test]
    fn after_a_restart_transitions_flap_as_if_there_had_been_none(
        before in events(),
        seen in prop::collection::vec((seen(), 1_i64..25), 0..40),
    ) {
        // Where one verdict decides, no row is lost in a restart.
        let default = Strikes { failures: 1, recoveries: 1 };
        let mut scene = Scene::new(Confirm { default, classes: BTreeMap::new() });
        let probes: Vec<Event> = before
            .into_iter()
            .filter(|event| matches!(event, Event::Probe(..)))
            .collect();
        play(&mut scene, &probes, |_, _, _| {});
        let after: Vec<Event> =
            seen.into_iter().map(|(seen, minutes)| Event::Probe(seen, minutes)).collect();
        let mut resumed = Scene::new(scene.confirm.clone());
        (resumed.now, resumed.incidents) = (scene.now, scene.incidents.clone());
        resumed.restart();
        let (mut told, mut told_again) = (Vec::new(), Vec::new());
        play(&mut scene, &after, |_, _, some| told.extend(some.to_vec()));
        play(&mut resumed, &after, |_, _, some| told_again.extend(some.to_vec()));
        prop_assert_eq!(told, told_again);
    }
}
