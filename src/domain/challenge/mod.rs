//! Placeholder until the reader lands from its own branch.

/// An expected challenge.
#[derive(Clone, Debug)]
pub struct ExpectedChallenge(String);

/// Where the grammar was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxFault {
    /// The field line.
    pub line: usize,
    /// The byte.
    pub column: usize,
}

impl ExpectedChallenge {
    /// Reads the text of the configuration.
    pub fn parse(text: &str) -> Result<Self, SyntaxFault> {
        Ok(Self(text.to_owned()))
    }
}
