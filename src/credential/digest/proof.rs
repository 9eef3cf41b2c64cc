//! What the server proves in return: `Authentication-Info` (RFC 7616 §3.5).

use super::Login;
use super::offer::Quality;
use super::reply::{NONCE_COUNT, Reply};
use crate::domain::challenge::{Challenge, read};
use crate::domain::observation::{Answer, BodyEnd, Field};
use crate::domain::presenter::Proof;

/// What an answer to `reply` proves; `None` where it neither claims nor denies anything.
pub(super) fn of(reply: &Reply, user: &Login, answer: &Answer) -> Option<Proof> {
    let info = info(answer)?;
    let echoes = [
        (
            "cnonce",
            reply.cnonce.as_str(),
            "`cnonce` is another one than that of the request",
        ),
        (
            "nc",
            NONCE_COUNT,
            "`nc` is another one than that of the request",
        ),
    ];
    // Without a `qop` the request had neither (RFC 2069).
    let is_old = reply.offer.quality == Quality::Old;
    for (name, sent, wrong) in echoes {
        if !is_old && info.param(name).is_some_and(|echoed| echoed != sent) {
            return Some(Proof::Wrong(wrong));
        }
    }
    let shown = info.param("rspauth")?;
    let expected = match quality(reply, &info) {
        Quality::Request | Quality::Old => reply.server_digest(user, None),
        Quality::RequestAndBody => reply.server_digest(user, Some(whole_body(answer)?)),
    };
    Some(if shown.eq_ignore_ascii_case(&expected) {
        Proof::Right
    } else {
        Proof::Wrong("`rspauth` is not what follows from the password")
    })
}

/// The parameters of `Authentication-Info`: a list like that of a challenge, without a scheme
/// (RFC 7615 §3).
fn info(answer: &Answer) -> Option<Challenge> {
    let lines: Vec<&[u8]> = answer
        .lines("authentication-info")
        .map(|line: &Field| line.value.as_slice())
        .collect();
    if lines.is_empty() {
        return None;
    }
    let list = [b"Digest ".as_slice(), &lines.join(b", ".as_slice())].concat();
    read(&[list]).challenges.into_iter().next()
}

/// The quality that the server chose for its answer; that of the request unless it says so.
fn quality(reply: &Reply, info: &Challenge) -> Quality {
    let word = info.param("qop").unwrap_or_default();
    match reply.offer.quality {
        Quality::Old => Quality::Old,
        Quality::Request | Quality::RequestAndBody if word.eq_ignore_ascii_case("auth") => {
            Quality::Request
        }
        Quality::Request | Quality::RequestAndBody if word.eq_ignore_ascii_case("auth-int") => {
            Quality::RequestAndBody
        }
        quality @ (Quality::Request | Quality::RequestAndBody) => quality,
    }
}

/// The body, where all of it was read.
fn whole_body(answer: &Answer) -> Option<&[u8]> {
    match &answer.body.end {
        BodyEnd::Complete => Some(&answer.body.bytes),
        BodyEnd::Broken(_) | BodyEnd::CutOff => None,
    }
}
