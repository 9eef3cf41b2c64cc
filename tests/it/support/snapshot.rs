//! Live states as tests need them: a configuration, what its checks saw, and the judge's own words.
//!
//! ```ignore
//! let mut state = State::of("endpoints: [{name: orders, url: 'https://orders.example.com/'}]");
//! state.sees("orders/anonymous", seen(answer(200, &[])), 12);
//! let page = page::overview(&state.snapshot);
//! ```
//!
//! Until it is told otherwise, every check has just met what it expects.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use authvigil::domain::check::{Check, CheckId, Name, Role};
use authvigil::domain::endpoint::{Endpoint, TlsVersion};
use authvigil::domain::finding::{Reason, Verdict};
use authvigil::domain::judge::{Circumstances, Question, expiring, judge};
use authvigil::domain::observation::{
    Answer, Body, Certificate, Field, HttpVersion, Observation, Outcome, Phases, Silence, Tls,
};
use authvigil::domain::status::{
    Change, CheckStatus, CredentialStatus, EndpointStatus, Hold, Monitor, Reload, Seen, Snapshot,
    Trouble,
};
use jiff::{SignedDuration, Timestamp, ToSpan as _};

/// The moment at which every snapshot here is taken.
pub(crate) fn now() -> Timestamp {
    "2026-11-20T09:30:00Z".parse().unwrap()
}

/// So many minutes before [`now`].
pub(crate) fn ago(minutes: i64) -> Timestamp {
    now() - minutes.minutes()
}

/// The live state of a configuration.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) snapshot: Snapshot,
}

impl State {
    /// All is well with every check of this configuration.
    pub(crate) fn of(config: &str) -> Self {
        let mut state = Self::pending(config);
        for id in state.ids() {
            let usual = state.usual(&id);
            state.sees(&id, usual, 3 * 24 * 60);
            state.check(&id).history = "p".repeat(60).parse().unwrap();
        }
        state
    }

    /// So many endpoints, `service-0` and on, of twelve teams, with three checks each; all is well.
    pub(crate) fn crowd(number: usize) -> Self {
        let config = "credentials: {c: {basic_auth: {username: u, password_env: C}}}\n\
                      endpoints: [{name: service-0, url: 'https://service.example.com/', credential: c}]";
        Self::of(config).times(number)
    }

    /// The first endpoint so many times, each with another name.
    pub(crate) fn times(mut self, number: usize) -> Self {
        let first = self.snapshot.endpoints.swap_remove(0);
        let copy = |at: usize| {
            let mut status = EndpointStatus::clone(&first);
            let endpoint = Arc::make_mut(&mut status.endpoint);
            endpoint.name = name(&format!("service-{at}"));
            endpoint
                .labels
                .insert("team".to_owned(), format!("team-{}", at % 12));
            Arc::new(status)
        };
        self.snapshot.endpoints = (0..number).map(copy).collect();
        self
    }

    /// Nothing was probed yet.
    pub(crate) fn pending(config: &str) -> Self {
        let config =
            authvigil::config::parse(Path::new("authvigil.yaml"), config.to_owned()).unwrap();
        let endpoints = config.endpoints.into_iter().map(|endpoint| {
            let checks = endpoint.checks.iter().map(|_| Arc::default()).collect();
            Arc::new(EndpointStatus {
                endpoint: Arc::new(endpoint),
                checks,
                certificate: None,
            })
        });
        let credentials = config
            .credentials
            .credentials
            .keys()
            .map(|name| CredentialStatus {
                name: name.clone(),
                expires_at: None,
                last_accepted_at: Some(ago(1)),
            });
        let snapshot = Snapshot {
            taken_at: now(),
            started_at: ago(9 * 24 * 60),
            endpoints: endpoints.collect(),
            credentials: credentials.collect(),
            monitor: Monitor {
                reload: Reload {
                    succeeded_at: ago(9 * 24 * 60),
                    failure: None,
                },
                ..Monitor::default()
            },
        };
        Self { snapshot }
    }

    /// Lets a check, named `endpoint/check`, see this for so many minutes.
    pub(crate) fn sees(&mut self, id: &str, observation: Observation, minutes: i64) {
        let seen = self.judged(id, observation, minutes);
        let certificate = seen
            .observation
            .as_ref()
            .and_then(|seen| seen.tls.as_ref()?.chain.first().cloned());
        let status = self.endpoint(id);
        status.certificate = certificate.or(status.certificate.take());
        let check = self.check(id);
        let was_good = check.verdict() == Some(Verdict::Pass);
        let before = check.last.take().filter(|_| was_good).map(|mut seen| {
            seen.at = ago(minutes + 1);
            Arc::new(seen)
        });
        check.counts.count(&seen.judgement);
        let is_good = seen.judgement.verdict() == Verdict::Pass;
        check.good = before.filter(|_| !is_good);
        check.last = Some(seen);
    }

    /// The change that this would be: for the table of an endpoint's changes.
    pub(crate) fn change(
        &self,
        id: &str,
        before: Option<Verdict>,
        observation: Observation,
        minutes: i64,
    ) -> Change {
        let (endpoint, check) = id.split_once('/').unwrap();
        let mut seen = self.judged(id, observation, minutes);
        seen.at = seen.since;
        Change {
            id: CheckId {
                endpoint: name(endpoint),
                check: name(check),
            },
            before,
            seen,
        }
    }

    /// Sets the last marks of a check, one letter each.
    pub(crate) fn history(&mut self, id: &str, letters: &str) {
        self.check(id).history = letters.parse().unwrap();
    }

    /// Holds a check back for so many minutes more.
    pub(crate) fn hold(&mut self, id: &str, minutes: i64, why: &str) {
        self.check(id).held = Some(Hold {
            until: now() + minutes.minutes(),
            why: why.to_owned(),
        });
    }

    /// Forgets all that a check saw.
    pub(crate) fn forget(&mut self, id: &str) {
        *self.check(id) = CheckStatus::default();
    }

    /// Tells a check that a certificate expires, if it does soon.
    pub(crate) fn certificate(&mut self, id: &str, certificate: Certificate) {
        let certificate = Arc::new(certificate);
        let tls = Tls {
            version: Some(TlsVersion::Tls13),
            chain: vec![Arc::clone(&certificate)],
        };
        self.check(id).certificate = expiring(&tls, None, now());
        self.endpoint(id).certificate = Some(certificate);
    }

    /// What a check expects, as a server would send it.
    pub(crate) fn usual(&self, id: &str) -> Observation {
        let (endpoint, check) = self.asked(id);
        match check.role() {
            Role::Admitted => seen(answer(200, &[("content-type", "application/json")])),
            Role::Refused => {
                let realm = endpoint.name.as_str();
                let realm = if realm == "invoices" {
                    "billing"
                } else {
                    realm
                };
                let scheme = match realm {
                    "billing" => "Bearer",
                    "archive" => "Digest",
                    _ => "Basic",
                };
                let rest = if scheme == "Digest" {
                    ", qop=\"auth\", algorithm=SHA-256, nonce=\"f3a9\", opaque=\"77aa\""
                } else {
                    ""
                };
                let challenge = format!("{scheme} realm=\"{realm}\"{rest}");
                seen(answer(401, &[("www-authenticate", &challenge)]))
            }
        }
    }

    fn judged(&self, id: &str, observation: Observation, minutes: i64) -> Seen {
        let (endpoint, check) = self.asked(id);
        let question = Question {
            endpoint: &endpoint,
            check: &check,
            circumstances: Circumstances {
                now: now(),
                ..Circumstances::default()
            },
        };
        Seen {
            at: now() - 20.seconds(),
            since: ago(minutes),
            judgement: judge(&question, &observation),
            observation: Some(observation),
        }
    }

    fn asked(&self, id: &str) -> (Arc<Endpoint>, Check) {
        let (endpoint, check) = id.split_once('/').unwrap();
        let mut statuses = self.snapshot.endpoints.iter();
        let status = statuses
            .find(|status| status.endpoint.name.as_str() == endpoint)
            .unwrap();
        let check = status
            .endpoint
            .checks
            .iter()
            .find(|of| of.name.as_str() == check);
        (Arc::clone(&status.endpoint), check.unwrap().clone())
    }

    fn endpoint(&mut self, id: &str) -> &mut EndpointStatus {
        let (endpoint, _) = id.split_once('/').unwrap();
        let mut statuses = self.snapshot.endpoints.iter_mut();
        Arc::make_mut(
            statuses
                .find(|status| status.endpoint.name.as_str() == endpoint)
                .unwrap(),
        )
    }

    fn check(&mut self, id: &str) -> &mut CheckStatus {
        let (_, check) = id.split_once('/').unwrap();
        let status = self.endpoint(id);
        let at = status
            .endpoint
            .checks
            .iter()
            .position(|of| of.name.as_str() == check);
        Arc::make_mut(&mut status.checks[at.unwrap()])
    }

    fn ids(&self) -> Vec<String> {
        let ids = self.snapshot.endpoints.iter().flat_map(|status| {
            let checks = status.endpoint.checks.iter();
            checks.map(move |check| format!("{}/{}", status.endpoint.name, check.name))
        });
        ids.collect()
    }
}

/// A name that is one.
pub(crate) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

/// An answer with this status and these field lines.
pub(crate) fn answer(status: u16, fields: &[(&str, &str)]) -> Outcome {
    let fields = fields.iter().map(|(name, value)| Field {
        name: name.parse().unwrap(),
        value: value.as_bytes().to_vec(),
    });
    Outcome::Answer(Answer {
        status,
        http_version: HttpVersion::Http11,
        fields: fields.collect(),
        body: Body::default(),
        first_location: None,
    })
}

/// No answer, for this reason.
pub(crate) fn silence(reason: Reason, detail: &str) -> Outcome {
    Outcome::Silence(Silence {
        reason,
        detail: detail.to_owned(),
    })
}

/// An observation with phases, an address and a certificate like any other.
pub(crate) fn seen(outcome: Outcome) -> Observation {
    let answered = matches!(outcome, Outcome::Answer(_));
    let milliseconds = |number: u64| Some(Duration::from_millis(number));
    let phases = Phases {
        resolve: milliseconds(4),
        connect: milliseconds(11),
        tls: milliseconds(23).filter(|_| answered),
        processing: milliseconds(61).filter(|_| answered),
        transfer: milliseconds(2).filter(|_| answered),
    };
    Observation {
        outcome,
        phases,
        duration: Duration::from_millis(if answered { 101 } else { 10_000 }),
        remote_addr: Some("192.0.2.17:443".parse().unwrap()),
        tls: answered.then(|| Tls {
            version: Some(TlsVersion::Tls13),
            chain: vec![Arc::new(certificate("CN=*.example.com", 61))],
        }),
    }
}

/// A certificate of 90 days that expires in so many.
pub(crate) fn certificate(subject: &str, days: i64) -> Certificate {
    let not_after = now() + SignedDuration::from_hours(days * 24);
    let mut fingerprint = [0x5a; 32];
    for (byte, of) in fingerprint.iter_mut().zip(subject.bytes()) {
        *byte = of;
    }
    Certificate {
        subject: subject.to_owned(),
        issuer: "CN=Example CA R3, O=Example Trust".to_owned(),
        names: vec!["*.example.com".to_owned(), "example.com".to_owned()],
        not_before: not_after - SignedDuration::from_hours(90 * 24),
        not_after,
        fingerprint,
    }
}

/// What is watched on that day.
pub(crate) fn config() -> String {
    std::fs::read_to_string("tests/fixtures/status-page/authvigil.yaml").unwrap()
}

/// A day on which much goes wrong, as the fixture `status-page` has it.
pub(crate) fn bad_day() -> State {
    let mut state = State::of(&config());
    opened(&mut state);
    locked_out(&mut state);
    unsettled(&mut state);
    state.certificate("wiki/anonymous", certificate("CN=wiki.example.com", 6));
    state.certificate(
        "tickets/anonymous",
        certificate("CN=tickets.example.com", -1),
    );
    if let Some(credential) = state
        .snapshot
        .credentials
        .iter_mut()
        .find(|of| of.name.as_str() == "billing")
    {
        credential.expires_at = Some(now() + SignedDuration::from_hours(9 * 24));
    }
    state
}

fn opened(state: &mut State) {
    state.sees(
        "orders/anonymous",
        seen(answer(200, &[("content-type", "application/json")])),
        12,
    );
    state.history(
        "orders/anonymous",
        &format!("{}{}", "p".repeat(48), "c".repeat(12)),
    );
    state.sees("orders/invalid", seen(answer(200, &[])), 9);
    state.history("orders/invalid", &format!("{}cc", "p".repeat(58)));
}

fn locked_out(state: &mut State) {
    let challenge = "Bearer realm=\"billing\", error=\"invalid_token\", error_description=\"The access token expired\"";
    state.sees(
        "invoices/valid",
        seen(answer(401, &[("www-authenticate", challenge)])),
        127,
    );
    state.history(
        "invoices/valid",
        &format!("{}w{}{}", "p".repeat(20), "p".repeat(9), "c".repeat(30)),
    );
    let weaker = "Basic realm=\"archive\"";
    state.sees(
        "archive/anonymous",
        seen(answer(401, &[("www-authenticate", weaker)])),
        44,
    );
    state.history(
        "archive/anonymous",
        &format!("{}{}", "p".repeat(16), "w".repeat(44)),
    );
    state.sees(
        "warehouse-stock-levels-of-the-northern-region-v2.internal.api/anonymous",
        seen(answer(403, &[])),
        3 * 24 * 60,
    );
    state.history(
        "warehouse-stock-levels-of-the-northern-region-v2.internal.api/anonymous",
        &"w".repeat(60),
    );
}

fn unsettled(state: &mut State) {
    let refused = silence(
        Reason::ConnectTimeout,
        "no connection to 192.0.2.80:443 within 10 s",
    );
    for check in ["anonymous", "invalid", "valid"] {
        let id = format!("reports/{check}");
        state.sees(&id, seen(refused.clone()), 5);
        state.history(&id, &format!("{}uuuuu", "p".repeat(55)));
    }
    state.hold("partner-feed/invalid", 25, "429 with Retry-After: 1800");
    state.forget("search/anonymous");
}

/// The monitor's own troubles, all at once.
pub(crate) fn troubled(mut state: State) -> State {
    state.snapshot.monitor = Monitor {
        reload: Reload {
            succeeded_at: ago(200),
            failure: Some(
                "authvigil.yaml:14:12: `timeout` must be shorter than `interval`".to_owned(),
            ),
        },
        store: Some(Trouble {
            since: ago(3),
            what: "The disk of the state file is full; incidents are kept in memory.".to_owned(),
        }),
        isolated: true,
    };
    state
}
