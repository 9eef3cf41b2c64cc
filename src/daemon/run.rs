//! Every check once, now: endpoints at the same time.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::conclusion::{Keep, all_unsent};
use super::doorbell::Doorbell;
use super::expiries::add_expiring;
use super::report::{CheckResult, Report};
use super::round::{PLACES, round};
use crate::clock::{SharedClock, SystemClock};
use crate::credential::Settings;
use crate::domain::check::{Check, Disguise, Persona};
use crate::domain::endpoint::Endpoint;
use crate::domain::finding::Reason;
use crate::domain::presenter::{Presenter as _, Unpresentable};
use crate::domain::secret::Redactor;

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
    doorbell.read_ahead(&endpoints).await;
    let places = Arc::new(Semaphore::new(PLACES as usize));
    let mut rounds = JoinSet::new();
    let mut results: Vec<Vec<CheckResult>> = Vec::new();
    let mut told: Vec<Arc<Endpoint>> = Vec::new();
    let mut tasks = HashMap::new();
    for (at, endpoint) in endpoints.into_iter().enumerate() {
        let endpoint = Arc::new(without_skipped(endpoint, options));
        told.push(Arc::clone(&endpoint));
        results.push(Vec::new());
        let (doorbell, places) = (Arc::clone(&doorbell), Arc::clone(&places));
        let task =
            rounds.spawn(async move { round(&doorbell, &endpoint, &places, Keep::Evidence).await });
        tasks.insert(task.id(), at);
    }
    while let Some(joined) = rounds.join_next_with_id().await {
        let (id, done) = match joined {
            Ok((id, done)) => (id, Some(done)),
            Err(error) => (error.id(), None),
        };
        let Some((at, endpoint)) = tasks.get(&id).and_then(|at| Some((*at, told.get(*at)?))) else {
            continue;
        };
        let done = done.unwrap_or_else(|| all_failed(endpoint));
        if let Some(progress) = &progress {
            progress(&done);
        }
        if let Some(place) = results.get_mut(at) {
            *place = done;
        }
    }
    add_expiring(&told, &mut results, doorbell.clock.now());
    let redactor = doorbell.keyring.redactor();
    Ok(Report {
        started_at,
        results: redacted(results, &redactor),
    })
}

/// A round that broke loses no check.
fn all_failed(endpoint: &Endpoint) -> Vec<CheckResult> {
    let unusable = Unpresentable::new(
        Reason::ProbeFailed,
        "the probe broke off by a fault of this program; please report it".to_owned(),
    );
    all_unsent(endpoint, &unusable)
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
    doorbell.read_ahead(&endpoints).await;
    let place = Semaphore::new(PLACES as usize);
    let endpoints: Vec<Arc<Endpoint>> = endpoints.into_iter().map(Arc::new).collect();
    let mut results = Vec::new();
    for endpoint in &endpoints {
        results.push(round(&doorbell, endpoint, &place, Keep::Everything).await);
    }
    add_expiring(&endpoints, &mut results, doorbell.clock.now());
    let redactor = doorbell.keyring.redactor();
    Report {
        started_at,
        results: redacted(results, &redactor),
    }
}

/// The system's time, for whoever runs the program.
pub fn real_time() -> SharedClock {
    Arc::new(SystemClock)
}
