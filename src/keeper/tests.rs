//! The live state, event by event. Time is whatever a test says it is.

mod accounts;
mod adoption;
mod drift;
mod incidents;
mod monitor;
mod tokens;
mod told;
mod verdicts;
mod years;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::HeaderName;
use jiff::{SignedDuration, Timestamp};

use super::errand::{Errand, Reprobe};
use super::event::{Adoption, Event, Moment, Observed, Reprobed};
use super::live::Live;
use super::told::Told;
use crate::config;
use crate::domain::check::{CheckId, Name};
use crate::domain::finding::{Class, Reason};
use crate::domain::incident::Incident;
use crate::domain::notice::{Owed, Telling};
use crate::domain::observation::{
    Answer, Body, Certificate, Field, HttpVersion, Observation, Outcome, Phases, Silence, Tls,
};
use crate::domain::presenter::{Shown, Unpresentable};
use crate::domain::secret::Redactor;
use crate::domain::status::{Change, CheckStatus, EndpointStatus, Hold};
use crate::store::{Batch, Saved};

/// One endpoint with the usual three checks, every minute.
const ORDERS: &str = "
credentials: {reader: {basic_auth: {username: reader, password_file: reader}}}
endpoints: [{name: orders, url: 'https://orders.example.com/', credential: reader}]
";

/// The same, and two people who are to be told.
const TOLD: &str = "
credentials: {reader: {basic_auth: {username: reader, password_file: reader}}}
endpoints: [{name: orders, url: 'https://orders.example.com/', credential: reader}]
alerting:
  smtp: {host: 127.0.0.1, tls: none, from: watch@auth.test}
  receivers: [{name: oncall, email: {to: [a@auth.test, b@auth.test]}}]
  route: {receiver: oncall, group_wait: 10s, group_interval: 5m, repeat_interval: 4h}
";

/// A keeper's state, and a clock that stands still until it is moved.
struct Play {
    live: Live,
    begun: Instant,
    passed: Duration,
    /// When it was last looked round.
    looked: Duration,
    /// How far somebody has set the time of day back.
    set_back: SignedDuration,
    /// What the store was given until now, as the next run would find it.
    stored: Saved,
    /// Re-probes that somebody is to make.
    reprobes: Vec<Reprobe>,
}

impl Play {
    fn of(config: &str) -> Self {
        Self::resumed(config, Saved::default())
    }

    fn resumed(config: &str, saved: Saved) -> Self {
        #[expect(clippy::disallowed_methods, reason = "any instant will do")]
        let begun = Instant::now();
        let mut play = Self {
            live: Live::new(saved, start()),
            begun,
            passed: Duration::ZERO,
            looked: Duration::ZERO,
            set_back: SignedDuration::ZERO,
            stored: Saved::default(),
            reprobes: Vec::new(),
        };
        play.live.resume_errands();
        play.apply(Event::Adopted(adoption(config)));
        play
    }

    fn now(&self) -> Moment {
        Moment {
            wall: start() + SignedDuration::try_from(self.passed).unwrap() - self.set_back,
            steady: start() + SignedDuration::try_from(self.passed).unwrap(),
            monotonic: self.begun + self.passed,
        }
    }

    fn wait(&mut self, seconds: u64) -> &mut Self {
        self.passed += Duration::from_secs(seconds);
        self
    }

    fn apply(&mut self, event: Event) -> Vec<Told> {
        let now = self.now();
        self.live.apply(event, now)
    }

    /// What is said now, as the keeper does after every event: the notices that are owed from now on.
    /// The store is given what it is owed.
    fn says(&mut self) -> Vec<Arc<Owed>> {
        let now = self.now();
        if self.live.next_due().is_some_and(|due| due <= now.steady) {
            self.live.say_what_is_due(now);
        }
        let next = self.live.next_due();
        assert!(next.is_none_or(|next| next > now.steady), "it never rests");
        if let Some(batch) = self.live.batch() {
            keep(&mut self.stored, batch);
        }
        let mut owed = Vec::new();
        for errand in std::mem::take(&mut self.live.errands) {
            match errand {
                Errand::Tell(notice) => owed.push(notice),
                Errand::Reprobe(reprobe) => self.reprobes.push(reprobe),
                Errand::Caught(reply) => drop(reply),
            }
        }
        owed
    }

    /// Waits, looks round meanwhile, and says what is due second by second.
    fn says_within(&mut self, seconds: u64) -> Vec<Arc<Owed>> {
        let mut owed = self.says();
        for _ in 0..seconds {
            self.wait(1).look_once();
            owed.extend(self.says());
        }
        owed
    }

    /// The re-probes that were asked for come back with these answers.
    fn reprobed(&mut self, statuses: &[u16]) {
        let reprobe = self.reprobes.pop().unwrap();
        let observed = statuses.iter().map(|status| Observed {
            id: reprobe.check.clone(),
            endpoint: Arc::clone(&reprobe.endpoint),
            at: self.now().wall,
            outcome: answer(*status),
            shown: Shown::default(),
            redactor: Redactor::default(),
        });
        let reprobed = Reprobed {
            incident: reprobe.incident.clone(),
            observed: observed.collect(),
        };
        self.apply(Event::Reprobed(reprobed));
    }

    /// The checks of the incidents that each Alertmanager is told of again and again.
    fn repeated(&self) -> Vec<(String, Vec<String>)> {
        let told = self.live.told_alertmanagers().into_iter();
        told.map(|(url, all)| (url, all.iter().map(|it| it.check.to_string()).collect()))
            .collect()
    }

    /// The open incidents: their check, class and reason.
    fn open(&self) -> Vec<(String, Class, Reason)> {
        let all = self.live.cases.all().into_iter();
        let open = all.filter(|incident| incident.is_open());
        let mut open: Vec<_> = open
            .map(|it| (it.check.to_string(), it.class, it.reason))
            .collect();
        open.sort_by_key(|(check, class, _)| (check.clone(), *class));
        open
    }

    /// The newest incident.
    fn newest(&self) -> Arc<Incident> {
        let all = self.live.cases.all().into_iter();
        all.max_by_key(|incident| incident.opened_at).unwrap()
    }

    /// The next run with this configuration, a minute later.
    fn restarted(mut self, config: &str) -> Self {
        self.live.unsaved.checks = self.live.ids().collect();
        let batch = self.live.batch().unwrap();
        keep(&mut self.stored, batch);
        self.restarted_from_disk(config)
    }

    /// The next run after one that was killed, a minute later.
    fn restarted_from_disk(self, config: &str) -> Self {
        let mut play = Self {
            live: Live::new(self.stored.clone(), self.now().wall),
            reprobes: Vec::new(),
            ..self
        };
        play.wait(60).live.resume_errands();
        play.looked = play.passed;
        play.apply(Event::Adopted(adoption(config)));
        play
    }

    /// A check meets this now; the change of verdict, if it is one.
    fn meets(&mut self, id: &str, outcome: Result<Observation, Unpresentable>) -> Option<Change> {
        let observed = Observed {
            id: id_of(id),
            endpoint: Arc::clone(&self.endpoint(id_of(id).endpoint.as_str()).endpoint),
            at: self.now().wall,
            outcome,
            shown: Shown::default(),
            redactor: Redactor::default(),
        };
        changes(self.apply(Event::Observed(Box::new(observed)))).pop()
    }

    /// Looks round as often as the keeper does, until now; what changed by time alone.
    fn look_round(&mut self) -> Vec<Change> {
        let (passed, mut all) = (self.passed, Vec::new());
        while self.looked < passed {
            self.passed = passed.min(self.looked + Duration::from_secs(4));
            all.extend(self.look_once());
        }
        all.extend(self.look_once());
        all
    }

    /// Looks round now, whenever it was that this was done before.
    fn look_once(&mut self) -> Vec<Change> {
        self.looked = self.passed;
        let now = self.now();
        changes(self.live.look_round(now))
    }

    fn hold(&mut self, id: &str, seconds: i64) {
        let hold = Hold {
            until: self.now().wall + SignedDuration::from_secs(seconds),
            why: "held back".to_owned(),
            span: None,
        };
        let id = id_of(id);
        self.apply(Event::Held { id, hold });
    }

    fn endpoint(&self, name: &str) -> Arc<EndpointStatus> {
        let mut all = self.live.endpoints.iter();
        let found = all.find(|status| status.endpoint.name.as_str() == name);
        Arc::clone(found.unwrap())
    }

    fn check(&self, id: &str) -> Arc<CheckStatus> {
        let id = id_of(id);
        let status = self.endpoint(id.endpoint.as_str());
        let mut checks = status.endpoint.checks.iter();
        let at = checks.position(|check| check.name == id.check).unwrap();
        Arc::clone(&status.checks[at])
    }

    fn reasons(&self, id: &str) -> Vec<Reason> {
        self.check(id)
            .findings()
            .map(|finding| finding.reason)
            .collect()
    }
}

fn start() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn changes(told: Vec<Told>) -> Vec<Change> {
    let changes = told.into_iter().filter_map(|told| match told {
        Told::Changed { change, .. } => Some(*change),
        Told::Ended(_)
        | Told::Flapping(_)
        | Told::Isolated(_)
        | Told::Opened(_)
        | Told::Owed(_)
        | Told::Probed { .. }
        | Told::Reproduced(_)
        | Told::Store(_)
        | Told::Tried { .. } => None,
    });
    changes.collect()
}

fn adoption(config: &str) -> Adoption {
    let parsed = config::parse(Path::new("test.yaml"), config.to_owned()).unwrap();
    let policy = parsed.alerting.map(|alerting| alerting.policy);
    Adoption {
        endpoints: parsed.endpoints.into_iter().map(Arc::new).collect(),
        policy: Arc::new(policy.unwrap_or_default()),
        presentations: BTreeMap::new(),
    }
}

/// Stores a batch as the store does.
fn keep(saved: &mut Saved, batch: Batch) {
    for check in batch.checks {
        saved.checks.insert(check.id.clone(), check);
    }
    for id in batch.removed {
        saved.checks.remove(&id);
    }
    saved.credentials.extend(batch.credentials);
    for incident in batch.incidents {
        saved.incidents.retain(|it| it.id != incident.id);
        saved.incidents.push(incident);
    }
    for telling in batch.tellings {
        let same =
            |it: &Telling| it.incident == telling.incident && it.receiver == telling.receiver;
        saved.tellings.retain(|it| !same(it));
        saved.tellings.push(telling);
    }
    for owed in batch.notices {
        saved.notices.retain(|it| it.notice.id != owed.notice.id);
        saved.notices.push(owed);
    }
    for silence in batch.silences {
        saved.silences.retain(|it| it.id != silence.id);
        saved.silences.push(silence);
    }
    saved.memo = batch.memo.unwrap_or_else(|| saved.memo.clone());
}

/// What notices are about, by name.
fn occasions(owed: &[Arc<Owed>]) -> Vec<&'static str> {
    owed.iter()
        .map(|owed| owed.notice.occasion.as_str())
        .collect()
}

fn id_of(text: &str) -> CheckId {
    let (endpoint, check) = text.split_once('/').unwrap();
    CheckId {
        endpoint: Name::parse(endpoint).unwrap(),
        check: Name::parse(check).unwrap(),
    }
}

/// An answer with a challenge.
fn answer(status: u16) -> Result<Observation, Unpresentable> {
    page(status, "")
}

/// An answer with a challenge and a body in HTML.
#[expect(
    clippy::unnecessary_wraps,
    reason = "what a check meets may be nothing"
)]
fn page(status: u16, body: &str) -> Result<Observation, Unpresentable> {
    let field = |name: &'static str, value: &str| Field {
        name: HeaderName::from_static(name),
        value: value.as_bytes().to_vec(),
    };
    let outcome = Outcome::Answer(Answer {
        status,
        http_version: HttpVersion::Http11,
        fields: vec![
            field("content-type", "text/html"),
            field("www-authenticate", "Basic realm=\"orders\""),
        ],
        body: Body {
            bytes: body.as_bytes().to_vec(),
            ..Body::default()
        },
        first_location: None,
    });
    Ok(observation(outcome))
}

#[expect(clippy::unnecessary_wraps, reason = "as for a page")]
fn silence(reason: Reason) -> Result<Observation, Unpresentable> {
    let detail = "nothing came".to_owned();
    Ok(observation(Outcome::Silence(Silence { reason, detail })))
}

fn observation(outcome: Outcome) -> Observation {
    Observation {
        outcome,
        phases: Phases::default(),
        duration: Duration::from_millis(10),
        remote_addr: None,
        tls: None,
    }
}

/// The same over TLS, with a certificate that has so many days left of a year.
fn with_certificate(
    met: Result<Observation, Unpresentable>,
    days: i64,
) -> Result<Observation, Unpresentable> {
    let not_after = start() + SignedDuration::from_hours(24 * days);
    let certificate = Certificate {
        subject: "CN=orders.example.com".to_owned(),
        issuer: "CN=an authority".to_owned(),
        names: vec!["orders.example.com".to_owned()],
        not_before: not_after - SignedDuration::from_hours(24 * 365),
        not_after,
        fingerprint: [1; 32],
    };
    met.map(|observation| Observation {
        tls: Some(Tls {
            version: None,
            chain: vec![Arc::new(certificate)],
        }),
        ..observation
    })
}
