//! Users and their passwords: bcrypt, which is slow on purpose, and what keeps it from being slow
//! for everybody else.
//!
//! At most two passwords are hashed at a time, away from the runtime, and what came of each is
//! remembered under a keyed digest. Whoever is not known costs as much as whoever is.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::crypto::CryptoProvider;
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::settings::Users;
use crate::domain::secret::Secret;

/// How many passwords are hashed at the same time.
const AT_ONCE: usize = 2;

/// How many passwords that were right, and how many that were wrong, are remembered.
const REMEMBERED: usize = 100;

/// How long somebody waits for a turn to have a password hashed.
const PATIENCE: Duration = Duration::from_secs(10);

/// The cost that an unknown user has where nobody is known.
const DEFAULT_COST: u32 = 10;

/// What a presented password comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is the user's.
    Welcome,
    /// It is not, or there is no such user, or nothing was shown.
    Stranger,
    /// Too many passwords wait to be hashed.
    Busy,
}

/// Users and what is remembered of them.
#[derive(Debug)]
pub(super) struct Doorkeeper {
    users: Users,
    /// The hash that unknown users are held against; nothing fits it.
    nobody: Secret,
    turns: Arc<Semaphore>,
    memory: Mutex<Memory>,
    digest_key: Zeroizing<[u8; 32]>,
    hashed: Arc<AtomicU64>,
}

impl Doorkeeper {
    /// Knows these users; `hashed` counts the passwords that were hashed, `turns` is shared with
    /// whoever came before, so that a reload does not add to the work at hand.
    pub(super) fn new(users: Users, provider: &CryptoProvider, past: &Past) -> Option<Self> {
        let mut digest_key = Zeroizing::new([0; 32]);
        provider.secure_random.fill(digest_key.as_mut()).ok()?;
        let costs = users.0.values().filter_map(cost);
        let nobody = nobody(costs.max().unwrap_or(DEFAULT_COST));
        Some(Self {
            users,
            nobody: Secret::new(nobody),
            turns: Arc::clone(&past.turns),
            memory: Mutex::default(),
            digest_key,
            hashed: Arc::clone(&past.hashed),
        })
    }

    /// Whether anybody has to say who they are.
    pub(super) fn asks(&self) -> bool {
        !self.users.0.is_empty()
    }

    /// Judges the value of an `Authorization` field, or its absence.
    pub(super) async fn judge(&self, authorization: Option<&[u8]>) -> Standing {
        let Some((user, password)) = authorization.and_then(pair) else {
            return Standing::Stranger;
        };
        let known = self.users.0.get(user.as_str());
        let hash = known.unwrap_or(&self.nobody);
        let digest = self.digest(&user, hash, &password);
        if let Some(standing) = self.memory().recall(&digest) {
            return standing;
        }
        let turn = Arc::clone(&self.turns).acquire_owned();
        let Ok(Ok(turn)) = tokio::time::timeout(PATIENCE, turn).await else {
            return Standing::Busy;
        };
        // Whoever asked the same before may have been answered meanwhile.
        if let Some(standing) = self.memory().recall(&digest) {
            return standing;
        }
        self.hashed.fetch_add(1, Ordering::Relaxed);
        let hash = hash.clone();
        let verified = tokio::task::spawn_blocking(move || {
            let fits = fits(&password, &hash);
            drop(turn);
            fits
        });
        let fits = verified.await.unwrap_or(false);
        let standing = match (known, fits) {
            (Some(_), true) => Standing::Welcome,
            (None, _) | (_, false) => Standing::Stranger,
        };
        self.memory().remember(digest, standing);
        standing
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Names user, hash and password together, to nobody who does not hold the key.
    fn digest(&self, user: &str, hash: &Secret, password: &[u8]) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(self.digest_key.as_slice());
        for part in [user.as_bytes(), hash.expose(), password] {
            digest.update(part.len().to_be_bytes());
            digest.update(part);
        }
        digest.finalize().into()
    }
}

/// What outlives a change of users.
#[derive(Clone, Debug)]
pub(super) struct Past {
    turns: Arc<Semaphore>,
    hashed: Arc<AtomicU64>,
}

impl Default for Past {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            hashed: Arc::default(),
        }
    }
}

impl Past {
    /// How many passwords were hashed so far.
    pub(super) fn hashed(&self) -> u64 {
        self.hashed.load(Ordering::Relaxed)
    }
}

/// What came of the last passwords. Wrong ones do not push right ones out.
#[derive(Debug, Default)]
struct Memory {
    right: VecDeque<[u8; 32]>,
    wrong: VecDeque<[u8; 32]>,
}

impl Memory {
    fn recall(&self, digest: &[u8; 32]) -> Option<Standing> {
        // Who does not hold the key cannot choose a digest, so that comparing it tells nothing.
        if self.right.contains(digest) {
            return Some(Standing::Welcome);
        }
        self.wrong.contains(digest).then_some(Standing::Stranger)
    }

    fn remember(&mut self, digest: [u8; 32], standing: Standing) {
        let list = match standing {
            Standing::Welcome => &mut self.right,
            Standing::Stranger => &mut self.wrong,
            Standing::Busy => return,
        };
        if list.contains(&digest) {
            return;
        }
        if list.len() == REMEMBERED {
            list.pop_front();
        }
        list.push_back(digest);
    }
}

/// User and password of RFC 7617 §2.
fn pair(authorization: &[u8]) -> Option<(String, Zeroizing<Vec<u8>>)> {
    let (scheme, rest) = authorization.split_at_checked(5)?;
    let encoded = rest.trim_ascii_start();
    if !scheme.eq_ignore_ascii_case(b"basic") || encoded.len() == rest.len() {
        return None;
    }
    let decoded = Zeroizing::new(STANDARD.decode(encoded.trim_ascii_end()).ok()?);
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    let (user, password) = decoded.split_at(colon);
    let user = String::from_utf8(user.to_vec()).ok()?;
    Some((user, Zeroizing::new(password[1..].to_vec())))
}

fn fits(password: &[u8], hash: &Secret) -> bool {
    let hash = std::str::from_utf8(hash.expose());
    hash.is_ok_and(|hash| bcrypt::verify(password, hash).unwrap_or(false))
}

fn cost(hash: &Secret) -> Option<u32> {
    let hash = std::str::from_utf8(hash.expose()).ok()?;
    let parts: bcrypt::HashParts = hash.parse().ok()?;
    Some(parts.get_cost())
}

/// A hash of this cost that no password is known to have.
fn nobody(cost: u32) -> String {
    format!("$2b${cost:02}${}", ".".repeat(22 + 31))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lowest cost there is.
    const CHEAP: u32 = 4;

    fn doorkeeper(users: &[(&str, &str)]) -> (Doorkeeper, Past) {
        let hashed = users.iter().map(|(name, password)| {
            let hash = bcrypt::hash(password, CHEAP).unwrap();
            ((*name).to_owned(), Secret::new(hash))
        });
        let past = Past::default();
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let users = Users(hashed.collect());
        (Doorkeeper::new(users, &provider, &past).unwrap(), past)
    }

    fn basic(pair: &str) -> Vec<u8> {
        format!("Basic {}", STANDARD.encode(pair)).into_bytes()
    }

    async fn judged(keeper: &Doorkeeper, pair: &str) -> Standing {
        keeper.judge(Some(&basic(pair))).await
    }

    #[tokio::test]
    async fn the_right_password_alone_opens() {
        let (keeper, _) = doorkeeper(&[("alice", "a:b"), ("bob", "")]);
        for (pair, standing) in [
            ("alice:a:b", Standing::Welcome),
            ("bob:", Standing::Welcome),
            ("alice:a", Standing::Stranger),
            ("Alice:a:b", Standing::Stranger),
            ("bob:a:b", Standing::Stranger),
            ("mallory:a:b", Standing::Stranger),
            ("alice", Standing::Stranger),
            (":", Standing::Stranger),
        ] {
            assert_eq!(judged(&keeper, pair).await, standing, "{pair}");
        }
    }

    #[tokio::test]
    async fn what_is_no_basic_credential_costs_no_hash() {
        let (keeper, past) = doorkeeper(&[("alice", "a")]);
        for value in [
            &b"Bearer x"[..],
            b"Basic",
            b"Basic ",
            b"BasicYWxpY2U6YQ==",
            b"Basic !!!",
            b"Basic YWxpY2U6YQ",
            b"\xff\xff\xff\xff\xff\xff",
            b"",
        ] {
            assert_eq!(keeper.judge(Some(value)).await, Standing::Stranger);
        }
        assert_eq!(keeper.judge(None).await, Standing::Stranger);
        assert_eq!(past.hashed(), 0);
    }

    #[tokio::test]
    async fn a_password_is_hashed_once_whether_right_or_wrong() {
        let (keeper, past) = doorkeeper(&[("alice", "a")]);
        for _ in 0..50 {
            assert_eq!(judged(&keeper, "alice:a").await, Standing::Welcome);
            assert_eq!(judged(&keeper, "alice:b").await, Standing::Stranger);
            assert_eq!(judged(&keeper, "mallory:a").await, Standing::Stranger);
        }
        assert_eq!(past.hashed(), 3);
    }

    #[tokio::test]
    async fn a_guesser_does_not_push_a_right_password_out() {
        let (keeper, past) = doorkeeper(&[("alice", "a")]);
        judged(&keeper, "alice:a").await;
        for guess in 0..=REMEMBERED {
            judged(&keeper, &format!("alice:{guess}")).await;
        }
        let before = past.hashed();
        judged(&keeper, "alice:a").await;
        assert_eq!(past.hashed(), before);
        assert_eq!(keeper.memory().wrong.len(), REMEMBERED);
    }

    #[test]
    fn a_stranger_is_held_against_a_hash_of_the_highest_cost() {
        let nobody: bcrypt::HashParts = nobody(12).parse().unwrap();
        assert_eq!(nobody.get_cost(), 12);
        let (keeper, _) = doorkeeper(&[("alice", "a")]);
        assert_eq!(cost(&keeper.nobody), Some(CHEAP));
        let verified = bcrypt::verify("x", std::str::from_utf8(keeper.nobody.expose()).unwrap());
        assert!(!verified.unwrap());
    }

    #[test]
    fn a_hash_that_htpasswd_made_is_understood() {
        let hash = Secret::new("$2y$04$rIn4a//Ssmwehc7ou92JAenae0ynQn/hjdvsPyzzTBjAhD8akFSc2");
        assert!(fits("pass wörd".as_bytes(), &hash));
        assert!(!fits(b"pass word", &hash));
    }
}
