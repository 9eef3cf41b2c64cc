//! Live states as tests need them: a configuration, what its checks saw, and the judge's own words.
//!
//! ```ignore
//! let mut state = State::of("endpoints: [{name: orders, url: 'https://orders.example.com/'}]");
//! state.sees("orders/anonymous", seen(answer(200, &[])), 12);
//! let page = page::overview(&state.snapshot);
//! ```
//!
//! Until it is told otherwise, every check has just met what it expects.

mod alarms;
mod bad_day;
mod parts;

use std::path::Path;
use std::sync::Arc;

pub(crate) use alarms::alarmed;
use authvigil::domain::advice::{Advice, AdviceCode};
use authvigil::domain::check::{Check, CheckId, Role};
use authvigil::domain::drift::Baseline;
use authvigil::domain::endpoint::{Endpoint, TlsVersion};
use authvigil::domain::finding::Verdict;
use authvigil::domain::judge::{Circumstances, Question, expiring, judge};
use authvigil::domain::observation::{Certificate, Observation, Tls};
use authvigil::domain::status::{
    Change, CheckStatus, CredentialStatus, EndpointStatus, Hold, Monitor, Reload, Seen, Snapshot,
};
pub(crate) use bad_day::{bad_day, config, troubled};
use jiff::{Timestamp, ToSpan as _};
pub(crate) use parts::{answer, certificate, name, seen, silence};

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
            fetches: Vec::new(),
            incidents: Vec::new(),
            notices: Vec::new(),
            silences: Vec::new(),
            receivers: Vec::new(),
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

    /// Has what a check last came to be worth mending, too.
    pub(crate) fn advise(&mut self, id: &str, code: AdviceCode, message: &str) {
        let seen = self.check(id).last.as_mut().unwrap();
        let message = message.to_owned();
        seen.judgement.advice.push(Advice { code, message });
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
            span: None,
        });
    }

    /// Sets the challenges that a check may offer.
    pub(crate) fn set_baseline(&mut self, id: &str, baseline: Baseline) {
        self.check(id).baseline = baseline;
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
        self.check(id).expiring.certificate = expiring(&tls, None, now());
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
