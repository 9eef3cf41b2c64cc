//! The hostile server does what its scripts are named for.

use std::io::ErrorKind;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::hostile::nobody::{Blackhole, ClosedPort, UNREACHABLE, UNRESOLVABLE};
use crate::support::hostile::{
    BodyFault, HeadFault, Hostile, How, Http2Fault, Part, Play, Script, Stage, Step, TlsFault,
};
use crate::support::wire::{End, Heard, PATIENCE, TlsClient, exchange, get, listen};

/// More than any script sends that comes to an end.
const LIMIT: usize = 3 << 20;

/// A connection preface, SETTINGS, and HEADERS for `GET /` (RFC 9113 §3.4, RFC 7541 appendix A).
const HTTP2_REQUEST: &str = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0\
                             \0\0\u{1}\u{1}\u{5}\0\0\0\u{1}\u{2}";

async fn hear(script: Script) -> Heard {
    let hostile = Hostile::start(script);
    match script {
        Script::Http2(_) => TlsClient::new("h2", None)
            .exchange(hostile.address(), HTTP2_REQUEST, LIMIT)
            .await
            .unwrap(),
        Script::Stops(..) | Script::Head(_) | Script::Body(_) | Script::Tls(_) => {
            exchange(hostile.address(), &get("/"), LIMIT).await
        }
        Script::Drips(_) => exchange(hostile.address(), &get("/"), 3).await,
    }
}

/// How a script ends, and what it has said by then.
fn promise(script: Script) -> (End, &'static str) {
    match script {
        Script::Stops(stage, how) => (stop(how), said_before(stage)),
        Script::Drips(Part::Head) => (End::Endless, "HTTP"),
        Script::Drips(Part::Body) => (End::Endless, "HTTP/1.1 401 Unauthorized\r\n"),
        Script::Head(fault) => head(fault),
        Script::Body(fault) => body(fault),
        Script::Tls(TlsFault::PlainOnTlsPort) => (End::Closed, "HTTP/1.1 400 Bad Request\r\n"),
        Script::Tls(TlsFault::TlsOnPlainPort | TlsFault::Alert) => {
            (End::Closed, "\u{15}\u{3}\u{3}\0\u{2}\u{2}\u{28}")
        }
        Script::Tls(TlsFault::Garbage) => (End::Closed, "\u{80}"),
        Script::Http2(fault) => http2(fault),
    }
}

fn stop(how: How) -> End {
    match how {
        How::Hang => End::Silent,
        How::Reset => End::Broken,
        How::Close => End::Closed,
    }
}

fn said_before(stage: Stage) -> &'static str {
    match stage {
        Stage::Connect | Stage::TlsHandshake | Stage::BeforeHead => "",
        Stage::MidHead => "HTTP/1.1 401 Unauthorized\r\nWWW-Authen",
        Stage::AfterHead => "Basic realm=\"lab\"\r\n\r\n",
        Stage::MidBody => "\r\n\r\nhalf",
    }
}

fn head(fault: HeadFault) -> (End, &'static str) {
    match fault {
        HeadFault::Garbage => (End::Closed, "\u{80}"),
        HeadFault::EndlessLines => (End::Endless, "more\r\nX-Endless: and one more\r\nX-"),
        HeadFault::EndlessLine => (End::Endless, "X-Endless: and on and on and on "),
        HeadFault::ManyLines => (End::Closed, "X-Many: 1\r\nX-Many: 1\r\nContent-Length: 0"),
        HeadFault::MegabyteLine => (End::Closed, "aaaa\r\nContent-Length: 0"),
        HeadFault::LongLegalLines => (End::Closed, "aaaa\r\nX-Pad: aaaa"),
        HeadFault::LongLegalLine => (End::Closed, "aaaa\r\nContent-Length: 0\r\nWWW-Auth"),
        HeadFault::EndlessContinue => (End::Endless, "\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"),
        HeadFault::EndlessEarlyHints => (End::Endless, "\r\n\r\nHTTP/1.1 103 Early Hints\r\n"),
        HeadFault::SwitchingProtocols => (End::Closed, "HTTP/1.1 101 "),
        HeadFault::Http10 => (End::Closed, "HTTP/1.0 401 Unauthorized\r\n"),
        HeadFault::Http09 => (End::Closed, "<html>"),
        HeadFault::ConflictingLengths => {
            (End::Closed, "Content-Length: 5\r\nContent-Length: 0\r\n")
        }
        HeadFault::InvalidName => (End::Closed, "X Invalid(: yes\r\n"),
        HeadFault::FoldedChallenge => {
            (End::Closed, "WWW-Authenticate: Basic\r\n realm=\"lab\"\r\n")
        }
        HeadFault::NonAsciiRealm => (End::Closed, "Basic realm=\"K\u{c3}\u{bc}che\"\r\n"),
        HeadFault::NulInValue => (End::Closed, "Basic realm=\"a\0b\"\r\n"),
    }
}

fn body(fault: BodyFault) -> (End, &'static str) {
    match fault {
        BodyFault::EndlessChunks => (End::Endless, "\r\n8\r\nand on, \r\n8\r\nand on, \r\n"),
        BodyFault::EndlessLength => (End::Endless, "\r\n\r\nand on, and on, "),
        BodyFault::Truncated => (End::Closed, "\r\n\r\nten bytes."),
        BodyFault::TruncatedChunks => (End::Closed, "\r\n\r\na\r\nten bytes.\r\n"),
        BodyFault::Mischunked => (End::Closed, "\r\n\r\nten\r\nten bytes.\r\n0\r\n\r\n"),
        BodyFault::GzipBomb => (End::Endless, "gzip\r\nWWW-Authenticate"),
    }
}

fn http2(fault: Http2Fault) -> (End, &'static str) {
    match fault {
        Http2Fault::GoAway => (End::Silent, "\0\0\u{8}\u{7}\0\0\0\0\0\0\0\0\0\0\0\0\u{2}"),
        Http2Fault::ResetStream => (End::Silent, "\0\0\u{4}\u{3}\0\0\0\0\u{1}\0\0\0\u{2}"),
        Http2Fault::RefusedStream => (End::Silent, "\0\0\u{4}\u{3}\0\0\0\0\u{1}\0\0\0\u{7}"),
        Http2Fault::EndlessContinuation => (End::Endless, "\u{8}\u{3}401\0\u{32}\u{c8}\u{9}\0"),
        Http2Fault::PingFlood => (End::Endless, "\0\0\u{8}\u{6}\0\0\0\0\0are you?"),
        Http2Fault::Hang => (End::Silent, "\0\0\0\u{4}\0\0\0\0\0"),
        Http2Fault::NotHttp2 => (End::Closed, "HTTP/1.1 401 Unauthorized\r\n"),
    }
}

#[tokio::test]
async fn every_script_says_and_ends_as_it_is_named() {
    let listeners = Script::all().into_iter().map(|script| {
        let heard = tokio::spawn(hear(script));
        async move { (script, heard.await.unwrap()) }
    });
    let listeners: Vec<_> = listeners.collect();
    for listener in listeners {
        let (script, heard) = listener.await;
        let (end, said) = promise(script);
        let start: String = heard.text.chars().take(400).collect();
        assert_eq!(heard.end, end, "{script:?}: {start}");
        assert!(heard.text.contains(said), "{script:?}: {start}");
    }
}

#[tokio::test]
async fn scripts_that_fail_at_tls_fail_a_handshake() {
    let handshake = [How::Hang, How::Reset, How::Close].map(|how| {
        let promise = match how {
            How::Hang => ErrorKind::TimedOut,
            How::Reset => ErrorKind::ConnectionReset,
            How::Close => ErrorKind::UnexpectedEof,
        };
        (Script::Stops(Stage::TlsHandshake, how), promise)
    });
    let faults = [TlsFault::PlainOnTlsPort, TlsFault::Alert, TlsFault::Garbage]
        .map(|fault| (Script::Tls(fault), ErrorKind::InvalidData));
    for (script, kind) in handshake.into_iter().chain(faults) {
        let hostile = Hostile::start(script);
        assert!(
            hostile.url().starts_with("https://127.0.0.1:"),
            "{script:?}"
        );
        let client = TlsClient::new("http/1.1", None);
        let error = client.connect(hostile.address()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{script:?}: {error}");
    }
}

#[tokio::test]
async fn a_drip_is_a_byte_every_tenth_of_a_second() {
    let hostile = Hostile::start(Script::Drips(Part::Head));
    let mut stream = TcpStream::connect(hostile.address()).await.unwrap();
    stream.write_all(get("/").as_bytes()).await.unwrap();
    let start = tokio::time::Instant::now();
    stream.read_exact(&mut [0; 4]).await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(290));
}

#[tokio::test]
async fn an_admitting_script_answers_200() {
    let hostile = Hostile::admitting(Script::Body(BodyFault::Truncated));
    let heard = exchange(hostile.address(), &get("/"), LIMIT).await;
    assert!(heard.text.starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(hostile.url().starts_with("http://127.0.0.1:"));
}

#[tokio::test]
async fn steps_of_a_tests_own_are_performed() {
    let steps = vec![
        Step::ReadHead,
        Step::send("HTTP/1.1 204 No Content\r\n\r\n"),
    ];
    let hostile = Hostile::perform(Play::plain(steps.clone()));
    let heard = exchange(hostile.address(), &get("/"), LIMIT).await;
    assert_eq!(heard.text, "HTTP/1.1 204 No Content\r\n\r\n");
    let hostile = Hostile::perform(Play::tls("http/1.1", steps));
    let client = TlsClient::new("http/1.1", None);
    let heard = client
        .exchange(hostile.address(), &get("/"), LIMIT)
        .await
        .unwrap();
    assert_eq!((heard.text.len(), heard.end), (27, End::Closed));
}

#[tokio::test]
async fn hostile_connections_end_with_their_handle() {
    let hostile = Hostile::start(Script::Stops(Stage::MidHead, How::Hang));
    let mut stream = TcpStream::connect(hostile.address()).await.unwrap();
    stream.write_all(get("/").as_bytes()).await.unwrap();
    stream.read_exact(&mut [0; 4]).await.unwrap();
    drop(hostile);
    assert_ne!(listen(&mut stream, LIMIT).await.end, End::Silent);
}

#[tokio::test]
async fn nobody_answers_where_nobody_is() {
    let closed = ClosedPort::take();
    let refused = TcpStream::connect(closed.address()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    let blackhole = Blackhole::open();
    let connect = TcpStream::connect(blackhole.address());
    assert!(tokio::time::timeout(PATIENCE, connect).await.is_err());
    let host = UNREACHABLE
        .trim_start_matches("http://")
        .trim_end_matches('/');
    let unreachable = TcpStream::connect((host, 80)).await.unwrap_err();
    assert_eq!(unreachable.kind(), ErrorKind::NetworkUnreachable);
    let host = UNRESOLVABLE
        .trim_start_matches("http://")
        .trim_end_matches('/');
    assert!(tokio::net::lookup_host((host, 80)).await.is_err());
}
