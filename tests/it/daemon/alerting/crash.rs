//! Ends at the worst moment, and what the next run owes.

use std::collections::BTreeSet;

use super::{BOTH, await_mail, by_mail, incident_of, mailing, mails_of};
use crate::daemon::{
    BRISK, LOCKED, OPEN, TIMING, alone, changed, config, lock, locked_lab, open, scene,
};
use crate::support::daemon::{Daemon, STATE};
use crate::support::letter::Letter;
use crate::support::smtp::{Relay, Script};

/// How many notices the state file holds.
fn stored_notices(daemon: &Daemon) -> i64 {
    let file = rusqlite::Connection::open(daemon.path(STATE)).unwrap();
    file.query_row("SELECT count(*) FROM notices", [], |row| row.get(0))
        .unwrap_or(0)
}

fn ids(mails: &[Letter]) -> BTreeSet<&str> {
    mails.iter().map(|mail| mail.field("Message-ID")).collect()
}

#[test]
fn a_kill_before_the_relay_takes_the_mail_loses_neither_it_nor_the_recovery() {
    let (lab, relay) = (locked_lab(), Relay::start(Script::default()));
    let daemon = Daemon::start(mailing(&lab, &relay));
    daemon.until_reasons(&LOCKED);
    relay.go_away();
    open(&lab);
    daemon.until_reasons(&OPEN);
    daemon.until("the notices are on the disk", || {
        stored_notices(&daemon) >= 1
    });
    let stopped = daemon.kill();
    assert_eq!(relay.taken(), []);
    relay.come_back();
    let daemon = Daemon::start(stopped.scene);
    for to in BOTH {
        await_mail(&daemon, &relay, to, "CRITICAL bypass");
    }
    lock(&lab);
    for to in BOTH {
        let ended = await_mail(&daemon, &relay, to, "RESOLVED");
        let opened = mails_of(&relay, to, "orders/anonymous", "CRITICAL");
        let opened = ids(&opened);
        assert_eq!(opened, BTreeSet::from([ended.field("In-Reply-To")]), "{to}");
        let resolved = mails_of(&relay, to, "orders/anonymous", "RESOLVED");
        assert_eq!(resolved.len(), 1, "{to}");
    }
}

#[test]
fn a_kill_after_the_mail_tells_nobody_of_another_incident() {
    let (lab, relay) = (locked_lab(), Relay::start(Script::default()));
    let daemon = Daemon::start(mailing(&lab, &relay));
    daemon.until_reasons(&LOCKED);
    open(&lab);
    for to in BOTH {
        await_mail(&daemon, &relay, to, "CRITICAL bypass");
    }
    let before = incident_of(&daemon, "anonymous").unwrap();
    let daemon = Daemon::start(daemon.kill().scene);
    daemon.until_probed("orders/anonymous", 3);
    let after = incident_of(&daemon, "anonymous").unwrap();
    for key in ["id", "since", "opened_at", "state"] {
        assert_eq!(after[key], before[key], "{key}");
    }
    for to in BOTH {
        let mails = mails_of(&relay, to, "orders/anonymous", "");
        // A crash may repeat a mail, in the very same words.
        let texts: BTreeSet<&str> = mails.iter().map(|mail| mail.text.as_str()).collect();
        assert_eq!((ids(&mails).len(), texts.len()), (1, 1), "{to}");
    }
}

#[test]
fn a_recovery_while_nothing_runs_is_mailed_after_the_next_start() {
    let (lab, relay) = (locked_lab(), Relay::start(Script::default()));
    let daemon = Daemon::start(mailing(&lab, &relay));
    daemon.until_reasons(&LOCKED);
    open(&lab);
    let opened = await_mail(&daemon, &relay, BOTH[0], "CRITICAL bypass");
    let stopped = daemon.stop();
    lock(&lab);
    let daemon = Daemon::start(stopped.scene);
    let ended = await_mail(&daemon, &relay, BOTH[0], "RESOLVED");
    assert_eq!(ended.field("In-Reply-To"), opened.field("Message-ID"));
}

#[test]
fn who_is_asked_to_stop_tells_what_is_owed_before() {
    let (lab, relay) = (locked_lab(), Relay::start(Script::default()));
    // One check alone: a second bypass is owed a few seconds after the first.
    let endpoints = [alone("orders", &lab.url("/orders"))];
    let text = changed(&config(&by_mail(&relay), &endpoints), TIMING, BRISK);
    let daemon = Daemon::start(scene(&text));
    daemon.until_reasons(&LOCKED[..1]);
    relay.go_away();
    open(&lab);
    daemon.until("several tries", || {
        let tries = daemon.log().matches("waits for another try").count();
        tries >= 4
    });
    relay.come_back();
    let stopped = daemon.stop();
    assert_eq!(stopped.code, Some(0), "{}", stopped.log);
    for to in BOTH {
        let told = mails_of(&relay, to, "orders/anonymous", "CRITICAL");
        assert_eq!(told.len(), 1, "{to}: {}", stopped.log);
    }
    let daemon = Daemon::start(stopped.scene);
    daemon.until_probed("orders/anonymous", 3);
    let told = mails_of(&relay, BOTH[0], "orders/anonymous", "CRITICAL");
    assert_eq!(told.len(), 1, "{}", daemon.log());
}
