//! An answer or a silence as it is kept.
//!
//! Bytes are text in latin-1, one character a byte: nothing is lost, and a person can read it.

use http::HeaderName;
use serde::{Deserialize, Serialize};

use crate::domain::finding::Reason;
use crate::domain::observation::{Answer, Body, BodyEnd, Field, HttpVersion, Silence, latin1};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AnswerForm {
    status: u16,
    version: String,
    #[serde(default)]
    fields: Vec<(String, String)>,
    #[serde(default)]
    body: BodyEndForm,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_location: Option<String>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum BodyEndForm {
    #[default]
    Complete,
    CutOff,
    Broken(SilenceForm),
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SilenceForm {
    reason: String,
    detail: String,
}

impl AnswerForm {
    pub(super) fn of(answer: &Answer) -> Self {
        let line = |field: &Field| (field.name.as_str().to_owned(), field.text());
        Self {
            status: answer.status,
            version: answer.http_version.as_str().to_owned(),
            fields: answer.fields.iter().map(line).collect(),
            body: BodyEndForm::of(&answer.body.end),
            first_location: answer.first_location.as_deref().map(latin1),
        }
    }

    pub(super) fn answer(self) -> Option<Answer> {
        let version = |version: &HttpVersion| version.as_str() == self.version;
        Some(Answer {
            status: self.status,
            http_version: VERSIONS.into_iter().find(version)?,
            fields: self.fields.into_iter().filter_map(field).collect(),
            body: Body {
                bytes: Vec::new(),
                end: self.body.end(),
            },
            first_location: self.first_location.as_deref().and_then(bytes),
        })
    }
}

pub(super) const VERSIONS: [HttpVersion; 4] = [
    HttpVersion::Http10,
    HttpVersion::Http11,
    HttpVersion::Http2,
    HttpVersion::Http3,
];

fn field((name, value): (String, String)) -> Option<Field> {
    Some(Field {
        name: HeaderName::from_bytes(name.as_bytes()).ok()?,
        value: bytes(&value)?,
    })
}

fn bytes(latin1: &str) -> Option<Vec<u8>> {
    latin1
        .chars()
        .map(|letter| letter.try_into().ok())
        .collect()
}

impl BodyEndForm {
    fn of(end: &BodyEnd) -> Self {
        match end {
            BodyEnd::Complete => Self::Complete,
            BodyEnd::CutOff => Self::CutOff,
            BodyEnd::Broken(silence) => Self::Broken(SilenceForm::of(silence)),
        }
    }

    /// How it ended; where the reason is not known any more, at least that it was not whole.
    fn end(self) -> BodyEnd {
        match self {
            Self::Complete => BodyEnd::Complete,
            Self::CutOff => BodyEnd::CutOff,
            Self::Broken(form) => form.silence().map_or(BodyEnd::CutOff, BodyEnd::Broken),
        }
    }
}

impl SilenceForm {
    pub(super) fn of(silence: &Silence) -> Self {
        Self {
            reason: silence.reason.as_str().to_owned(),
            detail: silence.detail.clone(),
        }
    }

    pub(super) fn silence(self) -> Option<Silence> {
        Some(Silence {
            reason: Reason::from_name(&self.reason)?,
            detail: self.detail,
        })
    }
}
