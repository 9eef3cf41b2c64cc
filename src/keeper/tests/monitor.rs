//! What is told of this monitor itself: that it is alive, and that it is cut off.

use super::*;
use crate::domain::notice::Occasion;

const HEARTBEAT: &str = "  heartbeat: {every: 24h, receiver: oncall}\n";

#[test]
fn a_heartbeat_counts_what_there_was_since_the_one_before() {
    let mut play = Play::of(&[TOLD, HEARTBEAT].concat());
    play.says();
    let beats = |play: &mut Play| {
        let owed = play.says();
        let mut beats = owed.iter().filter_map(|owed| {
            let Occasion::Heartbeat(beat) = owed.notice.occasion else {
                return None;
            };
            Some(beat)
        });
        beats.next().unwrap()
    };
    for status in [401, 401, 200] {
        play.wait(60).meets("orders/anonymous", answer(status));
    }
    play.wait(24 * 3600);
    let first = beats(&mut play);
    assert_eq!((first.since, first.probes, first.open), (start(), 3, 1));
    assert_eq!((first.checks, first.failing), (3, (1, 0)));
    play.meets("orders/valid", answer(200));
    let at = play.now().wall;
    play.wait(24 * 3600);
    let second = beats(&mut play);
    assert_eq!((second.since, second.probes), (at, 1));
}

#[test]
fn a_heartbeat_is_not_told_anew_by_every_run() {
    let mut play = Play::of(&[TOLD, HEARTBEAT].concat());
    let mut owed = play.says_within(5);
    for _ in 0..3 {
        play = play.restarted(&[TOLD, HEARTBEAT].concat());
        owed.extend(play.says_within(30));
    }
    assert!(owed.len() < 2, "{:?}", occasions(&owed));
}

/// Seven hosts, of which one can fail without being this monitor's fault.
fn many() -> String {
    let endpoints = (0..7).map(|it| format!("  - {{name: e{it}, url: 'https://e{it}.test/'}}\n"));
    let alerting = TOLD.split_once("alerting:").unwrap().1;
    format!(
        "endpoints:\n{}alerting:{alerting}",
        endpoints.collect::<String>()
    )
}

/// All of them meet this, so many times; what is said meanwhile.
fn all_meet(
    play: &mut Play,
    times: u32,
    met: fn() -> Result<Observation, Unpresentable>,
) -> Vec<Arc<Owed>> {
    let mut owed = Vec::new();
    for _ in 0..times {
        owed.extend(play.says_within(60));
        for number in 0..7 {
            play.meets(&format!("e{number}/anonymous"), met());
        }
    }
    owed
}

fn nothing() -> Result<Observation, Unpresentable> {
    silence(Reason::ConnectRefused)
}

/// Hosts that were in order, of which none can be reached any more; what was said of that.
fn cut_off() -> (Play, Vec<Arc<Owed>>) {
    let mut play = Play::of(&many());
    let mut owed = all_meet(&mut play, 2, || answer(401));
    owed.extend(all_meet(&mut play, 4, nothing));
    owed.extend(play.says_within(60));
    (play, owed)
}

#[test]
fn a_monitor_that_is_cut_off_says_so_once_and_nothing_of_the_hosts() {
    let (mut play, mut owed) = cut_off();
    owed.extend(all_meet(&mut play, 3, nothing));
    assert_eq!(occasions(&owed), ["isolated"]);
    assert_eq!(play.open().len(), 7);
}

#[test]
fn a_monitor_that_is_still_cut_off_after_a_restart_says_it_no_second_time() {
    let (play, told) = cut_off();
    let mut play = play.restarted(&many());
    let mut owed = all_meet(&mut play, 3, nothing);
    // What nobody took yet is handed over again, and is no news.
    owed.retain(|owed| !told.contains(owed));
    assert_eq!(occasions(&owed), [""; 0]);
}

#[test]
fn a_monitor_that_is_back_says_so_and_its_hosts_recover_without_a_word() {
    let (mut play, _) = cut_off();
    let owed = all_meet(&mut play, 5, || answer(401));
    assert_eq!(occasions(&owed), ["rejoined"]);
    assert_eq!(play.open(), []);
}

#[test]
fn a_monitor_that_comes_back_after_a_restart_says_so_in_the_same_thread() {
    let (play, told) = cut_off();
    let mut play = play.restarted(&many());
    let mut owed = all_meet(&mut play, 5, || answer(401));
    owed.retain(|owed| !told.contains(owed));
    assert_eq!(occasions(&owed), ["rejoined"]);
    let first = &told[0].notice.thread.message_id;
    assert_eq!(owed[0].notice.thread.in_reply_to.as_ref(), Some(first));
}

#[test]
fn a_host_that_stays_away_is_told_once_the_monitor_is_back() {
    let (mut play, _) = cut_off();
    let mut owed = Vec::new();
    for _ in 0..5 {
        owed.extend(play.says_within(60));
        for number in 0..7 {
            let met = if number == 3 { nothing() } else { answer(401) };
            play.meets(&format!("e{number}/anonymous"), met);
        }
    }
    assert_eq!(occasions(&owed), ["rejoined", "opened"]);
    assert_eq!(owed[1].notice.incidents.len(), 1);
}
