//! Misbehaviour in frames of HTTP/2 (RFC 9113 §6).

use super::script::Http2Fault;
use super::step::Step;

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;

const INTERNAL_ERROR: [u8; 4] = [0, 0, 0, 2];
const REFUSED_STREAM: [u8; 4] = [0, 0, 0, 7];

/// The steps after a TLS handshake that agreed on `h2`.
pub(super) fn steps(fault: Http2Fault, status: u16) -> Vec<Step> {
    if fault == Http2Fault::NotHttp2 {
        let answer = super::faults::head_with(status, "Content-Length: 0\r\n");
        return vec![Step::ReadSome, Step::send(answer)];
    }
    let mut steps = vec![
        Step::Send(frame(SETTINGS, 0, &[])),
        Step::ReadHttp2Head,
        Step::Send(match fault {
            Http2Fault::GoAway => frame(GOAWAY, 0, &[[0; 4], INTERNAL_ERROR].concat()),
            Http2Fault::ResetStream => frame(RST_STREAM, 1, &INTERNAL_ERROR),
            Http2Fault::RefusedStream => frame(RST_STREAM, 1, &REFUSED_STREAM),
            Http2Fault::EndlessContinuation => frame(HEADERS, 1, &status_field(status)),
            Http2Fault::PingFlood | Http2Fault::Hang | Http2Fault::NotHttp2 => Vec::new(),
        }),
    ];
    steps.push(match fault {
        Http2Fault::EndlessContinuation => {
            Step::Flood(frame(CONTINUATION, 1, &padding_field().repeat(100)))
        }
        Http2Fault::PingFlood => Step::Flood(frame(PING, 0, b"are you?")),
        Http2Fault::GoAway
        | Http2Fault::ResetStream
        | Http2Fault::RefusedStream
        | Http2Fault::Hang
        | Http2Fault::NotHttp2 => Step::Hang,
    });
    steps
}

/// A frame without flags (RFC 9113 §4.1): in HEADERS and CONTINUATION that means "more follows".
fn frame(kind: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let [.., a, b, c] = payload.len().to_be_bytes();
    let mut frame = vec![a, b, c, kind, 0, 0, 0, 0, stream];
    frame.extend_from_slice(payload);
    frame
}

/// `:status`, name by index 8, value literal (RFC 7541 §6.2.2).
fn status_field(status: u16) -> Vec<u8> {
    [&[0x08, 3], status.to_string().as_bytes()].concat()
}

/// A field of 130 bytes, both name and value literal (RFC 7541 §6.2.2).
fn padding_field() -> Vec<u8> {
    [&[0x00, 1, b'x', 126], [b'a'; 126].as_slice()].concat()
}
