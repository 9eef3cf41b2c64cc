//! The agenda, played through without waiting.

#![expect(
    clippy::unchecked_time_subtraction,
    reason = "a test that gets its times wrong is to stop"
)]

mod asking;
mod day;
mod gate;
mod holds;
mod late;
mod laws;

mod reload;
mod room;
mod spread;

use std::collections::BTreeSet;

use super::*;
use crate::domain::status::Skip;

/// An agenda with a world around it that makes its probes.
struct Play {
    agenda: Agenda,
    start: Instant,
    now: Instant,
    /// When which probe ends, and how.
    ends: BTreeSet<(Instant, u32)>,
    ended_as: HashMap<u32, End>,
    /// What started, in order, and had leave.
    started: Vec<Started>,
    skipped: Vec<Skipped>,
}

/// A probe that started.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Started {
    /// After the start of the play.
    at: Duration,
    check: String,
    lag: Duration,
}

/// How long a probe takes, and what becomes of it.
type Made = (Duration, End);

impl Play {
    fn new(limits: Limits, entries: Vec<Entry>) -> Self {
        #[expect(clippy::disallowed_methods, reason = "any instant will do")]
        let start = Instant::now();
        let mut agenda = Agenda::new(limits);
        agenda.adopt(entries, start);
        Self {
            agenda,
            start,
            now: start,
            ends: BTreeSet::new(),
            ended_as: HashMap::new(),
            started: Vec::new(),
            skipped: Vec::new(),
        }
    }

    /// Lets time go by; each probe is made by `probe`.
    fn run(&mut self, span: Duration, mut probe: impl FnMut(&Start) -> Made) -> &mut Self {
        let deadline = self.now + span;
        loop {
            self.look(&mut probe);
            let end = self.ends.first().map(|(at, _)| *at);
            let next = [self.agenda.wake(), end].into_iter().flatten().min();
            let Some(next) = next.filter(|next| *next < deadline) else {
                break;
            };
            self.now = self.now.max(next);
            while let Some((at, key)) = self.ends.first().copied().filter(|end| end.0 <= self.now) {
                self.ends.remove(&(at, key));
                let end = self.ended_as.remove(&key).unwrap();
                self.agenda.ended(Key(key), end, self.now);
            }
        }
        self.now = deadline;
        self
    }

    /// Time goes by in which nobody looks.
    fn sleep(&mut self, span: Duration) -> &mut Self {
        self.now += span;
        self
    }

    fn adopt(&mut self, entries: Vec<Entry>) -> &mut Self {
        self.agenda.adopt(entries, self.now);
        self
    }

    fn look(&mut self, probe: &mut impl FnMut(&Start) -> Made) {
        for start in self.agenda.take(self.now) {
            let (span, end) = probe(&start);
            if end.attempt == Attempt::Made {
                self.started.push(Started {
                    at: self.now - self.start,
                    check: start.id.to_string(),
                    lag: start.lag,
                });
            }
            self.ends.insert((self.now + span, start.key.0));
            let before = self.ended_as.insert(start.key.0, end);
            assert_eq!(before, None, "{} is under way", start.id);
        }
        self.skipped.extend(self.agenda.skipped());
    }

    /// When the probes of a check started.
    fn times(&self, check: &str) -> Vec<Duration> {
        let of_check = self.started.iter().filter(|start| start.check == check);
        of_check.map(|start| start.at).collect()
    }

    /// The times between the probes of a check.
    fn gaps(&self, check: &str) -> Vec<Duration> {
        gaps(&self.times(check))
    }

    /// How many turns of a check passed for a cause.
    fn turns_skipped(&self, check: &str, cause: Skip) -> u64 {
        let of_check = |skip: &&Skipped| skip.id.to_string() == check && skip.cause == cause;
        self.skipped
            .iter()
            .filter(of_check)
            .map(|skip| skip.turns)
            .sum()
    }

    fn longest_lag(&self) -> Duration {
        self.started.iter().map(|start| start.lag).max().unwrap()
    }

    /// Forgets what happened so far.
    fn forget(&mut self) -> &mut Self {
        self.started.clear();
        self.skipped.clear();
        self
    }
}

fn gaps(times: &[Duration]) -> Vec<Duration> {
    times.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

/// A probe that takes no time worth telling, and is well.
fn quick(_: &Start) -> Made {
    (MILLISECOND, End::default())
}

fn pushed_back(retry_after: Option<Duration>) -> End {
    End {
        pushback: Some(Pushback { retry_after }),
        ..End::default()
    }
}

const MILLISECOND: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

fn host(name: &str) -> Origin {
    Origin {
        scheme: "https".into(),
        host: name.into(),
        port: 443,
    }
}

/// A check of an endpoint that is alone at the host of its name.
fn entry(id: &str, kind: Kind, cadence: Duration) -> Entry {
    let (endpoint, check) = id.split_once('/').unwrap();
    Entry {
        id: CheckId {
            endpoint: Name::parse(endpoint).unwrap(),
            check: Name::parse(check).unwrap(),
        },
        origin: host(endpoint),
        kind,
        cadence,
        definition: 1,
        rested: None,
        held: None,
        span: None,
    }
}

/// A check of an endpoint that shares its host with others.
fn at(origin: &str, entry: Entry) -> Entry {
    Entry {
        origin: host(origin),
        ..entry
    }
}

fn stranger(endpoint: &str, cadence: Duration) -> Entry {
    entry(&format!("{endpoint}/anonymous"), Kind::Stranger, cadence)
}

fn holder(endpoint: &str, cadence: Duration) -> Entry {
    entry(&format!("{endpoint}/valid"), Kind::Holder, cadence)
}

fn refused(endpoint: &str, cadence: Duration) -> Entry {
    entry(&format!("{endpoint}/invalid"), Kind::Refused, cadence)
}

/// The three checks that one endpoint has where nothing else is said.
fn triad(endpoint: &str, interval: Duration, refused_interval: Duration) -> [Entry; 3] {
    [
        stranger(endpoint, interval),
        refused(endpoint, refused_interval),
        holder(endpoint, interval),
    ]
}

fn few(overall: usize, per_origin: usize) -> Limits {
    Limits {
        overall,
        per_origin,
    }
}
