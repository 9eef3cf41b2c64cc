//! What a relay answers decides whether there is another try.

use authvigil::notify::Stage;

use super::{
    Attempt, LONG, Mailbox, TAKEN, TO, deliver, delivered, letter, mailbox, rejected, relay,
    retried, settings,
};
use crate::support::smtp::{Moment, Relay, Script, say};

async fn attempt(script: Script) -> Attempt {
    let sink = Relay::start(script);
    deliver(settings(sink.address())).await
}

#[tokio::test]
async fn a_mail_arrives_whole_in_an_envelope_of_its_own() {
    let sink = Relay::start(Script::default());
    assert_eq!(deliver(settings(sink.address())).await, delivered(TAKEN));
    let taken = sink.taken();
    let [mail] = taken.as_slice() else {
        panic!("{taken:?}")
    };
    assert_eq!(
        (mail.from.as_str(), &*mail.to),
        ("watch@auth.test", &[TO.to_owned()][..])
    );
    let content = &mail.content;
    assert!(
        content.contains("\r\nMessage-ID: <00112233445566778899@auth.test>\r\n"),
        "{content}"
    );
    assert!(
        content.contains("credentials.\r\n.\r\nSince 21:22.\r\n"),
        "{content}"
    );
}

#[tokio::test]
async fn a_trial_tells_every_step_with_the_relays_words() {
    let sink = Relay::start(Script::default());
    let trial = relay(settings(sink.address()), LONG);
    let trial = trial.try_out(&letter(), &mailbox(TO)).await;
    let steps: Vec<(Stage, bool, &str)> = trial
        .steps
        .iter()
        .skip(1)
        .map(|step| (step.stage, step.good, step.said.as_str()))
        .collect();
    let address = sink.address().to_string();
    let expected = [
        (Stage::Connect, true, address.as_str()),
        (Stage::Greeting, true, "220 relay.test ESMTP"),
        (Stage::Hello, true, "250 relay.test 8BITMIME"),
        (Stage::Sender, true, "250 2.1.0 ok"),
        (Stage::Recipient, true, "250 2.1.5 ok"),
        (Stage::Data, true, "354 go ahead"),
        (Stage::Content, true, TAKEN),
    ];
    assert_eq!(steps, expected);
}

#[tokio::test]
async fn a_trial_ends_with_the_step_that_failed() {
    let sink = Relay::start(Script::default().at(Moment::Recipient(TO), [say("550 5.1.1 who?")]));
    let trial = relay(settings(sink.address()), LONG);
    let trial = trial.try_out(&letter(), &mailbox(TO)).await;
    let last = trial
        .steps
        .last()
        .map(|step| (step.stage, step.good, step.said.as_str()));
    assert_eq!(last, Some((Stage::Recipient, false, "550 5.1.1 who?")));
}

#[tokio::test]
async fn a_greylisted_mail_is_taken_at_the_next_try() {
    let sink = Relay::start(Script::default().at(Moment::Recipient(TO), [say("451 4.7.1 later")]));
    let relay = relay(settings(sink.address()), LONG);
    let first = relay.deliver(&letter(), &mailbox(TO)).await;
    let second = relay.deliver(&letter(), &mailbox(TO)).await;
    assert_eq!(
        [first, second],
        [retried("RCPT TO: 451 4.7.1 later"), delivered(TAKEN)]
    );
}

#[tokio::test]
async fn one_recipient_that_is_refused_does_not_hold_up_the_next() {
    let sink = Relay::start(Script::default().at(
        Moment::Recipient("gone@auth.test"),
        [say("550 5.1.1 no such user")],
    ));
    let relay = relay(settings(sink.address()), LONG);
    let gone = relay.deliver(&letter(), &mailbox("gone@auth.test")).await;
    let there = relay.deliver(&letter(), &mailbox(TO)).await;
    let expected = [
        rejected("RCPT TO: 550 5.1.1 no such user"),
        delivered(TAKEN),
    ];
    assert_eq!([gone, there], expected);
}

#[tokio::test]
async fn each_answer_comes_to_what_it_means() {
    for (moment, line, expected) in [
        (
            Moment::Greeting,
            "554 go away",
            retried("greeting: 554 go away"),
        ),
        (Moment::Greeting, "421 busy", retried("greeting: 421 busy")),
        (Moment::Hello, "502 what?", retried("EHLO: 502 what?")),
        (
            Moment::Mail,
            "553 5.7.1 not yours",
            rejected("MAIL FROM: 553 5.7.1 not yours"),
        ),
        (
            Moment::Mail,
            "530 5.7.0 log in",
            retried("MAIL FROM: 530 5.7.0 log in"),
        ),
        (
            Moment::Recipient(TO),
            "552 5.2.2 full",
            retried("RCPT TO: 552 5.2.2 full"),
        ),
        (
            Moment::Recipient(TO),
            "421 4.3.2 stopping",
            retried("RCPT TO: 421 4.3.2 stopping"),
        ),
        (
            Moment::Data,
            "554 5.5.1 nobody",
            rejected("DATA: 554 5.5.1 nobody"),
        ),
        (
            Moment::Dot,
            "554 5.7.1 spam",
            rejected("the mail itself: 554 5.7.1 spam"),
        ),
        (
            Moment::Dot,
            "452 4.3.1 disk",
            retried("the mail itself: 452 4.3.1 disk"),
        ),
    ] {
        let script = Script::default().at(moment, [say(line)]);
        assert_eq!(attempt(script).await, expected, "{line}");
    }
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_is_no_delivery() {
    for (moment, line) in [
        (Moment::Data, "250 ok"),
        (Moment::Dot, "354 go on"),
        (Moment::Mail, "354 go on"),
        (Moment::Greeting, "250 hello"),
    ] {
        let attempt = attempt(Script::default().at(moment, [say(line)])).await;
        let said = format!("the relay answers `{line}`, which makes no sense here");
        assert!(
            matches!(&attempt, Attempt::Retried(why) if why.ends_with(&said)),
            "{attempt:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_before_its_question_is_no_delivery() {
    // Read as the answer to the mail, the second one would be a delivery that never was.
    let early = say("250 ok\r\n250 ok\r\n354 go\r\n250 2.0.0 taken");
    let attempt = attempt(Script::default().at(Moment::Mail, [early])).await;
    let expected = "RCPT TO: the relay spoke out of turn: `250 ok 354 go 250 2.0.0 taken`";
    assert_eq!(attempt, retried(expected));
}

#[tokio::test]
async fn an_answer_is_one_line_of_300_characters_without_control_characters() {
    let answer = format!(
        "550-\u{1b}[31m\u{202e}red\r\n550-{}\r\n550 end",
        "x".repeat(600)
    );
    let script = Script::default().at(Moment::Recipient(TO), [say(&answer)]);
    let said = format!("RCPT TO: 550 [31m red {}", "x".repeat(600));
    let cut: String = said.chars().take(299).chain(['…']).collect();
    assert_eq!(attempt(script).await, rejected(&cut));
}

#[tokio::test]
async fn an_address_beyond_ascii_needs_a_relay_that_takes_it() {
    let to = Mailbox {
        name: Some("Jürgen".to_owned()),
        ..mailbox("jürgen@auth.test")
    };
    let plain = Relay::start(Script::default());
    let modern = Relay::start(Script {
        extensions: &["SMTPUTF8", "SIZE 1000000"],
        ..Script::default()
    });
    let refused = relay(settings(plain.address()), LONG);
    let taken = relay(settings(modern.address()), LONG);
    let why = "MAIL FROM: an address is not in ASCII, and the relay does not offer SMTPUTF8";
    let attempts = [
        refused.deliver(&letter(), &to).await,
        taken.deliver(&letter(), &to).await,
    ];
    assert_eq!(attempts, [rejected(why), delivered(TAKEN)]);
}
