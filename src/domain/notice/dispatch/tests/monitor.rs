//! Isolation and heartbeats.

use std::time::Duration;

use super::play::{Play, branch, name, policy, route};
use crate::domain::finding::Reason::{AnonymousAdmitted, ConnectRefused, NotFound};
use crate::domain::notice::{Isolation, Occasion};
use crate::domain::routing::{Policy, Regularly};

fn isolate(play: &mut Play) {
    let isolation = Isolation {
        since: play.now,
        down: 5,
        hosts: 6,
    };
    play.dispatch.isolated(Some(isolation), play.now);
    play.settle();
}

fn rejoin(play: &mut Play) {
    play.dispatch.isolated(None, play.now);
    play.settle();
}

#[test]
fn isolation_is_told_once_in_place_of_its_outages() {
    let mut play = Play::plain();
    let ids = ["a", "b"].map(|it| play.open(&format!("{it}/valid"), ConnectRefused));
    play.pass(5);
    isolate(&mut play);
    isolate(&mut play);
    play.pass(1000);
    play.end(&ids[0]);
    rejoin(&mut play);
    play.pass(1000);
    assert_eq!(
        play.said(),
        [
            "5 oncall isolated",
            "1005 oncall rejoined",
            "1015 oncall opened b/valid"
        ]
    );
}

#[test]
fn isolation_holds_back_nothing_but_outages() {
    let mut play = Play::plain();
    isolate(&mut play);
    play.open("a/anonymous", AnonymousAdmitted);
    play.open("b/anonymous", NotFound);
    play.pass(100);
    assert_eq!(
        play.said()[1..],
        [
            "0 oncall opened a/anonymous",
            "10 oncall opened b/anonymous"
        ]
    );
}

#[test]
fn the_end_of_isolation_answers_the_mail_that_told_of_it() {
    let mut play = Play::plain();
    isolate(&mut play);
    play.restart(60);
    rejoin(&mut play);
    let [(_, isolated), (_, rejoined)] = &play.drafts[..] else {
        panic!("{:?}", play.said());
    };
    let first = isolated.thread.message_id.clone();
    assert_eq!(rejoined.thread.in_reply_to, Some(first.clone()));
    assert_eq!(rejoined.thread.references, [first]);
    assert_eq!(play.memo.isolation, None);
}

#[test]
fn isolation_is_told_to_whom_outages_are_told() {
    let mut root = route("oncall");
    root.routes = vec![branch("tickets", "class", "outage")];
    let mut play = Play::of(root);
    isolate(&mut play);
    assert_eq!(play.said(), ["0 tickets isolated"]);
}

fn with_heartbeat() -> Policy {
    Policy {
        heartbeat: Some(Regularly {
            every: Duration::from_hours(1),
            receiver: name("tickets"),
        }),
        ..policy(Some(route("oncall")))
    }
}

#[test]
fn the_first_heartbeat_comes_a_period_after_the_first_start() {
    let mut play = Play::under(with_heartbeat());
    play.settle();
    play.pass(1800);
    play.restart(60);
    play.pass(6000);
    assert_eq!(
        play.said(),
        ["3600 tickets heartbeat", "7200 tickets heartbeat"]
    );
}

#[test]
fn heartbeats_that_were_missed_are_sent_once_at_the_next_start() {
    let mut play = Play::under(with_heartbeat());
    play.settle();
    play.pass(4000);
    play.restart(10_000);
    play.pass(1000);
    assert_eq!(
        play.said(),
        [
            "3600 tickets heartbeat",
            "14000 tickets heartbeat",
            "14400 tickets heartbeat"
        ]
    );
}

#[test]
fn a_heartbeat_says_how_many_incidents_are_open_and_since_when_it_counts() {
    let mut play = Play::under(with_heartbeat());
    let start = play.now;
    play.open("a/anonymous", AnonymousAdmitted);
    play.pass(3600);
    let beats = play.drafts.iter().filter_map(|(_, it)| {
        if let Occasion::Heartbeat(heartbeat) = &it.occasion {
            return Some((heartbeat.open, heartbeat.since));
        }
        None
    });
    assert_eq!(beats.collect::<Vec<_>>(), [(1, start)]);
}
