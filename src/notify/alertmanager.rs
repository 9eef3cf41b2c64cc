//! Prometheus' Alertmanager, by its API v2: each notice once, and open incidents again each minute.
//!
//! An alert is good for five minutes from when it was sent, so that an Alertmanager does not believe
//! for ever what a monitor said that is gone since.

mod firing;

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ::http::HeaderMap;
use futures_util::future::join_all;
use serde_json::Value;
use tokio::sync::{RwLock, watch};
use tokio::time::MissedTickBehavior;
use url::Url;

use self::firing::Firing;
use super::carrier::Carried;
use super::http::{Http, Parcel, parts};
use super::render::alerts;
use crate::clock::SharedClock;
use crate::domain::incident::Incident;
use crate::domain::notice::{Attempt, Notice};
use crate::domain::observation::without_query_values;

/// How many alerts are sent at once.
const BATCH: usize = 500;

/// How often open incidents are sent again.
const EVERY: Duration = Duration::from_mins(1);

/// How long sending them again may take at one instance: the next minute must not wait for it.
const LONGEST_ROUND: Duration = Duration::from_secs(45);

/// The open incidents that each Alertmanager was told of, by its URL as the way has it.
pub type Told = Vec<(String, Vec<Arc<Incident>>)>;

/// Tells Alertmanagers. Clones share what keeps notices and repetitions apart, so what sends again
/// must be given a clone of what sends first.
#[derive(Clone, Debug)]
pub struct Alertmanagers {
    http: Http,
    clock: SharedClock,
    turns: Arc<Mutex<HashMap<String, Turn>>>,
    firing: Arc<Mutex<Firing>>,
}

/// Notices share it; who sends again has it alone. A repetition that was made before an incident
/// ended has then arrived before the word of the end.
type Turn = Arc<RwLock<()>>;

impl Alertmanagers {
    /// Tells them by this client.
    pub fn new(http: Http, clock: SharedClock) -> Self {
        Self {
            http,
            clock,
            turns: Arc::default(),
            firing: Arc::default(),
        }
    }

    /// Tells the one at this base URL of a notice.
    pub(super) async fn tell(&self, base: &str, notice: &Notice) -> Carried {
        let turn = self.turn(base);
        let _shared = turn.read().await;
        let incidents = self.firing().sift(base, &notice.incidents);
        let alerts = alerts::of_notice(notice, &incidents, self.clock.now());
        self.post(base, alerts).await
    }

    /// Posts alerts in batches. The worst outcome is the outcome; what fails for now ends it.
    async fn post(&self, base: &str, alerts: Value) -> Carried {
        let mut outcome = Carried::from(Attempt::Delivered("nothing to say".to_owned()));
        let Some(url) = endpoint(base) else {
            return Attempt::Rejected("this is no URL of an Alertmanager".to_owned()).into();
        };
        for batch in alerts
            .as_array()
            .map_or(&[][..], Vec::as_slice)
            .chunks(BATCH)
        {
            let document = Value::from(batch).to_string().into_bytes();
            let now = self.clock.now();
            let parcel = Parcel {
                url: url.clone(),
                headers: HeaderMap::new(),
                document,
                redactor: parts(&url),
            };
            let post = self.http.post(parcel, now);
            let posted = post.await;
            match (&posted.attempt, &outcome.attempt) {
                (Attempt::Retried(_), _) => return posted,
                (Attempt::Delivered(_), Attempt::Rejected(_)) => {}
                (Attempt::Delivered(_) | Attempt::Rejected(_), _) => outcome = posted,
            }
        }
        outcome
    }

    fn firing(&self) -> MutexGuard<'_, Firing> {
        self.firing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self, base: &str) -> Turn {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(base.to_owned()).or_default())
    }
}

/// Where alerts are posted below a base URL, whose path is kept.
fn endpoint(base: &str) -> Option<Url> {
    let mut url = Url::parse(base).ok()?;
    let path = format!("{}/api/v2/alerts", url.path().trim_end_matches('/'));
    url.set_path(&path);
    matches!(url.scheme(), "http" | "https").then_some(url)
}

/// Sends open incidents again each minute. What fails is not queued: the next minute repeats it.
pub struct Resender {
    alertmanagers: Alertmanagers,
    told: watch::Receiver<Told>,
    every: Duration,
    failures: Arc<AtomicU64>,
    failing: BTreeSet<String>,
}

impl fmt::Debug for Resender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resender").finish_non_exhaustive()
    }
}

impl Resender {
    /// Sends again what stands in the channel. An incident must be taken out of it before the notice
    /// of its end is given to the sender; else the Alertmanager might have it open once more.
    pub fn new(alertmanagers: Alertmanagers, told: watch::Receiver<Told>) -> Self {
        Self {
            alertmanagers,
            told,
            every: EVERY,
            failures: Arc::default(),
            failing: BTreeSet::new(),
        }
    }

    /// Sends again so often, in place of each minute.
    #[must_use]
    pub fn every(self, every: Duration) -> Self {
        Self { every, ..self }
    }

    /// Counts repetitions that failed, each instance and minute once.
    pub fn failures(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.failures)
    }

    /// Sends again until nobody is left who could change what stands in the channel. The first time
    /// is as soon as something does: after a start, what was told before it may be about to expire.
    pub async fn run(mut self) {
        let mut turns = tokio::time::interval(self.every);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while self.told.wait_for(|told| !told.is_empty()).await.is_ok() {
            let gone = async { while self.told.changed().await.is_ok() {} };
            tokio::select! {
                _ = turns.tick() => {}
                () = gone => return,
            }
            self.round().await;
        }
    }

    async fn round(&mut self) {
        let bases: Vec<String> = {
            let told = self.told.borrow();
            told.iter().map(|(base, _)| base.clone()).collect()
        };
        let posts = bases.iter().map(|base| self.send_again(base));
        let outcomes = join_all(posts).await;
        for (base, outcome) in bases.into_iter().zip(outcomes) {
            self.note(&base, outcome);
        }
    }

    /// Sends one instance what it was told of, as that is once it is this one's turn.
    async fn send_again(&self, base: &str) -> Attempt {
        let sending = async {
            let turn = self.alertmanagers.turn(base);
            let _alone = turn.write().await;
            let open = self.open(base);
            self.alertmanagers.firing().settle(base, &open);
            let alerts = alerts::alerts(&open, self.alertmanagers.clock.now());
            self.alertmanagers.post(base, alerts).await.attempt
        };
        let late = |_| Attempt::Retried(format!("no end within {} s", LONGEST_ROUND.as_secs()));
        let sent = tokio::time::timeout(LONGEST_ROUND, sending).await;
        sent.unwrap_or_else(late)
    }

    fn open(&self, base: &str) -> Vec<Arc<Incident>> {
        let told = self.told.borrow();
        let of_base = told.iter().filter(|(other, _)| other == base);
        of_base
            .flat_map(|(_, incidents)| incidents.iter().map(Arc::clone))
            .collect()
    }

    /// Counts a failure, and logs the first of several and the end of them.
    fn note(&mut self, base: &str, outcome: Attempt) {
        let shown = without_query_values(base);
        match outcome {
            Attempt::Delivered(_) => {
                if self.failing.remove(base) {
                    tracing::info!(alertmanager = shown, "takes repeated alerts again");
                }
            }
            Attempt::Retried(said) | Attempt::Rejected(said) => {
                self.failures.fetch_add(1, Ordering::Relaxed);
                if self.failing.insert(base.to_owned()) {
                    tracing::warn!(alertmanager = shown, said, "does not take repeated alerts");
                }
            }
        }
    }
}
