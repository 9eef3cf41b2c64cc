//! The role table: what a status means to a check that is to be refused, or admitted.

use http::StatusCode;

use super::{Question, login};
use crate::domain::check::{Persona, Role};
use crate::domain::finding::{Finding, Reason};
use crate::domain::observation::{Answer, without_query_values};

/// What the status says, if it is not the agreed one.
pub(super) fn finding(question: &Question<'_>, answer: &Answer) -> Option<Finding> {
    let reason = match question.check.role() {
        Role::Refused => of_refused(question, answer),
        Role::Admitted => of_admitted(question, answer),
    }?;
    let expected = question.check.expectation.status.to_string();
    let saw = saw(reason, answer) + &out_of_time(question, reason);
    Some(Finding::new(reason, expected, saw))
}

fn of_refused(question: &Question<'_>, answer: &Answer) -> Option<Reason> {
    if question.check.expectation.status.contains(answer.status) {
        return None;
    }
    Some(match answer.status {
        200..=299 if login::replaces_refusal(question, answer) => Reason::LoginPage,
        200..=299 => admitted(&question.check.persona),
        403 => Reason::ForbiddenInstead,
        status => common(status).unwrap_or(match status {
            300..=399 => Reason::Redirected,
            _ => Reason::UnexpectedStatus,
        }),
    })
}

fn of_admitted(question: &Question<'_>, answer: &Answer) -> Option<Reason> {
    let holder = question.check.persona.is_holder();
    if holder && login::replaces_admission(question, answer) {
        return Some(Reason::CredentialRedirected);
    }
    if question.check.expectation.status.contains(answer.status) {
        return None;
    }
    let locked_out = match answer.status {
        401 if is_past_expiry(question) => Some(Reason::CredentialExpired),
        401 => Some(Reason::CredentialRejected),
        403 => Some(Reason::CredentialForbidden),
        423 => Some(Reason::AccountLocked),
        300..=399 => Some(Reason::CredentialRedirected),
        _ => None,
    };
    let locked_out = locked_out.filter(|_| holder);
    Some(
        locked_out
            .or_else(|| common(answer.status))
            .unwrap_or(Reason::UnexpectedStatus),
    )
}

/// What means the same to both roles.
fn common(status: u16) -> Option<Reason> {
    match status {
        404 | 410 => Some(Reason::NotFound),
        429 => Some(Reason::RateLimited),
        500..=599 => Some(Reason::ServerError),
        _ => None,
    }
}

fn admitted(persona: &Persona) -> Reason {
    match persona {
        Persona::Anonymous => Reason::AnonymousAdmitted,
        Persona::Invalid(_) => Reason::InvalidAdmitted,
        Persona::Holder(_) | Persona::Impostor(_) => Reason::ImpostorAdmitted,
    }
}

fn is_past_expiry(question: &Question<'_>) -> bool {
    let circumstances = &question.circumstances;
    let until = circumstances.shown.validity.until;
    until.is_some_and(|until| until <= circumstances.now)
}

/// What the credential itself says of a refusal: that it was over, or had not begun.
fn out_of_time(question: &Question<'_>, reason: Reason) -> String {
    let validity = question.circumstances.shown.validity;
    let not_yet = validity
        .from
        .filter(|from| *from > question.circumstances.now);
    match (reason, validity.until, not_yet) {
        (Reason::CredentialExpired, Some(until), _) => {
            format!("; the credential expired on {until}")
        }
        (Reason::CredentialRejected, _, Some(from)) => {
            format!("; the credential is not valid before {from}")
        }
        (_, _, _) => String::new(),
    }
}

fn saw(reason: Reason, answer: &Answer) -> String {
    let status = status_line(answer.status);
    match answer.first("location") {
        _ if reason == Reason::LoginPage => format!("{status} with a login page"),
        _ if reason == Reason::CredentialRedirected && answer.status < 300 => {
            format!("{status} with a login page")
        }
        Some(location) if (300..=399).contains(&answer.status) => {
            format!("{status} to {}", without_query_values(&location.text()))
        }
        _ => status,
    }
}

/// The status with the words that everybody knows it by: `401 Unauthorized`.
pub(super) fn status_line(status: u16) -> String {
    let words = StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason());
    words.map_or_else(|| status.to_string(), |words| format!("{status} {words}"))
}
