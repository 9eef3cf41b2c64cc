//! What the snapshot says, family by family.

use std::collections::BTreeSet;

use super::lines::{Lines, Value};
use super::table::{
    CERTIFICATE_EXPIRY, CHALLENGE_INFO, CHECK_FAILING, CHECK_SUCCESS, CREDENTIAL_EXPIRY,
    CREDENTIAL_LAST_ACCEPTED, ENDPOINT_INFO, HTTP_DURATION, HTTP_STATUS_CODE, LAST_PROBE,
    MONITOR_ISOLATED, PROBE_FAILURES, PROBES, TOKEN_FETCHES,
};
use super::{outbox, scheme};
use crate::domain::finding::{Class, Verdict};
use crate::domain::incident::Incident;
use crate::domain::observation::{Answer, Observation, Phases};
use crate::domain::status::{CheckStatus, Counts, EndpointStatus, Named, Snapshot};

/// Writes the samples of one family.
#[derive(Clone, Copy, Debug)]
pub(super) enum Family {
    /// Of one check.
    Check(fn(&Named<'_>, &CheckStatus, &mut Lines)),
    /// Of one endpoint; the names are those of all configured labels.
    Endpoint(fn(&EndpointStatus, &[String], &mut Lines)),
    /// Of one open incident.
    Incident(fn(&Incident, &mut Lines)),
    /// Of everything at once: for the few samples that no endpoint has.
    Whole(fn(&Snapshot, &mut Lines)),
}

/// Every family that the snapshot knows, in the order of the table.
pub(super) const FAMILIES: [Family; 19] = [
    Family::Check(check_success),
    Family::Check(check_failing),
    Family::Check(probes),
    Family::Check(probe_failures),
    Family::Check(last_probe),
    Family::Check(http_status_code),
    Family::Check(http_duration),
    Family::Check(challenge_info),
    Family::Endpoint(endpoint_info),
    Family::Endpoint(certificate_expiry),
    Family::Whole(credential_expiry),
    Family::Whole(credential_last_accepted),
    Family::Whole(token_fetches),
    Family::Incident(outbox::incident_open),
    Family::Whole(outbox::outbox_pending),
    Family::Whole(outbox::outbox_oldest_age),
    Family::Whole(outbox::dead_letters),
    Family::Whole(outbox::silences_active),
    Family::Whole(monitor_isolated),
];

/// Every verdict, the best first.
pub(super) const VERDICTS: [Verdict; 3] = [Verdict::Pass, Verdict::Fail, Verdict::Unknown];

/// The names of the labels of all endpoints, as far as Prometheus can read them.
///
/// One name that it could not read would cost the whole exposition.
pub(super) fn configured_labels(snapshot: &Snapshot) -> Vec<String> {
    let all = snapshot.endpoints.iter();
    let names = all.flat_map(|status| status.endpoint.labels.keys());
    let readable =
        |name: &&String| is_label_name(name) && !ENDPOINT_INFO.labels.contains(&name.as_str());
    let union: BTreeSet<&String> = names.filter(readable).collect();
    union.into_iter().cloned().collect()
}

fn is_label_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    name.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_')
        && !name.starts_with("__")
        && name.bytes().all(plain)
}

fn check_success(of: &Named<'_>, status: &CheckStatus, lines: &mut Lines) {
    let value = match status.verdict() {
        None => return,
        Some(Verdict::Pass) => Value::One,
        Some(Verdict::Fail | Verdict::Unknown) => Value::Count(0),
    };
    lines.sample(&CHECK_SUCCESS, &[of.endpoint, of.check], value);
}

fn check_failing(of: &Named<'_>, status: &CheckStatus, lines: &mut Lines) {
    let mut told = BTreeSet::new();
    for finding in status.findings() {
        if told.insert((finding.reason, finding.severity)) {
            let class = finding.reason.class().as_str();
            let (reason, severity) = (finding.reason.as_str(), finding.severity.as_str());
            let labels = [of.endpoint, of.check, class, reason, severity];
            lines.sample(&CHECK_FAILING, &labels, Value::One);
        }
    }
}

fn probes(of: &Named<'_>, status: &CheckStatus, lines: &mut Lines) {
    for verdict in VERDICTS {
        let labels = [of.endpoint, of.check, verdict.as_str()];
        lines.sample(
            &PROBES,
            &labels,
            Value::Count(counted(&status.counts, verdict)),
        );
    }
}

fn counted(counts: &Counts, verdict: Verdict) -> u64 {
    match verdict {
        Verdict::Pass => counts.pass,
        Verdict::Fail => counts.fail,
        Verdict::Unknown => counts.unknown,
    }
}

fn probe_failures(of: &Named<'_>, status: &CheckStatus, lines: &mut Lines) {
    for class in Class::ALL {
        let labels = [of.endpoint, of.check, class.as_str()];
        let count = Value::Count(status.counts.of_class(class));
        lines.sample(&PROBE_FAILURES, &labels, count);
    }
}

/// A turn without a probe must not look like one, or a probe that is never sent looks fresh.
fn last_probe(of: &Named<'_>, status: &CheckStatus, lines: &mut Lines) {
    if let Some(at) = status.probed_at {
        lines.sample(&LAST_PROBE, &[of.endpoint, of.check], Value::At(at));
    }
}

fn http_status_code(of: &Named<'_>, status: &CheckStatus, lines: &mut Lines) {
    if let Some(answer) = answer(status) {
        let code = Value::Count(answer.status.into());
        lines.sample(&HTTP_STATUS_CODE, &[of.endpoint, of.check], code);
    }
}

fn http_duration(of: &Named<'_>, status: &CheckStatus, lines: &mut Lines) {
    let Some(observation) = observation(status) else {
        return;
    };
    for (phase, duration) in phases(&observation.phases) {
        if let Some(duration) = duration {
            let labels = [of.endpoint, of.check, phase];
            lines.sample(&HTTP_DURATION, &labels, Value::Seconds(duration));
        }
    }
}

/// The phases in their order, by the names that Blackbox gives them.
pub(super) fn phases(phases: &Phases) -> [(&'static str, Option<std::time::Duration>); 5] {
    let Phases {
        resolve,
        connect,
        tls,
        processing,
        transfer,
    } = *phases;
    [
        ("resolve", resolve),
        ("connect", connect),
        ("tls", tls),
        ("processing", processing),
        ("transfer", transfer),
    ]
}

fn challenge_info(of: &Named<'_>, status: &CheckStatus, lines: &mut Lines) {
    if let Some(answer) = answer(status) {
        for scheme in scheme::labels(answer) {
            let labels = [of.endpoint, of.check, scheme];
            lines.sample(&CHALLENGE_INFO, &labels, Value::One);
        }
    }
}

fn endpoint_info(status: &EndpointStatus, names: &[String], lines: &mut Lines) {
    let endpoint = &status.endpoint;
    let configured = names.iter().map(|name| {
        let value = endpoint.labels.get(name).map_or("", String::as_str);
        (name.as_str(), value)
    });
    let labels = [("endpoint", endpoint.name.as_str())];
    lines.labelled(
        &ENDPOINT_INFO,
        labels.into_iter().chain(configured),
        Value::One,
    );
}

fn certificate_expiry(status: &EndpointStatus, _: &[String], lines: &mut Lines) {
    if let Some(certificate) = &status.certificate {
        let at = Value::At(certificate.not_after);
        lines.sample(&CERTIFICATE_EXPIRY, &[status.endpoint.name.as_str()], at);
    }
}

fn credential_expiry(snapshot: &Snapshot, lines: &mut Lines) {
    for credential in &snapshot.credentials {
        if let Some(at) = credential.expires_at {
            let labels = [credential.name.as_str()];
            lines.sample(&CREDENTIAL_EXPIRY, &labels, Value::At(at));
        }
    }
}

fn credential_last_accepted(snapshot: &Snapshot, lines: &mut Lines) {
    for credential in &snapshot.credentials {
        if let Some(at) = credential.last_accepted_at {
            let labels = [credential.name.as_str()];
            lines.sample(&CREDENTIAL_LAST_ACCEPTED, &labels, Value::At(at));
        }
    }
}

fn token_fetches(snapshot: &Snapshot, lines: &mut Lines) {
    for fetches in &snapshot.fetches {
        let labels = [fetches.credential.as_str(), fetches.outcome.as_str()];
        lines.sample(&TOKEN_FETCHES, &labels, Value::Count(fetches.count));
    }
}

fn monitor_isolated(snapshot: &Snapshot, lines: &mut Lines) {
    let isolated = Value::Count(snapshot.monitor.isolated.into());
    lines.sample(&MONITOR_ISOLATED, &[], isolated);
}

fn observation(status: &CheckStatus) -> Option<&Observation> {
    status.last.as_ref()?.observation.as_ref()
}

fn answer(status: &CheckStatus) -> Option<&Answer> {
    observation(status)?.answer()
}
