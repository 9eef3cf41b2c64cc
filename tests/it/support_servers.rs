//! The real servers answer as their tables say.

use std::net::SocketAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::support::certificates::{Certificate, ClientCertificate};
use crate::support::servers::{API_KEY, Apache, Lighttpd, Nginx, PASSWORD, READER, TOKEN};
use crate::support::wire::{TlsClient, exchange, get};

const LIMIT: usize = 1 << 16;

/// Splits `http://127.0.0.1:1234/path` into address and path.
fn parts(url: &str) -> (SocketAddr, String) {
    let url = url::Url::parse(url).unwrap();
    let address = url.socket_addrs(|| None).unwrap()[0];
    (address, url.path().to_owned())
}

/// The answer to a request with these further field lines.
async fn ask(url: &str, fields: &str) -> String {
    let (address, path) = parts(url);
    let request = get(&path).replace("Connection:", &format!("{fields}Connection:"));
    exchange(address, &request, LIMIT).await.text
}

/// The answer over TLS, or the failure of the handshake.
async fn ask_tls(url: &str, client: &TlsClient) -> Result<String, String> {
    let (address, path) = parts(url);
    let heard = client.exchange(address, &get(&path), LIMIT).await;
    heard
        .map(|heard| heard.text)
        .map_err(|error| error.to_string())
}

fn reader() -> String {
    let credential = STANDARD.encode(format!("{READER}:{PASSWORD}"));
    format!("Authorization: Basic {credential}\r\n")
}

fn status(answer: &str) -> &str {
    answer.get(9..12).unwrap_or(answer)
}

/// The values of all challenges, in order.
fn challenges(answer: &str) -> Vec<&str> {
    let lines = answer
        .split("\r\n")
        .filter_map(|line| line.split_once(": "));
    lines
        .filter(|(name, _)| name.eq_ignore_ascii_case("www-authenticate"))
        .map(|(_, value)| value)
        .collect()
}

#[tokio::test]
async fn nginx_answers_strangers_as_its_table_says() {
    let nginx = Nginx::start();
    let rows: [(&str, &str, &[&str]); 15] = [
        ("/basic", "401", &["Basic realm=\"lab basic\""]),
        ("/bearer", "401", &["Bearer realm=\"lab bearer\""]),
        ("/apikey", "401", &[]),
        ("/open", "200", &[]),
        ("/satisfy-any", "200", &[]),
        ("/soft401", "200", &[]),
        ("/nochallenge", "401", &[]),
        ("/forbidden", "403", &[]),
        ("/redirect-login", "302", &[]),
        (
            "/multi",
            "401",
            &[
                "Negotiate",
                "Bearer realm=\"lab bearer\"",
                "Basic realm=\"lab basic\", charset=\"UTF-8\"",
            ],
        ),
        (
            "/multi-one",
            "401",
            &[
                "Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\", Basic realm=\"simple\"",
            ],
        ),
        ("/malformed", "401", &["Basic realm=\"Login to \"apps\"\""]),
        ("/limited", "401", &["Basic realm=\"lab basic\""]),
        ("/limited", "429", &[]),
        ("/authdown", "500", &[]),
    ];
    for (path, expected, challenge) in rows {
        let answer = ask(&nginx.http(path), "").await;
        assert_eq!(
            (status(&answer), challenges(&answer)),
            (expected, challenge.to_vec()),
            "{path}"
        );
    }
    assert!(
        ask(&nginx.http("/soft401"), "")
            .await
            .contains("type=password")
    );
}

#[tokio::test]
async fn nginx_admits_whom_it_knows() {
    let nginx = Nginx::start();
    let rows = [
        ("/basic", reader(), "200"),
        (
            "/basic",
            "Authorization: Basic bm86Ym9keQ==\r\n".to_owned(),
            "401",
        ),
        (
            "/bearer",
            format!("Authorization: Bearer {TOKEN}\r\n"),
            "200",
        ),
        ("/bearer", "Authorization: Bearer no\r\n".to_owned(), "401"),
        ("/apikey", format!("X-Api-Key: {API_KEY}\r\n"), "200"),
        ("/apikey", "X-Api-Key: no\r\n".to_owned(), "401"),
    ];
    for (path, fields, expected) in rows {
        let answer = ask(&nginx.http(path), &fields).await;
        assert_eq!(status(&answer), expected, "{path} {fields}");
    }
}

#[tokio::test]
async fn nginx_speaks_tls_and_looks_at_client_certificates() {
    let nginx = Nginx::start();
    let identity = ClientCertificate::Valid.issue();
    let nobody = TlsClient::new("http/1.1", None);
    let known = TlsClient::new("http/1.1", Some(&identity));
    let rows = [
        (nginx.https("/basic"), &nobody, "401"),
        (nginx.mutual_required(), &nobody, "400"),
        (nginx.mutual_required(), &known, "200"),
        (nginx.mutual_optional(), &nobody, "403"),
        (nginx.mutual_optional(), &known, "200"),
    ];
    for (url, client, expected) in rows {
        let answer = ask_tls(&url, client).await.unwrap();
        assert_eq!(status(&answer), expected, "{url}");
    }
    let (address, _) = parts(&nginx.https("/"));
    let two = TlsClient::new("h2", None).connect(address).await.unwrap();
    assert_eq!(two.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    for certificate in [
        Certificate::Expired,
        Certificate::WrongName,
        Certificate::SelfSigned,
    ] {
        let refused = ask_tls(&nginx.flawed(certificate), &nobody).await;
        assert!(refused.is_err_and(|error| error.contains("invalid peer certificate")));
    }
    assert!(nginx.authority().is_file());
}

#[tokio::test]
async fn apache_answers_as_its_table_says() {
    let apache = Apache::start();
    let basic = ask(&apache.http("/basic"), "").await;
    assert_eq!(challenges(&basic), ["Basic realm=\"lab \\\"basic\\\"\""]);
    assert_eq!(status(&ask(&apache.http("/basic"), &reader()).await), "200");
    let digest = ask(&apache.http("/digest"), "").await;
    let digest = challenges(&digest)[0];
    assert!(
        digest.starts_with("Digest realm=\"lab digest\", nonce=\""),
        "{digest}"
    );
    assert!(
        digest.ends_with("\", algorithm=MD5, qop=\"auth\""),
        "{digest}"
    );
    let client = TlsClient::new("http/1.1", None);
    assert_eq!(
        status(&ask_tls(&apache.https("/basic"), &client).await.unwrap()),
        "401"
    );
    assert_eq!(
        status(&ask_tls(&apache.https("/mutual"), &client).await.unwrap()),
        "403"
    );
    assert!(apache.authority().is_file());
}

#[tokio::test]
async fn lighttpd_answers_as_its_table_says() {
    let lighttpd = Lighttpd::start();
    let basic = ask(&lighttpd.http("/basic"), "").await;
    assert_eq!(
        challenges(&basic),
        ["Basic realm=\"lab basic\", charset=\"UTF-8\""]
    );
    assert_eq!(
        status(&ask(&lighttpd.http("/basic"), &reader()).await),
        "200"
    );
    let digest = ask(&lighttpd.http("/digest"), "").await;
    let digest = challenges(&digest)[0];
    assert!(
        digest.starts_with("Digest realm=\"lab digest\""),
        "{digest}"
    );
    assert!(
        digest.contains("algorithm=SHA-256") && digest.contains("qop=\"auth\""),
        "{digest}"
    );
}
