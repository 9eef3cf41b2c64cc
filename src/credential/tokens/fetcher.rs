//! What token servers of all kinds have in common: how they are asked, and what their answers say.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use http::header::USER_AGENT;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use url::Url;

use super::Token;
use crate::clock::SharedClock;
use crate::credential::holdings::SharedHoldings;
use crate::credential::jwt;
use crate::credential::lease::{Fetched, Granted};
use crate::domain::courier::{Call, Courier};
use crate::domain::finding::Reason;
use crate::domain::observation::{Answer, BodyEnd, Observation, Outcome};
use crate::domain::presenter::Unpresentable;
use crate::domain::secret::Secret;

/// The largest answer, in bytes; tokens with hundreds of groups in them are some kilobytes.
pub(in crate::credential) const LARGEST: usize = 256 * 1024;

/// The most characters of a server's words that are quoted.
const LONGEST_WORDS: usize = 300;

/// What it takes to fetch a token.
#[derive(Debug)]
pub(in crate::credential) struct Fetcher {
    pub(in crate::credential) clock: SharedClock,
    pub(in crate::credential) courier: Arc<dyn Courier>,
    pub(in crate::credential) user_agent: HeaderValue,
    pub(in crate::credential) holdings: SharedHoldings,
}

/// Why a token server gave nothing.
#[derive(Debug)]
pub(in crate::credential) struct Failed {
    pub(in crate::credential) why: String,
    /// Whether it refused what it was shown.
    pub(in crate::credential) rejected: bool,
}

/// What a token server's answer says.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::credential) struct Granting {
    pub(in crate::credential) token: Token,
    /// How long the token holds, where that is said.
    pub(in crate::credential) life: Option<Duration>,
}

impl Failed {
    /// It is of no use, and refused nothing.
    pub(in crate::credential) fn with(why: impl Into<String>) -> Self {
        let why = why.into();
        Self {
            why,
            rejected: false,
        }
    }
}

impl Fetcher {
    /// Sends the request of a token, and has the answer read.
    ///
    /// What comes back is registered as what is fetched for `whom`, before anything is made of it.
    pub(in crate::credential) async fn fetch(
        &self,
        whom: &str,
        mut call: Call,
        read: impl Fn(&Answer) -> Result<Granting, Failed>,
    ) -> Fetched<Token> {
        let agent = Secret::new(self.user_agent.as_bytes());
        call.headers.push((USER_AGENT, agent));
        let seen = self.courier.carry(&call).await;
        let outcome = match answered(&seen).and_then(read) {
            Ok(granting) => {
                let Token {
                    access_token,
                    refresh_token,
                } = &granting.token;
                let secrets = std::iter::once(access_token).chain(refresh_token);
                self.holdings.lock().hold_fetched(whom, secrets);
                Ok(granted(granting, self.clock.now()))
            }
            Err(failed) => Err(self.unavailable(&call.url, &failed)),
        };
        let seen = Some(seen);
        Fetched { outcome, seen }
    }

    /// A server may repeat what it was asked with, so its words are redacted before they are cut.
    fn unavailable(&self, url: &Url, failed: &Failed) -> Unpresentable {
        let mut url = url.clone();
        url.set_query(None);
        let why = self.holdings.redactor().text(&failed.why).into_owned();
        let mut cut: String = why.chars().take(LONGEST_WORDS).collect();
        if cut.len() < why.len() {
            cut.push('…');
        }
        let detail = format!("the token endpoint `{url}` {cut}");
        Unpresentable {
            rejected: failed.rejected,
            ..Unpresentable::new(Reason::TokenUnavailable, detail)
        }
    }
}

/// The answer, where a whole one came.
fn answered(seen: &Observation) -> Result<&Answer, Failed> {
    match &seen.outcome {
        Outcome::Answer(answer) => match &answer.body.end {
            BodyEnd::Complete => Ok(answer),
            BodyEnd::CutOff => Err(Failed::with(format!("gave more than {LARGEST} bytes"))),
            BodyEnd::Broken(silence) => {
                Err(Failed::with(format!("broke off its answer: {silence}")))
            }
        },
        Outcome::Silence(silence) => Err(Failed::with(format!("gave no answer: {silence}"))),
    }
}

/// What the status of an answer that gives nothing says, with the server's own words.
pub(in crate::credential) fn refusal(answer: &Answer, words: &[&str]) -> String {
    let status = answer.status;
    let more = match status {
        429 => format!(" ({})", Reason::RateLimited),
        500.. => format!(" ({})", Reason::ServerError),
        300..=399 => ", a redirect, and none is followed".to_owned(),
        _ => String::new(),
    };
    let rest = answer.first("retry-after");
    let rest = rest.map_or_else(String::new, |line| {
        format!(", to retry after {}", line.text())
    });
    match words {
        [] => format!("answered {status}{more}{rest}"),
        words => format!("answered {status}{more}{rest}: {}", words.join(": ")),
    }
}

/// The object in the body of an answer that says that it is what was asked for.
pub(in crate::credential) fn object(answer: &Answer) -> Result<Value, Failed> {
    if let Ok(object @ Value::Object(_)) = serde_json::from_slice(&answer.body.bytes) {
        return Ok(object);
    }
    let kind = answer.first("content-type");
    let kind = kind.map_or_else(
        || "without a type".to_owned(),
        |line| format!("of the type `{}`", line.text()),
    );
    let status = answer.status;
    Err(Failed::with(format!(
        "answered {status} with something {kind} that is no JSON object"
    )))
}

/// A token that can be shown: RFC 6750 §2.1 allows for less than all that is visible.
pub(in crate::credential) fn presentable(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A number of seconds; some servers write it as a text.
pub(in crate::credential) fn seconds(value: &Value) -> Option<Duration> {
    let text = value.as_str().map(str::parse);
    let number: f64 = text.map_or_else(|| value.as_f64(), Result::ok)?;
    Duration::try_from_secs_f64(number.max(0.0)).ok()
}

fn granted(granting: Granting, now: Timestamp) -> Granted<Token> {
    let claimed = claimed_life(&granting.token.access_token, now);
    let life = [granting.life, claimed].into_iter().flatten().min();
    Granted {
        value: granting.token,
        expires_at: life.map(|life| end(now, life)),
    }
}

/// How long a JWT says that it holds (RFC 7519 §4.1.4), which may be less than its server says.
///
/// One that has ended before it came was made by a clock that is not ours: then its dates count
/// against each other, lest a clock that is wrong has a token fetched for each probe.
fn claimed_life(token: &Secret, now: Timestamp) -> Option<Duration> {
    let validity = jwt::validity(token.expose());
    let until = validity.until?;
    let span = |from: Timestamp| Duration::try_from(until.duration_since(from)).unwrap_or_default();
    let (left, whole) = (span(now), validity.from.map(span));
    match whole {
        Some(whole) if left.is_zero() => Some(whole),
        Some(whole) => Some(left.min(whole)),
        None => Some(left),
    }
}

fn end(now: Timestamp, life: Duration) -> Timestamp {
    let life = SignedDuration::try_from(life).unwrap_or(SignedDuration::MAX);
    now.saturating_add(life).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
