//! Tokens are fetched once, kept while they hold, and told to nobody.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use authvigil::clock::{SharedClock, SystemClock};
use authvigil::credential::{Keyring, Settings};
use authvigil::domain::finding::Reason;
use authvigil::domain::oauth2::OAuth2;
use authvigil::domain::presenter::{Presenter as _, TokenSource as _};
use authvigil::domain::secret::{Secret, SecretRef};
use authvigil::probe::Prober;
use futures_util::future::join_all;

use super::login::oauth2;
use crate::support::lab::{Answer, Lab};

fn keyring() -> Keyring {
    let clock: SharedClock = Arc::new(SystemClock);
    let courier = Arc::new(Prober::new(Arc::clone(&clock)));
    Keyring::new(Settings::default(), clock, courier)
}

/// An endpoint that numbers its tokens, with more in its answers.
fn numbered(more: &'static str) -> (Lab, Arc<AtomicUsize>) {
    let lab = Lab::http();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    lab.route("/token", move |_| {
        let at = counted.fetch_add(1, Ordering::Relaxed) + 1;
        let body = format!(r#"{{"access_token":"t0ken-number-{at}"{more}}}"#);
        Answer::status(200)
            .json(body)
            .after(Duration::from_millis(100))
    });
    (lab, count)
}

async fn value(keyring: &Keyring, wanted: &OAuth2) -> String {
    let token = keyring.token(wanted).await.unwrap();
    String::from_utf8(token.value.expose().to_vec()).unwrap()
}

async fn failure(keyring: &Keyring, wanted: &OAuth2) -> (Reason, String) {
    let Err(why) = keyring.token(wanted).await else {
        panic!("there is no token to be had")
    };
    (why.reason, why.detail)
}

#[tokio::test]
async fn all_who_want_the_same_token_at_once_share_one_request() {
    let (lab, count) = numbered(r#","expires_in":3600"#);
    let (keyring, wanted) = (keyring(), oauth2(&lab.url("/token")));
    let tokens = join_all((0..20).map(|_| value(&keyring, &wanted))).await;
    assert_eq!(tokens, vec!["t0ken-number-1"; 20]);
    assert_eq!(count.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_token_without_an_end_is_kept_for_a_while() {
    let (lab, _) = numbered("");
    let (keyring, wanted) = (keyring(), oauth2(&lab.url("/token")));
    let twice = [
        value(&keyring, &wanted).await,
        value(&keyring, &wanted).await,
    ];
    assert_eq!(twice, ["t0ken-number-1", "t0ken-number-1"]);
}

#[tokio::test]
async fn a_token_that_ends_at_once_is_not_kept() {
    let (lab, _) = numbered(r#","expires_in":0"#);
    let (keyring, wanted) = (keyring(), oauth2(&lab.url("/token")));
    let twice = [
        value(&keyring, &wanted).await,
        value(&keyring, &wanted).await,
    ];
    assert_eq!(twice, ["t0ken-number-1", "t0ken-number-2"]);
}

#[tokio::test]
async fn a_refusal_of_an_older_token_does_not_cost_the_newer_one() {
    let (lab, _) = numbered(r#","expires_in":3600"#);
    let (keyring, wanted) = (keyring(), oauth2(&lab.url("/token")));
    let first = keyring.token(&wanted).await.unwrap().value;
    keyring.refuse(&wanted, &first);
    let second = value(&keyring, &wanted).await;
    keyring.refuse(&wanted, &first);
    let third = value(&keyring, &wanted).await;
    assert_eq!(
        (second.as_str(), third.as_str()),
        ("t0ken-number-2", "t0ken-number-2")
    );
}

#[tokio::test]
async fn a_token_is_redacted_from_the_moment_it_is_known() {
    let (lab, _) = numbered("");
    let (keyring, wanted) = (keyring(), oauth2(&lab.url("/token")));
    let token = value(&keyring, &wanted).await;
    let shown = keyring.redactor().text(&format!("<{token}>")).into_owned();
    assert_eq!(shown, "<[redacted]>");
}

#[tokio::test]
async fn a_client_shows_its_secret_in_the_header_and_nowhere_else() {
    let (lab, _) = numbered("");
    value(&keyring(), &oauth2(&lab.url("/token"))).await;
    let requests = lab.requests();
    let shown = requests[0].basic();
    assert_eq!(
        shown,
        Some(("watch".to_owned(), "cl13nt-secret".to_owned()))
    );
}

#[tokio::test]
async fn an_endpoint_that_redirects_gives_no_token() {
    let (elsewhere, count) = numbered("");
    let lab = Lab::http();
    let target = elsewhere.url("/token");
    lab.route("/token", move |_| Answer::redirect(&target));
    let (reason, why) = failure(&keyring(), &oauth2(&lab.url("/token"))).await;
    let url = lab.url("/token");
    assert_eq!(reason, Reason::TokenUnavailable);
    assert_eq!(
        why,
        format!("the token endpoint `{url}` answered 302, a redirect, and none is followed")
    );
    assert_eq!(count.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn an_answer_without_an_end_is_cut_off() {
    let lab = Lab::http();
    lab.route("/token", |_| Answer::status(200).json(vec![b' '; 2 << 20]));
    let (_, why) = failure(&keyring(), &oauth2(&lab.url("/token"))).await;
    assert!(why.ends_with(" gave more than 262144 bytes"), "{why}");
}

#[tokio::test]
async fn an_endpoint_that_repeats_the_secret_does_not_get_it_into_the_log() {
    let lab = Lab::http();
    lab.route("/token", |_| {
        let body = r#"{"error":"invalid_client","error_description":"cl13nt-secret is wrong"}"#;
        Answer::status(401).json(body)
    });
    let (_, why) = failure(&keyring(), &oauth2(&lab.url("/token"))).await;
    assert!(
        why.ends_with(" answered 401: invalid_client: [redacted] is wrong"),
        "{why}"
    );
}

#[tokio::test]
async fn a_missing_secret_is_not_asked_with() {
    let (lab, count) = numbered("");
    let wanted = OAuth2 {
        refresh_token: Some(SecretRef::File("/nonexistent/refresh".into())),
        ..oauth2(&lab.url("/token"))
    };
    let (reason, _) = failure(&keyring(), &wanted).await;
    assert_eq!(
        (reason, count.load(Ordering::Relaxed)),
        (Reason::SecretUnavailable, 0)
    );
}

#[tokio::test]
async fn a_newer_refresh_token_takes_the_place_of_the_configured_one() {
    let lab = Lab::http();
    lab.route("/token", |request| {
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let token = match body.as_str() {
            "grant_type=refresh_token&refresh_token=r3fresh-one&client_id=watch&scope=mail" => {
                "first-access"
            }
            "grant_type=refresh_token&refresh_token=r3fresh-two&client_id=watch&scope=mail" => {
                "second-access"
            }
            _ => return Answer::status(400),
        };
        let body =
            format!(r#"{{"access_token":"{token}","expires_in":0,"refresh_token":"r3fresh-two"}}"#);
        Answer::status(200).json(body)
    });
    let wanted = OAuth2 {
        client_secret: None,
        refresh_token: Some(SecretRef::Literal(Secret::new("r3fresh-one"))),
        ..oauth2(&lab.url("/token"))
    };
    let keyring = keyring();
    let twice = [
        value(&keyring, &wanted).await,
        value(&keyring, &wanted).await,
    ];
    assert_eq!(twice, ["first-access", "second-access"]);
}
