//! Snapshots of the live state, as a daemon might have them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use authvigil::config;
use authvigil::domain::finding::{Finding, Reason};
use authvigil::domain::judge::Judgement;
use authvigil::domain::observation::{
    Answer, Body, Certificate, Field, HttpVersion, Observation, Outcome, Phases, Silence,
};
use authvigil::domain::status::{CheckStatus, EndpointStatus, Monitor, Seen, Snapshot};
use http::HeaderName;
use jiff::Timestamp;

/// When every snapshot of these is taken.
pub(crate) const NOW: &str = "2026-11-22T12:00:00.25Z";

/// Nothing is known yet of the endpoints of a configuration.
pub(crate) fn snapshot(configuration: &str) -> Snapshot {
    let parsed = config::parse(Path::new("authvigil.yaml"), configuration.to_owned());
    let config = parsed.unwrap_or_else(|faults| panic!("{faults}"));
    let endpoints = config.endpoints.into_iter().map(|endpoint| EndpointStatus {
        checks: vec![Arc::default(); endpoint.checks.len()],
        endpoint: Arc::new(endpoint),
        certificate: None,
    });
    Snapshot {
        fetches: Vec::new(),
        incidents: Vec::new(),
        notices: Vec::new(),
        silences: Vec::new(),
        receivers: Vec::new(),
        taken_at: now(),
        started_at: now(),
        endpoints: endpoints.map(Arc::new).collect(),
        credentials: Vec::new(),
        monitor: Monitor::default(),
    }
}

/// [`NOW`].
pub(crate) fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// What a snapshot knows of an endpoint, to be changed.
pub(crate) fn endpoint<'a>(snapshot: &'a mut Snapshot, name: &str) -> &'a mut EndpointStatus {
    let mut all = snapshot.endpoints.iter_mut();
    let found = all.find(|status| status.endpoint.name.as_str() == name);
    Arc::make_mut(found.unwrap_or_else(|| panic!("no endpoint {name}")))
}

/// What a snapshot knows of a check, to be changed; it is named as in `orders/anonymous`.
pub(crate) fn check<'a>(snapshot: &'a mut Snapshot, id: &str) -> &'a mut CheckStatus {
    let (of, name) = id.split_once('/').unwrap();
    let status = endpoint(snapshot, of);
    let mut checks = status.endpoint.checks.iter();
    let at = checks.position(|check| check.name.as_str() == name);
    Arc::make_mut(&mut status.checks[at.unwrap_or_else(|| panic!("no check {id}"))])
}

/// A check comes to a verdict, which is counted.
pub(crate) fn sees(status: &mut CheckStatus, findings: &[Reason], seen: Option<Observation>) {
    let finding = |reason: &Reason| Finding::new(*reason, "one thing", "another");
    let judgement = Judgement::of(findings.iter().map(finding).collect());
    status.counts.count(&judgement);
    let seen = Seen {
        at: now(),
        since: now(),
        judgement,
        observation: seen,
    };
    status.history.push(seen.mark());
    if seen.observation.is_some() {
        status.probed_at = Some(seen.at);
    }
    status.last = Some(seen);
}

/// An answer with these lines of `WWW-Authenticate`, after phases of 1 to 5 milliseconds.
pub(crate) fn answer(status: u16, challenges: &[&str]) -> Observation {
    let field = |value: &&str| Field {
        name: HeaderName::from_static("www-authenticate"),
        value: value.as_bytes().to_vec(),
    };
    let millis = |count| Some(Duration::from_millis(count));
    let answer = Answer {
        status,
        http_version: HttpVersion::Http11,
        fields: challenges.iter().map(field).collect(),
        body: Body::default(),
        first_location: None,
    };
    observation(
        Outcome::Answer(answer),
        Phases {
            resolve: millis(1),
            connect: millis(2),
            tls: millis(3),
            processing: millis(4),
            transfer: millis(5),
        },
    )
}

/// No answer, after these phases.
pub(crate) fn silence(reason: Reason, phases: Phases) -> Observation {
    let detail = "nothing came".to_owned();
    observation(Outcome::Silence(Silence { reason, detail }), phases)
}

/// A certificate that expires then.
pub(crate) fn certificate(not_after: &str) -> Arc<Certificate> {
    Arc::new(Certificate {
        subject: "CN=orders.example.com".to_owned(),
        issuer: "CN=an authority".to_owned(),
        names: vec!["orders.example.com".to_owned()],
        not_before: Timestamp::UNIX_EPOCH,
        not_after: not_after.parse().unwrap(),
        fingerprint: [7; 32],
    })
}

fn observation(outcome: Outcome, phases: Phases) -> Observation {
    Observation {
        outcome,
        phases,
        duration: Duration::from_millis(15),
        remote_addr: None,
        tls: None,
    }
}
