//! Against a real container registry, with a token server of the test's own.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::*;
use crate::support::certificates::ClientCertificate;
use crate::support::lab::{Answer, Lab, Request};
use crate::support::servers::Registry;

/// A token server that knows one user, and signs with a key that the registry trusts.
fn token_server() -> Lab {
    let lab = Lab::http();
    lab.route("/token", |request: &Request| {
        let known = Some(("puller".to_owned(), "p4ssword".to_owned()));
        if request.basic() != known {
            let body = r#"{"details":"incorrect username or password"}"#;
            return Answer::status(401).json(body);
        }
        let body = json!({ "token": token(), "expires_in": 300 });
        Answer::status(200).json(body.to_string())
    });
    lab
}

fn token() -> String {
    let issued = ClientCertificate::Valid.issue();
    let chain = [STANDARD.encode(issued.certificate_der())];
    let header = json!({ "typ": "JWT", "alg": "ES256", "x5c": chain });
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let claims = json!({
        "iss": "lab issuer", "sub": "puller", "aud": "lab registry", "jti": "one",
        "iat": now, "nbf": now - 5, "exp": now + 300,
        "access": [{ "type": "registry", "name": "catalog", "actions": ["*"] }],
    });
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let signed = format!("{}.{}", part(&header), part(&claims));
    let signature = fixed(&issued.sign(signed.as_bytes()));
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Both numbers of an ECDSA signature in DER form, 32 bytes each (RFC 7518 §3.4).
fn fixed(der: &[u8]) -> Vec<u8> {
    let mut rest = &der[2..];
    let mut number = || {
        let (head, tail) = rest.split_at(2);
        let (digits, tail) = tail.split_at(usize::from(head[1]));
        rest = tail;
        let digits = &digits[digits.len().saturating_sub(32)..];
        [&vec![0; 32 - digits.len()], digits].concat()
    };
    [number(), number()].concat()
}

#[tokio::test]
async fn a_registry_admits_the_token_of_its_token_server() {
    let (registry, server) = (Registry::start(), token_server());
    let puller = Holder::of(by_registry(&server.url("/token")));
    let (status, _) = puller.knock(&holder(), &registry.http("/v2/")).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn strangers_and_impostors_meet_the_challenge_of_a_registry() {
    let (registry, server) = (Registry::start(), token_server());
    let puller = Holder::of(by_registry(&server.url("/token")));
    let personas = [
        Persona::Anonymous,
        Persona::Invalid(name("api")),
        impostor(Disguise::Empty),
        impostor(Disguise::Tampered),
        impostor(Disguise::Unsigned),
        impostor(Disguise::Truncated),
        impostor(Disguise::WrongPassword),
    ];
    for persona in personas {
        let (status, challenge) = puller.knock(&persona, &registry.http("/v2/")).await;
        assert_eq!(status, 401, "{persona:?}");
        assert!(
            challenge.starts_with("Bearer realm="),
            "{persona:?}: {challenge}"
        );
    }
}

#[tokio::test]
async fn user_password_service_and_scope_go_to_the_configured_server_alone() {
    let server = token_server();
    Holder::of(by_registry(&server.url("/token"))).shown().await;
    let requests = server.requests();
    let query = requests[0].query.as_deref();
    assert_eq!(
        query,
        Some("service=lab+registry&scope=registry%3Acatalog%3A*")
    );
    assert_eq!(requests.len(), 1);
}

#[tokio::test]
async fn a_wrong_password_is_a_rejection() {
    let server = token_server();
    let Credential::RegistryToken(mut wanted) = by_registry(&server.url("/token")) else {
        panic!("it is one");
    };
    wanted.user.password = secret("wr0ng");
    let puller = Holder::of(Credential::RegistryToken(wanted));
    let why = puller.present(&holder()).await.unwrap_err();
    let url = server.url("/token");
    let expected =
        format!("the token endpoint `{url}` answered 401: incorrect username or password");
    assert_eq!((why.detail, why.rejected), (expected, true));
}

#[tokio::test]
async fn a_fingerprint_of_a_password_that_is_shown_at_login_shows_it_to_nobody() {
    let server = token_server();
    let puller = Holder::of(by_registry(&server.url("/token")));
    let known = puller.keyring.fingerprint(&holder()).await;
    puller.keyring.read_ahead([&holder()]).await;
    assert!(known.is_some());
    assert_eq!(server.requests().len(), 0);
}
