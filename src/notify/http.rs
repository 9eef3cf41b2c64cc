//! Posts JSON to those whom a receiver names, and reads from the answer what is to be done next.

use std::error::Error;
use std::time::Duration;

use http::header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::Timestamp;
use reqwest::redirect::Policy;
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls_platform_verifier::BuilderVerifierExt as _;
use url::{Position, Url, form_urlencoded};

use super::carrier::{Carried, Outlook};
use crate::domain::notice::Attempt;
use crate::domain::secret::{Redactor, Secret};

/// How this program names itself to those whom it tells.
const AGENT: HeaderValue =
    HeaderValue::from_static(concat!("authvigil/", env!("CARGO_PKG_VERSION")));

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// How much of a refusal is read, in bytes.
const LARGEST_REFUSAL: usize = 4096;

/// How much of a refusal is passed on, in characters.
const LONGEST_WORDS: usize = 300;

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// TLS cannot be set up.
    #[error("set up TLS for Alertmanagers and webhooks")]
    Tls(#[from] rustls::Error),
    /// The client cannot be built.
    #[error("build the HTTP client for Alertmanagers and webhooks")]
    Client(#[from] reqwest::Error),
}

/// How long each step of a post may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Until there is a connection, with name resolution and TLS.
    pub connect: Duration,
    /// Until the head of the answer is there, from the beginning.
    pub answer: Duration,
    /// For the words of a refusal, after its head.
    pub words: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(30),
            words: Duration::from_secs(2),
        }
    }
}

/// A document on its way.
#[derive(Debug)]
pub(super) struct Parcel {
    /// Where to.
    pub(super) url: Url,
    /// Beside `Content-Type` and `User-Agent`.
    pub(super) headers: HeaderMap,
    /// JSON.
    pub(super) document: Vec<u8>,
    /// Takes out of the other side's words what they may not tell on.
    pub(super) redactor: Redactor,
}

/// Posts JSON, over a fresh connection each time, and follows nobody elsewhere.
#[derive(Clone, Debug)]
pub struct Http {
    client: reqwest::Client,
    patience: Patience,
}

impl Http {
    /// A client with the system's trust. Where the system has none, posts over TLS fail, each saying
    /// so, and others go on.
    pub fn new(patience: Patience) -> Result<Self, HttpError> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .pool_max_idle_per_host(0)
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .http1_only()
            .connect_timeout(patience.connect)
            .tls_backend_preconfigured(tls()?)
            .build()?;
        Ok(Self { client, patience })
    }

    /// Posts a document once. What is said of the outcome names no URL; the other side's words are
    /// in it without what the parcel keeps secret, and on one short line.
    pub(super) async fn post(&self, parcel: Parcel, now: Timestamp) -> Carried {
        let Parcel {
            url,
            mut headers,
            document,
            redactor,
        } = parcel;
        headers.insert(CONTENT_TYPE, JSON);
        headers.insert(USER_AGENT, AGENT);
        let request = self.client.post(url).headers(headers).body(document);
        match tokio::time::timeout(self.patience.answer, request.send()).await {
            Ok(Ok(response)) => self.read(response, &redactor, now).await,
            Ok(Err(error)) => failed(error, &redactor),
            Err(_) => {
                let seconds = self.patience.answer.as_secs_f32();
                Carried::unreachable(format!("no answer within {seconds} s"))
            }
        }
    }

    async fn read(
        &self,
        response: reqwest::Response,
        redactor: &Redactor,
        now: Timestamp,
    ) -> Carried {
        let (status, later) = (response.status(), retry_after(response.headers(), now));
        if status.is_success() {
            return Attempt::Delivered(line_of(status, "")).into();
        }
        let words = words(response, self.patience.words).await;
        // Cut when secrets have been taken out, not before: half a secret is none that is known.
        judge(status, later, line_of(status, &redactor.text(&words)))
    }
}

/// Takes the parts of a URL out of what is said: whoever is asked for a path that is a secret knows
/// no more of the URL, and repeats it.
pub(super) fn parts(url: &Url) -> Redactor {
    /// Shorter words stand in every path.
    const SHORTEST: usize = 8;
    let whole = &url[Position::BeforePath..Position::AfterQuery];
    let segments = url.path_segments().into_iter().flatten();
    let segments = segments.filter(|segment| segment.len() >= SHORTEST);
    let values = url.query_pairs().map(|(_, value)| value);
    let login = login(url);
    let path = Some(url.path()).filter(|path| path.len() >= SHORTEST);
    let texts = [whole].into_iter().filter(|whole| whole.len() >= SHORTEST);
    let texts = texts.chain(path).chain(segments).map(Secret::new);
    let secrets: Vec<Secret> = texts
        .chain(values.map(|value| Secret::new(value.as_bytes())))
        .chain(login)
        .collect();
    Redactor::new(&secrets)
}

/// User and password of a URL, each and as the pair that is sent (RFC 7617); a token may stand in the
/// place of either.
fn login(url: &Url) -> Vec<Secret> {
    let user = decoded(url.username());
    let password = decoded(url.password().unwrap_or_default());
    if user.is_empty() && password.is_empty() {
        return Vec::new();
    }
    let pair = [&user[..], b":", &password].concat();
    [user, password, pair].map(Secret::new).to_vec()
}

fn decoded(text: &str) -> Vec<u8> {
    // Beside its escapes a form gives a meaning to these three.
    let text = text.replace('+', "%2B").replace('&', "%26");
    let text = text.replace('=', "%3D");
    let mut fields = form_urlencoded::parse(text.as_bytes());
    let decoded = fields.next().map(|(name, _)| name.into_owned());
    decoded.unwrap_or_default().into_bytes()
}

/// What an answer that is no success means.
fn judge(status: StatusCode, later: Option<Duration>, said: String) -> Carried {
    // Those of which RFC 9110 and RFC 6585 say that another try may do.
    let passing = [
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::TOO_EARLY,
        StatusCode::TOO_MANY_REQUESTS,
    ];
    if status.is_client_error() && !passing.contains(&status) {
        return Attempt::Rejected(said).into();
    }
    let outlook = match (status.as_u16(), later) {
        (429 | 503, Some(later)) => Outlook::Busy(later),
        // Whoever stands in for the server says the same to everybody.
        (429 | 502..=504, _) => Outlook::Unreachable,
        _ => Outlook::Open,
    };
    Carried {
        attempt: Attempt::Retried(said),
        outlook,
    }
}

fn failed(error: reqwest::Error, redactor: &Redactor) -> Carried {
    let is_connect = error.is_connect();
    let error = error.without_url();
    let mut cause: &dyn Error = &error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let cause = one_line(&redactor.text(&cause.to_string()));
    if is_connect {
        Carried::unreachable(format!("no connection: {cause}"))
    } else {
        Attempt::Retried(format!("no valid answer: {cause}")).into()
    }
}

/// `Retry-After`: seconds, or a date (RFC 9110 §10.2.3).
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
}

/// As much of a refusal as comes in time.
async fn words(mut response: reqwest::Response, patience: Duration) -> String {
    let mut read = Vec::new();
    let mut is_whole = false;
    let reading = async {
        while read.len() < LARGEST_REFUSAL {
            match response.chunk().await {
                Ok(Some(chunk)) => {
                    let room = LARGEST_REFUSAL - read.len();
                    read.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
                }
                Ok(None) => {
                    is_whole = true;
                    break;
                }
                Err(_) => break,
            }
        }
    };
    // What has come until then is worth having.
    tokio::time::timeout(patience, reading).await.ok();
    let mut words = String::from_utf8_lossy(&read).into_owned();
    if !is_whole {
        without_last_word(&mut words);
    }
    words
}

/// The last word of what was broken off may be the beginning of a secret, which nobody recognises.
fn without_last_word(words: &mut String) {
    let end = words.rfind(char::is_whitespace).unwrap_or_default();
    words.truncate(end);
}

fn line_of(status: StatusCode, words: &str) -> String {
    let words = one_line(words);
    let gap = if words.is_empty() { "" } else { ": " };
    format!("HTTP {}{gap}{words}", status.as_u16())
}

/// What somebody said, on one short line without control characters.
fn one_line(text: &str) -> String {
    let plain = text.replace(|char: char| char.is_control() || is_invisible(char), " ");
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    match plain.char_indices().nth(LONGEST_WORDS) {
        Some((end, _)) => format!("{}…", &plain[..end]),
        None => plain,
    }
}

/// Characters that turn the direction of text, or hide.
fn is_invisible(char: char) -> bool {
    matches!(char, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
}

fn tls() -> Result<ClientConfig, rustls::Error> {
    let provider = aws_lc_rs::default_provider().into();
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let config = match builder.clone().with_platform_verifier() {
        Ok(config) => config,
        Err(error) => {
            let error = error.to_string();
            tracing::warn!(error, "the system's certificate authorities cannot be read");
            builder.with_root_certificates(rustls::RootCertStore::empty())
        }
    };
    let mut config = config.with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(status: u16, later: Option<u64>) -> (&'static str, Outlook) {
        let status = StatusCode::from_u16(status).unwrap();
        let carried = judge(status, later.map(Duration::from_secs), String::new());
        (carried.attempt.as_str(), carried.outlook)
    }

    #[test]
    fn a_client_error_is_for_good_unless_it_says_that_it_passes() {
        let statuses = [400, 401, 403, 404, 408, 410, 413, 422, 425, 429];
        let rejected = statuses.map(|status| outcome(status, None).0 == "rejected");
        let expected = [
            true, true, true, true, false, true, true, true, false, false,
        ];
        assert_eq!(rejected, expected);
    }

    #[test]
    fn whatever_else_is_no_success_is_tried_again() {
        let statuses = [100, 302, 500, 502, 503, 504, 599];
        let outcomes = statuses.map(|status| outcome(status, None).0);
        assert_eq!(outcomes, ["retried"; 7]);
    }

    #[test]
    fn who_asks_to_be_left_alone_says_for_how_long() {
        let wait = Outlook::Busy(Duration::from_secs(7));
        assert_eq!(outcome(429, Some(7)), ("retried", wait));
        assert_eq!(outcome(503, Some(7)), ("retried", wait));
        assert_eq!(outcome(500, Some(7)), ("retried", Outlook::Open));
        assert_eq!(outcome(503, None), ("retried", Outlook::Unreachable));
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let now: Timestamp = "2026-11-22T08:00:00Z".parse().unwrap();
        let read = |text: &'static str| {
            let headers = [(RETRY_AFTER, HeaderValue::from_static(text))];
            retry_after(&headers.into_iter().collect(), now)
        };
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(read("120"), seconds(120));
        assert_eq!(read("Sun, 22 Nov 2026 08:01:30 GMT"), seconds(90));
        assert_eq!(read("Sun, 22 Nov 2020 08:01:30 GMT"), seconds(0));
        assert_eq!(read("soon"), None);
        assert_eq!(read("-1"), None);
    }

    #[test]
    fn words_of_others_are_one_short_line() {
        let hostile = format!("no\r\nBcc: x\u{1b}[2J\u{202e}{}", "é".repeat(1000));
        let line = one_line(&hostile);
        assert!(line.starts_with("no Bcc: x [2J é"), "{line}");
        assert_eq!(line.chars().count(), LONGEST_WORDS + 1);
    }
}
