//! What deciding on notices costs, with as many open incidents as there are checks at ten thousand
//! endpoints: each storm is taken in incident by incident, and decided on after each.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use authvigil::domain::check::{CheckId, Name, Role};
use authvigil::domain::finding::{Class, Finding, Reason};
use authvigil::domain::incident::{Ended, Incident, IncidentId, Resolution};
use authvigil::domain::notice::{Dispatch, Restored, Story, Telling, Way};
use authvigil::domain::routing::{Policy, Route};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use jiff::{SignedDuration, Timestamp};

const INCIDENTS: usize = 30_000;

/// Between two incidents: all of them open within a minute.
const STEP: SignedDuration = SignedDuration::from_millis(2);

/// What happens to how many checks, and what they share.
#[derive(Clone, Copy)]
struct Storm {
    name: &'static str,
    reason: Reason,
    /// How many incidents share a host and a credential.
    share: usize,
    /// Between two incidents.
    step: SignedDuration,
    /// Whether all of them are one group.
    together: bool,
}

const STORMS: [Storm; 5] = [
    Storm {
        name: "outages of ten thousand hosts",
        reason: Reason::ConnectRefused,
        share: 3,
        step: STEP,
        together: false,
    },
    Storm {
        name: "lockouts of one credential",
        reason: Reason::CredentialRejected,
        share: INCIDENTS,
        step: STEP,
        together: false,
    },
    Storm {
        name: "lockouts of one credential, too far apart for a cause",
        reason: Reason::CredentialRejected,
        share: INCIDENTS,
        step: SignedDuration::from_secs(6),
        together: false,
    },
    Storm {
        name: "bypasses",
        reason: Reason::AnonymousAdmitted,
        share: 3,
        step: STEP,
        together: false,
    },
    Storm {
        name: "warnings in one group",
        reason: Reason::NotFound,
        share: 3,
        step: STEP,
        together: true,
    },
];

impl Storm {
    fn policy(self) -> Arc<Policy> {
        let route = Route {
            receiver: name("oncall"),
            matchers: Vec::new(),
            goes_on: false,
            group_by: if self.together {
                Vec::new()
            } else {
                vec!["endpoint".to_owned()]
            },
            group_wait: Duration::from_secs(10),
            group_interval: Duration::from_mins(5),
            repeat_interval: Duration::from_hours(4),
            mute_time_intervals: Vec::new(),
            active_time_intervals: Vec::new(),
            routes: Vec::new(),
        };
        Arc::new(Policy {
            route: Some(route),
            receivers: BTreeMap::from([(name("oncall"), vec![Way::File])]),
            message_domain: "example.com".into(),
            ..Policy::default()
        })
    }

    fn incidents(self, from: Timestamp) -> Vec<Arc<Incident>> {
        let mut at = from;
        let numbers = 0..INCIDENTS;
        let incidents = numbers.map(|number| {
            at += self.step;
            Arc::new(self.incident(number, at))
        });
        incidents.collect()
    }

    fn incident(self, number: usize, at: Timestamp) -> Incident {
        let (endpoint, check) = (
            format!("endpoint-{}", number / 3),
            format!("check-{}", number % 3),
        );
        let id = CheckId {
            endpoint: name(&endpoint),
            check: name(&check),
        };
        let (class, severity) = (self.reason.class(), self.reason.severity());
        let labels = [
            ("endpoint", endpoint),
            ("check", check),
            ("class", class.as_str().to_owned()),
            ("reason", self.reason.as_str().to_owned()),
            ("severity", severity.as_str().to_owned()),
            ("host", format!("host-{}", number / self.share)),
            ("credential", format!("credential-{}", number / self.share)),
        ];
        let labels = labels.map(|(name, value)| (name.to_owned(), value));
        Incident {
            id: IncidentId::new(&id, class, at),
            check: id,
            class,
            reason: self.reason,
            severity,
            since: at,
            opened_at: at,
            ended: None,
            reproduced: None,
            flapping: false,
            labels: Arc::new(labels.into()),
            story: Arc::new(story(self.reason, at)),
        }
    }
}

/// A dispatch, what it has said, and what time it is.
struct Stage {
    dispatch: Dispatch,
    now: Timestamp,
    tellings: BTreeMap<IncidentId, Telling>,
}

impl Stage {
    fn new(storm: Storm) -> Self {
        let now = Timestamp::UNIX_EPOCH;
        Self {
            dispatch: Dispatch::new(storm.policy(), Restored::default(), 1, now),
            now,
            tellings: BTreeMap::new(),
        }
    }

    /// Takes in what comes at this moment, and decides what is due until then, as the keeper does.
    fn take(&mut self, incident: &Arc<Incident>, at: Timestamp) {
        self.pass(at);
        self.dispatch.take(incident, at);
        if incident.class == Class::Bypass && incident.is_open() {
            let until = at + SignedDuration::from_secs(1);
            self.dispatch.wait_for_reprobes(&incident.id, until);
        }
        self.pass(at);
    }

    fn pass(&mut self, until: Timestamp) {
        while let Some(next) = self.dispatch.wake_at().filter(|next| *next <= until) {
            self.now = self.now.max(next);
            let decided = self.dispatch.due(self.now);
            for telling in decided.tellings {
                self.tellings.insert(telling.incident.clone(), telling);
            }
            black_box(decided.drafts);
        }
        self.now = until;
    }

    /// Everything opens, and is told.
    fn open(&mut self, incidents: &[Arc<Incident>]) {
        for incident in incidents {
            self.take(incident, incident.opened_at);
        }
        self.pass(self.now + SignedDuration::from_mins(6));
    }

    /// Everything ends a minute's worth of steps later, and opens once more before that is told.
    fn end_and_open_again(&mut self, storm: Storm, incidents: &[Arc<Incident>]) {
        let mut at = self.now;
        for incident in incidents {
            at += STEP;
            let ended = Incident {
                ended: Some(Ended {
                    at,
                    resolution: Resolution::Recovered,
                }),
                ..Incident::clone(incident)
            };
            self.take(&Arc::new(ended), at);
        }
        for incident in storm.incidents(at) {
            at += STEP;
            self.take(&incident, at);
        }
        self.pass(at + SignedDuration::from_mins(6));
    }

    fn saved(&self, incidents: &[Arc<Incident>]) -> Restored {
        Restored {
            incidents: incidents.to_vec(),
            tellings: self.tellings.values().cloned().collect(),
            ..Restored::default()
        }
    }
}

#[expect(clippy::expect_used, reason = "the names above are names")]
fn name(text: &str) -> Name {
    Name::parse(text).expect("a name")
}

fn story(reason: Reason, at: Timestamp) -> Story {
    Story {
        at,
        request: "GET https://orders.example.com/".to_owned(),
        persona: "anonymous".to_owned(),
        role: Role::Refused,
        findings: vec![Finding::new(reason, "401", "200")],
        beside: Vec::new(),
        status_line: None,
        challenge_lines: Vec::new(),
        silence: None,
        remote_addr: None,
        good_at: None,
        differences: Vec::new(),
        control_failing: false,
        reproduction: None,
        labels: BTreeMap::new(),
        runbook_url: None,
        page_url: None,
    }
}

fn storms(criterion: &mut Criterion) {
    for storm in STORMS {
        let mut group = criterion.benchmark_group(format!("dispatch, 30,000 {}", storm.name));
        group.sample_size(10);
        let incidents = storm.incidents(Timestamp::UNIX_EPOCH);
        let told = || {
            let mut stage = Stage::new(storm);
            stage.open(&incidents);
            stage
        };
        group.bench_function("open", |bencher| bencher.iter(told));
        group.bench_function("end and open again", |bencher| {
            bencher.iter_batched_ref(
                told,
                |stage| stage.end_and_open_again(storm, &incidents),
                BatchSize::PerIteration,
            );
        });
        let stage = told();
        group.bench_function("repeat", |bencher| {
            bencher.iter_batched_ref(
                told,
                |stage| stage.pass(stage.now + SignedDuration::from_hours(4)),
                BatchSize::PerIteration,
            );
        });
        group.bench_function("restore", |bencher| {
            bencher.iter_batched(
                || stage.saved(&incidents),
                |saved| Dispatch::new(storm.policy(), saved, 2, stage.now),
                BatchSize::PerIteration,
            );
        });
        group.finish();
    }
}

criterion_group!(benches, storms);
criterion_main!(benches);
