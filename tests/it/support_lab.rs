//! The lab server does what it says: this is tested so that the other tests can lean on it.

use std::net::Ipv6Addr;
use std::time::Duration;

use http::{Method, Version};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::certificates::Certificate;
use crate::support::lab::{Answer, Lab, door};
use crate::support::wire::{End, exchange, get, listen};

const LIMIT: usize = 1 << 20;

async fn ask(lab: &Lab, request: &str) -> String {
    exchange(lab.address(), request, LIMIT).await.text
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
async fn connections_end_with_the_lab() {
    let lab = Lab::http();
    lab.route("/", |_| Answer::status(200).after(Duration::from_mins(10)));
    let mut stream = TcpStream::connect(lab.address()).await.unwrap();
    stream.write_all(get("/").as_bytes()).await.unwrap();
    drop(lab);
    assert_ne!(listen(&mut stream, LIMIT).await.end, End::Silent);
}

#[tokio::test]
async fn redirects_in_a_ring_lead_from_one_lab_to_the_next() {
    let (plain, tls) = (Lab::http(), Lab::https(Certificate::Valid));
    Lab::redirect_in_a_ring(&[&tls, &plain], "/ring");
    Lab::redirect_in_a_ring(&[&plain], "/loop");
    let across = ask(&plain, &get("/ring")).await;
    assert!(
        across.contains(&format!("Location: {}\r\n", tls.url("/ring"))),
        "{across}"
    );
    let within = ask(&plain, &get("/loop")).await;
    assert!(
        within.contains(&format!("Location: {}\r\n", plain.url("/loop"))),
        "{within}"
    );
}
