//! Digest (RFC 7616): answers a challenge by what only somebody who knows the password can compute,
//! and checks that the server knows it too.
//!
//! Each probe proves the whole dance: the first request shows nothing, and no nonce of an earlier
//! probe is used again.
//! Where this departs from the standard: a challenge is read leniently, because many servers quote
//! what must not be quoted; and a user's name that is not ASCII goes into `username*` (§3.4) only
//! where the server says `charset=UTF-8`, because older ones know nothing but `username`.

mod algorithm;
mod offer;
mod proof;
mod reply;
#[cfg(test)]
mod tests;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};
use sha2::{Digest as _, Sha256};
use url::Position;

use self::offer::Offers;
use self::reply::Reply;
use super::holdings::fingerprint;
use crate::domain::finding::Reason;
use crate::domain::observation::Answer;
use crate::domain::presenter::{Asked, Dialogue, Presentation, Proof, Unpresentable};
use crate::domain::secret::Secret;

/// What a user shows by Digest: nothing, until there is a challenge.
pub(super) fn presentation(user: &str, password: Secret) -> Result<Presentation, Unpresentable> {
    let mut seed = [0; 32];
    let random = rustls::crypto::aws_lc_rs::default_provider().secure_random;
    let no_random = || Unpresentable::new(Reason::ProbeFailed, "the system gives no randomness");
    random.fill(&mut seed).ok().ok_or_else(no_random)?;
    let pair = Secret::new([user.as_bytes(), b":", password.expose()].concat());
    Ok(Presentation {
        fingerprint: Some(fingerprint(&pair)),
        dialogue: Some(Box::new(Digest::new(user, password, seed))),
        ..Presentation::default()
    })
}

/// One probe's dance.
#[derive(Debug)]
pub(super) struct Digest {
    user: Login,
    /// What the client's nonces are made of.
    seed: [u8; 32],
    /// How many client nonces were made.
    made: u64,
    stage: Stage,
}

/// Who answers.
#[derive(Debug)]
struct Login {
    name: String,
    password: Secret,
}

/// How far the dance has come.
#[derive(Debug)]
enum Stage {
    /// Nothing was answered yet.
    Unasked,
    /// A challenge was answered.
    Answered(Reply),
    /// It was answered once more, because its nonce had gone stale.
    Renewed(Reply),
}

impl Digest {
    fn new(user: &str, password: Secret, seed: [u8; 32]) -> Self {
        Self {
            user: Login {
                name: user.to_owned(),
                password,
            },
            seed,
            made: 0,
            stage: Stage::Unasked,
        }
    }

    /// A client nonce that no other answer has, as 32 hexadecimal digits.
    fn cnonce(&mut self) -> String {
        self.made += 1;
        let hash = Sha256::new()
            .chain_update(self.seed)
            .chain_update(self.made.to_be_bytes())
            .finalize();
        algorithm::hex(hash.get(..16).unwrap_or_default())
    }
}

impl Dialogue for Digest {
    fn go_on(
        &mut self,
        asked: &Asked<'_>,
        status: u16,
        fields: &HeaderMap,
    ) -> Option<Vec<(HeaderName, Secret)>> {
        if status != 401 {
            return None;
        }
        let offers = Offers::read(fields);
        let is_first = match &self.stage {
            Stage::Unasked => true,
            // Only a stale nonce is worth another answer (§3.3): a second one without that would
            // be refused like the first.
            Stage::Answered(_) if offers.is_stale() => false,
            Stage::Answered(_) | Stage::Renewed(_) => return None,
        };
        let reply = Reply {
            offer: offers.strongest()?,
            cnonce: self.cnonce(),
            uri: asked.url[Position::BeforePath..Position::AfterQuery].to_owned(),
        };
        let value = reply.authorization(&self.user, asked);
        self.stage = if is_first {
            Stage::Answered(reply)
        } else {
            Stage::Renewed(reply)
        };
        Some(vec![(AUTHORIZATION, Secret::new(value))])
    }

    fn proof(&self, _asked: &Asked<'_>, answer: &Answer) -> Option<Proof> {
        match &self.stage {
            Stage::Unasked => None,
            Stage::Answered(reply) | Stage::Renewed(reply) => proof::of(reply, &self.user, answer),
        }
    }

    fn start_over(&mut self) {
        self.stage = Stage::Unasked;
    }
}
