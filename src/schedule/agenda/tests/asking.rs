//! Who gets no leave of its account holds no place, and asks again soon.

use super::*;

const POSTPONED: Made = (MILLISECOND, END);
const END: End = End {
    pushback: None,
    held: None,
    attempt: Attempt::Postponed,
};

/// Gives the holder leave from a moment on.
fn leave_after(postponed: u32) -> impl FnMut(&Start) -> Made {
    let mut asked = 0;
    move |start| match start.id.check.as_str() {
        "valid" if asked < postponed => {
            asked += 1;
            POSTPONED
        }
        _ => quick(start),
    }
}

#[test]
fn a_probe_without_leave_is_tried_again_soon_and_is_late_from_its_turn_on() {
    let mut play = Play::new(Limits::default(), vec![holder("a", MINUTE)]);
    play.run(SECOND * 10, leave_after(4));
    let waited = (Duration::from_millis(250) + MILLISECOND) * 4;
    assert_eq!((play.started.len(), play.started[0].lag), (1, waited));
    assert_eq!(play.skipped, []);
}

#[test]
fn who_waits_for_leave_takes_no_place_from_others() {
    let [anonymous, _, valid] = triad("a", MINUTE, MINUTE);
    let entries = vec![
        at("one", valid),
        at("one", stranger("b", SECOND)),
        anonymous,
    ];
    let mut play = Play::new(few(1, 1), entries);
    play.run(MINUTE, leave_after(u32::MAX));
    assert!(play.times("b/anonymous").len() >= 58);
    assert!(play.longest_lag() <= MILLISECOND * 20);
}

#[test]
fn a_turn_that_comes_while_the_check_asks_is_skipped_once() {
    let mut play = Play::new(Limits::default(), vec![holder("a", MINUTE)]);
    play.run(MINUTE * 10 + SECOND * 2, leave_after(u32::MAX));
    let all: u64 = play.skipped.iter().map(|skip| skip.turns).sum();
    assert_eq!(
        (play.turns_skipped("a/valid", Skip::HeldBack), all),
        (10, 10)
    );
}

#[test]
fn after_it_had_leave_a_check_is_back_at_its_place() {
    let mut play = Play::new(Limits::default(), vec![holder("a", MINUTE)]);
    play.run(MINUTE * 3, quick)
        .run(MINUTE * 2, leave_after(20))
        .run(MINUTE * 3, quick);
    let times = play.times("a/valid");
    let since = *times.last().unwrap() - times[1];
    assert_eq!(since.as_nanos() % MINUTE.as_nanos(), 0);
}

#[test]
fn a_holder_without_leave_has_not_been_met_and_is_waited_for_fifteen_seconds() {
    let [anonymous, _, valid] = triad("a", MINUTE, MINUTE);
    let mut play = Play::new(Limits::default(), vec![anonymous, valid]);
    play.run(SECOND * 10, leave_after(u32::MAX));
    assert_eq!(play.started, []);
    play.run(SECOND * 10, leave_after(u32::MAX));
    assert_eq!(play.times("a/anonymous").len(), 1);
    assert_eq!(play.longest_lag(), Duration::ZERO);
}

#[test]
fn a_holder_that_gets_leave_in_time_opens_the_gate() {
    let [anonymous, _, valid] = triad("a", MINUTE, MINUTE);
    let mut play = Play::new(Limits::default(), vec![anonymous, valid]);
    play.run(SECOND * 10, leave_after(4));
    let order: Vec<_> = play.started.iter().map(|start| &*start.check).collect();
    assert_eq!(order, ["a/valid", "a/anonymous"]);
}

#[test]
fn a_refused_credential_without_leave_was_not_shown() {
    let mut play = Play::new(Limits::default(), vec![refused("a", MINUTE * 15)]);
    let mut asked = 0;
    play.run(HOUR, |start| {
        asked += 1;
        if asked <= 8 { POSTPONED } else { quick(start) }
    });
    assert!(play.times("a/invalid")[0] < SECOND * 4);
    let gap = play.gaps("a/invalid")[0];
    assert!((MINUTE * 15..MINUTE * 19).contains(&gap), "{gap:?}");
}

#[test]
fn no_leave_forgives_no_pushback() {
    let mut play = Play::new(Limits::default(), vec![refused("a", MINUTE)]);
    let answers = [pushed_back(None), END, pushed_back(None)];
    let mut next = answers.into_iter();
    play.run(HOUR, |_| (MILLISECOND, next.next().unwrap_or_default()));
    let gap = play.gaps("a/invalid")[1];
    assert_eq!(gap.as_secs(), MINUTE.as_secs() * 10);
}

#[test]
fn a_check_that_is_changed_or_removed_while_it_asks_has_given_up() {
    let entries = |definition| {
        let changed = Entry {
            definition,
            ..holder("a", HOUR)
        };
        vec![changed, holder("b", HOUR)]
    };
    let mut play = Play::new(Limits::default(), entries(1));
    play.run(SECOND * 3, |_| POSTPONED);
    assert_eq!(play.agenda.gave_up(), []);
    play.adopt(vec![entries(2).remove(0)]);
    let gave_up: BTreeSet<_> = play
        .agenda
        .gave_up()
        .into_iter()
        .map(|asked| asked.1.to_string())
        .collect();
    assert_eq!(gave_up, ["a/valid", "b/valid"].map(str::to_owned).into());
    play.run(SECOND * 3, quick);
    assert_eq!(play.times("a/valid").len(), 1);
}

#[test]
fn a_check_that_is_changed_before_it_is_told_to_ask_has_given_up() {
    let mut play = Play::new(Limits::default(), vec![holder("a", HOUR)]);
    play.run(SECOND * 3, |_| (SECOND * 10, END));
    play.adopt(vec![]).run(MINUTE, quick);
    assert_eq!(play.agenda.gave_up().len(), 1);
    assert_eq!((play.agenda.in_flight(), play.agenda.wake()), (0, None));
}

#[test]
fn all_who_ask_get_leave_where_there_is_little_of_it() {
    let entries = (0..40).map(|number| holder(&format!("a-{number}"), HOUR));
    let mut play = Play::new(Limits::default(), entries.collect());
    let mut asked = 0_u32;
    play.run(MINUTE, |start| {
        asked += 1;
        if asked.is_multiple_of(7) {
            quick(start)
        } else {
            POSTPONED
        }
    });
    let seen: BTreeSet<_> = play.started.iter().map(|start| &*start.check).collect();
    assert_eq!(seen.len(), 40);
}
