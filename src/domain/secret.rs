//! The one type that holds a secret, and the redaction of its value wherever it turns up.

use std::fmt;
use std::path::PathBuf;

use zeroize::Zeroizing;

pub use self::exposure::{Exposure, exposure};
pub use self::redactor::Redactor;

mod exposure;
mod redactor;

/// What stands in the place of a secret.
pub const REDACTED: &str = "[redacted]";

/// Bytes that nobody may see: no `Display`, and a `Debug` that says nothing.
///
/// The bytes are wiped when the last owner lets go.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes the bytes as they are.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(bytes.into()))
    }

    /// The bytes, for the one place that sends them.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Whether there is nothing in it; an empty secret is never sent.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// Where a secret is to be had; it is read when it is needed, so that a rotated one counts at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretRef {
    /// An environment variable.
    Env(String),
    /// A file; one trailing line break is dropped. May start with `$CREDENTIALS_DIRECTORY`.
    File(PathBuf),
    /// In the configuration itself: allowed, and warned about.
    Literal(Secret),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_nothing_of_itself() {
        assert_eq!(
            format!("{:?}", SecretRef::Literal(Secret::new("hunter2"))),
            "Literal([redacted])"
        );
    }
}
