//! What expires soon, as one more finding of one result: a single run has nowhere else to tell it.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::report::CheckResult;
use crate::domain::endpoint::{Endpoint, Origin};
use crate::domain::finding::{Finding, Reason, Verdict};
use crate::domain::judge;

/// Judges what expires soon: certificates once for each host and port, credentials once each.
pub(super) fn add_expiring(
    endpoints: &[Arc<Endpoint>],
    results: &mut [Vec<CheckResult>],
    now: Timestamp,
) {
    add_expiring_certificates(endpoints, results, now);
    add_expiring_credentials(endpoints, results, now);
}

fn add_expiring_certificates(
    endpoints: &[Arc<Endpoint>],
    results: &mut [Vec<CheckResult>],
    now: Timestamp,
) {
    let mut told: BTreeSet<(String, u16)> = BTreeSet::new();
    for (endpoint, results) in endpoints.iter().zip(results) {
        let Origin { host, port, .. } = endpoint.origin();
        let Some((at, finding)) = expiring(endpoint, results, now) else {
            continue;
        };
        if told.insert((host, port))
            && let Some(result) = results.get_mut(at)
        {
            result.judgement.add(finding);
        }
    }
}

/// The first result that has a verdict and a chain, with what its certificates say.
fn expiring(
    endpoint: &Endpoint,
    results: &[CheckResult],
    now: Timestamp,
) -> Option<(usize, Finding)> {
    results
        .iter()
        .enumerate()
        .filter(|(_, result)| has_verdict(result))
        .find_map(|(at, result)| {
            let tls = result.observation.as_ref()?.tls.as_ref()?;
            Some((at, judge::expiring_at(endpoint, tls, now)?))
        })
}

/// The first result that has a verdict and showed the credential tells of it.
fn add_expiring_credentials(
    endpoints: &[Arc<Endpoint>],
    results: &mut [Vec<CheckResult>],
    now: Timestamp,
) {
    let tellers = judge::credential_tellers(endpoints.iter().map(Arc::as_ref));
    let mut told = BTreeSet::new();
    for (endpoint, results) in endpoints.iter().zip(results) {
        for result in results.iter_mut().filter(|result| has_verdict(result)) {
            let holder = result.persona.credential();
            let Some(name) = holder.filter(|_| result.persona.is_holder()) else {
                continue;
            };
            let least = tellers.get(name).and_then(|teller| teller.min_remaining);
            let of = (name, &result.shown);
            let finding = judge::expiring_credential(endpoint, of, least, now);
            if let Some(finding) = finding.filter(|_| !says_expired(result))
                && told.insert(name.clone())
            {
                result.judgement.add(finding);
            }
        }
    }
}

/// A server that refused it for that has said more.
fn says_expired(result: &CheckResult) -> bool {
    let mut findings = result.judgement.findings.iter();
    findings.any(|finding| finding.reason == Reason::CredentialExpired)
}

/// Where no verdict is possible, an expiry would not be seen beside the reasons for that.
fn has_verdict(result: &CheckResult) -> bool {
    result.judgement.verdict() != Verdict::Unknown
}
