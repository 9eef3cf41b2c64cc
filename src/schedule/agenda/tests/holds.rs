//! What asked for rest gets it, and nobody else does.

use super::*;

const INTERVAL: Duration = Duration::from_secs(30);

fn house() -> Play {
    Play::new(Limits::default(), triad("a", INTERVAL, MINUTE * 5).into())
}

/// A server that has enough of one persona.
fn enough_of(check: &str) -> impl Fn(&Start) -> Made {
    move |start| match start.id.check.as_str() {
        name if name == check => (MILLISECOND, pushed_back(None)),
        _ => quick(start),
    }
}

#[test]
fn a_pushback_holds_refused_credentials_back_longer_and_longer() {
    let mut play = Play::new(Limits::default(), vec![refused("a", MINUTE)]);
    play.run(HOUR * 6, enough_of("invalid"));
    let minutes: Vec<_> = play
        .gaps("a/invalid")
        .iter()
        .map(|gap| gap.as_secs() / 60)
        .collect();
    assert_eq!(minutes, [5, 10, 20, 40, 60, 60, 60, 60]);
}

#[test]
fn a_pushback_to_anyone_holds_refused_credentials_back() {
    let mut play = house();
    play.run(HOUR, enough_of("anonymous"));
    assert!(
        play.times("a/invalid").len() <= 1,
        "{:?}",
        play.times("a/invalid")
    );
}

#[test]
fn nobody_else_is_held_back_by_a_pushback() {
    let mut play = house();
    play.run(HOUR, |_| (MILLISECOND, pushed_back(Some(HOUR))));
    let counts = ["a/anonymous", "a/valid"].map(|check| play.times(check).len());
    assert!(counts.iter().all(|count| *count >= 120), "{counts:?}");
}

#[test]
fn a_stranger_is_held_back_by_nothing() {
    let mut entry = stranger("a", MINUTE);
    entry.held = Some(HOUR);
    let mut play = Play::new(Limits::default(), vec![entry]);
    let until = play.now + HOUR;
    let held = End {
        held: Some(until),
        ..pushed_back(Some(HOUR))
    };
    play.run(MINUTE * 30, |_| (MILLISECOND, held));
    assert!(play.started.len() >= 30, "{}", play.started.len());
}

#[test]
fn another_endpoint_of_the_same_origin_is_not_held_back() {
    let entries = ["a", "b"].map(|name| at("one", refused(name, MINUTE * 5)));
    let mut play = Play::new(Limits::default(), entries.into());
    play.run(HOUR, |start| match start.id.endpoint.as_str() {
        "a" => (MILLISECOND, pushed_back(None)),
        _ => quick(start),
    });
    assert!(play.times("b/invalid").len() >= 10);
}

#[test]
fn a_held_turn_is_counted_once() {
    let mut play = Play::new(Limits::default(), vec![refused("a", MINUTE * 10)]);
    play.run(SECOND * 30, |_| (MILLISECOND, pushed_back(Some(HOUR))));
    play.run(MINUTE * 55, quick);
    assert_eq!(play.turns_skipped("a/invalid", Skip::HeldBack), 5);
}

#[test]
fn a_held_check_is_probed_when_the_hold_ends() {
    let mut play = Play::new(Limits::default(), vec![refused("a", MINUTE * 10)]);
    let hold = pushed_back(Some(MINUTE * 35));
    play.run(SECOND * 30, |_| (MILLISECOND, hold))
        .run(HOUR, quick);
    assert_eq!(play.gaps("a/invalid")[0], MINUTE * 35 + MILLISECOND);
}

#[test]
fn who_is_held_is_told_until_when() {
    let mut play = Play::new(Limits::default(), vec![refused("a", MINUTE * 10)]);
    play.run(SECOND * 30, |_| (MILLISECOND, pushed_back(Some(HOUR))));
    let until = play.start + play.times("a/invalid")[0] + MILLISECOND + HOUR;
    assert_eq!(play.agenda.held_until(Key(0)), Some(until));
    let held = play.agenda.held();
    assert_eq!((held[0].until, held[0].by), (until, HeldBy::Endpoint));
    play.run(HOUR * 2, quick);
    assert_eq!(play.agenda.held(), []);
}

#[test]
fn a_guarded_account_holds_its_check_and_no_other() {
    let mut play = house();
    play.run(MINUTE * 10, quick).forget();
    let until = play.now + MINUTE * 15;
    play.run(MINUTE, |start| match start.id.check.as_str() {
        "valid" => (
            MILLISECOND,
            End {
                held: Some(until),
                ..End::default()
            },
        ),
        _ => quick(start),
    });
    play.forget().run(MINUTE * 13, quick);
    assert_eq!(play.times("a/valid").len(), 0);
    assert_eq!(play.turns_skipped("a/valid", Skip::HeldBack), 26);
    assert_eq!(play.times("a/anonymous").len(), 26);
    play.run(MINUTE * 3, quick);
    assert!(play.times("a/valid").len() >= 3);
}

#[test]
fn a_hold_that_a_restart_interrupted_goes_on() {
    let mut entries = triad("a", INTERVAL, MINUTE * 5);
    entries[1].held = Some(MINUTE * 20);
    let mut play = Play::new(Limits::default(), entries.into());
    play.run(HOUR, quick);
    assert_eq!(play.times("a/invalid")[0], MINUTE * 20);
}

#[test]
fn a_hold_out_of_a_former_run_lasts_an_hour_at_most() {
    let mut entry = refused("a", MINUTE * 5);
    entry.held = Some(HOUR * 24 * 20);
    let mut play = Play::new(Limits::default(), vec![entry]);
    play.run(HOUR * 2, quick);
    assert_eq!(play.times("a/invalid")[0], HOUR);
}

#[test]
fn whoever_asked_for_rest_is_told_whatever_the_instants_are() {
    let of_former_run = Entry {
        held: Some(MINUTE * 30),
        ..refused("former", MINUTE)
    };
    let entries = vec![of_former_run, refused("account", MINUTE)];
    let mut play = Play::new(Limits::default(), entries);
    let until = play.now + MINUTE * 30;
    let held = End {
        held: Some(until),
        ..End::default()
    };
    play.run(MINUTE, |_| (MILLISECOND, held));
    let by: BTreeSet<_> = play
        .agenda
        .held()
        .into_iter()
        .map(|held| (held.id.endpoint.to_string(), held.until, held.by))
        .collect();
    let expected = [
        ("account".to_owned(), until, HeldBy::Account),
        ("former".to_owned(), until, HeldBy::FormerRun),
    ];
    assert_eq!(by, expected.into());
}

#[test]
fn a_hold_catches_a_check_that_waits_for_a_place() {
    let hog = entry("a/anonymous", Kind::Stranger, MINUTE * 5);
    let mut play = Play::new(few(1, 1), vec![at("one", hog.clone())]);
    play.run(SECOND * 2, |_| (SECOND * 20, pushed_back(None)));
    let entries = [at("one", hog), at("one", refused("a", MINUTE * 5))];
    play.adopt(entries.into()).run(SECOND * 10, quick);
    let waits = |slot: &&Slot| slot.state == State::Waiting;
    assert_eq!(play.agenda.slots.iter().flatten().filter(waits).count(), 1);
    play.run(MINUTE, quick);
    let held = play.turns_skipped("a/invalid", Skip::HeldBack);
    assert_eq!((play.times("a/invalid").len(), held), (0, 1));
}

#[test]
fn a_probe_without_an_answer_forgives_nothing() {
    let mut play = Play::new(Limits::default(), vec![refused("a", MINUTE)]);
    let mut answers = [pushed_back(None); 3];
    answers[1] = End::unanswered(play.start);
    let mut next = answers.into_iter();
    play.run(HOUR, |_| (MILLISECOND, next.next().unwrap_or_default()));
    let minutes = [5, 1, 10].map(|minutes| MINUTE * minutes);
    assert!(
        std::iter::zip(play.gaps("a/invalid"), minutes).all(|(gap, least)| gap >= least),
        "{:?}",
        play.gaps("a/invalid")
    );
}

#[test]
fn an_endpoint_that_is_away_for_one_reload_comes_back_to_its_rest() {
    let mut play = Play::new(Limits::default(), vec![refused("a", MINUTE)]);
    play.run(MINUTE, enough_of("invalid"));
    play.adopt(vec![stranger("b", MINUTE)]).run(MINUTE, quick);
    play.adopt(vec![refused("a", MINUTE)]);
    play.forget().run(HOUR, enough_of("invalid"));
    // The first hold goes on, and the next one is twice as long.
    let times = play.times("a/invalid");
    assert!(times[0] >= MINUTE * 5, "{times:?}");
    assert_eq!(gaps(&times)[0].as_secs(), 10 * 60);
}

#[test]
fn a_hold_goes_on_over_a_restart_and_the_next_one_doubles_from_it() {
    let entry = Entry {
        held: Some(MINUTE * 3),
        span: Some(MINUTE * 20),
        ..refused("a", MINUTE)
    };
    let mut play = Play::new(Limits::default(), vec![entry]);
    play.run(HOUR * 2, enough_of("invalid"));
    let times = play.times("a/invalid");
    assert_eq!(times[0], MINUTE * 3);
    assert_eq!(gaps(&times)[0].as_secs(), 40 * 60);
}
