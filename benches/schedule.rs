//! What a probe costs the schedule: its start and its end, with as many checks as ten thousand
//! endpoints have.

use std::hint::black_box;
use std::time::{Duration, Instant};

use authvigil::domain::check::{CheckId, Name};
use authvigil::domain::endpoint::Origin;
use authvigil::schedule::{Agenda, End, Entry, Kind, Limits};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const ENDPOINTS: usize = 10_000;
const CADENCE: Duration = Duration::from_secs(30);
const LIMITS: Limits = Limits {
    overall: 512,
    per_origin: 16,
};

/// How much time goes by before the agenda is asked again: ten probes are due in it.
const STEP: Duration = Duration::from_millis(10);

fn entries() -> Vec<Entry> {
    let kinds = [
        ("anonymous", Kind::Stranger),
        ("invalid", Kind::Refused),
        ("valid", Kind::Holder),
    ];
    let endpoint = |number: usize| {
        kinds.map(|(check, kind)| Entry {
            id: CheckId {
                endpoint: name(&format!("endpoint-{number}")),
                check: name(check),
            },
            origin: Origin {
                scheme: "https".to_owned(),
                host: format!("host-{number}.example.com"),
                port: 443,
            },
            kind,
            cadence: CADENCE,
            definition: 1,
            rested: None,
            held: None,
            span: None,
        })
    };
    (0..ENDPOINTS).flat_map(endpoint).collect()
}

#[expect(clippy::expect_used, reason = "the names above are names")]
fn name(text: &str) -> Name {
    Name::parse(text).expect("a name")
}

/// An agenda past its first pass.
fn settled(now: &mut Instant) -> Agenda {
    let mut agenda = Agenda::new(LIMITS);
    agenda.adopt(entries(), *now);
    let until = *now + CADENCE * 4;
    while *now < until {
        probe(&mut agenda, now);
    }
    agenda
}

/// Lets a step go by, and makes the probes that are due in it. Says how many there were.
fn probe(agenda: &mut Agenda, now: &mut Instant) -> usize {
    *now += STEP;
    let starts = agenda.take(*now);
    let count = starts.len();
    for start in starts {
        agenda.ended(start.key, End::default(), *now);
    }
    black_box(agenda.wake());
    count
}

#[expect(clippy::disallowed_methods, reason = "a measurement takes the time")]
fn start_and_end(criterion: &mut Criterion) {
    let mut now = Instant::now();
    let mut agenda = settled(&mut now);
    let mut group = criterion.benchmark_group("schedule");
    group.throughput(Throughput::Elements(1));
    group.bench_function("start and end of a probe", |bencher| {
        bencher.iter_custom(|probes| {
            let began = Instant::now();
            let mut made = 0;
            while made < probes {
                made += probe(&mut agenda, &mut now) as u64;
            }
            began.elapsed()
        });
    });
    group.sample_size(10);
    let entries = entries();
    group.bench_function("reload of 30,000 checks", |bencher| {
        bencher.iter(|| agenda.adopt(entries.clone(), now));
    });
    group.finish();
}

criterion_group!(benches, start_and_end);
criterion_main!(benches);
