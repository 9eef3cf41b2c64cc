//! Logging in at a relay (RFC 4954): what is said, not how it travels.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::reply::Offer;
use crate::domain::secret::Secret;

/// A mechanism of `AUTH`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mechanism {
    /// RFC 4616: user and password in one go.
    Plain,
    /// User and password one after the other; no standard, and all that some relays know.
    Login,
    /// A token, as Google and Microsoft want it.
    Xoauth2,
}

/// What a login says, line by line, in base64. The first goes with the command where `initial`.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) mechanism: Mechanism,
    pub(super) initial: Option<Secret>,
    pub(super) answers: Vec<Secret>,
}

impl Mechanism {
    /// The best mechanism for a password that is on offer.
    pub(super) fn for_password(offer: &Offer) -> Option<Self> {
        [Self::Plain, Self::Login]
            .into_iter()
            .find(|it| offer.knows(it.as_str()))
    }

    /// The name in `AUTH`.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::Login => "LOGIN",
            Self::Xoauth2 => "XOAUTH2",
        }
    }

    /// What is said on behalf of a user.
    pub(super) fn script(self, user: &str, proof: &Secret) -> Script {
        let (initial, answers) = match self {
            Self::Plain => {
                let parts = [b"\0", user.as_bytes(), b"\0", proof.expose()];
                (Some(encoded(&parts)), Vec::new())
            }
            Self::Login => (
                None,
                vec![encoded(&[user.as_bytes()]), encoded(&[proof.expose()])],
            ),
            Self::Xoauth2 => {
                let parts = [
                    b"user=",
                    user.as_bytes(),
                    b"\x01auth=Bearer ",
                    proof.expose(),
                    b"\x01\x01",
                ];
                // Where the token is refused, the reason comes as a challenge, and the refusal
                // after an empty answer.
                (Some(encoded(&parts)), vec![Secret::new("")])
            }
        };
        Script {
            mechanism: self,
            initial,
            answers,
        }
    }
}

impl Script {
    /// The first line.
    pub(super) fn command(&self) -> Secret {
        let mut command = format!("AUTH {}", self.mechanism.as_str()).into_bytes();
        if let Some(initial) = &self.initial {
            command.push(b' ');
            command.extend_from_slice(initial.expose());
        }
        Secret::new(command)
    }

    /// All that must not show in an answer.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let all = self.initial.iter().chain(self.answers.last());
        all.filter(|secret| !secret.is_empty())
    }
}

fn encoded(parts: &[&[u8]]) -> Secret {
    Secret::new(STANDARD.encode(Secret::new(parts.concat()).expose()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(mechanism: Mechanism) -> Vec<String> {
        let script = mechanism.script("user", &Secret::new("pass"));
        let lines = std::iter::once(script.command()).chain(script.answers);
        let text = |line: Secret| String::from_utf8(line.expose().to_vec()).unwrap();
        lines.map(text).collect()
    }

    #[test]
    fn plain_says_all_in_one_line() {
        assert_eq!(said(Mechanism::Plain), ["AUTH PLAIN AHVzZXIAcGFzcw=="]);
    }

    #[test]
    fn login_says_user_and_password_one_after_the_other() {
        assert_eq!(
            said(Mechanism::Login),
            ["AUTH LOGIN", "dXNlcg==", "cGFzcw=="]
        );
    }

    #[test]
    fn xoauth2_says_the_token_and_has_an_empty_answer_to_a_refusal() {
        let expected = ["AUTH XOAUTH2 dXNlcj11c2VyAWF1dGg9QmVhcmVyIHBhc3MBAQ==", ""];
        assert_eq!(said(Mechanism::Xoauth2), expected);
    }

    #[test]
    fn plain_is_taken_before_login_and_nothing_that_is_not_on_offer() {
        let offer = |mechanisms: &[&str]| Offer {
            mechanisms: mechanisms.iter().map(|it| (*it).to_owned()).collect(),
            ..Offer::default()
        };
        let both = offer(&["LOGIN", "PLAIN"]);
        assert_eq!(Mechanism::for_password(&both), Some(Mechanism::Plain));
        let one = offer(&["CRAM-MD5", "LOGIN"]);
        assert_eq!(Mechanism::for_password(&one), Some(Mechanism::Login));
        assert_eq!(Mechanism::for_password(&offer(&["CRAM-MD5"])), None);
    }
}
