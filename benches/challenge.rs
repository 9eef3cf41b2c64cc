//! How long reading, judging and matching a challenge takes.
//!
//! Typical headers are to stay well under a microsecond; hostile ones of 400 kB show that time grows
//! with the length and not with its square.

use std::hint::black_box;

use authvigil::domain::challenge::{ExpectedChallenge, LintContext, lint, read};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const BASIC: &str = r#"Basic realm="orders", charset="UTF-8""#;
const BEARER: &str = r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/busybox:pull,push""#;
const DIGEST: &str = r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#;
const MALFORMED: &str = r#"Basic realm="security" charset="UTF-8""#;

/// Length of the hostile headers in bytes.
const HOSTILE: usize = 400_000;

fn typical(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read");
    for (name, lines) in [
        ("negotiate", vec!["Negotiate"]),
        ("basic", vec![BASIC]),
        ("bearer", vec![BEARER]),
        ("digest", vec![DIGEST]),
        ("three lines", vec!["Negotiate", BASIC, BEARER]),
        ("malformed", vec![MALFORMED]),
    ] {
        group.bench_function(name, |bencher| bencher.iter(|| read(black_box(&lines))));
    }
    group.finish();
}

fn judged(criterion: &mut Criterion) {
    let context = LintContext {
        status: 401,
        ..LintContext::default()
    };
    let reading = read(&[DIGEST]);
    criterion.bench_function("lint/digest", |bencher| {
        bencher.iter(|| lint(black_box(&reading), &context));
    });
    let Ok(expected) =
        ExpectedChallenge::parse(r#"Digest realm="http-auth@example.org", qop=auth"#)
    else {
        return;
    };
    criterion.bench_function("difference/digest", |bencher| {
        bencher.iter(|| expected.difference(black_box(&reading.challenges)));
    });
}

fn hostile(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hostile");
    group
        .sample_size(10)
        .throughput(Throughput::Bytes(HOSTILE as u64));
    let distinct: Vec<String> = (0..30_000).map(|number| format!("a{number}=b")).collect();
    for (name, header) in [
        ("commas", ",".repeat(HOSTILE)),
        ("quotes", format!("A {}", "\"".repeat(HOSTILE))),
        ("backslashes", format!("A a=\"{}", "\\".repeat(HOSTILE))),
        ("duplicates", format!("A {}", "a=b,".repeat(HOSTILE / 4))),
        ("distinct", format!("A {}", distinct.join(","))),
        ("challenges", "A,".repeat(HOSTILE / 2)),
    ] {
        group.bench_function(name, |bencher| bencher.iter(|| read(black_box(&[&header]))));
    }
    group.finish();
}

criterion_group!(challenge, typical, judged, hostile);
criterion_main!(challenge);
