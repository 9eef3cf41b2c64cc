//! The live state, event by event. Time is whatever a test says it is.

mod adoption;
mod verdicts;
mod years;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::HeaderName;
use jiff::{SignedDuration, Timestamp};

use super::event::{Adoption, Event, Moment, Observed};
use super::live::Live;
use super::told::Told;
use crate::config;
use crate::domain::check::{CheckId, Name};
use crate::domain::endpoint::Endpoint;
use crate::domain::finding::Reason;
use crate::domain::observation::{
    Answer, Body, Certificate, Field, HttpVersion, Observation, Outcome, Phases, Silence, Tls,
};
use crate::domain::presenter::Unpresentable;
use crate::domain::secret::Redactor;
use crate::domain::status::{Change, CheckStatus, EndpointStatus, Hold};
use crate::store::Saved;

/// One endpoint with the usual three checks, every minute.
const ORDERS: &str = "
credentials: {reader: {basic_auth: {username: reader, password_file: reader}}}
endpoints: [{name: orders, url: 'https://orders.example.com/', credential: reader}]
";

/// A keeper's state, and a clock that stands still until it is moved.
struct Play {
    live: Live,
    begun: Instant,
    passed: Duration,
    /// When it was last looked round.
    looked: Duration,
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
        };
        play.apply(Event::Adopted(adoption(config)));
        play
    }

    fn now(&self) -> Moment {
        Moment {
            wall: start() + SignedDuration::try_from(self.passed).unwrap(),
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

    /// A check meets this now; the change of verdict, if it is one.
    fn meets(&mut self, id: &str, outcome: Result<Observation, Unpresentable>) -> Option<Change> {
        let observed = Observed {
            id: id_of(id),
            endpoint: Arc::clone(&self.endpoint(id_of(id).endpoint.as_str()).endpoint),
            at: self.now().wall,
            outcome,
            expires_at: None,
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
    Adoption {
        endpoints: endpoints(config),
        ..Adoption::default()
    }
}

fn endpoints(config: &str) -> Vec<Arc<Endpoint>> {
    let parsed = config::parse(Path::new("test.yaml"), config.to_owned());
    parsed
        .unwrap()
        .endpoints
        .into_iter()
        .map(Arc::new)
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
