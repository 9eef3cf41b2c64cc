//! Every secret that was read in this run, and what takes them out of what is shown.

use std::collections::HashSet;

use sha2::{Digest as _, Sha256};

use super::{certificate, jwt};
use crate::domain::secret::{Redactor, Secret};

/// More searches than this in a row cost more than making one of them all.
const MOST_LATER: usize = 16;

/// The secrets that were read.
#[derive(Debug, Default)]
pub(super) struct Holdings {
    secrets: Vec<Secret>,
    /// Names the secrets that are held already.
    known: HashSet<[u8; 32]>,
    redactor: Redactor,
    /// Secrets that have a search of their own beside the one for the rest.
    later: usize,
}

impl Holdings {
    /// Holds more secrets; those that are held already change nothing.
    pub(super) fn hold<'a>(&mut self, secrets: impl IntoIterator<Item = &'a Secret>) {
        let new: Vec<Secret> = secrets
            .into_iter()
            .filter(|secret| self.known.insert(fingerprint(secret)))
            .flat_map(with_pieces)
            .collect();
        if new.is_empty() {
            return;
        }
        self.later += 1;
        self.secrets.extend(new.iter().cloned());
        if self.later > MOST_LATER {
            self.settle();
        } else {
            self.redactor = std::mem::take(&mut self.redactor).and(Redactor::new(&new));
        }
    }

    /// Makes one search of all secrets.
    pub(super) fn settle(&mut self) {
        self.redactor = Redactor::new(&self.secrets);
        self.later = 0;
    }

    /// What takes all of them out.
    pub(super) fn redactor(&self) -> Redactor {
        self.redactor.clone()
    }
}

/// A secret, and what must not be shown of it alone either.
fn with_pieces(secret: &Secret) -> Vec<Secret> {
    let mut pieces = jwt::pieces(secret.expose());
    pieces.extend(certificate::key_of(secret.expose()));
    pieces.push(secret.clone());
    pieces
}

/// Names a secret's bytes without telling them.
pub(super) fn fingerprint(secret: &Secret) -> [u8; 32] {
    Sha256::digest(secret.expose()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_was_held_is_taken_out_however_many_there_are() {
        let mut holdings = Holdings::default();
        let secrets: Vec<Secret> = (0..40)
            .map(|at| Secret::new(format!("secret-number-{at:02}")))
            .collect();
        for secret in &secrets {
            holdings.hold([secret, secret]);
        }
        let redactor = holdings.redactor();
        for at in 0..40 {
            assert_eq!(
                redactor.text(&format!("<secret-number-{at:02}>")),
                "<[redacted]>"
            );
        }
    }

    #[test]
    fn the_claims_of_a_token_are_taken_out_with_it() {
        let mut holdings = Holdings::default();
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjaSJ9.c2lnbmF0dXJl";
        holdings.hold([&Secret::new(token)]);
        let redactor = holdings.redactor();
        for echo in [token, "eyJzdWIiOiJjaSJ9", r#"{"sub":"ci"}"#, "c2lnbmF0dXJl"] {
            assert_eq!(redactor.text(&format!("<{echo}>")), "<[redacted]>");
        }
    }
}
