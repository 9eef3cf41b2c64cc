//! Every secret that was read in this run, and what takes them out of what is shown.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest as _, Sha256};

use super::{certificate, jwt};
use crate::domain::secret::{Redactor, Secret};

/// More searches than this in a row cost more than making one of them all.
const MOST_LATER: usize = 16;

/// Of what is fetched again and again the last two count: what is shown now, and what the answers
/// that are on their way were asked with.
const MOST_FETCHED: usize = 2;

/// The secrets that were read, shared by all who read any.
#[derive(Clone, Debug, Default)]
pub(super) struct SharedHoldings(Arc<Mutex<Holdings>>);

impl SharedHoldings {
    /// Whoever reads or writes them.
    pub(super) fn lock(&self) -> MutexGuard<'_, Holdings> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What takes all of them out.
    pub(super) fn redactor(&self) -> Redactor {
        self.lock().redactor()
    }
}

/// The secrets that were read.
#[derive(Debug, Default)]
pub(super) struct Holdings {
    secrets: Vec<Secret>,
    /// What came of each of the last fetches, by what it was fetched for.
    fetched: BTreeMap<String, VecDeque<Vec<Secret>>>,
    /// Names the secrets that are held already.
    known: HashSet<[u8; 32]>,
    redactor: Redactor,
    /// Secrets that have a search of their own beside the one for the rest.
    later: usize,
}

impl Holdings {
    /// Holds more secrets; those that are held already change nothing.
    pub(super) fn hold<'a>(&mut self, secrets: impl IntoIterator<Item = &'a Secret>) {
        let new = self.unknown(secrets);
        self.secrets.extend(new.iter().cloned());
        self.search_for(&new);
    }

    /// Holds what came of fetching for `whom`, in the place of what came of it before the last time.
    pub(super) fn hold_fetched<'a>(
        &mut self,
        whom: &str,
        secrets: impl IntoIterator<Item = &'a Secret>,
    ) {
        let all: Vec<Secret> = secrets.into_iter().cloned().collect();
        let new = self.unknown(&all);
        let fetches = self.fetched.entry(whom.to_owned()).or_default();
        fetches.push_back(all);
        if fetches.len() > MOST_FETCHED {
            let ended = fetches.pop_front().unwrap_or_default();
            self.forget(&ended);
        }
        self.search_for(&new);
    }

    /// Holds what was made of what was last fetched for `whom`, for as long as that.
    pub(super) fn hold_derived<'a>(
        &mut self,
        whom: &str,
        secrets: impl IntoIterator<Item = &'a Secret>,
    ) {
        let new = self.unknown(secrets);
        let fetches = self.fetched.entry(whom.to_owned()).or_default();
        match fetches.back_mut() {
            Some(last) => last.extend(new.iter().cloned()),
            None => fetches.push_back(new.clone()),
        }
        self.search_for(&new);
    }

    fn unknown<'a>(&mut self, secrets: impl IntoIterator<Item = &'a Secret>) -> Vec<Secret> {
        let new = secrets
            .into_iter()
            .filter(|secret| self.known.insert(fingerprint(secret)));
        new.flat_map(with_pieces).collect()
    }

    /// Lets go of what nothing else is held for; it is searched for until the next search is made.
    fn forget(&mut self, ended: &[Secret]) {
        let others = || self.fetched.values().flatten().flatten();
        for secret in ended {
            // A provider may give the same again.
            if !others().chain(&self.secrets).any(|other| other == secret) {
                self.known.remove(&fingerprint(secret));
            }
        }
    }

    fn search_for(&mut self, new: &[Secret]) {
        if new.is_empty() {
            return;
        }
        self.later += 1;
        // Making one search of them all takes longer the more there are.
        if self.later > MOST_LATER.max(self.known.len() / 4) {
            self.settle();
        } else {
            self.redactor = std::mem::take(&mut self.redactor).and(Redactor::new(new));
        }
    }

    /// Makes one search of all secrets.
    pub(super) fn settle(&mut self) {
        let fetched = self.fetched.values().flatten().flatten();
        self.redactor = Redactor::new(self.secrets.iter().chain(fetched));
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
    fn of_what_is_fetched_again_and_again_the_last_two_are_searched_for() {
        let mut holdings = Holdings::default();
        for at in 0..40 {
            holdings.hold_fetched("billing", [&Secret::new(format!("t0ken-number-{at:02}"))]);
        }
        holdings.settle();
        let redactor = holdings.redactor();
        let shown =
            [37, 38, 39].map(|at| redactor.text(&format!("t0ken-number-{at}")).into_owned());
        assert_eq!(shown, ["t0ken-number-37", "[redacted]", "[redacted]"]);
    }

    #[test]
    fn what_was_made_of_a_token_is_held_for_as_long_as_the_token() {
        let mut holdings = Holdings::default();
        let secrets = ["t0ken-one", "f0rged-one", "t0ken-two", "t0ken-three"].map(Secret::new);
        let [first, forged, second, third] = &secrets;
        holdings.hold_fetched("billing", [first]);
        holdings.hold_derived("billing", [forged]);
        holdings.hold_fetched("billing", [second]);
        let before = holdings.redactor().text("f0rged-one").into_owned();
        holdings.hold_fetched("billing", [third]);
        holdings.settle();
        let after = holdings.redactor().text("f0rged-one").into_owned();
        assert_eq!([before.as_str(), &after], ["[redacted]", "f0rged-one"]);
    }

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
