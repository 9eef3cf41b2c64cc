//! Relays and disks that are away while a door opens.

use std::fs;

use super::{BOTH, await_mail, mailing, mails_of};
use crate::daemon::{LOCKED, OPEN, locked_lab, open};
use crate::support::daemon::Daemon;
use crate::support::smtp::{Relay, Script};

#[test]
fn a_relay_that_comes_back_is_given_what_it_missed_once() {
    let (lab, relay) = (locked_lab(), Relay::start(Script::default()));
    let daemon = Daemon::start(mailing(&lab, &relay));
    daemon.until_reasons(&LOCKED);
    relay.go_away();
    open(&lab);
    let labels = [("receiver", "oncall")];
    let waiting = || daemon.metrics().value("authvigil_outbox_pending", &labels);
    daemon.until("it waits", || waiting() >= Some(1.0));
    daemon.until("a try is told", || {
        daemon.log().contains("waits for another try")
    });
    relay.come_back();
    for to in BOTH {
        await_mail(&daemon, &relay, to, "CRITICAL bypass");
    }
    daemon.until("nothing waits", || waiting() == Some(0.0));
    for to in BOTH {
        let told = mails_of(&relay, to, "orders/anonymous", "CRITICAL");
        assert_eq!(told.len(), 1, "{to}");
    }
}

#[test]
fn a_state_that_can_never_be_written_keeps_no_mail_back() {
    let (lab, relay) = (locked_lab(), Relay::start(Script::default()));
    let scene = mailing(&lab, &relay);
    scene.write("state", "a file, where a directory is needed");
    let daemon = Daemon::begin(scene, &[]);
    daemon.until_reasons(&LOCKED);
    open(&lab);
    for to in BOTH {
        await_mail(&daemon, &relay, to, "CRITICAL bypass");
    }
}

#[test]
fn a_state_that_is_lost_while_the_daemon_runs_keeps_no_mail_back() {
    let (lab, relay) = (locked_lab(), Relay::start(Script::default()));
    let daemon = Daemon::start(mailing(&lab, &relay));
    daemon.until_reasons(&LOCKED);
    fs::remove_dir_all(daemon.path("state")).unwrap();
    fs::write(daemon.path("state"), "in its place").unwrap();
    open(&lab);
    daemon.until_reasons(&OPEN);
    for to in BOTH {
        await_mail(&daemon, &relay, to, "CRITICAL bypass");
    }
}
