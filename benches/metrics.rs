//! What an exposition of 10,000 endpoints with three checks each costs, in CPU time.
//!
//! A scrape is to take well under half a second of one core.

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
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

const ENDPOINTS: usize = 10_000;

/// So many endpoints with hostile servers.
const HOSTILE: usize = 300;

const BASIC: &[&str] = &[r#"Basic realm="orders", charset="UTF-8""#];
const DIGESTS: &[&str] = &[
    r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#,
    r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#,
];

fn exposition(criterion: &mut Criterion) {
    let crowd = "A,".repeat(30_000);
    let crowd: &[&str] = &[&crowd];
    for (name, endpoints, challenges) in [
        ("without challenges", ENDPOINTS, &[][..]),
        ("basic", ENDPOINTS, BASIC),
        ("two digests", ENDPOINTS, DIGESTS),
        ("30,000 challenges each", HOSTILE, crowd),
    ] {
        scrape(criterion, name, snapshot(endpoints, challenges));
    }
}

fn scrape(criterion: &mut Criterion, name: &str, snapshot: Snapshot) {
    let Ok(metrics) = Metrics::new("0.1.0").map(Arc::new) else {
        return;
    };
    let checks = snapshot.endpoints.iter().map(|status| status.checks.len());
    let checks = Throughput::Elements(checks.sum::<usize>() as u64);
    let snapshot = Arc::new(snapshot);
    let mut group = criterion.benchmark_group("checks");
    group.sample_size(10).throughput(checks);
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|scrapes| {
            let before = cpu_time();
            for _ in 0..scrapes {
                let chunks = metrics.encode(Arc::clone(&snapshot));
                black_box(chunks.map(|chunk| chunk.len()).sum::<usize>());
            }
            cpu_time().saturating_sub(before)
        });
    });
    group.finish();
}

/// What this process has computed so far: unlike the clock, it knows nothing of its neighbours.
fn cpu_time() -> Duration {
    let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) else {
        return Duration::ZERO;
    };
    [usage.user_time(), usage.system_time()]
        .map(|time| u64::try_from(time.num_microseconds()).unwrap_or_default())
        .map(Duration::from_micros)
        .into_iter()
        .sum()
}

/// A third of the checks was let in; all others met a 401 with these challenges.
fn snapshot(endpoints: usize, challenges: &[&str]) -> Snapshot {
    let mut yaml =
        "credentials: {reader: {basic_auth: {username: reader, password_env: READER}}}\n\
                    global: {labels: {env: prod}}\nendpoints:\n"
            .to_owned();
    for number in 0..endpoints {
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
        let status_of = |admitted: bool| {
            if admitted {
                status(200, &[], &[])
            } else {
                status(401, challenges, &[Reason::ChallengeMismatch])
            }
        };
        let checks = endpoint
            .checks
            .iter()
            .map(|check| Arc::new(status_of(check.persona.is_holder())));
        Arc::new(EndpointStatus {
            checks: checks.collect(),
            endpoint: Arc::new(endpoint),
            certificate: None,
        })
    });
    Snapshot {
        fetches: Vec::new(),
        incidents: Vec::new(),
        notices: Vec::new(),
        silences: Vec::new(),
        receivers: Vec::new(),
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
