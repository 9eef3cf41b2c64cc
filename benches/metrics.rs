//! How long an exposition of 10,000 endpoints with three checks each takes, and what one check adds.
//!
//! A scrape is to take well under half a second on one core.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use authvigil::config;
use authvigil::domain::finding::{Finding, Reason};
use authvigil::domain::judge::Judgement;
use authvigil::domain::observation::{
    Answer, Body, Field, HttpVersion, Observation, Outcome, Phases,
};
use authvigil::domain::status::{CheckStatus, EndpointStatus, Monitor, Seen, Snapshot};
use authvigil::metrics::Metrics;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use http::HeaderName;
use jiff::Timestamp;

const ENDPOINTS: usize = 10_000;
const CHECKS: u64 = 30_000;

const BASIC: &[&str] = &[r#"Basic realm="orders", charset="UTF-8""#];
const DIGESTS: &[&str] = &[
    r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#,
    r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#,
];

fn exposition(criterion: &mut Criterion) {
    let Ok(metrics) = Metrics::new("0.1.0") else {
        return;
    };
    let metrics = Arc::new(metrics);
    let mut group = criterion.benchmark_group("30,000 checks");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(CHECKS));
    for (name, challenges) in [
        ("without challenges", &[][..]),
        ("basic", BASIC),
        ("two digests", DIGESTS),
    ] {
        let snapshot = Arc::new(snapshot(challenges));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let chunks = metrics.encode(Arc::clone(&snapshot));
                black_box(chunks.map(|chunk| chunk.len()).sum::<usize>())
            });
        });
    }
    group.finish();
}

/// A third of the checks was let in; all others met a 401 with these challenges.
fn snapshot(challenges: &[&str]) -> Snapshot {
    let mut yaml =
        "credentials: {reader: {basic_auth: {username: reader, password_env: READER}}}\n\
                    global: {labels: {env: prod}}\nendpoints:\n"
            .to_owned();
    for number in 0..ENDPOINTS {
        let line = format!(
            "  - {{name: orders-{number}, url: 'https://orders-{number}.example.com/', \
             credential: reader, labels: {{team: payments}}}}"
        );
        yaml.push_str(&line);
        yaml.push('\n');
    }
    let endpoints = match config::parse(Path::new("bench.yaml"), yaml) {
        Ok(config) => config.endpoints,
        Err(_) => Vec::new(),
    };
    let endpoints = endpoints.into_iter().map(|endpoint| {
        let admitted = |admitted: bool| {
            if admitted {
                status(200, &[], &[])
            } else {
                status(401, challenges, &[Reason::ChallengeMismatch])
            }
        };
        let checks = endpoint
            .checks
            .iter()
            .map(|check| Arc::new(admitted(check.persona.is_holder())));
        Arc::new(EndpointStatus {
            checks: checks.collect(),
            endpoint: Arc::new(endpoint),
            certificate: None,
        })
    });
    Snapshot {
        taken_at: Timestamp::UNIX_EPOCH,
        started_at: Timestamp::UNIX_EPOCH,
        endpoints: endpoints.collect(),
        credentials: Vec::new(),
        monitor: Monitor::default(),
    }
}

fn status(code: u16, challenges: &[&str], findings: &[Reason]) -> CheckStatus {
    let finding = |reason: &Reason| Finding::new(*reason, "one thing", "another");
    let phase = |micros| Some(Duration::from_micros(micros));
    let field = |name, value: &&str| Field {
        name: HeaderName::from_static(name),
        value: value.as_bytes().to_vec(),
    };
    let common = ["date", "server", "content-type", "content-length"];
    let fields = common.iter().map(|name| field(name, &"of no interest"));
    let challenges = challenges
        .iter()
        .map(|value| field("www-authenticate", value));
    let answer = Answer {
        status: code,
        http_version: HttpVersion::Http11,
        fields: fields.chain(challenges).collect(),
        body: Body::default(),
        first_location: None,
    };
    let observation = Observation {
        outcome: Outcome::Answer(answer),
        phases: Phases {
            resolve: phase(1_234),
            connect: phase(2_345),
            tls: phase(13_456),
            processing: phase(24_567),
            transfer: phase(123),
        },
        duration: Duration::from_millis(42),
        remote_addr: None,
        tls: None,
    };
    CheckStatus {
        last: Some(Seen {
            at: Timestamp::UNIX_EPOCH,
            since: Timestamp::UNIX_EPOCH,
            judgement: Judgement::of(findings.iter().map(finding).collect()),
            observation: Some(observation),
        }),
        ..CheckStatus::default()
    }
}

criterion_group!(metrics, exposition);
criterion_main!(metrics);
