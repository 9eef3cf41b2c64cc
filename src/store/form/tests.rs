//! What is read back is what was written.

mod later;
mod told;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;
use jiff::Timestamp;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use super::{Chains, from_text, to_text};
use crate::domain::advice::{Advice, AdviceCode};
use crate::domain::endpoint::TlsVersion;
use crate::domain::finding::{Finding, Reason, Severity};
use crate::domain::judge::Judgement;
use crate::domain::observation::{
    Answer, Body, BodyEnd, Certificate, Field, Observation, Outcome, Phases, Silence, Tls,
};
use crate::domain::status::Seen;

fn time() -> impl Strategy<Value = Timestamp> {
    let (first, last) = (Timestamp::MIN, Timestamp::MAX);
    (first.as_microsecond()..=last.as_microsecond())
        .prop_map(|micros| Timestamp::from_microsecond(micros).unwrap())
}

fn duration() -> impl Strategy<Value = Duration> {
    any::<u64>().prop_map(Duration::from_nanos)
}

fn reason() -> impl Strategy<Value = Reason> {
    select(Reason::ALL)
}

prop_compose! {
    fn finding()(
        reason in reason(),
        severity in select(&[Severity::Warning, Severity::Critical][..]),
        expected in ".*",
        saw in ".*",
    ) -> Finding {
        Finding { reason, severity, expected, saw }
    }
}

prop_compose! {
    fn silence()(reason in reason(), detail in ".*") -> Silence {
        Silence { reason, detail }
    }
}

prop_compose! {
    fn field()(
        name in select(&["www-authenticate", "location", "server", "set-cookie"][..]),
        value in vec(any::<u8>(), 0..64),
    ) -> Field {
        Field { name: HeaderName::from_static(name), value }
    }
}

fn body_end() -> impl Strategy<Value = BodyEnd> {
    prop_oneof![
        Just(BodyEnd::Complete),
        Just(BodyEnd::CutOff),
        silence().prop_map(BodyEnd::Broken),
    ]
}

prop_compose! {
    fn answer()(
        status in any::<u16>(),
        http_version in select(&super::answer::VERSIONS[..]),
        fields in vec(field(), 0..6),
        bytes in vec(any::<u8>(), 0..8),
        end in body_end(),
        first_location in of(vec(any::<u8>(), 0..64)),
    ) -> Answer {
        Answer { status, http_version, fields, body: Body { bytes, end }, first_location }
    }
}

prop_compose! {
    fn phases()(of_each in vec(of(duration()), 5)) -> Phases {
        Phases {
            resolve: of_each[0],
            connect: of_each[1],
            tls: of_each[2],
            processing: of_each[3],
            transfer: of_each[4],
        }
    }
}

prop_compose! {
    fn certificate()(
        subject in ".*",
        issuer in ".*",
        names in vec(".*", 0..3),
        not_before in time(),
        not_after in time(),
        fingerprint in any::<[u8; 32]>(),
    ) -> Arc<Certificate> {
        Arc::new(Certificate { subject, issuer, names, not_before, not_after, fingerprint })
    }
}

prop_compose! {
    fn tls()(
        version in of(select(&[TlsVersion::Tls12, TlsVersion::Tls13][..])),
        chain in vec(certificate(), 0..3),
    ) -> Tls {
        Tls { version, chain }
    }
}

prop_compose! {
    fn observation()(
        outcome in prop_oneof![
            answer().prop_map(Outcome::Answer),
            silence().prop_map(Outcome::Silence),
        ],
        phases in phases(),
        duration in duration(),
        remote_addr in of(any::<SocketAddr>()),
        tls in of(tls()),
    ) -> Observation {
        // The flow of an IPv6 address is none of its text.
        let remote_addr = remote_addr.map(|address| match address {
            SocketAddr::V6(mut address) => {
                address.set_flowinfo(0);
                SocketAddr::V6(address)
            }
            SocketAddr::V4(address) => SocketAddr::V4(address),
        });
        Observation { outcome, phases, duration, remote_addr, tls }
    }
}

prop_compose! {
    fn advice()(code in select(AdviceCode::ALL), message in ".*") -> Advice {
        Advice { code, message }
    }
}

prop_compose! {
    fn seen()(
        at in time(),
        since in time(),
        findings in vec(finding(), 0..3),
        advice in vec(advice(), 0..3),
        observation in of(observation()),
    ) -> Seen {
        Seen { at, since, judgement: Judgement { findings, advice }, observation }
    }
}

/// Of what was seen, what the state file promises to keep.
fn promised(seen: &Seen) -> Seen {
    let mut seen = seen.clone();
    if let Some(Outcome::Answer(answer)) = seen.observation.as_mut().map(|seen| &mut seen.outcome) {
        answer.body.bytes.clear();
    }
    seen
}

proptest! {
    #[test]
    fn what_is_read_back_equals_what_was_written_without_the_body(seen in seen()) {
        let text = to_text(&seen).unwrap();
        let read = from_text(&text, &mut Chains::default());
        prop_assert_eq!(read, Some(promised(&seen)));
    }

    #[test]
    fn no_text_stops_the_reader(text in ".*") {
        prop_assert_eq!(from_text(&text, &mut Chains::default()), None);
    }
}

/// JSON of a failure, with one more of everything than this version knows.
const LATER: &str = r#"{
    "at": 1000000, "since": 0, "mood": "gloomy",
    "findings": [
        {"reason": "not_found", "severity": "grave", "expected": "401", "saw": "404"},
        {"reason": "moon_in_the_way", "severity": "critical", "expected": "", "saw": ""}
    ],
    "advice": [{"code": "wear-a-hat", "message": "it is cold"}],
    "observation": {
        "answer": {"status": 404, "version": "HTTP/4"}, "phases": {}, "duration": 5
    }
}"#;

#[test]
fn what_this_version_does_not_know_is_left_out() {
    let read = from_text(LATER, &mut Chains::default());
    let expected = Seen {
        at: Timestamp::from_second(1).unwrap(),
        since: Timestamp::UNIX_EPOCH,
        judgement: Judgement::of(vec![Finding::new(Reason::NotFound, "401", "404")]),
        observation: None,
    };
    assert_eq!(read, Some(expected));
}

#[test]
fn failure_whose_only_reason_is_unknown_does_not_look_like_a_pass() {
    let text = LATER.replace("not_found", "lost_in_the_woods");
    assert_eq!(from_text(&text, &mut Chains::default()), None);
}

#[test]
fn certificates_that_are_equal_are_shared() {
    let certificate = Arc::new(Certificate {
        subject: "CN=a".to_owned(),
        issuer: "CN=b".to_owned(),
        names: vec!["a".to_owned()],
        not_before: Timestamp::UNIX_EPOCH,
        not_after: Timestamp::UNIX_EPOCH,
        fingerprint: [7; 32],
    });
    let tls = Tls {
        version: None,
        chain: vec![certificate],
    };
    let mut chains = Chains::default();
    let mut read = || super::tls::TlsForm::of(&tls).tls(&mut chains);
    assert!(Arc::ptr_eq(&read().chain[0], &read().chain[0]));
}
