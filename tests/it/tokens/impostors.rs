//! Impostors of a token that is fetched.

use super::*;
use crate::support::lab::{Answer, Lab};

fn giving(token: &'static str) -> Lab {
    let lab = Lab::http();
    lab.route("/token", move |_| {
        Answer::status(200).json(format!(r#"{{"access_token":"{token}","expires_in":600}}"#))
    });
    lab
}

/// `{"alg":"HS256"}`, `{"sub":"ci"}` and six bytes.
const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjaSJ9.AAAAAAAA";

#[tokio::test]
async fn impostors_are_made_of_the_token_that_is_kept() {
    let lab = giving(JWT);
    let client = Holder::of(by_oauth2(&lab.url("/token")));
    let mut shown = vec![client.shown().await];
    for disguise in [
        Disguise::Tampered,
        Disguise::Unsigned,
        Disguise::Truncated,
        Disguise::Empty,
    ] {
        shown.push(text(&client.present(&impostor(disguise)).await.unwrap()));
    }
    let expected = [
        "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjaSJ9.AAAAAAAA",
        "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjaSJ9.AAAAAQAA",
        "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJjaSJ9.",
        "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjaSJ9.AAAAAA",
        "Bearer ",
    ];
    assert_eq!(shown, expected);
    assert_eq!(lab.requests().len(), 1);
}

#[tokio::test]
async fn a_forged_token_is_redacted_like_the_real_one() {
    let lab = giving(JWT);
    let client = Holder::of(by_oauth2(&lab.url("/token")));
    client.present(&impostor(Disguise::Tampered)).await.unwrap();
    let echoed = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjaSJ9.AAAAAQAA";
    let redacted = client.keyring.redactor().text(echoed).into_owned();
    assert_eq!(redacted, "[redacted]");
}

#[tokio::test]
async fn an_impostor_is_not_sent_where_no_token_is_to_be_had() {
    let lab = Lab::http();
    lab.route("/token", |_| Answer::status(503));
    let client = Holder::of(by_oauth2(&lab.url("/token")));
    let why = client
        .present(&impostor(Disguise::Tampered))
        .await
        .unwrap_err();
    let url = lab.url("/token");
    let expected = format!("the token endpoint `{url}` answered 503 (server_error)");
    assert_eq!(
        (why.reason.as_str(), why.detail),
        ("token_unavailable", expected)
    );
}

#[tokio::test]
async fn an_opaque_token_cannot_be_unsigned_and_that_is_said() {
    let lab = giving("0paque");
    let client = Holder::of(by_oauth2(&lab.url("/token")));
    let why = client
        .present(&impostor(Disguise::Unsigned))
        .await
        .unwrap_err();
    assert_eq!(why.reason.as_str(), "probe_failed");
    let expected = "the token of `api` cannot be `unsigned`: ";
    assert!(why.detail.starts_with(expected), "{}", why.detail);
}

#[tokio::test]
async fn a_token_out_of_a_file_is_shown_as_bearer() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("revoked");
    std::fs::write(&file, "rev0ked\n").unwrap();
    let client = Holder::of(by_oauth2("http://127.0.0.1:9/"));
    let shown = client.present(&impostor(Disguise::TokenFile(file))).await;
    assert_eq!(text(&shown.unwrap()), "Bearer rev0ked");
}

#[tokio::test]
async fn a_token_out_of_a_file_that_the_holder_shows_is_no_impostor() {
    let lab = giving("0paque");
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("revoked");
    std::fs::write(&file, "0paque").unwrap();
    let client = Holder::of(by_oauth2(&lab.url("/token")));
    let foreign = impostor(Disguise::TokenFile(file));
    let before = client.present(&foreign).await;
    assert_eq!(
        text(&before.unwrap()),
        "Bearer 0paque",
        "nothing was fetched yet"
    );
    client.shown().await;
    let why = client.present(&foreign).await.unwrap_err();
    assert_eq!(why.reason.as_str(), "probe_failed");
}
