//! A relay that hangs, drips, floods or breaks off costs a bounded time, and never a mail.

use std::time::Duration;

use authvigil::notify::{Patience, SmtpSecurity};
use futures_util::future::join_all;

use super::{
    Attempt, LONG, SHORT, TAKEN, TO, delivered, letter, mailbox, reason, relay, secured, settings,
    with_password,
};
use crate::support::certificates::Certificate;
use crate::support::hostile::nobody::ClosedPort;
use crate::support::smtp::{Act, Moment, PASSWORD, Relay, Script, Security, say};

async fn attempt(script: Script, patience: Patience) -> Attempt {
    let sink = Relay::start(script);
    let relay = relay(settings(sink.address()), patience);
    relay.deliver(&letter(), &mailbox(TO)).await
}

async fn hang_at(moment: Moment) -> String {
    reason(attempt(Script::default().at(moment, [Act::Hang]), SHORT).await)
}

async fn hang_before_login_at(moment: Moment) -> String {
    let script = Script {
        security: Security::StartTls(Certificate::Valid),
        mechanisms: "PLAIN",
        ..Script::default()
    };
    let sink = Relay::start(script.at(moment, [Act::Hang]));
    let settings = secured(sink.address(), SmtpSecurity::StartTls);
    let relay = relay(with_password(settings, PASSWORD), SHORT);
    reason(relay.deliver(&letter(), &mailbox(TO)).await)
}

#[tokio::test]
async fn a_relay_that_hangs_is_left_whatever_it_hangs_at() {
    let moments = [
        Moment::Greeting,
        Moment::Hello,
        Moment::Mail,
        Moment::Recipient(TO),
        Moment::Data,
    ];
    let said = join_all(moments.into_iter().map(hang_at)).await;
    let stages = ["greeting", "EHLO", "MAIL FROM", "RCPT TO", "DATA"];
    assert_eq!(
        said,
        stages.map(|stage| format!("{stage}: nothing came within 2 s"))
    );
}

#[tokio::test]
async fn a_relay_that_hangs_on_the_way_to_tls_or_in_a_login_is_left() {
    let moments = [Moment::StartTls, Moment::Handshake, Moment::Auth];
    let said = join_all(moments.into_iter().map(hang_before_login_at)).await;
    let stages = ["STARTTLS", "TLS", "AUTH"];
    assert_eq!(
        said,
        stages.map(|stage| format!("{stage}: nothing came within 2 s"))
    );
}

#[tokio::test]
async fn after_the_final_dot_a_relay_has_all_of_the_time_that_is_left() {
    let why = hang_at(Moment::Dot).await;
    assert_eq!(why, "the mail itself: it was not over after 6 s in all");
}

#[tokio::test]
async fn a_connection_that_is_lost_is_no_delivery() {
    for moment in [Moment::Greeting, Moment::Mail, Moment::Within, Moment::Dot] {
        let attempt = attempt(Script::default().at(moment.clone(), [Act::Close]), LONG).await;
        assert!(
            matches!(attempt, Attempt::Retried(_)),
            "{moment:?}: {attempt:?}"
        );
    }
}

#[tokio::test]
async fn a_mail_that_was_lost_after_the_dot_is_sent_again_in_the_same_words() {
    let sink = Relay::start(Script::default().at(Moment::Dot, [Act::Close]));
    let relay = relay(settings(sink.address()), LONG);
    let why = reason(relay.deliver(&letter(), &mailbox(TO)).await);
    assert!(why.starts_with("the mail itself: "), "{why}");
    let again = relay.deliver(&letter(), &mailbox(TO)).await;
    assert_eq!(again, delivered(TAKEN));
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_tried_again() {
    let closed = ClosedPort::take();
    let relay = relay(settings(closed.address()), LONG);
    let why = reason(relay.deliver(&letter(), &mailbox(TO)).await);
    assert!(
        why.starts_with("connection: ") && why.contains("refused"),
        "{why}"
    );
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_tried_again() {
    let mut settings = settings("127.0.0.1:25".parse().unwrap());
    // No label is that long (RFC 1035 §2.3.4), so no resolver is asked.
    settings.host = format!("{}.invalid", "x".repeat(64));
    let why = reason(relay(settings, LONG).deliver(&letter(), &mailbox(TO)).await);
    assert!(why.starts_with("name resolution: "), "{why}");
}

#[tokio::test]
async fn a_greeting_of_512_lines_is_read() {
    let mut lines = "220-welcome to the relay\r\n".repeat(511);
    lines.push_str("220 at last");
    let attempt = attempt(Script::default().at(Moment::Greeting, [say(&lines)]), LONG).await;
    assert_eq!(attempt, delivered(TAKEN));
}

#[tokio::test]
async fn an_answer_without_an_end_is_cut_off() {
    for flood in [
        &[b'2'; 8192][..],
        &b"220-more and more and more\r\n".repeat(64),
    ] {
        let flood: &'static [u8] = flood.to_vec().leak();
        let act = Act::Repeat(flood, Duration::ZERO);
        let attempt = attempt(Script::default().at(Moment::Greeting, [act]), LONG).await;
        assert_eq!(reason(attempt), "greeting: the relay's answer has no end");
    }
}

#[tokio::test]
async fn an_answer_that_drips_is_given_no_more_time_than_another() {
    let drip = Act::Repeat(b"220-x\r\n", Duration::from_millis(50));
    let why = reason(attempt(Script::default().at(Moment::Greeting, [drip]), SHORT).await);
    assert_eq!(why, "greeting: nothing came within 2 s");
}

#[tokio::test]
async fn what_is_no_smtp_is_said_so() {
    for (bytes, shown) in [
        (
            &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
            "HTTP/1.1 400 Bad Request",
        ),
        (&b"\x16\x03\x01\x00\xff\xfe\n"[..], "\u{fffd}\u{fffd}"),
        (&b"220-one\r\n250 two\r\n"[..], "250 two"),
    ] {
        let act = Act::Say(bytes.to_vec());
        let why = reason(attempt(Script::default().at(Moment::Greeting, [act]), LONG).await);
        let expected = format!("greeting: the relay does not speak SMTP: it sent `{shown}`");
        assert_eq!(why.replace("` ", "`"), expected);
    }
}
