//! The reader of `WWW-Authenticate`: bytes in, challenges out, with a fault where the grammar of
//! RFC 9110 §11 is broken.
//!
//! In come the field lines of one header as bytes.
//! They are read strictly first, joined as §5.3 says: by the grammar for recipients, which accepts
//! empty list elements and whitespace around `=`.
//! Where that fails, each line is read leniently by itself, so that one bad line costs nothing else.
//! Out go the challenges in the order of the list, the first fault with its line and byte, and the
//! manners that [`lint`] turns into advice.
//! [`ExpectedChallenge`] compares by meaning what a person wrote with what a server sent.
//!
//! Bytes become characters one by one, as in latin-1: the standard gives no charset for them.
//!
//! **Invariant:** whatever a server sends, reading never panics and never fails, and its time grows
//! with the length of the input and not with its square.

mod cursor;
mod excerpt;
mod expected;
mod fault;
mod field;
#[cfg(test)]
pub(crate) mod laws;
mod lenient;
mod lint;
mod manners;
mod names;
mod quoted;
mod strict;

pub use expected::ExpectedChallenge;
pub use fault::{SyntaxFault, SyntaxFaultKind};
use field::FieldValue;
pub use lint::{LintContext, REGISTERED, lint};
pub use manners::Manners;

/// One scheme with its parameters.
///
/// ```
/// use authvigil::domain::challenge::read;
///
/// let reading = read(&[r#"Basic realm="orders", charset=UTF-8"#]);
/// let basic = &reading.challenges[0];
/// assert_eq!(basic.scheme, "basic");
/// assert_eq!(basic.param("realm"), Some("orders"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The scheme in lower case; it is compared without case, RFC 9110 §11.1.
    pub scheme: String,
    /// The opaque word in place of parameters, as Negotiate and NTLM send it.
    pub token68: Option<String>,
    /// The parameters in the order in which they came, the first of duplicates only.
    pub params: Vec<Param>,
}

impl Challenge {
    /// The value of the parameter with this lower-case name.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.find(name).map(|param| param.value.as_str())
    }

    fn find(&self, name: &str) -> Option<&Param> {
        self.params.iter().find(|param| param.name == name)
    }

    fn bare(scheme: &[u8]) -> Self {
        Self {
            scheme: lower(scheme),
            token68: None,
            params: Vec::new(),
        }
    }
}

/// One parameter of a challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// The name in lower case; it is compared without case, RFC 9110 §11.2.
    pub name: String,
    /// The value without quotes and backslashes; one character a byte.
    pub value: String,
    /// How the value was written. Both forms mean the same, yet some rules ask for one of them.
    pub form: Form,
}

/// The two ways to write the value of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As it is: `charset=UTF-8`.
    Token,
    /// Between quotes: `charset="UTF-8"`.
    Quoted,
}

/// What the field lines of one header say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The challenges in the order of the list; a scheme may occur more than once.
    pub challenges: Vec<Challenge>,
    /// Where the grammar was broken first, even if everything could be recovered.
    pub fault: Option<SyntaxFault>,
    /// How well-behaved the sender was, beside the grammar.
    pub manners: Manners,
}

/// Reads the field lines of one header, as they came over the wire.
///
/// No line at all gives no challenge and no fault.
///
/// ```
/// use authvigil::domain::challenge::read;
///
/// let reading = read(&["Basic realm=\"security\" charset=\"UTF-8\"", "ApiKey"]);
/// assert_eq!(reading.challenges.len(), 2);
/// assert_eq!(
///     reading.fault.unwrap().to_string(),
///     "expected `,` after the value of `realm`, found `c` at byte 23"
/// );
/// ```
pub fn read<L: AsRef<[u8]>>(lines: &[L]) -> Reading {
    let value = FieldValue::of(lines);
    let strict = strict::read(&value);
    let Some((offset, kind)) = strict.fault else {
        return Reading {
            challenges: strict.challenges,
            fault: None,
            manners: strict.manners,
        };
    };
    let (line, column) = value.locate(lines, offset);
    let (challenges, manners) = lenient::read(lines);
    Reading {
        challenges,
        fault: Some(SyntaxFault { line, column, kind }),
        manners,
    }
}

/// Decodes bytes as latin-1, each byte one character.
pub fn latin1(bytes: &[u8]) -> String {
    match str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => text.to_owned(),
        Ok(_) | Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

/// A name in lower case.
fn lower(word: &[u8]) -> String {
    let mut text = latin1(word);
    text.make_ascii_lowercase();
    text
}
