//! Logging in at a relay.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use authvigil::domain::endpoint::Transport;
use authvigil::domain::oauth2::{ClientAuth, OAuth2};
use authvigil::domain::secret::{Secret, SecretRef};
use authvigil::notify::{SmtpAuth, SmtpProof, SmtpSecurity};

use super::{Smtp, TAKEN, USER, deliver, delivered, reason, retried, secured, with_password};
use crate::support::certificates::Certificate;
use crate::support::lab::{Answer, Lab};
use crate::support::smtp::{Moment, PASSWORD, Relay, Script, Security, say};

fn sink(mechanisms: &'static str, tokens: &[&'static str]) -> Relay {
    Relay::start(Script {
        security: Security::StartTls(Certificate::Valid),
        mechanisms,
        tokens: tokens.to_vec(),
        ..Script::default()
    })
}

fn starttls(sink: &Relay) -> Smtp {
    secured(sink.address(), SmtpSecurity::StartTls)
}

pub(super) fn oauth2(token_url: &str) -> OAuth2 {
    OAuth2 {
        token_url: token_url.parse().unwrap(),
        client_id: "watch".to_owned(),
        client_secret: Some(SecretRef::Literal(Secret::new("cl13nt-secret"))),
        refresh_token: None,
        client_auth: ClientAuth::Basic,
        scopes: vec!["mail".to_owned()],
        audience: None,
        resource: Vec::new(),
        transport: Transport::default(),
        timeout: OAuth2::TIMEOUT,
        endpoint_params: BTreeMap::new(),
    }
}

fn with_token(settings: Smtp, token_url: &str) -> Smtp {
    let proof = SmtpProof::OAuth2(Box::new(oauth2(token_url)));
    let username = USER.to_owned();
    let auth = Some(SmtpAuth { username, proof });
    Smtp { auth, ..settings }
}

/// A token endpoint that gives these tokens, the last one for ever, and counts.
fn endpoint(tokens: &'static [&'static str]) -> (Lab, Arc<AtomicUsize>) {
    let lab = Lab::http();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    lab.route("/token", move |_| {
        let at = counted
            .fetch_add(1, Ordering::Relaxed)
            .min(tokens.len() - 1);
        let token = tokens[at];
        let body =
            format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":3600}}"#);
        Answer::status(200).json(body)
    });
    (lab, count)
}

#[tokio::test]
async fn a_password_is_shown_in_the_way_that_is_on_offer() {
    for mechanisms in ["PLAIN", "LOGIN", "GSSAPI LOGIN PLAIN"] {
        let sink = sink(mechanisms, &[]);
        let attempt = deliver(with_password(starttls(&sink), PASSWORD)).await;
        assert_eq!(attempt, delivered(TAKEN), "{mechanisms}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_tried_again_because_it_can_be_mended() {
    for mechanism in ["PLAIN", "LOGIN"] {
        let sink = sink(mechanism, &[]);
        let attempt = deliver(with_password(starttls(&sink), "wr0ng-password")).await;
        assert_eq!(
            attempt,
            retried("AUTH: 535 5.7.8 bad credentials"),
            "{mechanism}"
        );
    }
}

#[tokio::test]
async fn a_password_is_never_shown_where_no_mechanism_is_known() {
    let sink = sink("CRAM-MD5 GSSAPI", &[]);
    let attempt = deliver(with_password(starttls(&sink), PASSWORD)).await;
    let why = "AUTH: the relay offers CRAM-MD5, GSSAPI and not PLAIN or LOGIN";
    assert_eq!(attempt, retried(why));
    assert!(!sink.heard().iter().any(|line| line.starts_with("AUTH")));
}

#[tokio::test]
async fn a_relay_that_repeats_the_login_does_not_get_it_into_the_log() {
    let echoes = "535 AHdhdGNoAGgwbmV5YmFkZ2VyLTk= is wrong: h0neybadger-9";
    let script = Script {
        security: Security::StartTls(Certificate::Valid),
        mechanisms: "PLAIN",
        ..Script::default()
    };
    let sink = Relay::start(script.at(Moment::Auth, [say(echoes)]));
    let attempt = deliver(with_password(starttls(&sink), PASSWORD)).await;
    assert_eq!(
        attempt,
        retried("AUTH: 535 [redacted] is wrong: [redacted]")
    );
}

#[tokio::test]
async fn a_token_logs_in() {
    let (lab, _) = endpoint(&["t0ken-number-one"]);
    let sink = sink("PLAIN XOAUTH2", &["t0ken-number-one"]);
    let attempt = deliver(with_token(starttls(&sink), &lab.url("/token"))).await;
    assert_eq!(attempt, delivered(TAKEN));
}

#[tokio::test]
async fn a_token_that_is_refused_is_replaced_once_within_the_same_try() {
    let (lab, count) = endpoint(&["t0ken-number-one", "t0ken-number-two"]);
    let sink = sink("XOAUTH2", &["t0ken-number-two"]);
    let attempt = deliver(with_token(starttls(&sink), &lab.url("/token"))).await;
    assert_eq!(
        (attempt, count.load(Ordering::Relaxed)),
        (delivered(TAKEN), 2)
    );
}

#[tokio::test]
async fn tokens_that_are_all_refused_are_not_fetched_without_end() {
    let (lab, count) = endpoint(&["t0ken-number-one"]);
    let sink = sink("XOAUTH2", &[]);
    let attempt = deliver(with_token(starttls(&sink), &lab.url("/token"))).await;
    let expected = (retried("AUTH: 535 5.7.8 bad credentials"), 2);
    assert_eq!((attempt, count.load(Ordering::Relaxed)), expected);
}

#[tokio::test]
async fn a_token_endpoint_that_gives_none_is_named() {
    let lab = Lab::http();
    lab.route("/token", |_| {
        Answer::status(401).json(r#"{"error":"invalid_client"}"#)
    });
    let sink = sink("XOAUTH2", &[]);
    let why = reason(deliver(with_token(starttls(&sink), &lab.url("/token"))).await);
    let url = lab.url("/token");
    assert_eq!(
        why,
        format!("AUTH: the token endpoint `{url}` answered 401: invalid_client")
    );
}
