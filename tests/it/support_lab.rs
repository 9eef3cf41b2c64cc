//! The lab server does what it says: this is tested so that the other tests can lean on it.

use std::net::Ipv6Addr;
use std::time::Duration;

use http::{Method, Version};
use http_body_util::Empty;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::support::certificates::{self, Certificate, ClientCertificate};
use crate::support::lab::{Answer, Clients, Lab, Versions, door};
use crate::support::wire::{End, TlsClient, exchange, get, listen};

const LIMIT: usize = 1 << 20;

async fn ask(lab: &Lab, request: &str) -> String {
    exchange(lab.address(), request, LIMIT).await.text
}

async fn ask_tls(lab: &Lab, client: &TlsClient) -> Result<String, std::io::Error> {
    let heard = client.exchange(lab.address(), &get("/"), LIMIT).await?;
    match heard.end {
        End::Closed => Ok(heard.text),
        End::Broken | End::Silent | End::Endless => Err(std::io::Error::other("broken off")),
    }
}

fn with_authorization(path: &str, value: &str) -> String {
    get(path).replace(
        "Connection:",
        &format!("Authorization: {value}\r\nConnection:"),
    )
}

#[tokio::test]
async fn a_route_answers_with_its_status_field_lines_and_body() {
    let lab = Lab::http();
    lab.route("/orders", |_| {
        Answer::unauthorized("Negotiate")
            .header("WWW-Authenticate", "Basic realm=\"orders\"")
            .header_bytes("X-Latin", b"caf\xe9")
            .json("{}")
    });
    let answer = exchange(lab.address(), &get("/orders?a=b"), LIMIT).await;
    let (head, body) = answer.text.split_once("\r\n\r\n").unwrap();
    let lines: Vec<&str> = head
        .split("\r\n")
        .filter(|line| !line.starts_with("Date"))
        .collect();
    assert_eq!(
        lines,
        [
            "HTTP/1.1 401 Unauthorized",
            "Www-Authenticate: Negotiate",
            "Www-Authenticate: Basic realm=\"orders\"",
            "X-Latin: caf\u{e9}",
            "Content-Type: application/json",
            "Connection: close",
            "Content-Length: 2",
        ]
    );
    assert_eq!((body, answer.end), ("{}", End::Closed));
}

#[tokio::test]
async fn a_request_is_recorded_with_all_that_it_carried() {
    let lab = Lab::http();
    let request = "POST /orders?x=%20y HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\
                   Authorization: Basic cmVhZGVyOnMzY3JldA==\r\nConnection: close\r\n\r\nbody";
    assert!(ask(&lab, request).await.starts_with("HTTP/1.1 404 "));
    assert!(ask(&lab, &get("/")).await.starts_with("HTTP/1.1 404 "));
    let requests = lab.requests();
    let [first, second] = requests.as_slice() else {
        panic!("two requests, not {requests:?}")
    };
    assert_eq!(
        first.basic(),
        Some(("reader".to_owned(), "s3cret".to_owned()))
    );
    assert_eq!(
        (first.path.as_str(), first.query.as_deref()),
        ("/orders", Some("x=%20y"))
    );
    assert_eq!(
        (first.version, &first.method),
        (Version::HTTP_11, &Method::POST)
    );
    assert_eq!(
        (first.header("host"), &first.body[..]),
        (Some("a.test"), &b"body"[..])
    );
    assert_eq!(
        (first.connection, second.connection, lab.connections()),
        (1, 2, 2)
    );
    assert!(second.at >= first.at && second.remote.ip().is_loopback());
    assert_eq!(
        (second.basic(), second.bearer(), &second.tls),
        (None, None, &None)
    );
}

#[tokio::test]
async fn a_route_can_be_replaced_while_the_server_runs() {
    let lab = Lab::http();
    lab.route("/", |_| Answer::status(401))
        .route("/login", |_| Answer::login_page());
    assert!(ask(&lab, &get("/")).await.starts_with("HTTP/1.1 401 "));
    lab.route("/", |_| Answer::redirect("/login"));
    let redirect = ask(&lab, &get("/")).await;
    assert!(redirect.contains("302 Found") && redirect.contains("Location: /login"));
    assert!(
        ask(&lab, &get("/login"))
            .await
            .contains("<input type=password")
    );
}

#[tokio::test]
async fn doors_admit_the_rightful_caller_and_nobody_else() {
    let lab = Lab::http();
    lab.route("/basic", door::basic("orders", "reader", "s3cret"))
        .route("/bearer", door::bearer("api", "good-token"))
        .route("/key", door::api_key("Authorization", "k-1"))
        .route("/mtls", door::client_certificate());
    let rows = [
        (get("/basic"), "401", "Basic realm=\"orders\"\r\n"),
        (
            with_authorization("/basic", "Basic bm86Ym9keQ=="),
            "401",
            "Basic realm=\"orders\"\r\n",
        ),
        (
            with_authorization("/basic", "Basic cmVhZGVyOnMzY3JldA=="),
            "200",
            "open",
        ),
        (get("/bearer"), "401", "Bearer realm=\"api\"\r\n"),
        (
            with_authorization("/bearer", "Bearer bad"),
            "401",
            "error=\"invalid_token\"",
        ),
        (
            with_authorization("/bearer", "Bearer good-token"),
            "200",
            "open",
        ),
        (get("/key"), "401", "unauthorized"),
        (with_authorization("/key", "k-1"), "200", "open"),
        (get("/mtls"), "403", "certificate"),
    ];
    for (request, status, text) in rows {
        let answer = ask(&lab, &request).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{request}: {answer}"
        );
        assert!(answer.contains(text), "{request}: {answer}");
    }
}

#[tokio::test]
async fn head_and_body_come_when_they_are_due() {
    let lab = Lab::http();
    let wait = Duration::from_millis(60);
    lab.route("/", move |_| {
        Answer::status(200)
            .after(wait)
            .body_after(wait)
            .body("late")
    });
    let start = tokio::time::Instant::now();
    assert!(ask(&lab, &get("/")).await.ends_with("\r\n\r\nlate"));
    assert!(start.elapsed() >= wait * 2);
}

#[tokio::test]
async fn an_ipv6_address_and_another_host_name_make_urls() {
    let lab = Lab::builder().on(Ipv6Addr::LOCALHOST).start();
    let port = lab.address().port();
    assert_eq!(lab.url("/x"), format!("http://[::1]:{port}/x"));
    assert_eq!(
        lab.url_at("a.lab.test", "/x"),
        format!("http://a.lab.test:{port}/x")
    );
    assert!(ask(&lab, &get("/")).await.starts_with("HTTP/1.1 404 "));
}

#[tokio::test]
async fn each_certificate_has_the_flaw_that_it_is_named_for() {
    let client = TlsClient::new("http/1.1", None);
    for certificate in Certificate::ALL {
        let lab = Lab::https(certificate);
        let flaw = match certificate {
            Certificate::Valid | Certificate::ExpiringSoon => None,
            Certificate::Expired => Some("certificate expired"),
            Certificate::NotYetValid => Some("certificate not valid yet"),
            Certificate::WrongName => Some("not valid for name"),
            Certificate::SelfSigned | Certificate::UnknownAuthority => Some("UnknownIssuer"),
        };
        match (ask_tls(&lab, &client).await, flaw) {
            (Ok(answer), None) => assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}"),
            (Err(error), Some(flaw)) => {
                assert!(error.to_string().contains(flaw), "{certificate:?}: {error}");
            }
            (result, _) => panic!("{certificate:?}: {result:?}"),
        }
    }
}

#[tokio::test]
async fn a_tls_lab_records_the_session() {
    let lab = Lab::https(Certificate::Valid);
    let client = TlsClient::new("http/1.1", None);
    assert!(lab.url("/").starts_with("https://127.0.0.1:"));
    ask_tls(&lab, &client).await.unwrap();
    ask_tls(&lab, &client).await.unwrap();
    let resumed: Vec<bool> = lab
        .requests()
        .iter()
        .map(|r| r.tls.as_ref().unwrap().resumed)
        .collect();
    assert_eq!(resumed, [false, true]);
    assert_eq!(lab.requests()[0].tls.as_ref().unwrap().name, None);
}

#[tokio::test]
async fn a_swapped_certificate_goes_unseen_by_a_client_that_resumes() {
    let lab = Lab::https(Certificate::Valid);
    let client = TlsClient::new("http/1.1", None);
    ask_tls(&lab, &client).await.unwrap();
    lab.present(Certificate::Expired);
    assert!(ask_tls(&lab, &client).await.is_ok());
    assert!(
        ask_tls(&lab, &TlsClient::new("http/1.1", None))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_client_certificate_is_asked_for_and_recorded() {
    let valid = ClientCertificate::Valid.issue();
    let lab = Lab::builder()
        .tls(Certificate::Valid)
        .clients(Clients::Optional)
        .start();
    lab.route("/", door::client_certificate());
    let with = ask_tls(&lab, &TlsClient::new("http/1.1", Some(&valid)))
        .await
        .unwrap();
    let without = ask_tls(&lab, &TlsClient::new("http/1.1", None))
        .await
        .unwrap();
    assert!(with.starts_with("HTTP/1.1 200 ") && without.starts_with("HTTP/1.1 403 "));
    let shown = lab.requests()[0]
        .tls
        .clone()
        .unwrap()
        .client_certificate
        .unwrap();
    assert_eq!(shown, valid.certificate_der().to_vec());
}

#[tokio::test]
async fn a_required_client_certificate_is_enforced_by_the_handshake() {
    for versions in [Versions::Tls12, Versions::Tls13, Versions::Both] {
        let lab = Lab::builder()
            .tls(Certificate::Valid)
            .clients(Clients::Required)
            .versions(versions)
            .start();
        let bad = [
            ClientCertificate::Expired,
            ClientCertificate::UnknownAuthority,
        ];
        for identity in bad.map(ClientCertificate::issue) {
            let client = TlsClient::new("http/1.1", Some(&identity));
            assert!(ask_tls(&lab, &client).await.is_err(), "{versions:?}");
        }
        assert!(
            ask_tls(&lab, &TlsClient::new("http/1.1", None))
                .await
                .is_err()
        );
        let valid = ClientCertificate::Valid.issue();
        assert!(
            ask_tls(&lab, &TlsClient::new("http/1.1", Some(&valid)))
                .await
                .is_ok()
        );
        assert_eq!((lab.requests().len(), lab.connections()), (1, 4));
    }
}

#[tokio::test]
async fn http2_is_spoken_where_it_is_offered_and_asked_for() {
    let lab = Lab::builder().tls(Certificate::Valid).http2().start();
    lab.route("/", |_| Answer::unauthorized("Basic realm=\"two\""));
    let stream = TlsClient::new("h2", None).connect(lab.address()).await;
    let io = TokioIo::new(stream.unwrap());
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    let request = http::Request::get("https://orders.lab.test/").body(Empty::<bytes::Bytes>::new());
    let answer = sender.send_request(request.unwrap()).await.unwrap();
    assert_eq!(
        (answer.version(), answer.status().as_u16()),
        (Version::HTTP_2, 401)
    );
    assert_eq!(answer.headers()["www-authenticate"], "Basic realm=\"two\"");
    assert_eq!(lab.requests()[0].header("host"), Some("orders.lab.test"));
    assert!(
        ask_tls(&lab, &TlsClient::new("http/1.1", None))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_handshake_waits_as_long_as_it_is_told() {
    let wait = Duration::from_millis(60);
    let lab = Lab::builder()
        .tls(Certificate::Valid)
        .handshake_after(wait)
        .start();
    let start = tokio::time::Instant::now();
    TlsClient::new("http/1.1", None)
        .connect(lab.address())
        .await
        .unwrap();
    assert!(start.elapsed() >= wait);
}

#[test]
fn certificates_are_written_as_pem() {
    let directory = tempfile::tempdir().unwrap();
    let issued = ClientCertificate::Valid.issue();
    let (certificate, key) = issued.write(directory.path(), "client");
    assert_eq!(
        CertificateDer::from_pem_file(certificate).unwrap(),
        issued.certificate_der()
    );
    assert_eq!(PrivateKeyDer::from_pem_file(key).unwrap(), issued.key_der());
    let authority = certificates::write_authority(directory.path());
    assert!(CertificateDer::from_pem_file(authority).is_ok());
}

#[tokio::test]
async fn connections_end_with_the_lab() {
    let lab = Lab::http();
    lab.route("/", |_| Answer::status(200).after(Duration::from_mins(10)));
    let mut stream = TcpStream::connect(lab.address()).await.unwrap();
    stream.write_all(get("/").as_bytes()).await.unwrap();
    drop(lab);
    assert_ne!(listen(&mut stream, LIMIT).await.end, End::Silent);
}
