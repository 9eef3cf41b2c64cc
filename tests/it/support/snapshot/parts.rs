//! What a check may have seen.

use std::sync::Arc;
use std::time::Duration;

use authvigil::domain::check::Name;
use authvigil::domain::endpoint::TlsVersion;
use authvigil::domain::finding::Reason;
use authvigil::domain::observation::{
    Answer, Body, Certificate, Field, HttpVersion, Observation, Outcome, Phases, Silence, Tls,
};
use jiff::SignedDuration;

use super::now;

/// A name that is one.
pub(crate) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

/// An answer with this status and these field lines.
pub(crate) fn answer(status: u16, fields: &[(&str, &str)]) -> Outcome {
    let fields = fields.iter().map(|(name, value)| Field {
        name: name.parse().unwrap(),
        value: value.as_bytes().to_vec(),
    });
    Outcome::Answer(Answer {
        status,
        http_version: HttpVersion::Http11,
        fields: fields.collect(),
        body: Body::default(),
        first_location: None,
    })
}

/// No answer, for this reason.
pub(crate) fn silence(reason: Reason, detail: &str) -> Outcome {
    Outcome::Silence(Silence {
        reason,
        detail: detail.to_owned(),
    })
}

/// An observation with phases, an address and a certificate like any other.
pub(crate) fn seen(outcome: Outcome) -> Observation {
    let answered = matches!(outcome, Outcome::Answer(_));
    let milliseconds = |number: u64| Some(Duration::from_millis(number));
    let phases = Phases {
        resolve: milliseconds(4),
        connect: milliseconds(11),
        tls: milliseconds(23).filter(|_| answered),
        processing: milliseconds(61).filter(|_| answered),
        transfer: milliseconds(2).filter(|_| answered),
    };
    Observation {
        outcome,
        phases,
        duration: Duration::from_millis(if answered { 101 } else { 10_000 }),
        remote_addr: Some("192.0.2.17:443".parse().unwrap()),
        tls: answered.then(|| Tls {
            version: Some(TlsVersion::Tls13),
            chain: vec![Arc::new(certificate("CN=*.example.com", 61))],
        }),
    }
}

/// A certificate of 90 days that expires in so many.
pub(crate) fn certificate(subject: &str, days: i64) -> Certificate {
    let not_after = now() + SignedDuration::from_hours(days * 24);
    let mut fingerprint = [0x5a; 32];
    for (byte, of) in fingerprint.iter_mut().zip(subject.bytes()) {
        *byte = of;
    }
    Certificate {
        subject: subject.to_owned(),
        issuer: "CN=Example CA R3, O=Example Trust".to_owned(),
        names: vec!["*.example.com".to_owned(), "example.com".to_owned()],
        not_before: not_after - SignedDuration::from_hours(90 * 24),
        not_after,
        fingerprint,
    }
}
