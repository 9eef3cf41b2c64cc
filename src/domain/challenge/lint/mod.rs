//! What in a header is worth mending: rules of the standards that a recipient lets pass.
//!
//! In come a reading and what is known of the answer around it; out comes advice.
//! Each rule is sound on its own: it speaks only where the text of the header proves it right, and
//! holds its tongue where it would have to guess.
//!
//! **Invariant:** each code at most once per reading, with a message of bounded length that holds no
//! control character, whatever a server sends.

mod address;
mod basic;
mod bearer;
mod digest;
mod dpop;
mod framework;
mod schemes;
#[cfg(test)]
mod tests;

pub use framework::REGISTERED;

use super::excerpt::excerpt;
use super::{Challenge, Form, Param, Reading};
use crate::domain::advice::{Advice, AdviceCode};

/// What is known of the answer that carried the header.
///
/// The default says nothing, so that rules that need to know more hold their tongue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LintContext {
    /// Whether the request carried credentials, good or bad.
    pub credentials_sent: bool,
    /// How many `DPoP-Nonce` fields the answer has, where that is known.
    pub dpop_nonces: Option<usize>,
    /// Whether the answer came over HTTP/2.
    pub http_version_2: bool,
    /// The endpoint's origin, such as `https://orders.example.com`; empty where it is not known.
    pub origin: String,
    /// The status of the answer; 0 where it is not known.
    pub status: u16,
}

/// Judges the manners of one header.
///
/// ```
/// use authvigil::domain::challenge::{LintContext, lint, read};
///
/// let context = LintContext { status: 401, ..LintContext::default() };
/// let advice = lint(&read(&["Basic realm=orders"]), &context);
/// assert_eq!(advice[0].code.as_str(), "realm-not-quoted");
/// assert_eq!(
///     advice[0].message,
///     "`realm=orders` of basic is not quoted; a realm is sent as a quoted string"
/// );
/// ```
pub fn lint(reading: &Reading, context: &LintContext) -> Vec<Advice> {
    let mut findings = Findings {
        context,
        advice: Vec::new(),
    };
    framework::lint(reading, &mut findings);
    for challenge in &reading.challenges {
        framework::lint_challenge(challenge, &mut findings);
        match challenge.scheme.as_str() {
            "basic" => basic::lint(challenge, &mut findings),
            "bearer" => bearer::lint(challenge, &mut findings),
            "digest" => digest::lint(challenge, &mut findings),
            "dpop" => dpop::lint(challenge, &mut findings),
            _ => schemes::lint(challenge, &mut findings),
        }
        bearer::lint_metadata(challenge, &mut findings);
    }
    digest::lint_choice(&reading.challenges, &mut findings);
    schemes::lint_choice(&reading.challenges, &mut findings);
    findings.advice
}

/// The advice so far.
struct Findings<'a> {
    context: &'a LintContext,
    advice: Vec<Advice>,
}

impl Findings<'_> {
    /// Adds advice unless its code has spoken already.
    fn add(&mut self, code: AdviceCode, message: impl FnOnce() -> String) {
        if self.advice.iter().all(|advice| advice.code != code) {
            self.advice.push(Advice {
                code,
                message: message(),
            });
        }
    }

    /// Adds advice if `wrong`.
    fn add_if(&mut self, wrong: bool, code: AdviceCode, message: impl FnOnce() -> String) {
        if wrong {
            self.add(code, message);
        }
    }
}

/// A parameter as it was sent, escaped and cut.
fn shown(param: &Param) -> String {
    let (name, value) = (excerpt(&param.name), excerpt(&param.value));
    match param.form {
        Form::Token => format!("`{name}={value}`"),
        Form::Quoted => format!("`{name}=\"{value}\"`"),
    }
}

/// The scheme, escaped and cut.
fn scheme_of(challenge: &Challenge) -> String {
    excerpt(&challenge.scheme)
}

/// The first of these parameters that the challenge lacks.
fn first_missing<'a>(challenge: &Challenge, names: &[&'a str]) -> Option<&'a str> {
    names
        .iter()
        .copied()
        .find(|name| challenge.find(name).is_none())
}
