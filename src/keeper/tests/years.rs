//! What becomes of verdicts as time goes by.

use super::*;
use crate::domain::finding::Verdict;

#[test]
fn a_verdict_older_than_three_intervals_counts_no_more() {
    let mut play = Play::of(ORDERS);
    play.meets("orders/anonymous", answer(200));
    play.wait(3 * 60 + 5);
    assert_eq!(play.look_round(), []);
    play.wait(6);
    let change = play
        .look_round()
        .into_iter()
        .find(|it| it.id == id_of("orders/anonymous"));
    assert_eq!(change.unwrap().before, Some(Verdict::Fail));
    assert_eq!(play.reasons("orders/anonymous"), [Reason::NotProbed]);
}

#[test]
fn what_was_last_seen_stays_in_sight_beside_not_probed() {
    let mut play = Play::of(ORDERS);
    play.meets("orders/anonymous", answer(401));
    play.wait(300).look_round();
    let check = play.check("orders/anonymous");
    let last = check.last.clone().unwrap();
    assert_eq!((check.probed_at, last.at), (Some(start()), start()));
    assert!(last.since > start());
    assert_eq!(last.observation.unwrap().answer().unwrap().status, 401);
}

#[test]
fn not_probed_is_told_once_and_ends_with_the_next_answer() {
    let mut play = Play::of(ORDERS);
    play.meets("orders/anonymous", answer(401));
    play.wait(300).look_round();
    assert_eq!(play.wait(300).look_round(), []);
    let change = play.meets("orders/anonymous", answer(401)).unwrap();
    assert_eq!(change.before, Some(Verdict::Unknown));
}

#[test]
fn what_must_be_refused_may_be_older_by_its_own_interval() {
    let mut play = Play::of(ORDERS);
    play.meets("orders/invalid", answer(401));
    play.wait(3 * 300 + 5).look_round();
    assert_eq!(play.reasons("orders/invalid"), []);
    play.wait(10).look_round();
    assert_eq!(play.reasons("orders/invalid"), [Reason::NotProbed]);
}

#[test]
fn a_check_that_never_had_a_verdict_becomes_not_probed_as_well() {
    let mut play = Play::of(ORDERS);
    play.wait(300).look_round();
    let check = play.check("orders/anonymous");
    assert_eq!(
        (check.verdict(), check.probed_at),
        (Some(Verdict::Unknown), None)
    );
}

#[test]
fn the_clock_on_the_wall_makes_nothing_stale() {
    let mut play = Play::of(ORDERS);
    play.meets("orders/anonymous", answer(401));
    let leaped = Moment {
        wall: start() + SignedDuration::from_hours(24 * 365),
        ..play.now()
    };
    assert_eq!(changes(play.live.look_round(leaped)), []);
}

#[test]
fn a_program_that_stood_still_blames_nobody_for_it() {
    let mut play = Play::of(ORDERS);
    play.meets("orders/anonymous", answer(401));
    play.wait(180).look_round();
    assert_eq!(play.wait(3600).look_once(), []);
    assert_eq!(play.wait(4).look_round(), []);
    play.wait(12).look_round();
    assert_eq!(play.reasons("orders/anonymous"), [Reason::NotProbed]);
}

#[test]
fn five_hosts_and_over_half_of_all_mean_that_this_monitor_may_be_cut_off() {
    let isolated = |down: usize, up: usize| {
        let mut play = Play::of(&hosts(down + up));
        for host in 0..down + up {
            let met = if host < down {
                silence(Reason::ConnectTimeout)
            } else {
                answer(401)
            };
            play.meets(&format!("e{host}/anonymous"), met);
        }
        play.look_round();
        let during = play.live.monitor.isolated;
        for host in 0..down {
            play.wait(1)
                .meets(&format!("e{host}/anonymous"), answer(401));
        }
        play.look_round();
        (during, play.live.monitor.isolated)
    };
    assert_eq!(isolated(4, 0), (false, false));
    assert_eq!(isolated(5, 5), (false, false));
    assert_eq!(isolated(5, 4), (true, false));
}

#[test]
fn hosts_that_answer_with_errors_can_be_reached() {
    let mut play = Play::of(&hosts(6));
    for host in 0..6 {
        play.meets(&format!("e{host}/anonymous"), answer(503));
    }
    play.look_round();
    assert!(!play.live.monitor.isolated);
}

/// One endpoint at each of so many hosts.
fn hosts(number: usize) -> String {
    let one = |at| format!("  - {{name: e{at}, url: 'https://h{at}.example.com/'}}\n");
    let all: Vec<String> = (0..number).map(one).collect();
    format!("endpoints:\n{}", all.concat())
}
