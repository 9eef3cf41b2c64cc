//! Answers of token servers, made by hand.

use http::header::{CONTENT_TYPE, RETRY_AFTER};

use crate::domain::observation::{Answer, Body, BodyEnd, Field, HttpVersion};

/// What a server answers that says `text/html` of whatever it sends.
pub(in crate::credential) fn answer(status: u16, body: &str) -> Answer {
    Answer {
        status,
        http_version: HttpVersion::Http11,
        fields: vec![Field {
            name: CONTENT_TYPE,
            value: b"text/html".to_vec(),
        }],
        body: Body {
            bytes: body.as_bytes().to_vec(),
            end: BodyEnd::Complete,
        },
        first_location: None,
    }
}

/// The same, which asks for rest.
pub(in crate::credential) fn resting(status: u16, retry_after: &str) -> Answer {
    let mut answer = answer(status, "");
    answer.fields.push(Field {
        name: RETRY_AFTER,
        value: retry_after.as_bytes().to_vec(),
    });
    answer
}
