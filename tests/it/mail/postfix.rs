//! The same against a real relay: Postfix, with Dovecot to say who may log in.

use authvigil::notify::{Letter, SmtpAuth, SmtpProof, SmtpSecurity};

use super::login::oauth2;
use super::{
    Attempt, LONG, Mailbox, Smtp, TO, USER, deliver, letter, mailbox, reason, rejected, relay,
    retried, secured, settings, with_password,
};
use crate::support::lab::{Answer, Lab};
use crate::support::postfix::Postfix;
use crate::support::smtp::PASSWORD;

/// No token is ever asked about here.
const NOBODY: &str = "http://127.0.0.1:1/";

fn postfix() -> Postfix {
    Postfix::start("plain login", NOBODY)
}

fn is_queued(attempt: &Attempt) -> bool {
    matches!(attempt, Attempt::Delivered(said) if said.starts_with("250 2.0.0 Ok: queued as "))
}

#[tokio::test]
async fn a_mail_goes_through_starttls_and_a_login_into_the_mailbox() {
    let postfix = postfix();
    let settings = secured(postfix.starttls(), SmtpSecurity::StartTls);
    let attempt = deliver(with_password(settings, PASSWORD)).await;
    assert!(is_queued(&attempt), "{attempt:?}");
    let mail = postfix.mail();
    assert!(
        mail.contains("\nMessage-ID: <00112233445566778899@auth.test>\n"),
        "{mail}"
    );
    assert!(
        mail.contains("\nLet in without credentials.\n.\nSince 21:22.\n"),
        "{mail}"
    );
}

#[tokio::test]
async fn a_mail_goes_through_implicit_tls_and_the_older_login() {
    let postfix = Postfix::start("login", NOBODY);
    let settings = secured(postfix.implicit(), SmtpSecurity::Implicit);
    let attempt = deliver(with_password(settings, PASSWORD)).await;
    assert!(is_queued(&attempt), "{attempt:?}");
}

#[tokio::test]
async fn a_wrong_password_is_told_with_the_relays_words() {
    let postfix = postfix();
    let settings = secured(postfix.starttls(), SmtpSecurity::StartTls);
    let why = reason(deliver(with_password(settings, "wr0ng-password")).await);
    assert!(
        why.starts_with("AUTH: 535 5.7.8 Error: authentication failed"),
        "{why}"
    );
}

#[tokio::test]
async fn a_relay_that_wants_a_login_refuses_for_good_who_has_none() {
    let postfix = postfix();
    let attempt = deliver(secured(postfix.starttls(), SmtpSecurity::StartTls)).await;
    let refused =
        matches!(&attempt, Attempt::Rejected(why) if why.starts_with("RCPT TO: 554 5.7.1 "));
    assert!(refused, "{attempt:?}");
}

#[tokio::test]
async fn each_recipient_meets_its_own_answer() {
    let postfix = postfix();
    let relay = relay(settings(postfix.plain()), LONG);
    let said = async |to: &str| relay.deliver(&letter(), &mailbox(to)).await;
    let attempts = [
        said("grey@auth.test").await,
        said("nobody@auth.test").await,
        said("leave@auth.test").await,
    ];
    let expected = [
        retried("RCPT TO: 451 4.7.1 <grey@auth.test>: Recipient address rejected: Greylisted"),
        rejected("RCPT TO: 550 5.1.1 <nobody@auth.test>: Recipient address rejected: No such user"),
        rejected("RCPT TO: 521 5.7.1 <leave@auth.test>: Recipient address rejected: Go away"),
    ];
    assert_eq!(attempts, expected);
    assert!(is_queued(&said(TO).await));
}

#[tokio::test]
async fn a_mail_that_is_refused_for_what_it_holds_is_not_sent_again() {
    let postfix = postfix();
    let relay = relay(settings(postfix.plain()), LONG);
    let letter = Letter {
        subject: "spam".to_owned(),
        ..letter()
    };
    let attempt = relay.deliver(&letter, &mailbox(TO)).await;
    assert_eq!(
        attempt,
        rejected("the mail itself: 550 5.7.1 looks like spam")
    );
}

#[tokio::test]
async fn an_address_in_another_script_reaches_its_mailbox() {
    let postfix = postfix();
    let relay = relay(settings(postfix.plain()), LONG);
    let to = Mailbox {
        name: Some("Jürgen Groß".to_owned()),
        ..mailbox("jürgen@auth.test")
    };
    let attempt = relay.deliver(&letter(), &to).await;
    assert!(is_queued(&attempt), "{attempt:?}");
    assert!(
        postfix
            .mail()
            .contains("\nDelivered-To: jürgen@auth.test\n")
    );
}

#[tokio::test]
async fn a_token_that_the_relay_looks_up_logs_in() {
    let lab = Lab::http();
    lab.route("/token", |_| {
        Answer::status(200).json(r#"{"access_token":"t0ken-that-is-good","token_type":"Bearer"}"#)
    });
    lab.route("/introspect", |request| {
        let good = String::from_utf8_lossy(&request.body).contains("t0ken-that-is-good");
        Answer::status(200).json(format!(r#"{{"active":{good},"username":"{USER}"}}"#))
    });
    let postfix = Postfix::start("xoauth2", &lab.url("/introspect"));
    let settings = secured(postfix.starttls(), SmtpSecurity::StartTls);
    let proof = SmtpProof::OAuth2(Box::new(oauth2(&lab.url("/token"))));
    let username = USER.to_owned();
    let auth = Some(SmtpAuth { username, proof });
    let attempt = deliver(Smtp { auth, ..settings }).await;
    assert!(is_queued(&attempt), "{attempt:?}");
}
