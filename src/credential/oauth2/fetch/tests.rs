use std::collections::BTreeMap;

use super::*;
use crate::domain::endpoint::Transport;

fn wanted() -> OAuth2 {
    OAuth2 {
        token_url: "https://login.example/token?tenant=a".parse().unwrap(),
        client_id: "the client".to_owned(),
        client_secret: None,
        refresh_token: None,
        client_auth: ClientAuth::Basic,
        scopes: vec!["mail.send".to_owned(), "offline".to_owned()],
        audience: None,
        resource: Vec::new(),
        transport: Transport::default(),
        timeout: OAuth2::TIMEOUT,
        endpoint_params: BTreeMap::from([("audience".to_owned(), "a&b".to_owned())]),
    }
}

fn grant(client_secret: Option<&str>, refresh_token: Option<&str>) -> Grant {
    Grant {
        client_secret: client_secret.map(Secret::new),
        refresh_token: refresh_token.map(Secret::new),
    }
}

fn asked(grant: &Grant) -> String {
    String::from_utf8(form(&wanted(), grant).expose().to_vec()).unwrap()
}

#[test]
fn a_client_with_a_secret_asks_on_its_own_behalf() {
    let expected = "grant_type=client_credentials&scope=mail.send+offline&audience=a%26b";
    assert_eq!(asked(&grant(Some("s"), None)), expected);
}

#[test]
fn a_public_client_names_itself_and_shows_a_refresh_token() {
    let expected = "grant_type=refresh_token&refresh_token=r%2B1&client_id=the+client\
                    &scope=mail.send+offline&audience=a%26b";
    assert_eq!(asked(&grant(None, Some("r+1"))), expected);
}

#[test]
fn name_and_secret_are_form_encoded_before_they_are_joined() {
    let shown = basic("the client", &Secret::new("a:b%é"));
    let encoded = STANDARD.encode("the+client:a%3Ab%25%C3%A9");
    assert_eq!(shown.expose(), format!("Basic {encoded}").as_bytes());
}

#[test]
fn an_answer_is_read_in_the_forms_that_endpoints_have() {
    let granted = |life: Option<u64>, refresh: Option<&str>| {
        let token = Token {
            access_token: Secret::new("t0ken"),
            refresh_token: refresh.map(Secret::new),
        };
        (token, life.map(Duration::from_secs))
    };
    for (body, expected) in [
        (r#"{"access_token":"t0ken"}"#, granted(None, None)),
        (
            r#"{"access_token":"t0ken","token_type":"bearer","expires_in":3599,"refresh_token":"r"}"#,
            granted(Some(3599), Some("r")),
        ),
        (
            r#"{"access_token":"t0ken","expires_in":"3600"}"#,
            granted(Some(3600), None),
        ),
        (
            r#"{"access_token":"t0ken","expires_in":-1}"#,
            granted(Some(0), None),
        ),
        (
            r#"{"access_token":"t0ken","expires_in":"soon"}"#,
            granted(None, None),
        ),
        (
            r#"{"access_token":"t0ken","expires_in":1e400}"#,
            granted(None, None),
        ),
    ] {
        if let Ok(read) = read(200, body.as_bytes()) {
            assert_eq!(read, expected, "{body}");
        } else {
            assert!(body.contains("1e400"), "{body}");
        }
    }
}

#[test]
fn an_answer_without_a_token_says_what_is_wrong() {
    let why = |status, body: &str| read(status, body.as_bytes()).unwrap_err().why;
    assert_eq!(
        why(
            401,
            r#"{"error":"invalid_client","error_description":"who?"}"#
        ),
        "answered 401: invalid_client: who?"
    );
    assert_eq!(why(302, "<html>"), "answered 302");
    assert_eq!(
        why(200, "<html>"),
        "gave no `access_token` that can be shown"
    );
    assert_eq!(
        why(200, r#"{"access_token":"a\r\nb"}"#),
        "gave no `access_token` that can be shown"
    );
    assert_eq!(
        why(200, r#"{"access_token":"a","token_type":"mac"}"#),
        "gave a token of the unknown type `mac`"
    );
}

#[test]
fn a_failure_names_the_endpoint_and_not_its_query() {
    let failure = unavailable(
        &wanted(),
        &Failed {
            why: "answered 500".to_owned(),
            rejected: false,
        },
    );
    let expected = "the token endpoint `https://login.example/token` answered 500";
    assert_eq!(
        (failure.reason, failure.detail.as_str()),
        (Reason::TokenUnavailable, expected)
    );
}
