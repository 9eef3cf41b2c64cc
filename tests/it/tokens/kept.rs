//! Tokens that are kept, refused, and taken over by a reload.

use std::sync::atomic::{AtomicUsize, Ordering};

use authvigil::domain::presenter::{Provenance, Shown};

use super::*;
use crate::support::lab::{Answer, Lab};

fn numbered() -> Lab {
    let lab = Lab::http();
    let count = AtomicUsize::new(0);
    lab.route("/token", move |_| {
        let at = count.fetch_add(1, Ordering::Relaxed) + 1;
        let body = format!(r#"{{"access_token":"t0ken-number-{at}","expires_in":3600}}"#);
        Answer::status(200).json(body)
    });
    lab
}

#[tokio::test]
async fn a_reload_keeps_the_token_of_a_credential_that_stays_the_same() {
    let lab = numbered();
    let before = Holder::of(by_oauth2(&lab.url("/token")));
    before.shown().await;
    let after = before
        .keyring
        .renewed(settings([("api", by_oauth2(&lab.url("/token")))]));
    let url = lab.url("/").parse().unwrap();
    let shown = after.present(&holder(), &url).await.unwrap();
    assert_eq!(text(&shown), "Bearer t0ken-number-1");
    assert_eq!(after.redactor().text("t0ken-number-1"), "[redacted]");
}

#[tokio::test]
async fn a_reload_that_changes_a_credential_costs_a_new_token() {
    let lab = numbered();
    let before = Holder::of(by_oauth2(&lab.url("/token")));
    before.shown().await;
    let changed = OAuth2 {
        audience: Some("another".to_owned()),
        ..oauth2(&lab.url("/token"))
    };
    let changed = Credential::OAuth2(Box::new(changed));
    let after = before.keyring.renewed(settings([("api", changed)]));
    let url = lab.url("/").parse().unwrap();
    let shown = after.present(&holder(), &url).await.unwrap();
    assert_eq!(text(&shown), "Bearer t0ken-number-2");
}

#[tokio::test]
async fn a_kept_token_that_was_refused_is_let_go_and_counted() {
    let lab = numbered();
    let client = Holder::of(by_oauth2(&lab.url("/token")));
    client.shown().await;
    let shown = Shown::of(&client.present(&holder()).await.unwrap());
    let again = client.keyring.refused(&holder(), &shown).await;
    assert_eq!((shown.provenance, again), (Provenance::Kept, true));
    assert_eq!(client.shown().await, "Bearer t0ken-number-2");
    let counts = [FetchOutcome::Fetched, FetchOutcome::Refused].map(|it| client.count(it));
    assert_eq!(counts, [2, 1]);
}

#[tokio::test]
async fn a_new_token_that_was_refused_is_not_fetched_again() {
    let lab = numbered();
    let client = Holder::of(by_oauth2(&lab.url("/token")));
    let shown = Shown::of(&client.present(&holder()).await.unwrap());
    assert!(!client.keyring.refused(&holder(), &shown).await);
    assert_eq!(client.shown().await, "Bearer t0ken-number-1");
}

#[tokio::test]
async fn tending_fetches_once_and_shows_what_the_endpoint_answered() {
    let lab = numbered();
    let client = Holder::of(by_oauth2(&lab.url("/token")));
    for _ in 0..2 {
        let (seen, _) = client.keyring.tend(&name("api")).await;
        let seen = seen.unwrap();
        let answer = seen.answer().unwrap();
        assert_eq!((answer.status, answer.body.bytes.len()), (200, 0));
    }
    assert_eq!(lab.requests().len(), 1);
}

#[tokio::test]
async fn a_registrys_token_is_refused_and_renewed_likewise() {
    let lab = Lab::http();
    lab.route("/token", |_| {
        Answer::status(200).json(r#"{"token":"t0ken"}"#)
    });
    let puller = Holder::of(by_registry(&lab.url("/token")));
    puller.shown().await;
    let shown = Shown::of(&puller.present(&holder()).await.unwrap());
    assert!(puller.keyring.refused(&holder(), &shown).await);
    puller.shown().await;
    assert_eq!(lab.requests().len(), 2);
}
