//! Visitors who are slow, large or many.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::Ordering;
use std::time::Duration;

use authvigil::web::{Limits, Protection, RateLimit, Server};

use super::port::{Port, settings};
use super::visitor::{connect, converse, listen, request};

fn limited(change: impl FnOnce(&mut Limits)) -> Port {
    let mut limits = Limits::default();
    change(&mut limits);
    Port::with(&settings(Protection::default()), limits)
}

fn asked_slowly(port: &Port, path: &str) -> TcpStream {
    let mut stream = connect(port.address);
    let text = request(&format!("GET {path}"), &[("Host", "localhost")]);
    stream.write_all(text.as_bytes()).unwrap();
    stream
}

#[test]
fn a_head_that_does_not_end_is_cut_off() {
    let port = limited(|limits| limits.head = Duration::from_secs(1));
    let mut stream = connect(port.address);
    stream.write_all(b"GET / HTTP/1.1\r\nHost: loc").unwrap();
    assert_eq!(listen(&mut stream), b"");
}

#[test]
fn a_connection_that_says_nothing_is_cut_off() {
    let port = limited(|limits| limits.head = Duration::from_millis(200));
    assert_eq!(listen(&mut connect(port.address)), b"");
}

#[test]
fn an_idle_connection_is_cut_off_after_its_answer() {
    let port = limited(|limits| limits.head = Duration::from_secs(4));
    let mut stream = connect(port.address);
    let text = "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let answer = converse(&mut stream, text).unwrap();
    assert_eq!(answer.text(), "healthy\n");
}

#[test]
fn a_reader_who_stops_reading_is_given_up() {
    let port = limited(|limits| {
        limits.places = 1;
        limits.stall = Duration::from_millis(300);
    });
    *port.board.pieces.lock().unwrap() = Some(10_000);
    let mut stalled = asked_slowly(&port, "/metrics");
    stalled.read_exact(&mut [0]).unwrap();
    // The only place is free again once the port has given up.
    wait_for_a_place(&port);
    let rest = listen(&mut stalled);
    assert!(
        !rest.ends_with(b"0\r\n\r\n"),
        "the answer claims to be whole"
    );
    assert!(port.board.made.load(Ordering::SeqCst) < 10_000);
}

#[test]
fn readers_who_stop_reading_hold_up_nobody() {
    let port = Port::open();
    *port.board.pieces.lock().unwrap() = Some(10_000);
    let mut stalled = [0; 20].map(|_| asked_slowly(&port, "/metrics"));
    for stream in &mut stalled {
        stream.read_exact(&mut [0]).unwrap();
    }
    for _ in 0..20 {
        assert_eq!(port.get("/-/healthy").status, 200);
    }
}

fn wait_for_a_place(port: &Port) {
    let deadline = std::time::Instant::now() + super::visitor::DEADLINE;
    let request = request("GET /-/healthy", &[("Host", "localhost")]);
    while port.say(&request).is_none() {
        assert!(
            std::time::Instant::now() < deadline,
            "there is never a place"
        );
    }
}

#[test]
fn one_connection_too_many_is_closed_and_a_free_place_is_taken_again() {
    let port = limited(|limits| limits.places = 2);
    let text = "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut first = connect(port.address);
    let mut second = connect(port.address);
    for stream in [&mut first, &mut second] {
        stream.write_all(text.as_bytes()).unwrap();
        // An answer says that the place is taken.
        stream.read_exact(&mut [0; 8]).unwrap();
    }
    assert_eq!(listen(&mut connect(port.address)), b"");
    drop(first);
    wait_for_a_place(&port);
}

#[test]
fn a_head_beyond_reason_is_refused() {
    let port = Port::open();
    let long = "a".repeat(200 * 1024);
    let answer = port.say(&request(
        "GET /",
        &[("Host", "localhost"), ("X-Long", &long)],
    ));
    assert!(answer.is_none_or(|answer| answer.status == 431));
    assert_eq!(port.get("/-/healthy").status, 200);
}

#[test]
fn a_body_beyond_reason_is_refused() {
    let mut settings = settings(Protection::default());
    settings.enable_lifecycle = true;
    let port = Port::with(&settings, Limits::default());
    assert_eq!(
        port.ask("POST /-/reload", &[("Content-Length", "65537")])
            .status,
        413
    );
    assert_eq!(
        port.ask("GET /", &[("Content-Length", "99999999999")])
            .status,
        413
    );
    let chunk = format!("11000\r\n{}\r\n0\r\n\r\n", "a".repeat(0x11000));
    let head = request(
        "POST /-/reload",
        &[("Host", "localhost"), ("Transfer-Encoding", "chunked")],
    );
    assert_eq!(port.say(&format!("{head}{chunk}")).unwrap().status, 413);
    assert_eq!(port.board.reloads.load(Ordering::SeqCst), 0);
}

#[test]
fn what_is_no_http_is_answered_or_closed_and_harms_nobody() {
    let port = Port::open();
    for text in [
        "\r\n\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "\u{0}\u{1}\u{2}\u{3}\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nHost : x\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ] {
        let mut stream = connect(port.address);
        stream.write_all(text.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let answer = String::from_utf8(listen(&mut stream)).unwrap();
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1."),
            "{text:?}: {answer}"
        );
    }
    assert_eq!(port.get("/-/healthy").status, 200);
}

#[test]
fn requests_beyond_the_rate_limit_are_told_to_come_later() {
    let port = Port::protected(Protection {
        rate_limit: Some(RateLimit {
            interval: Duration::from_hours(1),
            burst: 3,
        }),
        ..Protection::default()
    });
    let statuses = [0; 5].map(|_| port.get("/-/healthy").status);
    assert_eq!(statuses, [200, 200, 200, 429, 429]);
    assert_eq!(port.get("/-/healthy").header("retry-after"), "1");
}

#[tokio::test]
async fn what_is_under_way_at_the_end_is_finished() {
    let server = Server::bind(&settings(Protection::default()), None).unwrap();
    let server = server.limited(Limits {
        grace: super::visitor::DEADLINE,
        ..Limits::default()
    });
    let address = server.address();
    let board = std::sync::Arc::new(super::port::Board::default());
    *board.pieces.lock().unwrap() = Some(500);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(server.serve(board, async {
        drop(stopped.await);
    }));
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = connect(address);
        let text = request("GET /metrics", &[("Host", "localhost")]);
        stream.write_all(text.as_bytes()).unwrap();
        let mut first = [0; 1];
        stream.read_exact(&mut first).unwrap();
        drop(stop);
        listen(&mut stream)
    });
    assert!(answer.await.unwrap().ends_with(b"0\r\n\r\n"));
    serving.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn a_port_beyond_loopback_without_protection_is_warned_about() {
    let mut settings = settings(Protection::default());
    let said = |settings: &authvigil::web::Settings| {
        let warnings = Server::bind(settings, None).unwrap().warnings();
        warnings
            .iter()
            .map(|it| it.contains("lets everybody in"))
            .collect::<Vec<_>>()
    };
    assert_eq!(said(&settings), [true; 0]);
    settings.listen = "0.0.0.0:0".parse().unwrap();
    assert_eq!(said(&settings), [true, false]);
}

#[test]
fn a_port_that_is_taken_is_an_error_that_names_it() {
    let first = Server::bind(&settings(Protection::default()), None).unwrap();
    let mut settings = settings(Protection::default());
    settings.listen = first.address();
    let error = Server::bind(&settings, None).unwrap_err();
    let text = format!("cannot listen on {} (`web.listen`)", first.address());
    assert_eq!(error.to_string(), text);
}

#[test]
fn a_socket_that_was_bound_by_somebody_else_is_taken_and_the_difference_told() {
    let inherited = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = inherited.local_addr().unwrap();
    let mut settings = settings(Protection::default());
    settings.listen = "127.0.0.1:9401".parse().unwrap();
    let server = Server::bind(&settings, Some(inherited)).unwrap();
    assert_eq!(server.address(), address);
    let warning = format!(
        "the web port listens at {address}, as whoever started the program has bound it, and not at \
         127.0.0.1:9401, as `web.listen` has it."
    );
    assert_eq!(server.warnings(), [warning]);
}
