//! What Prometheus is told, held against what is known.

mod checks;
mod health;
mod incidents;
mod prometheus;
mod promtool;
mod properties;
mod stream;

use std::sync::Arc;

use authvigil::domain::check::Name;
use authvigil::domain::fetches::{FetchOutcome, Fetches};
use authvigil::domain::finding::{Finding, Reason, Verdict};
use authvigil::domain::notice::Way;
use authvigil::domain::observation::Phases;
use authvigil::domain::status::{CredentialStatus, Skip, Snapshot};
use authvigil::metrics::Metrics;
use bytes::Bytes;

use crate::support::exposition::{self, Family};
use crate::support::incidents::{incident, opened, owed};
use crate::support::status;

/// Two endpoints, one of them with three checks, and what is configured for both.
const CONFIGURATION: &str = r#"
credentials:
  reader: {basic_auth: {username: reader, password_env: READER}}
global:
  labels: {env: prod}
endpoints:
  - name: orders
    url: https://orders.example.com/
    credential: reader
    labels: {team: 'pay "ments" \ more'}
  - name: open
    url: https://open.example.com/
"#;

/// New metrics of a program that has done nothing yet.
fn metrics() -> Arc<Metrics> {
    Arc::new(Metrics::new("0.1.0").unwrap())
}

/// A whole exposition.
fn text(metrics: &Arc<Metrics>, snapshot: &Snapshot) -> String {
    let chunks = metrics.encode(Arc::new(snapshot.clone()));
    String::from_utf8(chunks.collect::<Vec<Bytes>>().concat()).unwrap()
}

/// A whole exposition, read strictly.
fn families(metrics: &Arc<Metrics>, snapshot: &Snapshot) -> Vec<Family> {
    let text = text(metrics, snapshot);
    exposition::read(&text).unwrap_or_else(|error| panic!("{error} in\n{text}"))
}

/// The lines of one family, without its heading.
fn lines(snapshot: &Snapshot, family: &str) -> Vec<String> {
    lines_of(&metrics(), snapshot, family)
}

/// The same of metrics that know more.
fn lines_of(metrics: &Arc<Metrics>, snapshot: &Snapshot, family: &str) -> Vec<String> {
    let text = text(metrics, snapshot);
    let samples = text.lines().filter_map(|line| line.strip_prefix(family));
    samples
        .filter(|rest| rest.starts_with(['{', ' ', '_']))
        .map(|rest| rest.trim_start().to_owned())
        .collect()
}

/// What fetching for the reader came to so often.
fn fetches(outcome: FetchOutcome, count: u64) -> Fetches {
    Fetches {
        credential: Name::parse("reader").unwrap(),
        outcome,
        count,
    }
}

/// A snapshot and metrics in which each family has a sample.
fn everything() -> (Arc<Metrics>, Snapshot) {
    let mut all = status::snapshot(CONFIGURATION);
    let challenges = ["Basic realm=\"orders\"", "Negotiate", "Newauth a=b"];
    let answered = Some(status::answer(200, &challenges));
    let anonymous = status::check(&mut all, "orders/anonymous");
    status::sees(anonymous, &[Reason::AnonymousAdmitted], answered);
    anonymous.expiring.certificate =
        Some(Finding::new(Reason::CertificateExpiring, "later", "soon"));
    let refused = Some(status::answer(401, &challenges[..1]));
    status::sees(status::check(&mut all, "orders/invalid"), &[], refused);
    let silence = status::silence(Reason::DnsFailure, Phases::default());
    let open = status::check(&mut all, "open/anonymous");
    status::sees(open, &[Reason::DnsFailure], Some(silence));
    status::endpoint(&mut all, "orders").certificate =
        Some(status::certificate("2027-01-01T00:00:00Z"));
    all.credentials = vec![CredentialStatus {
        name: Name::parse("reader").unwrap(),
        expires_at: Some("2026-12-24T00:00:00Z".parse().unwrap()),
        last_accepted_at: Some(status::now()),
    }];
    all.fetches = vec![fetches(FetchOutcome::Fetched, 3)];
    let bypass = Arc::new(incident(
        "orders/anonymous",
        Reason::AnonymousAdmitted,
        status::now(),
    ));
    all.notices = vec![Arc::new(owed(
        "oncall",
        opened(),
        status::now(),
        &[&bypass],
        &[Way::File],
    ))];
    all.incidents = vec![bypass];
    all.receivers = vec![Name::parse("oncall").unwrap()];
    let metrics = metrics();
    metrics.probed(Verdict::Fail, std::time::Duration::from_millis(15));
    metrics.skipped(Skip::Late, 1);
    metrics.reloaded(status::now());
    (metrics, all)
}
