//! Certificates that will expire soon.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::super::severity_at;
use super::{days, horizon, saw};
use crate::domain::endpoint::Endpoint;
use crate::domain::finding::{Finding, Reason};
use crate::domain::observation::{Certificate, Tls};

/// A finding where a certificate of the chain expires within the horizon.
///
/// The default horizon is 14 days or a quarter of the certificate's lifetime, whichever is less,
/// so that certificates of a few days do not cry wolf.
pub fn expiring(tls: &Tls, min_remaining: Option<Duration>, now: Timestamp) -> Option<Finding> {
    let least = |it: &Certificate| -> SignedDuration {
        horizon(min_remaining, Some(it.not_before), it.not_after)
    };
    let concerned = tls
        .chain
        .iter()
        .enumerate()
        .filter(|(at, it)| *at == 0 || counts(it, now));
    let soon = concerned
        .map(|(_, certificate)| certificate)
        .filter(|certificate| certificate.not_after.duration_since(now) < least(certificate));
    let first = soon.min_by_key(|certificate| certificate.not_after)?;
    Some(Finding::new(
        Reason::CertificateExpiring,
        format!(
            "at least {} of a certificate's lifetime left",
            days(least(first))
        ),
        saw(&first.subject, first.not_after, now),
    ))
}

/// The same for an endpoint: with the longest time that any of its checks asks for, and the severity
/// that the endpoint gives it.
pub fn expiring_at(endpoint: &Endpoint, tls: &Tls, now: Timestamp) -> Option<Finding> {
    let checks = endpoint.checks.iter();
    let least = checks
        .filter_map(|check| check.expectation.certificate_min_remaining)
        .max();
    let finding = expiring(tls, least, now)?;
    let severity = severity_at(endpoint, finding.reason);
    Some(Finding {
        severity,
        ..finding
    })
}

/// Whether a certificate beside the server's own is part of what was verified.
///
/// A root that a server sends along is not looked at, and neither is a cross-signed one that has
/// expired: the chain was verified by another path, or there was no answer to judge.
fn counts(certificate: &Certificate, now: Timestamp) -> bool {
    certificate.subject != certificate.issuer && certificate.not_after > now
}
