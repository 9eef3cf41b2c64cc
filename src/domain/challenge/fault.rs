//! Where and how a header breaks the grammar, in words for a person.

use std::fmt;

use super::excerpt::byte_name;

/// The first place at which the strict reading had to stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxFault {
    /// Which field line, counted from 0.
    pub line: usize,
    /// Which byte of that line, counted from 0; the line's length where its end was the fault.
    pub column: usize,
    /// What was wrong there.
    pub kind: SyntaxFaultKind,
}

/// What can be wrong.
///
/// The words in it are escaped and cut, so that they may be shown as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyntaxFaultKind {
    /// A byte that begins neither a scheme nor a parameter.
    SchemeExpected {
        /// The byte in its place.
        found: u8,
    },
    /// A parameter that follows no scheme: `realm="x"`, or `Basic, realm="x"`.
    ParamWithoutScheme {
        /// The parameter.
        name: String,
    },
    /// A byte glued to a scheme: `HOBA:`.
    SchemeEndExpected {
        /// The scheme as it was written.
        scheme: String,
        /// The byte that follows it.
        found: u8,
    },
    /// A tab between a scheme and its parameters, where RFC 9110 §11.3 allows spaces only.
    TabAfterScheme {
        /// The scheme in lower case.
        scheme: String,
    },
    /// A word that is neither a parameter nor a challenge: `error` in `Bearer error invalid`.
    EqualsOrCommaExpected {
        /// The word.
        after: String,
    },
    /// A parameter without a value: `realm=`.
    ValueExpected {
        /// The parameter.
        name: String,
    },
    /// Something other than a comma after a value.
    CommaExpected {
        /// The parameter.
        name: String,
        /// The byte in the comma's place.
        found: u8,
    },
    /// A quoted string that does not end.
    QuoteUnterminated {
        /// The parameter.
        name: String,
    },
    /// A control character in a quoted string.
    ControlInQuotes {
        /// The parameter.
        name: String,
        /// The control character.
        found: u8,
    },
    /// A parameter that its challenge has already, RFC 9110 §11.2.
    DuplicateParam {
        /// The parameter.
        name: String,
    },
    /// An expected challenge that names none.
    NoChallenge,
    /// An expected challenge that names more than one; each is an entry of a list of its own.
    SeveralChallenges,
}

impl fmt::Display for SyntaxFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at byte {}", self.kind, self.column)?;
        if self.line > 0 {
            write!(formatter, " of field line {}", self.line + 1)?;
        }
        Ok(())
    }
}

impl std::error::Error for SyntaxFault {}

impl fmt::Display for SyntaxFaultKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SchemeExpected { found } => {
                write!(
                    out,
                    "expected an authentication scheme, found {}",
                    byte_name(*found)
                )
            }
            Self::ParamWithoutScheme { name } => {
                write!(out, "parameter `{name}` belongs to no scheme")
            }
            Self::SchemeEndExpected { scheme, found } => {
                write!(
                    out,
                    "expected a space or `,` after `{scheme}`, found {}",
                    byte_name(*found)
                )
            }
            Self::TabAfterScheme { scheme } => {
                write!(out, "expected a space after scheme `{scheme}`, found a tab")
            }
            Self::EqualsOrCommaExpected { after } => {
                write!(out, "expected `=` or `,` after `{after}`")
            }
            Self::ValueExpected { name } => write!(out, "expected a value for `{name}`"),
            Self::CommaExpected { name, found } => {
                write!(
                    out,
                    "expected `,` after the value of `{name}`, found {}",
                    byte_name(*found)
                )
            }
            Self::QuoteUnterminated { name } => {
                write!(out, "the quoted value of `{name}` does not end; it begins")
            }
            Self::ControlInQuotes { name, found } => {
                write!(
                    out,
                    "control character {} in the value of `{name}`",
                    byte_name(*found)
                )
            }
            Self::DuplicateParam { name } => write!(out, "second parameter `{name}`"),
            Self::NoChallenge => out.write_str("expected a challenge, found none"),
            Self::SeveralChallenges => out.write_str("expected one challenge, found another"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::challenge::read;

    fn told(lines: &[&str]) -> String {
        read(lines).fault.unwrap().to_string()
    }

    #[test]
    fn a_fault_names_the_word_and_the_byte() {
        let rows = [
            (
                "Bearer error invalid",
                "expected `=` or `,` after `error` at byte 13",
            ),
            (
                "HOBA: challenge=x",
                "expected a space or `,` after `HOBA`, found `:` at byte 4",
            ),
            (
                "Basic, realm=\"x\"",
                "parameter `realm` belongs to no scheme at byte 7",
            ),
            (
                "Basic realm=\"x",
                "the quoted value of `realm` does not end; it begins at byte 12",
            ),
            (
                "Basic realm=, a=b",
                "parameter `a` belongs to no scheme at byte 14",
            ),
            ("Digest a=b, c=", "expected a value for `c` at byte 14"),
            (
                "Basic realm=a@b",
                "expected `,` after the value of `realm`, found `@` at byte 13",
            ),
            ("Basic a=1, A=2", "second parameter `A` at byte 11"),
            (
                "Bearer \trealm=\"x\"",
                "expected a space after scheme `bearer`, found a tab at byte 7",
            ),
            (
                "Basic realm=\"a\u{7f}\"",
                "control character byte 0x7F in the value of `realm` at byte 14",
            ),
            (
                "A, \"",
                "expected an authentication scheme, found `\"` at byte 3",
            ),
        ];
        for (header, expected) in rows {
            assert_eq!(told(&[header]), expected, "{header}");
        }
    }

    #[test]
    fn a_fault_on_a_later_line_counts_from_the_start_of_that_line() {
        assert_eq!(
            told(&["  Negotiate ", " Basic realm=\"a\" b=c"]),
            "expected `,` after the value of `realm`, found `b` at byte 17 of field line 2"
        );
    }

    #[test]
    fn a_fault_at_the_end_of_a_line_stands_behind_its_last_byte() {
        let fault = read(&["Digest a=b, c= ", "Basic"]).fault.unwrap();
        assert_eq!((fault.line, fault.column), (0, 14));
    }

    #[test]
    fn a_fault_in_a_hostile_header_stays_short() {
        let header = format!("Basic {}", "\u{1}x".repeat(100_000));
        assert!(told(&[&header]).len() < 200);
        let header = format!("Basic {} x", "name".repeat(100_000));
        assert!(told(&[&header]).len() < 200);
    }
}
