//! What came back, as received: status line, challenges, certificates.

use std::sync::Arc;

use jiff::Timestamp;

use super::phases::measured;
use super::text::{LINE, Moment, PASSAGE, shown};
use crate::domain::challenge::{Challenge, Form};
use crate::domain::endpoint::TlsVersion;
use crate::domain::observation::{
    Answer, BodyEnd, Certificate, Field, Observation, Outcome, Tls, without_query_values,
};
use crate::domain::status::Seen;

/// Field lines and rows beyond this number are left out.
const MOST_LINES: usize = 40;

/// Certificates of a chain beyond this number are left out.
const MOST_CERTIFICATES: usize = 6;

/// The head of an answer, or why none came.
pub(super) struct Evidence {
    pub(super) at: Moment,
    pub(super) lines: Vec<Line>,
    pub(super) took: Option<String>,
    pub(super) from: Option<String>,
}

/// One line of it.
pub(super) struct Line {
    pub(super) text: String,
    /// Whether the other answer, where there is one to compare with, has no such line.
    pub(super) differs: bool,
}

impl Evidence {
    pub(super) fn of(seen: &Seen, now: Timestamp) -> Self {
        let observation = seen.observation.as_ref();
        let lines = observation.map_or_else(|| vec!["nothing was sent".to_owned()], lines);
        Self {
            at: Moment::of(seen.at, now),
            lines: lines
                .into_iter()
                .map(|text| Line {
                    text,
                    differs: false,
                })
                .collect(),
            took: observation.map(|seen| measured(seen.duration)),
            from: observation
                .and_then(|seen| seen.remote_addr)
                .map(|address| address.to_string()),
        }
    }

    /// Marks the lines of both that the other one does not have.
    pub(super) fn compare(&mut self, other: &mut Self) {
        let texts = |evidence: &Self| -> Vec<String> {
            evidence
                .lines
                .iter()
                .map(|line| line.text.clone())
                .collect()
        };
        let (mine, theirs) = (texts(self), texts(other));
        for line in &mut self.lines {
            line.differs = !theirs.contains(&line.text);
        }
        for line in &mut other.lines {
            line.differs = !mine.contains(&line.text);
        }
    }
}

fn lines(observation: &Observation) -> Vec<String> {
    match &observation.outcome {
        Outcome::Answer(answer) => answer_lines(answer),
        Outcome::Silence(silence) => {
            vec![
                format!("no answer: {}", silence.reason),
                shown(&silence.detail, PASSAGE),
            ]
        }
    }
}

fn answer_lines(answer: &Answer) -> Vec<String> {
    let challenges = answer.lines("www-authenticate").take(MOST_LINES);
    let challenges =
        challenges.map(|line| format!("WWW-Authenticate: {}", shown(&line.text(), PASSAGE)));
    let location = answer.first("location").map(|line| {
        let reference = without_query_values(&line.text());
        format!("Location: {}", shown(&reference, LINE))
    });
    let retry = answer
        .first("retry-after")
        .map(|line| format!("Retry-After: {}", shown(&line.text(), LINE)));
    let broken = match &answer.body.end {
        BodyEnd::Broken(silence) => Some(format!(
            "the body broke off: {}",
            shown(&silence.detail, LINE)
        )),
        BodyEnd::Complete | BodyEnd::CutOff => None,
    };
    let mut lines = vec![status_line(answer)];
    lines.extend(challenges);
    lines.extend([location, retry, broken].into_iter().flatten());
    lines
}

fn status_line(answer: &Answer) -> String {
    format!(
        "{} {}",
        answer.http_version.as_str(),
        status_in_words(answer.status)
    )
}

/// `401 Unauthorized`; the number alone where it has no registered phrase.
pub(super) fn status_in_words(status: u16) -> String {
    let phrase = http::StatusCode::from_u16(status).ok();
    match phrase.and_then(|status| status.canonical_reason()) {
        Some(phrase) => format!("{status} {phrase}"),
        None => status.to_string(),
    }
}

/// An answer in one line: status and challenges.
pub(super) fn in_one_line(answer: &Answer) -> String {
    let challenges = answer
        .lines("www-authenticate")
        .take(MOST_LINES)
        .map(Field::text);
    let parts: Vec<String> = std::iter::once(status_in_words(answer.status))
        .chain(challenges)
        .collect();
    shown(&parts.join(" · "), LINE)
}

/// One row of a challenge taken apart.
pub(super) struct Row {
    /// Where a challenge starts: its scheme, and how many rows it has.
    pub(super) scheme: Option<(String, usize)>,
    pub(super) name: String,
    pub(super) value: String,
}

/// All challenges of an answer, taken apart.
pub(super) fn challenges(observation: &Observation) -> Vec<Row> {
    let challenges = observation
        .answer()
        .map(Answer::challenges)
        .unwrap_or_default();
    let mut rows = Vec::new();
    for challenge in challenges {
        let left = MOST_LINES.saturating_sub(rows.len());
        if left == 0 {
            break;
        }
        rows.extend(taken_apart(&challenge, left));
    }
    rows
}

fn taken_apart(challenge: &Challenge, most: usize) -> Vec<Row> {
    let token = challenge
        .token68
        .iter()
        .map(|token| ("token68".to_owned(), token.clone()));
    let params = challenge.params.iter().map(|param| {
        let value = match param.form {
            Form::Token => param.value.clone(),
            Form::Quoted => format!("\"{}\"", param.value),
        };
        (param.name.clone(), value)
    });
    let mut rows: Vec<(String, String)> = token.chain(params).take(most).collect();
    if rows.is_empty() {
        rows.push(("no parameters".to_owned(), String::new()));
    }
    let span = rows.len();
    let rows = rows.into_iter().enumerate().map(|(at, (name, value))| Row {
        scheme: (at == 0).then(|| (shown(&challenge.scheme, 80), span)),
        name: shown(&name, 80),
        value: shown(&value, LINE),
    });
    rows.collect()
}

/// What a handshake showed.
pub(super) struct Handshake {
    pub(super) version: &'static str,
    pub(super) chain: Vec<Shown>,
}

/// A certificate in words.
pub(super) struct Shown {
    pub(super) subject: String,
    pub(super) issuer: String,
    pub(super) names: String,
    pub(super) from: Moment,
    pub(super) to: Moment,
    pub(super) is_over: bool,
    pub(super) fingerprint: String,
}

impl Handshake {
    pub(super) fn of(tls: &Tls, now: Timestamp) -> Self {
        let chain = tls.chain.iter().take(MOST_CERTIFICATES).map(Arc::as_ref);
        Self {
            version: tls
                .version
                .map_or("handshake not finished", TlsVersion::as_str),
            chain: chain
                .map(|certificate| Shown::of(certificate, now))
                .collect(),
        }
    }
}

impl Shown {
    pub(super) fn of(certificate: &Certificate, now: Timestamp) -> Self {
        let fingerprint = certificate
            .fingerprint
            .iter()
            .map(|byte| format!("{byte:02x}"));
        Self {
            subject: shown(&certificate.subject, LINE),
            issuer: shown(&certificate.issuer, LINE),
            names: shown(&certificate.names.join(", "), LINE),
            from: Moment::of(certificate.not_before, now),
            to: Moment::of(certificate.not_after, now),
            is_over: certificate.not_after <= now,
            fingerprint: fingerprint.collect(),
        }
    }
}
