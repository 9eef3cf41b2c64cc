//! Knocking with a Digest credential, and a server's side of it, written apart from the program's.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use authvigil::clock::{SharedClock, SystemClock};
use authvigil::config;
use authvigil::credential::Keyring;
use authvigil::domain::challenge::{Challenge, read};
use authvigil::domain::judge::{Circumstances, Question, judge};
use authvigil::domain::observation::Observation;
use authvigil::domain::presenter::Proof;
use authvigil::probe::{Prober, visit};
use md5::Md5;
use sha2::{Digest as _, Sha256};

use crate::support::lab::{Answer, Request};

/// What one check came to.
#[derive(Debug)]
pub(super) struct Knock {
    pub(super) observation: Observation,
    pub(super) proof: Option<Proof>,
    /// The reason of its worst finding, or `pass`.
    pub(super) reason: &'static str,
}

/// Knocks as each of these personas in turn, as the user `reader` with the password `s3cret`.
pub(super) async fn knocks<const N: usize>(
    url: &str,
    personas: [&str; N],
    more: &str,
) -> [Knock; N] {
    knocks_of(("reader", "s3cret"), url, personas, more).await
}

/// The same as another user; the credential is named `reader` still.
pub(super) async fn knocks_of<const N: usize>(
    (user, password): (&str, &str),
    url: &str,
    personas: [&str; N],
    more: &str,
) -> [Knock; N] {
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    let checks = personas
        .map(|persona| format!("{{as: {persona}}}"))
        .join(", ");
    let more = if more.is_empty() {
        String::new()
    } else {
        format!(", {more}")
    };
    let text = format!(
        "credentials:\n  reader: {{digest_auth: {{username: {}, password: {}}}}}\n\
         endpoints:\n  - {{name: lab, url: {}, checks: [{checks}]{more}}}\n",
        quoted(user),
        quoted(password),
        quoted(url),
    );
    let config = config::parse(Path::new("authvigil.yaml"), text).unwrap();
    let clock: SharedClock = Arc::new(SystemClock);
    let prober = Arc::new(Prober::new(Arc::clone(&clock)));
    let courier = Arc::clone(&prober);
    let keyring = Keyring::new(config.credentials, Arc::clone(&clock), courier);
    let endpoint = &config.endpoints[0];
    let target = prober.target(endpoint).unwrap();
    let mut knocks = Vec::new();
    for check in &endpoint.checks {
        let visit = visit(&prober, &target, &check.persona, &keyring, endpoint.timeout).await;
        let observation = visit.observation.unwrap();
        let question = Question {
            endpoint,
            check,
            circumstances: Circumstances {
                now: clock.now(),
                shown: visit.shown,
                ..Circumstances::default()
            },
        };
        let judgement = judge(&question, &observation);
        knocks.push(Knock {
            observation,
            proof: visit.shown.proof,
            reason: judgement.worst().map_or("pass", |it| it.reason.as_str()),
        });
    }
    knocks.try_into().unwrap()
}

/// What [`Verifier`] asks with, without its nonce.
pub(crate) const CHALLENGE: &str = "Digest realm=\"lab\", nonce=\"n\", qop=\"auth\"";

/// What a request answers a challenge with.
pub(crate) fn shown(request: &Request) -> Option<Challenge> {
    let reading = read(&[request.headers.get("authorization")?.as_bytes()]);
    assert_eq!(reading.fault, None, "{request:?}");
    reading.challenges.into_iter().next()
}

/// The user that a request names.
pub(crate) fn user(request: &Request) -> Option<String> {
    shown(request)?.param("username").map(str::to_owned)
}

/// A server that knows one user: RFC 7616 with MD5 or SHA-256, `auth` or `auth-int`.
#[derive(Debug)]
pub(crate) struct Verifier {
    user: &'static str,
    password: &'static str,
    nonces: AtomicUsize,
}

impl Verifier {
    pub(crate) fn of(user: &'static str, password: &'static str) -> Self {
        Self {
            user,
            password,
            nonces: AtomicUsize::new(0),
        }
    }

    /// 200 with a proof for the user, 401 with a new nonce for everybody else.
    pub(crate) fn answer(&self, request: &Request) -> Answer {
        if self.admits(request) {
            let info = self.info(request);
            return Answer::status(200).header("Authentication-Info", &info);
        }
        let nonce = self.nonces.fetch_add(1, Ordering::Relaxed);
        let challenge = CHALLENGE.replace("\"n\"", &format!("\"n{nonce}\""));
        Answer::unauthorized(&challenge)
    }

    /// Whether the request shows that its sender knows the password.
    pub(crate) fn admits(&self, request: &Request) -> bool {
        shown(request).is_some_and(|shown| {
            let target = match &request.query {
                Some(query) => format!("{}?{query}", request.path),
                None => request.path.clone(),
            };
            shown.param("uri") == Some(target.as_str())
                && shown.param("username") == Some(self.user)
                && shown.param("response")
                    == Some(
                        self.digest(&shown, request.method.as_str(), &request.body)
                            .as_str(),
                    )
        })
    }

    /// A right `Authentication-Info` for it.
    pub(super) fn info(&self, request: &Request) -> String {
        let shown = shown(request).unwrap();
        let param = |name| shown.param(name).unwrap();
        format!(
            "rspauth=\"{}\", cnonce=\"{}\", nc={}, qop={}",
            self.digest(&shown, "", b""),
            param("cnonce"),
            param("nc"),
            param("qop"),
        )
    }

    fn digest(&self, shown: &Challenge, method: &str, body: &[u8]) -> String {
        let param = |name| shown.param(name).unwrap_or_default();
        let hash = |text: String| match param("algorithm").to_ascii_lowercase().as_str() {
            "sha-256" => hex(&Sha256::digest(text)),
            "" | "md5" => hex(&Md5::digest(text)),
            other => panic!("no such algorithm: {other}"),
        };
        let secret = hash(format!(
            "{}:{}:{}",
            self.user,
            param("realm"),
            self.password
        ));
        let mut request = format!("{method}:{}", param("uri"));
        if param("qop") == "auth-int" {
            request = format!(
                "{request}:{}",
                hash(String::from_utf8(body.to_vec()).unwrap())
            );
        }
        let parts = ["nonce", "nc", "cnonce", "qop"].map(param).join(":");
        hash(format!("{secret}:{parts}:{}", hash(request)))
    }
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    digits.collect::<Vec<_>>().concat()
}
