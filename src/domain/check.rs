//! Who knocks where: names, personas and checks.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::expectation::Expectation;

/// The name of an endpoint, a check or a credential: `[A-Za-z0-9._-]{1,63}`.
///
/// Names are metric labels and parts of paths, so nothing else may stand in them.
///
/// ```
/// use authvigil::domain::check::Name;
/// assert!(Name::parse("orders-v1").is_some());
/// assert!(Name::parse("orders v1").is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

impl Name {
    /// The longest name, in bytes.
    pub const MAX_LEN: usize = 63;

    /// Reads a name, or gives `None` where a character or the length is not allowed.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=Self::MAX_LEN).contains(&text.len());
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        (fits && text.bytes().all(plain)).then(|| Self(text.into()))
    }

    /// What the daemon calls the endpoint by which it watches where this credential gets its tokens.
    /// One that would be too long is cut, and ends in digits that tell it from others.
    ///
    /// ```
    /// # use authvigil::domain::check::Name;
    /// let tended = Name::parse("billing").map(|name| name.of_its_tokens());
    /// assert_eq!(tended, Name::parse("token.billing"));
    /// ```
    #[must_use]
    pub fn of_its_tokens(&self) -> Self {
        let whole = format!("token.{self}");
        if whole.len() <= Self::MAX_LEN {
            return Self(whole.into());
        }
        let digest = Sha256::digest(whole.as_bytes());
        let digits = digest.iter().take(4).map(|byte| format!("{byte:02x}"));
        let digits: String = digits.collect();
        // Names are ASCII, so any byte is where a character ends.
        let kept = Self::MAX_LEN - digits.len() - 1;
        let kept: String = whole.chars().take(kept).collect();
        Self(format!("{kept}-{digits}").into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// One check, named for people and for labels: `orders/anonymous`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckId {
    /// The endpoint that is watched.
    pub endpoint: Name,
    /// The check among the endpoint's checks.
    pub check: Name,
}

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.endpoint, self.check)
    }
}

/// Who knocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Persona {
    /// Nobody: no credential at all.
    Anonymous,
    /// A made-up credential of the same kind as the named one.
    Invalid(Name),
    /// The rightful holder of the named credential.
    Holder(Name),
    /// A caller with something that was once, or nearly is, the credential.
    Impostor(Impostor),
}

impl Persona {
    /// The credential whose secret is shown, whole or altered, when this persona knocks.
    pub fn credential(&self) -> Option<&Name> {
        match self {
            Self::Anonymous => None,
            Self::Invalid(name) | Self::Holder(name) => Some(name),
            Self::Impostor(impostor) => impostor.credential.as_ref(),
        }
    }

    /// Whether this persona shows a credential that must be refused.
    ///
    /// Such probes can lock accounts and trip alarms, so they are the ones that are paced.
    pub fn shows_refused_credential(&self) -> bool {
        matches!(self, Self::Invalid(_) | Self::Impostor(_))
    }

    /// Whether this persona is the rightful holder of a credential.
    pub fn is_holder(&self) -> bool {
        matches!(self, Self::Holder(_))
    }
}

/// The persona as JSON and reports name it: also the default name of its check.
impl fmt::Display for Persona {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.pad("anonymous"),
            Self::Invalid(_) => f.pad("invalid"),
            Self::Holder(name) => name.fmt(f),
            Self::Impostor(impostor) => impostor.fmt(f),
        }
    }
}

/// A caller who must be refused although what they show looks like a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impostor {
    /// What was done to the credential.
    pub disguise: Disguise,
    /// The credential that is imitated; for a file, the one whose way of presenting is used.
    pub credential: Option<Name>,
}

impl Impostor {
    /// Whether a real user is shown a password that is wrong: what can lock an account.
    pub fn shows_wrong_password(&self) -> bool {
        matches!(self.disguise, Disguise::WrongPassword)
    }
}

impl fmt::Display for Impostor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.disguise, &self.credential) {
            (Disguise::Expired(_) | Disguise::TokenFile(_), _) | (_, None) => {
                f.pad(self.disguise.as_str())
            }
            (disguise, Some(name)) => write!(f, "{}-{name}", disguise.as_str()),
        }
    }
}

/// What makes a credential an impostor's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disguise {
    /// The real user with a wrong password: the one that can lock an account.
    WrongPassword,
    /// No user and no password, or an empty token.
    Empty,
    /// A JWT with one bit of its decoded signature flipped.
    Tampered,
    /// A JWT with `alg: none` and an empty signature.
    Unsigned,
    /// The token without its last characters.
    Truncated,
    /// A token, read from this file, that has expired.
    Expired(PathBuf),
    /// A real token, read from this file, that this endpoint must refuse.
    TokenFile(PathBuf),
}

impl Disguise {
    /// The word of the configuration.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::WrongPassword => "wrong_password",
            Self::Empty => "empty",
            Self::Tampered => "tampered",
            Self::Unsigned => "unsigned",
            Self::Truncated => "truncated",
            Self::Expired(_) => "expired",
            Self::TokenFile(_) => "token_file",
        }
    }
}

/// One question: one endpoint, one persona, one expectation.
#[derive(Clone, Debug)]
pub struct Check {
    /// The name among the endpoint's checks.
    pub name: Name,
    /// Who knocks.
    pub persona: Persona,
    /// What must be met.
    pub expectation: Expectation,
}

/// What a check asks of the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The expectation names no 2xx status.
    Refused,
    /// Any other expectation.
    Admitted,
}

impl Check {
    /// The role that the expectation gives.
    pub fn role(&self) -> Role {
        if self.expectation.status.names_success() {
            Role::Admitted
        } else {
            Role::Refused
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_holds_one_to_63_plain_characters() {
        assert_eq!(Name::parse(""), None);
        assert_eq!(Name::parse(&"a".repeat(64)), None);
        assert_eq!(Name::parse("straße"), None);
        assert_eq!(Name::parse("a/b"), None);
        assert_eq!(
            Name::parse("A.b_c-9").map(|name| name.to_string()),
            Some("A.b_c-9".into())
        );
    }

    #[test]
    fn what_gives_a_long_name_its_tokens_has_a_name_of_its_own_that_fits() {
        let long = |last: &str| Name::parse(&format!("{}{last}", "a".repeat(62))).unwrap();
        let [one, other] = ["b", "c"].map(|last| long(last).of_its_tokens());
        assert!(
            one != other && Name::parse(one.as_str()).is_some(),
            "{one} {other}"
        );
    }

    #[test]
    fn an_impostor_is_named_for_its_disguise_and_its_credential() {
        let ci = Name::parse("ci");
        let tampered = Impostor {
            disguise: Disguise::Tampered,
            credential: ci.clone(),
        };
        let expired = Impostor {
            disguise: Disguise::Expired("old".into()),
            credential: ci,
        };
        assert_eq!(Persona::Impostor(tampered).to_string(), "tampered-ci");
        assert_eq!(Persona::Impostor(expired).to_string(), "expired");
    }
}
