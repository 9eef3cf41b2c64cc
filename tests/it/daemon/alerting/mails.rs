//! What a relay is given of an incident, from its first answer to its end.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{
    BOTH, await_mail, brisk, by_mail, deliveries, incident_of, incidents, mailing, mails_of,
    mails_to,
};
use crate::daemon::{LOCKED, OPEN, lock, locked_lab, open, scene};
use crate::support::daemon::Daemon;
use crate::support::lab::{Answer, door};
use crate::support::smtp::{Moment, Relay, Script, say};

#[test]
fn a_bypass_is_mailed_to_everybody_and_its_recovery_answers_that_mail() {
    let (lab, relay) = (locked_lab(), Relay::start(Script::default()));
    let daemon = Daemon::start(mailing(&lab, &relay));
    daemon.until_reasons(&LOCKED);
    assert_eq!(relay.taken(), []);
    open(&lab);
    let opened = BOTH.map(|to| await_mail(&daemon, &relay, to, "CRITICAL bypass"));
    lock(&lab);
    let ended = BOTH.map(|to| await_mail(&daemon, &relay, to, "RESOLVED"));
    for (opened, ended) in opened.iter().zip(&ended) {
        let first = opened.field("Message-ID");
        assert_eq!(opened.header("In-Reply-To"), None);
        assert_eq!(ended.field("In-Reply-To"), first);
        assert_eq!(ended.field("References"), first);
        assert_ne!(ended.field("Message-ID"), first);
        for mail in [opened, ended] {
            assert_eq!(mail.field("Auto-Submitted"), "auto-generated");
        }
    }
    for to in BOTH {
        let counted = ["CRITICAL", "RESOLVED"]
            .map(|words| mails_of(&relay, to, "orders/anonymous", words).len());
        assert_eq!(counted, [1, 1], "{to}");
    }
}

#[test]
fn a_bypass_that_every_knock_meets_says_how_often_it_was_reproduced() {
    let (lab, relay) = (locked_lab(), Relay::start(Script::default()));
    let daemon = Daemon::start(mailing(&lab, &relay));
    daemon.until_reasons(&LOCKED);
    open(&lab);
    let mail = await_mail(&daemon, &relay, BOTH[0], "CRITICAL bypass");
    let found = ["reproduced 3/3", "reproduced 2/2", "reproduced 1/1"];
    assert!(
        found.iter().any(|found| mail.text.contains(found)),
        "{}",
        mail.text
    );
    assert!(mail.text.contains("HTTP/1.1 200 OK"), "{}", mail.text);
}

#[test]
fn a_door_that_every_other_knock_passes_is_told_as_partial_and_stays_open() {
    let (lab, relay) = (locked_lab(), Relay::start(Script::default()));
    let daemon = Daemon::start(mailing(&lab, &relay));
    daemon.until_reasons(&LOCKED);
    let strangers = AtomicU64::new(0);
    let locked = door::basic("orders", crate::daemon::USER, crate::daemon::PASSWORD);
    lab.route("/orders", move |request| {
        let stranger = request.header("authorization").is_none();
        if stranger && strangers.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
            Answer::status(200).json("{\"door\":\"open\"}")
        } else {
            locked(request)
        }
    });
    let mail = await_mail(&daemon, &relay, BOTH[0], "CRITICAL bypass");
    assert!(mail.text.contains("seen "), "{}", mail.text);
    let incident = incident_of(&daemon, "anonymous").unwrap();
    let reproduced = &incident["reproduced"];
    assert!(reproduced["again"].as_u64() < reproduced["of"].as_u64());
    daemon.until_probed("orders/anonymous", 6);
    assert_eq!(mails_to(&relay, BOTH[0]).len(), 1);
    assert_eq!(incidents(&daemon).len(), 1);
}

#[test]
fn one_recipient_that_is_refused_keeps_nothing_from_the_other_and_is_a_dead_letter() {
    let refused = std::iter::repeat_n(say("550 5.1.1 nobody of that name"), 100);
    let script = Script::default().at(Moment::Recipient("a@auth.test"), refused);
    let (lab, relay) = (locked_lab(), Relay::start(script));
    let daemon = Daemon::start(mailing(&lab, &relay));
    daemon.until_reasons(&LOCKED);
    open(&lab);
    await_mail(&daemon, &relay, "b@auth.test", "CRITICAL bypass");
    let states = [("a@auth.test", "rejected"), ("b@auth.test", "delivered")];
    let states = states.map(|(to, state)| (to.to_owned(), state.to_owned()));
    daemon.until("the API tells both", || {
        deliveries(&daemon, "anonymous") == states
    });
    let labels = [("receiver", "oncall")];
    let metrics = daemon.metrics();
    assert!(metrics.value("authvigil_dead_letters", &labels) >= Some(1.0));
    assert_eq!(
        metrics.value("authvigil_outbox_pending", &labels),
        Some(0.0)
    );
    let page = daemon.get("/").body;
    for word in ["Refused notices", "nobody of that name"] {
        assert!(page.contains(word), "no `{word}`: {page}");
    }
    assert_eq!(mails_to(&relay, "a@auth.test"), []);
}

#[test]
fn metrics_tell_of_an_incident_apart_from_the_verdict() {
    let (lab, relay) = (locked_lab(), Relay::start(Script::default()));
    let daemon = Daemon::start(mailing(&lab, &relay));
    let labels = [("endpoint", "orders"), ("check", "anonymous")];
    let of = |name: &str| Some(daemon.metrics().sum(name, &labels));
    daemon.until_reasons(&LOCKED);
    assert_eq!(of("authvigil_incident_open"), Some(0.0));
    open(&lab);
    daemon.until_reasons(&OPEN);
    daemon.until("it is open", || of("authvigil_incident_open") >= Some(1.0));
    let class = [("class", "bypass")];
    let opened = daemon.metrics().sum("authvigil_incidents_total", &class);
    assert_eq!(Some(opened), Some(2.0));
    lock(&lab);
    daemon.until("it is over", || of("authvigil_incident_open") < Some(1.0));
    assert_eq!(of("authvigil_check_success"), Some(1.0));
}

#[test]
fn a_check_that_leaves_the_configuration_is_mailed_as_removed() {
    let (lab, relay) = (locked_lab(), Relay::start(Script::default()));
    let daemon = Daemon::start(mailing(&lab, &relay));
    daemon.until_reasons(&LOCKED);
    open(&lab);
    let opened = await_mail(&daemon, &relay, BOTH[0], "CRITICAL bypass");
    let without = brisk(&lab, &by_mail(&relay)).replace("name: orders", "name: others");
    daemon.replace("authvigil.yaml", &without);
    assert_eq!(daemon.scene.run(&["reload"]).code, 0);
    let removed = await_mail(&daemon, &relay, BOTH[0], "REMOVED (not fixed)");
    assert_eq!(removed.field("In-Reply-To"), opened.field("Message-ID"));
}

#[test]
fn a_lockout_waits_for_a_second_refusal_and_is_mailed_with_its_recovery() {
    let (lab, relay) = (locked_lab(), Relay::start(Script::default()));
    let daemon = Daemon::start(scene(&brisk(&lab, &by_mail(&relay))));
    daemon.until_reasons(&LOCKED);
    lab.route("/orders", door::basic("orders", "other", "word"));
    let mails = |words: &str| mails_of(&relay, BOTH[0], "orders/valid", words);
    let opened = daemon.until_some("the lockout", || mails("lockout").pop());
    lock(&lab);
    let ended = daemon.until_some("the recovery", || mails("RESOLVED").pop());
    assert_eq!(ended.field("In-Reply-To"), opened.field("Message-ID"));
}
