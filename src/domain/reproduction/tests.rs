//! Claims about the `curl` line.

use std::collections::BTreeMap;
use std::time::Duration;

use http::HeaderValue;

use super::*;
use crate::domain::check::{Impostor, Name};
use crate::domain::endpoint::{Confirm, Drift, FollowRedirects, Strikes, Transport};
use crate::domain::secret::{Secret, SecretRef};

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn endpoint(url: &str) -> Endpoint {
    Endpoint {
        name: name("orders"),
        request: Request {
            url: url.parse().unwrap(),
            method: Method::GET,
            headers: Vec::new(),
            body: None,
            user_agent: HeaderValue::from_static("authvigil/0.1"),
            follow_redirects: FollowRedirects::Never,
            body_size_limit: 65_536,
        },
        transport: Transport::default(),
        checks: Vec::new(),
        interval: Duration::from_mins(1),
        refused_interval: Duration::from_mins(5),
        timeout: Duration::from_secs(10),
        severity: BTreeMap::new(),
        allow_cleartext: false,
        drift: Drift::Record,
        confirm: Confirm {
            default: Strikes {
                failures: 2,
                recoveries: 2,
            },
            classes: BTreeMap::new(),
        },
        labels: BTreeMap::new(),
        runbook_url: None,
        tokens_of: None,
    }
}

fn holder() -> Persona {
    Persona::Holder(name("orders-reader"))
}

fn of(url: &str, persona: &Persona, presentation: &Presentation) -> String {
    let line = curl(&endpoint(url), persona, presentation);
    let rest = line.strip_prefix("curl -sS -i -m 10 -A authvigil/0.1 ");
    rest.unwrap_or(&line).to_owned()
}

#[test]
fn a_stranger_shows_nothing() {
    assert_eq!(
        curl(
            &endpoint("https://orders.example.com/v1/orders"),
            &Persona::Anonymous,
            &Presentation::Basic
        ),
        "curl -sS -i -m 10 -A authvigil/0.1 https://orders.example.com/v1/orders"
    );
}

#[test]
fn a_holder_shows_variables() {
    let header = HeaderName::from_static("x-api-key");
    let rows = [
        (
            &Presentation::Unknown,
            r#"-H "Authorization: $CREDENTIAL" https://a.example/"#,
        ),
        (
            &Presentation::Basic,
            r#"-u "$ORDERS_READER_USER:$ORDERS_READER_PASSWORD" https://a.example/"#,
        ),
        (
            &Presentation::Digest,
            r#"--digest -u "$ORDERS_READER_USER:$ORDERS_READER_PASSWORD" https://a.example/"#,
        ),
        (
            &Presentation::Scheme("Bearer".into()),
            r#"-H "Authorization: Bearer $ORDERS_READER_TOKEN" https://a.example/"#,
        ),
        (
            &Presentation::HeaderKey(header.clone()),
            r#"-H "x-api-key: $ORDERS_READER_KEY" https://a.example/"#,
        ),
        (
            &Presentation::QueryKey("a key".into()),
            r#""https://a.example/?a+key=$ORDERS_READER_KEY""#,
        ),
        (
            &Presentation::ClientCertificate,
            r#"--cert "$ORDERS_READER_CERTIFICATE_FILE" --key "$ORDERS_READER_KEY_FILE" https://a.example/"#,
        ),
        (
            &Presentation::Session,
            r#"-H "Cookie: $ORDERS_READER_COOKIE" https://a.example/"#,
        ),
    ];
    for (presentation, expected) in rows {
        assert_eq!(of("https://a.example/", &holder(), presentation), expected);
    }
}

#[test]
fn an_impostor_shows_variables_of_its_own() {
    let impostor = |disguise| {
        Persona::Impostor(Impostor {
            disguise,
            credential: Some(name("ci")),
        })
    };
    let tampered = impostor(Disguise::Tampered);
    assert_eq!(
        of(
            "https://a.example/",
            &tampered,
            &Presentation::Scheme("Bearer".into())
        ),
        r#"-H "Authorization: Bearer $TAMPERED_CI_TOKEN" https://a.example/"#
    );
    let wrong = impostor(Disguise::WrongPassword);
    assert_eq!(
        of("https://a.example/", &wrong, &Presentation::Basic),
        r#"-u "$CI_USER:$WRONG_PASSWORD_CI_PASSWORD" https://a.example/"#
    );
    let empty = impostor(Disguise::Empty);
    assert_eq!(
        of("https://a.example/", &empty, &Presentation::Basic),
        "-u : https://a.example/"
    );
    assert_eq!(
        of(
            "https://a.example/",
            &Persona::Invalid(name("ci")),
            &Presentation::Basic
        ),
        r#"-u "$MADE_UP_USER:$MADE_UP_PASSWORD" https://a.example/"#
    );
}

#[test]
fn what_may_be_secret_in_a_query_is_a_variable() {
    assert_eq!(
        of(
            "https://a.example/x?page=1&api_key=hunter2&t=0123456789abcdef&empty=#top",
            &Persona::Anonymous,
            &Presentation::Unknown
        ),
        r#""https://a.example/x?page=1&api_key=$API_KEY&t=$T&empty=""#
    );
}

#[test]
fn secret_and_sensitive_headers_are_variables() {
    let mut endpoint = endpoint("https://a.example/");
    let plain = |value| HeaderText::Plain(HeaderValue::from_bytes(value).unwrap());
    endpoint.request.headers = vec![
        (HeaderName::from_static("accept"), plain(b"a/b, */*;q=0.1")),
        (HeaderName::from_static("x-empty"), plain(b"")),
        (HeaderName::from_static("x-auth-hint"), plain(b"hunter2")),
        (HeaderName::from_static("x-umlaut"), plain(b"\xe4")),
        (
            HeaderName::from_static("x-tenant"),
            HeaderText::Secret(SecretRef::Literal(Secret::new("hunter3"))),
        ),
    ];
    assert_eq!(
        curl(&endpoint, &Persona::Anonymous, &Presentation::Unknown),
        "curl -sS -i -m 10 -A authvigil/0.1 -H 'accept: a/b, */*;q=0.1' -H 'x-empty;' \
         -H \"x-auth-hint: $X_AUTH_HINT\" -H \"x-umlaut: $X_UMLAUT\" -H \"x-tenant: $X_TENANT\" \
         https://a.example/"
    );
}

#[test]
fn a_body_is_a_file_that_the_reader_names() {
    let mut endpoint = endpoint("https://a.example/");
    endpoint.request.method = Method::POST;
    endpoint.request.body = Some(b"token=hunter2".as_slice().into());
    assert_eq!(
        curl(&endpoint, &Persona::Anonymous, &Presentation::Unknown),
        "curl -sS -i -m 10 --data-binary \"@$BODY_FILE\" -H Content-Type: -A authvigil/0.1 \
         https://a.example/"
    );
}

#[test]
fn the_way_to_the_server_is_the_same() {
    let mut endpoint = endpoint("https://[2001:db8::1]/a");
    endpoint.request.method = Method::HEAD;
    endpoint.transport = Transport {
        insecure_skip_verify: true,
        proxy: Some("http://proxy.example:3128".parse().unwrap()),
        ip_protocol: IpProtocol::Ip6,
        resolve: [("a.example".to_owned(), "192.0.2.1".parse().unwrap())].into(),
        http_version: HttpChoice::Http2,
        min_version: TlsVersion::Tls13,
        ..Transport::default()
    };
    assert_eq!(
        curl(&endpoint, &Persona::Anonymous, &Presentation::Unknown),
        "curl -sS -i -6 --http2 --tlsv1.3 -k -x http://proxy.example:3128/ \
         --resolve a.example:443:192.0.2.1 -m 10 -I -A authvigil/0.1 -g \
         'https://[2001:db8::1]/a'"
    );
}

/// What a shell makes of a word.
fn read_back(word: &Word) -> String {
    let script = format!("printf %s {}", word.quoted());
    let output = std::process::Command::new("/bin/sh")
        .args(["-c", &script])
        .env_clear()
        .env("SECRET", "$(echo no) `echo no` *")
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_shell_reads_back_what_was_meant_and_runs_nothing() {
    for text in [
        "it's",
        "$(echo no)",
        "`echo no`",
        "a\\b\"c",
        "~",
        "*",
        "!!",
        "a b",
        "#",
        "ä",
        "",
    ] {
        assert_eq!(read_back(&Word::of(text)), text);
        let word = Word::of(text).variable("SECRET").text("x");
        assert_eq!(read_back(&word), format!("{text}$(echo no) `echo no` *x"));
    }
}
