//! Every check once, now: endpoints at the same time, and within each the rightful holder first.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::knock::{Doorbell, Knocked, status};
use super::report::{CheckResult, Report};
use crate::clock::{SharedClock, SystemClock};
use crate::credential::Settings;
use crate::domain::check::{Check, CheckId, Disguise, Persona, Role};
use crate::domain::endpoint::{Endpoint, Origin};
use crate::domain::finding::{Finding, Reason, Verdict};
use crate::domain::judge::{self, Circumstances, Judgement, Question};
use crate::domain::observation::{Answer, Observation, Outcome, without_query_values};
use crate::domain::presenter::Unpresentable;
use crate::domain::secret::Redactor;
use crate::probe::{Shown, Target};

/// Endpoints that are probed at the same time; each has up to three probes under way.
const CONCURRENCY: usize = 256;

/// How long those who come later wait for those who come first. A server that hangs then costs its
/// timeout and less than a second, whoever it was that met it.
const HEAD_START: Duration = Duration::from_millis(300);

/// What a run is to include.
#[derive(Clone, Debug, Default)]
pub struct CheckOptions {
    /// The endpoints to check; all where this is empty.
    pub names: Vec<String>,
    /// Whether real users are shown a wrong password.
    pub include_wrong_password: bool,
}

/// Why a run did not begin.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// A name that is not in the configuration.
    #[error("no endpoint is named `{name}`{}", hint(nearest.as_deref()))]
    UnknownEndpoint {
        /// What was asked for.
        name: String,
        /// The configured name that comes closest.
        nearest: Option<String>,
    },
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

/// Told after each endpoint.
pub type Progress = Arc<dyn Fn(&[CheckResult]) + Send + Sync>;

/// Checks every endpoint, or the named ones, once.
pub async fn check_once(
    endpoints: Vec<Endpoint>,
    credentials: Settings,
    options: &CheckOptions,
    clock: SharedClock,
    progress: Option<Progress>,
) -> Result<Report, CheckError> {
    let endpoints = chosen(endpoints, &options.names)?;
    let started_at = clock.now();
    let doorbell = Arc::new(Doorbell::new(clock, credentials));
    let places = Arc::new(Semaphore::new(CONCURRENCY));
    let mut rounds = JoinSet::new();
    let mut results: Vec<Vec<CheckResult>> = Vec::new();
    let mut told: Vec<Arc<Endpoint>> = Vec::new();
    for (at, endpoint) in endpoints.into_iter().enumerate() {
        let endpoint = Arc::new(without_skipped(endpoint, options));
        told.push(Arc::clone(&endpoint));
        results.push(Vec::new());
        let (doorbell, places) = (Arc::clone(&doorbell), Arc::clone(&places));
        rounds.spawn(async move {
            (
                at,
                round(&doorbell, &endpoint, &places, Keep::Evidence).await,
            )
        });
    }
    while let Some(joined) = rounds.join_next().await {
        if let Ok((at, done)) = joined {
            if let Some(progress) = &progress {
                progress(&done);
            }
            if let Some(place) = results.get_mut(at) {
                *place = done;
            }
        }
    }
    add_expiring_certificates(&told, &mut results, doorbell.clock.now());
    let redactor = doorbell.keyring.redactor_of_all();
    Ok(Report {
        started_at,
        results: redacted(results, &redactor),
    })
}

fn redacted(results: Vec<Vec<CheckResult>>, redactor: &Redactor) -> Vec<CheckResult> {
    results
        .into_iter()
        .flatten()
        .map(|result| result.redacted(redactor))
        .collect()
}

fn chosen(endpoints: Vec<Endpoint>, names: &[String]) -> Result<Vec<Endpoint>, CheckError> {
    let known: Vec<&str> = endpoints
        .iter()
        .map(|endpoint| endpoint.name.as_str())
        .collect();
    for name in names {
        if !known.contains(&name.as_str()) {
            let nearest = known
                .iter()
                .filter(|other| strsim::jaro_winkler(other, name) > 0.8)
                .max_by(|a, b| {
                    strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name))
                })
                .map(|&nearest| nearest.to_owned());
            return Err(CheckError::UnknownEndpoint {
                name: name.clone(),
                nearest,
            });
        }
    }
    let wanted = |endpoint: &Endpoint| {
        names.is_empty() || names.iter().any(|it| it == endpoint.name.as_str())
    };
    Ok(endpoints.into_iter().filter(wanted).collect())
}

/// A check that shows a wrong password to a real account is made only when it is asked for.
fn without_skipped(mut endpoint: Endpoint, options: &CheckOptions) -> Endpoint {
    if !options.include_wrong_password {
        let wrong = |check: &Check| match &check.persona {
            Persona::Impostor(impostor) => impostor.disguise == Disguise::WrongPassword,
            Persona::Anonymous | Persona::Holder(_) | Persona::Invalid(_) => false,
        };
        endpoint.checks.retain(|check| !wrong(check));
    }
    endpoint
}

/// Knocks for every check of a few endpoints, one after the other, and keeps all that was seen.
pub async fn knock_once(
    endpoints: Vec<Endpoint>,
    credentials: Settings,
    clock: SharedClock,
) -> Report {
    let started_at = clock.now();
    let doorbell = Doorbell::new(clock, credentials);
    let place = Semaphore::new(1);
    let endpoints: Vec<Arc<Endpoint>> = endpoints.into_iter().map(Arc::new).collect();
    let mut results = Vec::new();
    for endpoint in &endpoints {
        results.push(round(&doorbell, endpoint, &place, Keep::Everything).await);
    }
    add_expiring_certificates(&endpoints, &mut results, doorbell.clock.now());
    let redactor = doorbell.keyring.redactor_of_all();
    Report {
        started_at,
        results: redacted(results, &redactor),
    }
}

/// The system's time, for whoever runs the program.
pub fn real_time() -> SharedClock {
    Arc::new(SystemClock)
}

/// How much of an answer outlives its judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keep {
    /// What a report shows: thousands of results wait for the end of a run.
    Evidence,
    /// All of it.
    Everything,
}

/// Knocks for every check of one endpoint, then judges.
async fn round(
    doorbell: &Doorbell,
    endpoint: &Endpoint,
    places: &Semaphore,
    keep: Keep,
) -> Vec<CheckResult> {
    let target = match doorbell.prober.target(endpoint) {
        Ok(target) => target,
        Err(error) => {
            let unusable = Unpresentable {
                reason: Reason::ProbeFailed,
                detail: error.to_string(),
            };
            return endpoint
                .checks
                .iter()
                .map(|check| unsent(endpoint, check, &unusable))
                .collect();
        }
    };
    let knocked = Round {
        doorbell,
        endpoint,
        target: &target,
        places,
    }
    .knock_all()
    .await;
    judged(doorbell, endpoint, knocked, keep)
}

/// One endpoint's turn.
struct Round<'a> {
    doorbell: &'a Doorbell,
    endpoint: &'a Endpoint,
    target: &'a Target,
    places: &'a Semaphore,
}

/// The order in which personas knock.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Holders,
    Strangers,
    Refused,
}

impl Stage {
    fn of(persona: &Persona) -> Self {
        match persona {
            Persona::Holder(_) => Self::Holders,
            Persona::Anonymous => Self::Strangers,
            Persona::Impostor(_) | Persona::Invalid(_) => Self::Refused,
        }
    }
}

impl Round<'_> {
    /// What came of each check's knock, in the order of the checks.
    async fn knock_all(&self) -> Vec<Knocked> {
        let (holders_done, holders) = watch::channel(false);
        let (strangers_done, strangers) = watch::channel(false);
        let (stop, stopped) = watch::channel(false);
        let place = self.places.acquire().await;
        let admitted_first = async {
            let first = async {
                let knocked = self.stage(Stage::Holders, &stop).await;
                holders_done.send_replace(true);
                knocked
            };
            let second = async {
                head_start(&[&holders], HEAD_START).await;
                let knocked = self.stage(Stage::Strangers, &stop).await;
                strangers_done.send_replace(true);
                knocked
            };
            let (first, second) = tokio::join!(first, second);
            // Those who wait for their turn leave their place to another endpoint.
            drop(place);
            first.into_iter().chain(second)
        };
        let refused_last = async {
            head_start(&[&holders, &strangers], HEAD_START * 2).await;
            self.refused(&stopped).await
        };
        let (admitted_first, refused_last) = tokio::join!(admitted_first, refused_last);
        let mut all: Vec<(usize, Knocked)> = admitted_first.chain(refused_last).collect();
        all.sort_by_key(|(at, _)| *at);
        all.into_iter().map(|(_, knocked)| knocked).collect()
    }

    fn of(&self, stage: Stage) -> impl Iterator<Item = (usize, &Check)> {
        let checks = self.endpoint.checks.iter().enumerate();
        checks.filter(move |(_, check)| Stage::of(&check.persona) == stage)
    }

    async fn stage(&self, stage: Stage, stop: &watch::Sender<bool>) -> Vec<(usize, Knocked)> {
        join_all(self.of(stage).map(async |(at, check)| {
            let knocked = self
                .doorbell
                .knock(self.endpoint, self.target, &check.persona)
                .await;
            if asks_to_stop(&knocked) {
                stop.send_replace(true);
            }
            (at, knocked)
        }))
        .await
    }

    /// Shows what must be refused, one after the other, until somebody was told to stop.
    async fn refused(&self, told: &watch::Receiver<bool>) -> Vec<(usize, Knocked)> {
        let mut all = Vec::new();
        let mut stopped = false;
        for (at, check) in self.of(Stage::Refused) {
            if !*told.borrow() && !stopped {
                self.doorbell.turn(self.endpoint).await;
            }
            stopped |= *told.borrow();
            let knocked = if stopped {
                (Err(held_back()), Shown::default())
            } else {
                let _place = self.places.acquire().await;
                self.doorbell
                    .knock(self.endpoint, self.target, &check.persona)
                    .await
            };
            stopped |= asks_to_stop(&knocked);
            all.push((at, knocked));
        }
        all
    }
}

/// Waits until all of these are done, but no longer than this.
async fn head_start(done: &[&watch::Receiver<bool>], longest: Duration) {
    let all = async {
        for receiver in done {
            let mut receiver = (*receiver).clone();
            // An error means that the sender is gone, and so nobody is to be waited for.
            let _gone = receiver.wait_for(|done| *done).await.is_err();
        }
    };
    let _in_time = tokio::time::timeout(longest, all).await.is_ok();
}

fn asks_to_stop((observation, _): &Knocked) -> bool {
    matches!(status(observation), Some(423 | 429))
}

fn held_back() -> Unpresentable {
    Unpresentable {
        reason: Reason::NotProbed,
        detail: "held back: the endpoint answered 423 or 429, and more refused credentials could \
                 lock an account"
            .to_owned(),
    }
}

fn unsent(endpoint: &Endpoint, check: &Check, why: &Unpresentable) -> CheckResult {
    result(endpoint, check, judge::judge_unsent(endpoint, why), None)
}

fn result(
    endpoint: &Endpoint,
    check: &Check,
    judgement: Judgement,
    observation: Option<Observation>,
) -> CheckResult {
    CheckResult {
        id: CheckId {
            endpoint: endpoint.name.clone(),
            check: check.name.clone(),
        },
        persona: check.persona.clone(),
        url: without_query_values(endpoint.request.url.as_str()),
        expected: check.expectation.status.to_string(),
        judgement,
        observation,
    }
}

/// Judges the holders first: what they met is what the others are held against.
fn judged(
    doorbell: &Doorbell,
    endpoint: &Endpoint,
    knocked: Vec<Knocked>,
    keep: Keep,
) -> Vec<CheckResult> {
    let now = doorbell.clock.now();
    let mut circumstances = Circumstances {
        now,
        ..Circumstances::default()
    };
    for (check, (observation, _)) in endpoint.checks.iter().zip(&knocked) {
        if check.persona.is_holder() && check.role() == Role::Admitted {
            let met = observation.as_ref().ok().and_then(Observation::answer);
            note_holder(check, met, &mut circumstances);
        }
    }
    let checks = endpoint.checks.iter().zip(knocked);
    checks
        .map(|(check, (observation, shown))| match observation {
            Err(unpresentable) => unsent(endpoint, check, &unpresentable),
            Ok(seen) => {
                let circumstances = Circumstances {
                    credential_expires_at: shown.expires_at,
                    ..circumstances
                };
                let question = Question {
                    endpoint,
                    check,
                    circumstances,
                };
                let judgement = judge::judge(&question, &seen);
                let seen = if keep == Keep::Evidence {
                    evidence(seen)
                } else {
                    seen
                };
                result(endpoint, check, judgement, Some(seen))
            }
        })
        .collect()
}

fn note_holder(check: &Check, met: Option<&Answer>, circumstances: &mut Circumstances) {
    let admitted = met.is_some_and(|answer| {
        check.expectation.status.contains(answer.status) && !judge::holds_login_form(answer)
    });
    let before = circumstances.holder_admitted.unwrap_or(false);
    circumstances.holder_admitted = Some(before || admitted);
    if let Some(answer) = met.filter(|answer| (200..=299).contains(&answer.status)) {
        circumstances
            .holder_body
            .get_or_insert_with(|| judge::digest(&answer.body));
    }
}

/// The same observation with what a report shows, and no more.
fn evidence(mut seen: Observation) -> Observation {
    const SHOWN: [&str; 2] = ["www-authenticate", "location"];
    if let Outcome::Answer(answer) = &mut seen.outcome {
        answer.body.bytes = Vec::new();
        answer
            .fields
            .retain(|field| SHOWN.contains(&field.name.as_str()));
        answer.fields.shrink_to_fit();
    }
    seen
}

/// Judges certificates once per endpoint, and once for each host and port.
fn add_expiring_certificates(
    endpoints: &[Arc<Endpoint>],
    results: &mut [Vec<CheckResult>],
    now: jiff::Timestamp,
) {
    let mut told: BTreeSet<(String, u16)> = BTreeSet::new();
    for (endpoint, results) in endpoints.iter().zip(results) {
        let Origin { host, port, .. } = endpoint.origin();
        let Some((at, finding)) = expiring(endpoint, results, now) else {
            continue;
        };
        if told.insert((host, port))
            && let Some(result) = results.get_mut(at)
        {
            let severity = judge::severity_at(endpoint, finding.reason);
            result.judgement.add(Finding {
                severity,
                ..finding
            });
        }
    }
}

/// The first result that has a verdict and a chain, with what its certificates say.
fn expiring(
    endpoint: &Endpoint,
    results: &[CheckResult],
    now: jiff::Timestamp,
) -> Option<(usize, Finding)> {
    let least = endpoint
        .checks
        .iter()
        .filter_map(|check| check.expectation.certificate_min_remaining)
        .max();
    let usable = |result: &CheckResult| result.judgement.verdict() != Verdict::Unknown;
    results
        .iter()
        .enumerate()
        .filter(|(_, result)| usable(result))
        .find_map(|(at, result)| {
            let tls = result.observation.as_ref()?.tls.as_ref()?;
            Some((at, judge::expiring(tls, least, now)?))
        })
}
