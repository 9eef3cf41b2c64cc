//! The challenge that a person expects, and how it is compared with those on offer.

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use super::excerpt::excerpt;
use super::field::FieldValue;
use super::strict::{self, Strict};
use super::{Challenge, Form, Param, SyntaxFault, SyntaxFaultKind};

/// How many schemes on offer a message lists.
const LISTED: usize = 4;

/// A challenge as the configuration names it, in the syntax of the header.
///
/// It is compared by meaning.
/// The named parameters must be there, others may be.
/// Values are equal byte for byte after unquoting, with three exceptions: `algorithm`, `charset`,
/// `stale` and `userhash` are compared without case; `qop`, `scope` and `algs` are sets that must
/// contain the named members; and an unquoted `*` stands for any value.
///
/// ```
/// use authvigil::domain::challenge::{ExpectedChallenge, read};
///
/// let expected = ExpectedChallenge::parse(r#"Digest realm="orders", qop=auth, nonce=*"#)?;
/// let offered = read(&[r#"Digest qop="auth, auth-int", realm="orders", nonce="f00""#]);
/// assert!(expected.is_met_by(&offered.challenges[0]));
/// # Ok::<(), authvigil::domain::challenge::SyntaxFault>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedChallenge {
    /// As it was written, without blanks at the ends.
    text: String,
    scheme: String,
    token68: Option<String>,
    params: Vec<ExpectedParam>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct ExpectedParam {
    name: String,
    wanted: Wanted,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    Any,
    Exact(Text),
    WithoutCase(Text),
    Members { of: Text, separator: char },
}

/// A text of the configuration, ready to be compared with the bytes of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Text {
    /// What a person wrote; equal to what a server sends that encodes it as latin-1.
    written: String,
    /// Its UTF-8 bytes, one character each; equal to what a server sends that encodes it as UTF-8.
    bytes: String,
}

impl ExpectedChallenge {
    /// Reads the text of the configuration, such as `Basic realm="orders"`.
    ///
    /// The grammar is the strict one, and there has to be exactly one challenge: the fault is
    /// [`SyntaxFaultKind::NoChallenge`] or [`SyntaxFaultKind::SeveralChallenges`] otherwise.
    pub fn parse(text: &str) -> Result<Self, SyntaxFault> {
        let lines = [text.trim_ascii_end()];
        let value = FieldValue::of(&lines);
        let Strict {
            challenges,
            second,
            fault,
            ..
        } = strict::read(&value);
        if let Some((offset, kind)) = fault {
            return Err(fault_at(value.locate(&lines, offset), kind));
        }
        if let Some(offset) = second {
            let place = value.locate(&lines, offset);
            return Err(fault_at(place, SyntaxFaultKind::SeveralChallenges));
        }
        let Some(challenge) = challenges.into_iter().next() else {
            return Err(fault_at((0, 0), SyntaxFaultKind::NoChallenge));
        };
        Ok(Self::of(text.trim_ascii(), challenge))
    }

    fn of(text: &str, challenge: Challenge) -> Self {
        let Challenge {
            scheme,
            token68,
            params,
        } = challenge;
        let params = params.into_iter().map(ExpectedParam::of).collect();
        Self {
            text: text.to_owned(),
            scheme,
            token68,
            params,
        }
    }

    /// The scheme in lower case.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// Whether a challenge on offer is the expected one.
    pub fn is_met_by(&self, offered: &Challenge) -> bool {
        self.scheme == offered.scheme && self.gaps(offered) == 0
    }

    /// What is missing or other in the challenge on offer that comes closest; nothing if one meets
    /// the expectation.
    ///
    /// The text is a fragment for a person, escaped and of bounded length for each parameter.
    pub fn difference(&self, offered: &[Challenge]) -> Option<String> {
        let same_scheme = offered
            .iter()
            .filter(|challenge| challenge.scheme == self.scheme);
        let Some(closest) = same_scheme.min_by_key(|challenge| self.gaps(challenge)) else {
            return Some(self.scheme_missing(offered));
        };
        if self.gaps(closest) == 0 {
            return None;
        }
        let token68 = self.token68_gap(closest);
        let params = self.params.iter().filter_map(|param| param.gap(closest));
        let gaps: Vec<String> = token68.into_iter().chain(params).collect();
        Some(format!("{}: {}", excerpt(&self.scheme), gaps.join("; ")))
    }

    fn gaps(&self, offered: &Challenge) -> usize {
        let params = self
            .params
            .iter()
            .filter(|param| !param.is_met_by(offered))
            .count();
        params + usize::from(!self.is_token68_met_by(offered))
    }

    fn is_token68_met_by(&self, offered: &Challenge) -> bool {
        self.token68.is_none() || self.token68 == offered.token68
    }

    fn token68_gap(&self, offered: &Challenge) -> Option<String> {
        let wanted = self
            .token68
            .as_deref()
            .filter(|_| !self.is_token68_met_by(offered))?;
        let wanted = excerpt(wanted);
        Some(match &offered.token68 {
            Some(word) => format!("`{}` instead of `{wanted}`", excerpt(word)),
            None => format!("`{wanted}` is missing"),
        })
    }

    fn scheme_missing(&self, offered: &[Challenge]) -> String {
        let scheme = excerpt(&self.scheme);
        if offered.is_empty() {
            return format!("no {scheme} challenge on offer, nor any other");
        }
        let mut listed: Vec<String> = Vec::new();
        for challenge in offered.iter().take(LISTED) {
            listed.push(excerpt(&challenge.scheme));
        }
        let more = if offered.len() > LISTED { ", …" } else { "" };
        format!(
            "no {scheme} challenge on offer, only {}{more}",
            listed.join(", ")
        )
    }
}

impl FromStr for ExpectedChallenge {
    type Err = SyntaxFault;

    fn from_str(text: &str) -> Result<Self, SyntaxFault> {
        Self::parse(text)
    }
}

impl fmt::Display for ExpectedChallenge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl ExpectedParam {
    fn of(param: Param) -> Self {
        let any = param.form == Form::Token && param.value == "*";
        let text = Text::of(param.value);
        let wanted = match param.name.as_str() {
            _ if any => Wanted::Any,
            "algorithm" | "charset" | "stale" | "userhash" => Wanted::WithoutCase(text),
            "qop" => Wanted::Members {
                of: text,
                separator: ',',
            },
            "scope" | "algs" => Wanted::Members {
                of: text,
                separator: ' ',
            },
            _ => Wanted::Exact(text),
        };
        Self {
            name: param.name,
            wanted,
        }
    }

    fn is_met_by(&self, offered: &Challenge) -> bool {
        offered
            .param(&self.name)
            .is_some_and(|value| self.wanted.is_met_by(value))
    }

    fn gap(&self, offered: &Challenge) -> Option<String> {
        let name = excerpt(&self.name);
        let Some(value) = offered.param(&self.name) else {
            return Some(format!("`{name}` is missing"));
        };
        if self.wanted.is_met_by(value) {
            return None;
        }
        let value = excerpt(value);
        match &self.wanted {
            Wanted::Any => None,
            Wanted::Exact(text) | Wanted::WithoutCase(text) => Some(format!(
                "`{name}` is \"{value}\" instead of \"{}\"",
                excerpt(&text.written)
            )),
            Wanted::Members { of, .. } => Some(format!(
                "`{name}` is \"{value}\" without all of \"{}\"",
                excerpt(&of.written)
            )),
        }
    }
}

impl Wanted {
    fn is_met_by(&self, value: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(text) => value == text.written || value == text.bytes,
            Self::WithoutCase(text) => {
                value.eq_ignore_ascii_case(&text.written) || value.eq_ignore_ascii_case(&text.bytes)
            }
            Self::Members { of, separator } => {
                contains_all(value, &of.written, *separator)
                    || contains_all(value, &of.bytes, *separator)
            }
        }
    }
}

impl Text {
    /// Takes a value as the reader gives it: one character a byte.
    fn of(bytes: String) -> Self {
        let raw: Vec<u8> = bytes
            .chars()
            .filter_map(|char| u8::try_from(char).ok())
            .collect();
        let written = String::from_utf8(raw).unwrap_or_else(|_| bytes.clone());
        Self { written, bytes }
    }
}

/// Whether each member of `named` is among those of `offered`.
fn contains_all(offered: &str, named: &str, separator: char) -> bool {
    members(named, separator).all(|name| members(offered, separator).any(|member| member == name))
}

fn members(list: &str, separator: char) -> impl Iterator<Item = &str> {
    list.split(separator)
        .map(str::trim_ascii)
        .filter(|member| !member.is_empty())
}

fn fault_at((line, column): (usize, usize), kind: SyntaxFaultKind) -> SyntaxFault {
    SyntaxFault { line, column, kind }
}
