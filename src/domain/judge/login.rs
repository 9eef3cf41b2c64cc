//! Login pages: a 2xx that is no admission.

use std::sync::LazyLock;

use http::Method;
use regex::bytes::Regex;

use super::Question;
use crate::domain::check::Check;
use crate::domain::expectation::Whole;
use crate::domain::observation::{Answer, Body, BodyEnd};

/// An input for a password, however its attributes are written.
static PASSWORD_INPUT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?is)<input\b[^>]*\btype\s*=\s*["']?password\b"#).ok());

/// Whether a stranger's 2xx is a login page in place of a refusal, and not the protected page.
///
/// It is one only where the rightful holder met another body: a protected page may hold a form for
/// a password too. Where there is nothing to compare with, the door counts as open.
pub(super) fn replaces_refusal(question: &Question<'_>, answer: &Answer) -> bool {
    let differs = question
        .circumstances
        .holder_body
        .is_some_and(|met| met != digest(&answer.body));
    differs && is_readable(question, answer) && holds_login_form(answer)
}

/// Whether the rightful holder's 2xx is a login page.
///
/// A body expectation that is met proves that the page is the wanted one, form or not.
pub(super) fn replaces_admission(question: &Question<'_>, answer: &Answer) -> bool {
    let expectations = &question.check.expectation.body;
    let wanted = !expectations.is_empty()
        && expectations
            .iter()
            .all(|body| body.is_met_by(&answer.body.bytes, whole(&answer.body)) == Some(true));
    !wanted && is_readable(question, answer) && holds_login_form(answer)
}

/// Whether an answer let its caller in: a 2xx, and no page that asks to log in.
pub fn is_admission(answer: &Answer) -> bool {
    (200..=299).contains(&answer.status) && !holds_login_form(answer)
}

/// Whether an answer says that the credential was not wanted, so that a server may count it: 401, or
/// 423 where it has counted already.
pub fn is_rejection(answer: &Answer) -> bool {
    matches!(answer.status, 401 | 423)
}

/// Whether the rightful holder was let in as its check expects.
pub fn is_admitted(check: &Check, answer: &Answer) -> bool {
    check.expectation.status.contains(answer.status) && !holds_login_form(answer)
}

/// Whether a 2xx holds HTML with an input for a password.
pub fn holds_login_form(answer: &Answer) -> bool {
    let success = (200..=299).contains(&answer.status);
    let form = PASSWORD_INPUT
        .as_ref()
        .is_some_and(|input| input.is_match(&answer.body.bytes));
    success && is_html(answer) && form
}

/// Whether all of a body is at hand.
pub(super) fn whole(body: &Body) -> Whole {
    match body.end {
        BodyEnd::Complete => Whole::Yes,
        BodyEnd::CutOff | BodyEnd::Broken(_) => Whole::No,
    }
}

/// What a body is compared by.
pub fn digest(body: &Body) -> super::BodyDigest {
    use sha2::{Digest as _, Sha256};
    Sha256::digest(&body.bytes).into()
}

fn is_readable(question: &Question<'_>, answer: &Answer) -> bool {
    let broken = matches!(answer.body.end, BodyEnd::Broken(_));
    question.endpoint.request.method != Method::HEAD && !broken
}

fn is_html(answer: &Answer) -> bool {
    match answer.first("content-type") {
        Some(content_type) => {
            let value = content_type.text().to_ascii_lowercase();
            value.contains("html")
        }
        None => answer.body.bytes.trim_ascii_start().starts_with(b"<"),
    }
}
