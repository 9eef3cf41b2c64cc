//! The bytes of heads and bodies that are hard to read.

use super::script::{BodyFault, HeadFault};
use super::step::Step;

/// The challenge that every readable answer has.
const CHALLENGE: &str = "WWW-Authenticate: Basic realm=\"lab\"\r\n";

/// A status line for one of the two statuses that the scripts use.
pub(super) fn status_line(status: u16) -> String {
    let phrase = if status == 401 { "Unauthorized" } else { "OK" };
    format!("HTTP/1.1 {status} {phrase}\r\n")
}

/// A whole head: status line, these field lines, the challenge.
pub(super) fn head_with(status: u16, lines: &str) -> String {
    let status_line = status_line(status);
    format!("{status_line}{lines}{CHALLENGE}\r\n")
}

/// Bytes that are neither HTTP nor TLS, the same on every run.
pub(super) fn garbage() -> Vec<u8> {
    let next = |state: &u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    std::iter::successors(Some(7), next)
        .map(|state: u32| state.to_be_bytes()[0] | 0x80)
        .take(4096)
        .collect()
}

/// The steps of an answer with such a head.
pub(super) fn head(fault: HeadFault, status: u16) -> Vec<Step> {
    let mut steps = vec![Step::ReadHead];
    steps.extend(match fault {
        HeadFault::Garbage => vec![Step::Send(garbage())],
        HeadFault::EndlessLines => vec![
            Step::send(status_line(status)),
            Step::Flood(b"X-Endless: and one more\r\n".to_vec()),
        ],
        HeadFault::EndlessLine => vec![
            Step::send(format!("{}X-Endless: ", status_line(status))),
            Step::Flood(b"and on ".to_vec()),
        ],
        HeadFault::EndlessContinue => vec![Step::Flood(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec())],
        HeadFault::EndlessEarlyHints => vec![Step::Flood(
            b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n".to_vec(),
        )],
        HeadFault::ManyLines
        | HeadFault::MegabyteLine
        | HeadFault::LongLegalLines
        | HeadFault::LongLegalLine
        | HeadFault::SwitchingProtocols
        | HeadFault::Http10
        | HeadFault::Http09
        | HeadFault::ConflictingLengths
        | HeadFault::InvalidName
        | HeadFault::FoldedChallenge
        | HeadFault::NonAsciiRealm
        | HeadFault::NulInValue => vec![Step::send(finite_head(fault, status))],
    });
    steps
}

/// Heads that end, with an empty body.
fn finite_head(fault: HeadFault, status: u16) -> String {
    let empty = |lines: &str| head_with(status, &format!("{lines}Content-Length: 0\r\n"));
    let challenged = |challenge: &str| {
        let status_line = status_line(status);
        format!("{status_line}Content-Length: 0\r\nWWW-Authenticate: {challenge}\r\n\r\n")
    };
    match fault {
        HeadFault::ManyLines => empty(&"X-Many: 1\r\n".repeat(100_000)),
        HeadFault::MegabyteLine => empty(&format!("X-Long: {}\r\n", "a".repeat(1 << 20))),
        HeadFault::LongLegalLines => empty(&format!("X-Pad: {}\r\n", "a".repeat(55)).repeat(1024)),
        HeadFault::LongLegalLine => empty(&format!("X-Pad: {}\r\n", "a".repeat(64 * 1024))),
        HeadFault::SwitchingProtocols => {
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: chat\r\nConnection: Upgrade\r\n\r\n"
                .to_owned()
        }
        HeadFault::Http10 => empty("").replacen("HTTP/1.1", "HTTP/1.0", 1),
        HeadFault::Http09 => "<html>a body and nothing else</html>\n".to_owned(),
        HeadFault::ConflictingLengths => empty("Content-Length: 5\r\n"),
        HeadFault::InvalidName => empty("X Invalid(: yes\r\n"),
        HeadFault::FoldedChallenge => challenged("Basic\r\n realm=\"lab\""),
        HeadFault::NonAsciiRealm => challenged("Basic realm=\"Küche\""),
        HeadFault::NulInValue => challenged("Basic realm=\"a\0b\""),
        HeadFault::Garbage
        | HeadFault::EndlessLines
        | HeadFault::EndlessLine
        | HeadFault::EndlessContinue
        | HeadFault::EndlessEarlyHints => unreachable!("{fault:?} does not end"),
    }
}

/// The steps of an answer with a good head and such a body.
pub(super) fn body(fault: BodyFault, status: u16) -> Vec<Step> {
    const CHUNKED: &str = "Transfer-Encoding: chunked\r\n";
    let (lines, rest) = match fault {
        BodyFault::EndlessChunks => (CHUNKED, vec![Step::Flood(b"8\r\nand on, \r\n".to_vec())]),
        BodyFault::EndlessLength => (
            "Content-Length: 9007199254740991\r\n",
            vec![Step::Flood(b"and on, ".to_vec())],
        ),
        BodyFault::Truncated => ("Content-Length: 100\r\n", vec![Step::send("ten bytes.")]),
        BodyFault::TruncatedChunks => (CHUNKED, vec![Step::send("a\r\nten bytes.\r\n")]),
        BodyFault::Mischunked => (CHUNKED, vec![Step::send("ten\r\nten bytes.\r\n0\r\n\r\n")]),
        BodyFault::GzipBomb => ("Content-Encoding: gzip\r\n", gzip_bomb()),
    };
    let mut steps = vec![Step::ReadHead, Step::send(head_with(status, lines))];
    steps.extend(rest);
    steps
}

/// A gzip member (RFC 1952) that unpacks to zeros without end.
///
/// It is one block with fixed codes (RFC 1951 §3.2.6): a zero byte, and then the same match over
/// and over, 258 bytes at distance 1, in 13 bits each. Eight matches fill 13 bytes, so the stream
/// repeats with that period.
fn gzip_bomb() -> Vec<Step> {
    const BLOCK: &str = "0 10 00110000";
    const MATCH: &str = "11000101 00000";
    let header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let bits = format!("{BLOCK}{}", MATCH.repeat(16)).replace(' ', "");
    let stream = pack(&bits);
    let (start, rest) = stream.split_at(2);
    vec![
        Step::Send([&header, start].concat()),
        Step::Flood(rest[..13].to_vec()),
    ]
}

/// Packs bits into bytes, the first into the lowest place (RFC 1951 §3.1.1).
fn pack(bits: &str) -> Vec<u8> {
    bits.as_bytes()
        .chunks(8)
        .map(|byte| {
            let places = byte.iter().enumerate();
            places.fold(0, |sum, (place, bit)| sum | ((bit - b'0') << place))
        })
        .collect()
}
