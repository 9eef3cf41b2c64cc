//! Every misdeed by name.
//!
//! The names are closed enums, so that a test that says what each must lead to does not compile
//! until somebody has decided on a new one.

use super::step::Step;
use super::{Layer, Play, faults, http2};

/// A misdeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Script {
    /// It stops in the middle of things.
    Stops(Stage, How),
    /// It sends one byte every 100 ms, without end in sight.
    Drips(Part),
    /// Its head is hard to read.
    Head(HeadFault),
    /// Its head is good, its body is not.
    Body(BodyFault),
    /// It fails at TLS.
    Tls(TlsFault),
    /// It misbehaves in frames of HTTP/2.
    Http2(Http2Fault),
}

/// How far a conversation goes before it stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It has accepted the connection and read nothing.
    Connect,
    /// It has read the `ClientHello`.
    TlsHandshake,
    /// It has read the request.
    BeforeHead,
    /// It has sent the status line and half a field line.
    MidHead,
    /// It has sent the head, which promises a body.
    AfterHead,
    /// It has sent half of the body.
    MidBody,
}

/// How it stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// It keeps the connection and says nothing more.
    Hang,
    /// It breaks the connection off with a reset.
    Reset,
    /// It closes.
    Close,
}

/// A part of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Status line and field lines.
    Head,
    /// What follows them.
    Body,
}

/// What is hard about a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeadFault {
    /// It is random bytes.
    Garbage,
    /// Its field lines never end.
    EndlessLines,
    /// Its first field line never ends.
    EndlessLine,
    /// It has 100,000 field lines, and ends.
    ManyLines,
    /// It has a field line of 1 MB, and ends.
    MegabyteLine,
    /// 64 KiB of field lines, the challenge last: long, legal, to be read whole.
    LongLegalLines,
    /// One field line of 64 KiB before the challenge: long, legal, to be read whole.
    LongLegalLine,
    /// `100 Continue`, again and again.
    EndlessContinue,
    /// `103 Early Hints`, again and again.
    EndlessEarlyHints,
    /// `101 Switching Protocols`, which nobody asked for.
    SwitchingProtocols,
    /// HTTP/1.0, legal.
    Http10,
    /// HTTP/0.9: a body and nothing else.
    Http09,
    /// Two different `Content-Length` lines.
    ConflictingLengths,
    /// A field name with a space and a parenthesis.
    InvalidName,
    /// A challenge folded over two lines, which RFC 9112 §5.2 no longer allows.
    FoldedChallenge,
    /// A realm in UTF-8.
    NonAsciiRealm,
    /// A NUL in a field value.
    NulInValue,
}

/// What is wrong with a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyFault {
    /// Chunks without end.
    EndlessChunks,
    /// An absurd `Content-Length`, and bytes to match it.
    EndlessLength,
    /// It closes before `Content-Length` is reached.
    Truncated,
    /// It closes before the last chunk.
    TruncatedChunks,
    /// A chunk's size is no number.
    Mischunked,
    /// Gzip that grows by 160 times when it is unpacked, without end.
    GzipBomb,
}

/// What fails at TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TlsFault {
    /// Plain HTTP on a port that the client takes for TLS.
    PlainOnTlsPort,
    /// TLS on a port that the client takes for plain HTTP.
    TlsOnPlainPort,
    /// A fatal alert in answer to the `ClientHello`.
    Alert,
    /// Random bytes in answer to the `ClientHello`.
    Garbage,
}

/// What is wrong in frames of HTTP/2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Http2Fault {
    /// GOAWAY in answer to the request.
    GoAway,
    /// `RST_STREAM` with `INTERNAL_ERROR`.
    ResetStream,
    /// `RST_STREAM` with `REFUSED_STREAM`, which invites to try again.
    RefusedStream,
    /// HEADERS and then CONTINUATION without end.
    EndlessContinuation,
    /// PING without end.
    PingFlood,
    /// Silence after the request.
    Hang,
    /// HTTP/1.1, although HTTP/2 was agreed on.
    NotHttp2,
}

impl Script {
    /// All of them.
    pub(crate) fn all() -> Vec<Self> {
        let stops = Stage::ALL.into_iter().flat_map(|stage| {
            [How::Hang, How::Reset, How::Close].map(|how| Self::Stops(stage, how))
        });
        stops
            .chain([Part::Head, Part::Body].map(Self::Drips))
            .chain(HeadFault::ALL.map(Self::Head))
            .chain(BodyFault::ALL.map(Self::Body))
            .chain(TlsFault::ALL.map(Self::Tls))
            .chain(Http2Fault::ALL.map(Self::Http2))
            .collect()
    }

    /// What it does on a connection, with this status where it comes to one.
    pub(super) fn play(self, status: u16) -> Play {
        match self {
            Self::Stops(stage, how) => stage.play(how, status),
            Self::Drips(part) => Play::plain(part.drip(status)),
            Self::Head(fault) => Play::plain(faults::head(fault, status)),
            Self::Body(fault) => Play::plain(faults::body(fault, status)),
            Self::Tls(fault) => fault.play(),
            Self::Http2(fault) => Play::tls("h2", http2::steps(fault, status)),
        }
    }
}

impl Stage {
    const ALL: [Self; 6] = [
        Self::Connect,
        Self::TlsHandshake,
        Self::BeforeHead,
        Self::MidHead,
        Self::AfterHead,
        Self::MidBody,
    ];

    fn play(self, how: How, status: u16) -> Play {
        let status_line = faults::status_line(status);
        let head = faults::head_with(status, "Content-Length: 8\r\n");
        let mut steps = match self {
            Self::Connect => Vec::new(),
            Self::TlsHandshake => vec![Step::ReadSome],
            Self::BeforeHead => vec![Step::ReadHead],
            Self::MidHead => vec![
                Step::ReadHead,
                Step::send(format!("{status_line}WWW-Authen")),
            ],
            Self::AfterHead => vec![Step::ReadHead, Step::send(head)],
            Self::MidBody => vec![Step::ReadHead, Step::send(format!("{head}half"))],
        };
        steps.extend(match how {
            How::Hang => Some(Step::Hang),
            How::Reset => Some(Step::Reset),
            How::Close => None,
        });
        let mut play = Play::plain(steps);
        if self == Self::TlsHandshake {
            play.scheme = "https";
        }
        play
    }
}

impl Part {
    fn drip(self, status: u16) -> Vec<Step> {
        let endless = vec![b'a'; 1 << 20];
        match self {
            Self::Head => vec![
                Step::ReadHead,
                Step::Drip(faults::status_line(status).into_bytes()),
                Step::send("X-Drip: "),
                Step::Drip(endless),
            ],
            Self::Body => vec![
                Step::ReadHead,
                Step::send(faults::head_with(status, "Content-Length: 1048576\r\n")),
                Step::Drip(endless),
            ],
        }
    }
}

impl HeadFault {
    const ALL: [Self; 17] = [
        Self::Garbage,
        Self::EndlessLines,
        Self::EndlessLine,
        Self::ManyLines,
        Self::MegabyteLine,
        Self::LongLegalLines,
        Self::LongLegalLine,
        Self::EndlessContinue,
        Self::EndlessEarlyHints,
        Self::SwitchingProtocols,
        Self::Http10,
        Self::Http09,
        Self::ConflictingLengths,
        Self::InvalidName,
        Self::FoldedChallenge,
        Self::NonAsciiRealm,
        Self::NulInValue,
    ];
}

impl BodyFault {
    const ALL: [Self; 6] = [
        Self::EndlessChunks,
        Self::EndlessLength,
        Self::Truncated,
        Self::TruncatedChunks,
        Self::Mischunked,
        Self::GzipBomb,
    ];
}

impl TlsFault {
    const ALL: [Self; 4] = [
        Self::PlainOnTlsPort,
        Self::TlsOnPlainPort,
        Self::Alert,
        Self::Garbage,
    ];

    fn play(self) -> Play {
        // A record of the type alert, TLS 1.2, two bytes: fatal, handshake_failure (RFC 8446 §6).
        let alert = Step::Send(vec![21, 3, 3, 0, 2, 2, 40]);
        let (scheme, answer) = match self {
            Self::PlainOnTlsPort => (
                "https",
                Step::send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
            ),
            Self::TlsOnPlainPort => ("http", alert),
            Self::Alert => ("https", alert),
            Self::Garbage => ("https", Step::Send(faults::garbage())),
        };
        Play {
            scheme,
            layer: Layer::Tcp,
            steps: vec![Step::ReadSome, answer],
        }
    }
}

impl Http2Fault {
    const ALL: [Self; 7] = [
        Self::GoAway,
        Self::ResetStream,
        Self::RefusedStream,
        Self::EndlessContinuation,
        Self::PingFlood,
        Self::Hang,
        Self::NotHttp2,
    ];
}
