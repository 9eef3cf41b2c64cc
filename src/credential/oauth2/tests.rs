use std::collections::BTreeMap;
use std::time::Duration;

use super::*;
use crate::credential::tokens::samples::answer;
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
fn the_parameters_of_a_provider_are_part_of_the_question() {
    let wanted = OAuth2 {
        client_auth: ClientAuth::Body,
        audience: Some("https://api.example/".to_owned()),
        resource: ["https://a.example/", "https://b.example/x"]
            .map(|url| url.parse().unwrap())
            .into(),
        scopes: Vec::new(),
        endpoint_params: BTreeMap::new(),
        ..wanted()
    };
    let form = form(&wanted, &grant(Some("s&1"), None));
    let expected = "grant_type=client_credentials&client_id=the+client&client_secret=s%261\
                    &audience=https%3A%2F%2Fapi.example%2F\
                    &resource=https%3A%2F%2Fa.example%2F&resource=https%3A%2F%2Fb.example%2Fx";
    assert_eq!(String::from_utf8_lossy(form.expose()), expected);
}

#[test]
fn a_secret_in_the_body_is_not_in_the_header_too() {
    let names = |client_auth| {
        let call = call(
            &OAuth2 {
                client_auth,
                ..wanted()
            },
            &grant(Some("s"), None),
        );
        let names = call
            .headers
            .iter()
            .map(|(name, _)| name.as_str().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(ClientAuth::Body), ["accept", "content-type"]);
    assert_eq!(
        names(ClientAuth::Basic),
        ["accept", "content-type", "authorization"]
    );
}

fn granting(life: Option<u64>, refresh: Option<&str>) -> Granting {
    Granting {
        token: Token {
            access_token: Secret::new("t0ken"),
            refresh_token: refresh.map(Secret::new),
        },
        life: life.map(Duration::from_secs),
    }
}

#[test]
fn an_answer_is_read_in_the_forms_that_endpoints_have() {
    for (body, expected) in [
        (r#"{"access_token":"t0ken"}"#, granting(None, None)),
        (
            r#"{"access_token":"t0ken","token_type":"bearer","expires_in":3599,"refresh_token":"r"}"#,
            granting(Some(3599), Some("r")),
        ),
        (
            r#"{"access_token":"t0ken","expires_in":"3600"}"#,
            granting(Some(3600), None),
        ),
        (
            r#"{"access_token":"t0ken","expires_in":-1}"#,
            granting(Some(0), None),
        ),
        (
            r#"{"access_token":"t0ken","expires_in":"soon","refresh_token":"a b"}"#,
            granting(None, None),
        ),
    ] {
        assert_eq!(read(&answer(200, body)).unwrap(), expected, "{body}");
    }
}

#[test]
fn an_answer_without_a_token_says_what_is_wrong() {
    let rows = [
        (
            401,
            r#"{"error":"invalid_client","error_description":"who?"}"#,
            "answered 401: invalid_client: who?",
        ),
        (
            302,
            "<html>",
            "answered 302, a redirect, and none is followed",
        ),
        (404, "<html>", "answered 404"),
        (429, "", "answered 429 (rate_limited)"),
        (503, "{}", "answered 503 (server_error)"),
        (
            200,
            "<html>",
            "answered 200 with something of the type `text/html` that is no JSON object",
        ),
        (
            200,
            "[]",
            "answered 200 with something of the type `text/html` that is no JSON object",
        ),
        (
            200,
            r#"{"access_token":1e400}"#,
            "answered 200 with something of the type `text/html` that is no JSON object",
        ),
        (
            200,
            r#"{"access_token":"a\r\nb"}"#,
            "gave no `access_token` that can be shown",
        ),
        (
            200,
            r#"{"access_token":""}"#,
            "gave no `access_token` that can be shown",
        ),
        (
            200,
            r#"{"access_token":"a","token_type":"mac"}"#,
            "gave a token of the type `mac`, and only `Bearer` can be shown",
        ),
        (
            200,
            r#"{"error":"invalid_client"}"#,
            "answered 200 with the error `invalid_client`",
        ),
    ];
    for (status, body, expected) in rows {
        assert_eq!(
            read(&answer(status, body)).unwrap_err().why,
            expected,
            "{body}"
        );
    }
}

#[test]
fn only_what_was_shown_is_rejected_and_not_what_was_asked_for() {
    let rows = [
        (401, "", true),
        (403, "", true),
        (400, r#"{"error":"invalid_grant"}"#, true),
        (400, r#"{"error":"unauthorized_client"}"#, true),
        (401, r#"{"error":"whatever"}"#, true),
        (400, r#"{"error":"invalid_scope"}"#, false),
        (400, r#"{"error":"unsupported_grant_type"}"#, false),
        (404, "", false),
        (503, "", false),
    ];
    for (status, body, expected) in rows {
        assert_eq!(
            read(&answer(status, body)).unwrap_err().rejected,
            expected,
            "{status} {body}"
        );
    }
}

#[test]
fn a_newer_refresh_token_counts_where_one_was_configured() {
    let last = || {
        Some(Token {
            access_token: Secret::new("a"),
            refresh_token: Some(Secret::new("newer")),
        })
    };
    let shown = |grant: Grant| grant.after(last()).refresh_token;
    assert_eq!(
        shown(grant(None, Some("configured"))),
        Some(Secret::new("newer"))
    );
    assert_eq!(shown(grant(Some("s"), None)), None);
}
