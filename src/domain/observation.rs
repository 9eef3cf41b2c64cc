//! What was seen, without opinion: an answer, or why none came.

use std::borrow::Cow;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;
use jiff::Timestamp;

pub use super::challenge::latin1;
use super::challenge::{Challenge, read};
use super::endpoint::TlsVersion;
use super::finding::Reason;
use super::secret::{REDACTED, Redactor};

/// What one probe saw.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// An answer or a silence.
    pub outcome: Outcome,
    /// How long each phase took; summed over the hops of a chain.
    pub phases: Phases,
    /// From the start to the end of the last byte that was read.
    pub duration: Duration,
    /// The address that was dialled last: the proxy's, where there is one.
    pub remote_addr: Option<SocketAddr>,
    /// What the TLS handshake showed, also where it failed.
    pub tls: Option<Tls>,
}

impl Observation {
    /// The answer, if one came.
    pub fn answer(&self) -> Option<&Answer> {
        match &self.outcome {
            Outcome::Answer(answer) => Some(answer),
            Outcome::Silence(_) => None,
        }
    }

    /// The same observation with what a report shows, and no more: thousands of them are kept.
    ///
    /// Servers decide how much they send, so what is left of a head takes at most
    /// [`Answer::EVIDENCE`] bytes; lines that lie beyond are left out whole.
    #[must_use]
    pub fn evidence(mut self) -> Self {
        if let Outcome::Answer(answer) = &mut self.outcome {
            answer.keep_evidence();
        }
        self
    }

    /// The same observation without any known secret in what it shows.
    ///
    /// The body is left as it is: it is matched, and never shown.
    #[must_use]
    pub fn redacted(mut self, redactor: &Redactor) -> Self {
        match &mut self.outcome {
            Outcome::Answer(answer) => answer.redact(redactor),
            Outcome::Silence(silence) => {
                silence.detail = redactor.text(&silence.detail).into_owned();
            }
        }
        if let Some(tls) = &mut self.tls {
            for certificate in &mut tls.chain {
                certificate.redact(redactor);
            }
        }
        self
    }
}

/// Whether an answer came.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Status and header section came; the body may have broken off.
    Answer(Answer),
    /// No usable answer.
    Silence(Silence),
}

/// A status, a header section, and as much of the body as was wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The version in the answer's status line.
    pub http_version: HttpVersion,
    /// All field lines, in order, as bytes.
    pub fields: Vec<Field>,
    /// The body.
    pub body: Body,
    /// `Location` of the first answer of a chain of redirects.
    pub first_location: Option<Vec<u8>>,
}

impl Answer {
    /// How many bytes of memory the challenges and locations of [`Observation::evidence`] may take.
    pub const EVIDENCE: usize = 16 << 10;

    /// All field lines of one header, in order; the name is compared without case.
    pub fn lines<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Field> {
        self.fields
            .iter()
            .filter(move |field| field.name.as_str().eq_ignore_ascii_case(name))
    }

    /// The challenges on offer, as far as they can be read.
    ///
    /// They are read anew each time: a hostile header may hold more of them than should be kept.
    pub fn challenges(&self) -> Vec<Challenge> {
        let lines: Vec<&[u8]> = self
            .lines("www-authenticate")
            .map(|line| line.value.as_slice())
            .collect();
        read(&lines).challenges
    }

    /// The first field line of one header.
    pub fn first(&self, name: &str) -> Option<&Field> {
        self.fields
            .iter()
            .find(|field| field.name.as_str().eq_ignore_ascii_case(name))
    }

    fn keep_evidence(&mut self) {
        const SHOWN: [&str; 2] = ["www-authenticate", "location"];
        let mut room = Self::EVIDENCE;
        let mut fits = |length: usize| {
            let left = room.checked_sub(length);
            room = left.unwrap_or(room);
            left.is_some()
        };
        self.first_location
            .take_if(|location| !fits(location.len()));
        // A line that says nothing takes memory as well.
        self.fields.retain(|field| {
            SHOWN.contains(&field.name.as_str()) && fits(size_of::<Field>() + field.value.len())
        });
        self.fields.shrink_to_fit();
        self.body.bytes = Vec::new();
    }

    fn redact(&mut self, redactor: &Redactor) {
        for field in &mut self.fields {
            if let Cow::Owned(clean) = redactor.bytes(&field.value) {
                field.value = clean;
            }
        }
        if let Some(location) = &mut self.first_location {
            *location = redactor.bytes(location).into_owned();
        }
    }
}

/// One field line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name; always lower-case.
    pub name: HeaderName,
    /// The value as received, without white space at its ends.
    pub value: Vec<u8>,
}

impl Field {
    /// The value decoded as latin-1, one character a byte.
    pub fn text(&self) -> String {
        latin1(&self.value)
    }
}

/// The part of a body that was read.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Body {
    /// The bytes, at most as many as the limit.
    pub bytes: Vec<u8>,
    /// How it ended.
    pub end: BodyEnd,
}

/// How the reading of a body ended.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum BodyEnd {
    /// At its end.
    #[default]
    Complete,
    /// At the limit; more was there.
    CutOff,
    /// Before its end, for this reason.
    Broken(Silence),
}

/// Why no usable answer came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// The reason, always of the class `outage` or `internal`.
    pub reason: Reason,
    /// What the system, the peer or the library said of it.
    pub detail: String,
}

impl Silence {
    /// Whether the request was sent as far as is known, so that the server may have acted on it.
    pub fn went_out(&self) -> bool {
        matches!(
            self.reason,
            Reason::Timeout
                | Reason::ConnectionReset
                | Reason::ProtocolError
                | Reason::ResponseTooLarge
        )
    }
}

/// The version of HTTP in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HttpVersion {
    /// HTTP/0.9 or HTTP/1.0.
    Http10,
    /// HTTP/1.1, RFC 9112.
    Http11,
    /// HTTP/2, RFC 9113.
    Http2,
    /// HTTP/3, RFC 9114.
    Http3,
}

impl HttpVersion {
    /// The name as a status line has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http10 => "HTTP/1.0",
            Self::Http11 => "HTTP/1.1",
            Self::Http2 => "HTTP/2",
            Self::Http3 => "HTTP/3",
        }
    }
}

/// How long each phase of a probe took; `None` for a phase that was not reached or not needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases {
    /// Name resolution.
    pub resolve: Option<Duration>,
    /// The TCP connection, to the proxy where there is one.
    pub connect: Option<Duration>,
    /// The TLS handshake.
    pub tls: Option<Duration>,
    /// From the connection to the end of the answer's header section.
    pub processing: Option<Duration>,
    /// The body.
    pub transfer: Option<Duration>,
}

/// What a TLS handshake showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// The version agreed on; `None` where the handshake failed before.
    pub version: Option<TlsVersion>,
    /// The chain that the server sent, its own certificate first.
    pub chain: Vec<Arc<Certificate>>,
}

impl Tls {
    /// The certificate of the chain that expires first.
    pub fn earliest_expiry(&self) -> Option<&Certificate> {
        self.chain
            .iter()
            .map(Arc::as_ref)
            .min_by_key(|certificate| certificate.not_after)
    }
}

/// What is worth knowing of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The subject, as RFC 4514 writes it.
    pub subject: String,
    /// The issuer, likewise.
    pub issuer: String,
    /// The DNS names and addresses that it speaks for.
    pub names: Vec<String>,
    /// The first instant at which it holds.
    pub not_before: Timestamp,
    /// The last instant at which it holds.
    pub not_after: Timestamp,
    /// SHA-256 over its DER form.
    pub fingerprint: [u8; 32],
}

impl Certificate {
    /// Takes secrets out of the names; a chain that holds none stays shared.
    fn redact(self: &mut Arc<Self>, redactor: &Redactor) {
        let clean = |text: &String| redactor.text(text).into_owned();
        let holds = |text: &String| matches!(redactor.text(text), Cow::Owned(_));
        let texts = || self.names.iter().chain([&self.subject, &self.issuer]);
        if texts().any(holds) {
            let certificate = Arc::make_mut(self);
            certificate.subject = clean(&certificate.subject);
            certificate.issuer = clean(&certificate.issuer);
            certificate.names = certificate.names.iter().map(clean).collect();
        }
    }
}

/// A URL or a reference as it may be shown: the values of its query are taken out.
///
/// A redirect to a login often carries a token or a session there.
///
/// ```
/// use authvigil::domain::observation::without_query_values;
/// assert_eq!(without_query_values("/login?next=%2F&t=abc#top"), "/login?next=[redacted]&t=[redacted]#top");
/// ```
pub fn without_query_values(reference: &str) -> String {
    let (rest, fragment) = split_off(reference, '#');
    let (path, query) = split_off(rest, '?');
    let mut shown = path.to_owned();
    if let Some(query) = query {
        let pairs: Vec<String> = query.split('&').map(without_value).collect();
        shown.push('?');
        shown.push_str(&pairs.join("&"));
    }
    if let Some(fragment) = fragment {
        // An implicit grant puts the token into the fragment (RFC 6749 §4.2.2).
        let pairs: Vec<String> = fragment.split('&').map(without_value).collect();
        shown.push('#');
        shown.push_str(&pairs.join("&"));
    }
    shown
}

fn split_off(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark)
        .map_or((text, None), |(before, after)| (before, Some(after)))
}

fn without_value(pair: &str) -> String {
    match pair.split_once('=') {
        Some((name, value)) if !value.is_empty() => format!("{name}={REDACTED}"),
        _ => pair.to_owned(),
    }
}

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason, self.detail)
    }
}

/// Whether the value of a header must not be shown, going by its name.
///
/// The challenges are named after authentication and are the one thing to be shown.
pub fn is_sensitive(header: &str) -> bool {
    const SHOWN: [&str; 4] = [
        "www-authenticate",
        "proxy-authenticate",
        "authentication-info",
        "proxy-authentication-info",
    ];
    const WORDS: [&str; 5] = ["auth", "cookie", "key", "token", "secret"];
    let name = header.to_ascii_lowercase();
    !SHOWN.contains(&name.as_str()) && WORDS.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &'static str, length: usize) -> Field {
        Field {
            name: HeaderName::from_static(name),
            value: vec![b'x'; length],
        }
    }

    fn challenge(length: usize) -> Field {
        line("www-authenticate", length)
    }

    /// The evidence of an answer.
    fn kept(fields: Vec<Field>, first_location: Option<Vec<u8>>) -> Answer {
        let body = Body {
            bytes: vec![b'x'; 100],
            end: BodyEnd::CutOff,
        };
        let answer = Answer {
            status: 401,
            http_version: HttpVersion::Http11,
            fields,
            body,
            first_location,
        };
        let observation = Observation {
            outcome: Outcome::Answer(answer),
            phases: Phases::default(),
            duration: Duration::ZERO,
            remote_addr: None,
            tls: None,
        };
        observation.evidence().answer().unwrap().clone()
    }

    #[test]
    fn evidence_is_challenges_and_locations_and_no_bytes_of_the_body() {
        let fields = vec![line("server", 1), challenge(1), line("location", 2)];
        let answer = kept(fields, Some(vec![b'/']));
        assert_eq!(answer.fields, [challenge(1), line("location", 2)]);
        assert_eq!(answer.first_location, Some(vec![b'/']));
        assert_eq!(
            (answer.body.bytes, answer.body.end),
            (Vec::new(), BodyEnd::CutOff)
        );
    }

    #[test]
    fn lines_beyond_the_room_for_evidence_are_left_out_whole() {
        let room = Answer::EVIDENCE - 2 * size_of::<Field>();
        let fields = vec![
            challenge(room - 10),
            challenge(11),
            challenge(10),
            challenge(0),
        ];
        let answer = kept(fields, None);
        assert_eq!(answer.fields, [challenge(room - 10), challenge(10)]);
    }

    #[test]
    fn empty_lines_fill_no_memory() {
        let answer = kept(vec![challenge(0); 12_000], None);
        assert_eq!(answer.fields.len(), Answer::EVIDENCE / size_of::<Field>());
    }

    #[test]
    fn first_location_of_a_chain_counts_too() {
        let location = || Some(vec![b'x'; Answer::EVIDENCE]);
        let beyond = kept(Vec::new(), Some(vec![b'x'; Answer::EVIDENCE + 1]));
        let full = kept(vec![challenge(0)], location());
        assert_eq!(beyond.first_location, None);
        assert_eq!((full.first_location, full.fields), (location(), Vec::new()));
    }
}
