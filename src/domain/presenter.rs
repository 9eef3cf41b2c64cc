//! How a persona presents itself: the contract between those who hold credentials and those who knock.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use http::{HeaderMap, HeaderName, Method};
use jiff::Timestamp;
use url::Url;

use super::check::Persona;
use super::finding::Reason;
use super::oauth2::OAuth2;
use super::observation::Answer;
use super::secret::{Redactor, Secret, SecretRef};

/// Turns a persona into what its request carries.
///
/// Whoever knocks calls this once per probe and knows nothing of schemes.
pub trait Presenter: Send + Sync {
    /// Reads the secrets that the persona needs, now, and makes a presentation of them for the
    /// endpoint at `url`. A credential is shown to the origins of the endpoints that name it alone.
    fn present<'a>(&'a self, persona: &'a Persona, url: &'a Url) -> Presenting<'a, Presentation>;

    /// Reads one secret that stands outside of credentials: a configured header's value.
    fn read<'a>(&'a self, secret: &'a SecretRef) -> Presenting<'a, Secret>;

    /// What takes every secret that was read so far out of what is shown.
    fn redactor(&self) -> Redactor;
}

/// The future of something that may not be presentable.
pub type Presenting<'a, T> = Pin<Box<dyn Future<Output = Result<T, Unpresentable>> + Send + 'a>>;

/// Gets tokens from token endpoints, for those who show them: credentials, and mail.
pub trait TokenSource: Send + Sync {
    /// A token that holds for a while yet: one that was fetched before, or a new one.
    fn token<'a>(&'a self, wanted: &'a OAuth2) -> Presenting<'a, Token>;

    /// Says that a token was refused, so that the next caller gets another one.
    fn refuse(&self, wanted: &OAuth2, refused: &Secret);
}

/// What a token endpoint gave.
#[derive(Clone, Debug)]
pub struct Token {
    /// The token itself.
    pub value: Secret,
    /// When it ends, as far as the endpoint said.
    pub expires_at: Option<Timestamp>,
}

/// What a request carries on behalf of a persona.
#[derive(Debug, Default)]
pub struct Presentation {
    /// Header fields.
    pub headers: Vec<(HeaderName, Secret)>,
    /// One more query parameter: name and value, not yet encoded.
    pub query: Option<(String, Secret)>,
    /// A client certificate for the TLS handshake.
    pub identity: Option<Identity>,
    /// Goes on from what the server answers, where the scheme takes more than one exchange.
    pub dialogue: Option<Box<dyn Dialogue>>,
    /// Names the secret's bytes without telling them, so that a change is noticed.
    pub fingerprint: Option<[u8; 32]>,
    /// From when to when the credential holds, as far as it says.
    pub validity: Validity,
    /// Where it came from.
    pub provenance: Provenance,
}

/// A scheme whose credentials answer what the server said. Each probe has one of its own.
pub trait Dialogue: fmt::Debug + Send + Sync {
    /// The header fields of a further request after this answer, in the place of those that were sent;
    /// `None` where the answer stands.
    fn go_on(
        &mut self,
        asked: &Asked<'_>,
        status: u16,
        fields: &HeaderMap,
    ) -> Option<Vec<(HeaderName, Secret)>>;

    /// What the last answer proves of the server; `None` where it has nothing to prove.
    fn proof(&self, asked: &Asked<'_>, answer: &Answer) -> Option<Proof>;

    /// A redirect leads on: nothing was answered there yet.
    fn start_over(&mut self);
}

/// One request of a probe, as far as a scheme reckons with it.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The method.
    pub method: &'a Method,
    /// The URL, with its query.
    pub url: &'a Url,
    /// The body; empty where there is none.
    pub body: &'a [u8],
}

/// Whether a server knows the password too, by its `Authentication-Info` (RFC 7616 §3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It does.
    Right,
    /// What it sent proves nothing, or is wrong; in words.
    Wrong(&'static str),
}

/// From when to when a credential holds, as far as it says so itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Validity {
    /// The first instant: `nbf` or else `iat` of a JWT (RFC 7519 §4.1), `notBefore` of a certificate.
    pub from: Option<Timestamp>,
    /// When it has expired: `exp` of a JWT, `notAfter` of a certificate, the end of a session.
    pub until: Option<Timestamp>,
}

/// Where what is shown came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Provenance {
    /// Out of the configuration, a file or the environment: somebody renews it by hand.
    #[default]
    Configured,
    /// It was fetched for this probe: a token, a session, what a program printed.
    Fetched,
    /// It was fetched for an earlier probe, and kept.
    Kept,
}

/// What is known of the credential that was shown, without the credential.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Names the secret's bytes, so that a change is noticed.
    pub fingerprint: Option<[u8; 32]>,
    /// From when to when it holds.
    pub validity: Validity,
    /// Where it came from.
    pub provenance: Provenance,
    /// What the server proved in return.
    pub proof: Option<Proof>,
    /// It was fetched in the place of another one, kept, that the endpoint had just refused.
    pub renewed: bool,
    /// How often its scheme answered a challenge; `None` where it waits for none.
    pub answered: Option<usize>,
}

impl Shown {
    /// What is known of a presentation before it was shown.
    pub fn of(presentation: &Presentation) -> Self {
        Self {
            fingerprint: presentation.fingerprint,
            validity: presentation.validity,
            provenance: presentation.provenance,
            proof: None,
            renewed: false,
            answered: None,
        }
    }

    /// Whether nothing of it was sent: its scheme answers a challenge, and there was none to answer.
    pub fn is_withheld(&self) -> bool {
        self.answered == Some(0)
    }

    /// How often it was sent. A server may ask again with a new nonce (RFC 7616 §3.3), and whoever
    /// counts rejections has counted each.
    pub fn times(&self) -> usize {
        self.answered.unwrap_or(1)
    }
}

/// A client certificate with its key.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The chain in DER form, the client's own certificate first.
    pub chain: Vec<Vec<u8>>,
    /// The private key in DER form.
    pub key: PrivateKey,
}

/// A private key in DER form, by the container it came in.
#[derive(Clone, Debug)]
pub enum PrivateKey {
    /// PKCS #1, RSA only.
    Pkcs1(Secret),
    /// PKCS #8.
    Pkcs8(Secret),
    /// SEC 1, elliptic curves only.
    Sec1(Secret),
}

/// Why a persona could not be presented; the probe is then not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Unpresentable {
    /// `secret_unavailable`, `token_unavailable` or `probe_failed`.
    pub reason: Reason,
    /// What is missing, with the file's or the variable's name, and never a value.
    pub detail: String,
    /// Whether a secret was shown on the way, to a login or a token endpoint, and was refused there.
    pub rejected: bool,
    /// Whether a secret was sent on the way, and no answer came: it may have been refused.
    pub unanswered: bool,
}

impl Unpresentable {
    /// Something is missing, and no password was shown.
    pub fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self {
            reason,
            detail: detail.into(),
            rejected: false,
            unanswered: false,
        }
    }
}
