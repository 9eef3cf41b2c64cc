//! One word of a POSIX shell line: literal text and variables.

use std::fmt::Write as _;

/// Text that the shell must leave alone, and variables that it must fill in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Word(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable(String),
}

impl Word {
    /// A word that starts with this text.
    pub(super) fn of(text: &str) -> Self {
        Self::default().text(text)
    }

    /// The word with more text at its end.
    #[must_use]
    pub(super) fn text(mut self, text: &str) -> Self {
        match self.0.last_mut() {
            Some(Part::Text(last)) => last.push_str(text),
            Some(Part::Variable(_)) | None => self.0.push(Part::Text(text.to_owned())),
        }
        self
    }

    /// The word with a variable at its end.
    #[must_use]
    pub(super) fn variable(mut self, name: &str) -> Self {
        self.0.push(Part::Variable(name.to_owned()));
        self
    }

    /// The word with another one at its end.
    #[must_use]
    pub(super) fn and(mut self, other: Self) -> Self {
        for part in other.0 {
            self = match part {
                Part::Text(text) => self.text(&text),
                Part::Variable(name) => self.variable(&name),
            };
        }
        self
    }

    /// The word as a shell reads it back.
    pub(super) fn quoted(&self) -> String {
        match self.0.as_slice() {
            [] => "''".to_owned(),
            [Part::Text(text)] => literal(text),
            parts if parts.iter().all(Part::is_plain_in_double_quotes) => in_double_quotes(parts),
            parts => parts.iter().map(Part::alone).collect(),
        }
    }
}

impl Part {
    fn is_plain_in_double_quotes(&self) -> bool {
        match self {
            // An interactive shell reads `!` between double quotes as a word of its history.
            Self::Text(text) => !text.contains(['"', '$', '\\', '`', '!']),
            Self::Variable(_) => true,
        }
    }

    fn alone(&self) -> String {
        match self {
            Self::Text(text) => literal(text),
            Self::Variable(name) => format!("\"${name}\""),
        }
    }
}

fn in_double_quotes(parts: &[Part]) -> String {
    let mut quoted = String::from("\"");
    for (at, part) in parts.iter().enumerate() {
        let joins = match parts.get(at + 1) {
            Some(Part::Text(next)) => {
                next.starts_with(|first: char| first == '_' || first.is_ascii_alphanumeric())
            }
            Some(Part::Variable(_)) | None => false,
        };
        // Writing to a string cannot fail.
        let _written = match part {
            Part::Text(text) => quoted.write_str(text),
            Part::Variable(name) if joins => write!(quoted, "${{{name}}}"),
            Part::Variable(name) => write!(quoted, "${name}"),
        }
        .is_ok();
    }
    quoted.push('"');
    quoted
}

/// Text as it is where no shell would read anything into it, else between single quotes.
fn literal(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"%+,-./:=@_".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
