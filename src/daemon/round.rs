//! One endpoint's turn: the rightful holder knocks first, then nobody, then whoever must be refused.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::{Semaphore, SemaphorePermit, watch};

use super::conclusion::{Keep, all_unsent, judged};
use super::doorbell::{Doorbell, Knocked, Manner, status};
use super::report::CheckResult;
use crate::domain::check::{Check, Persona};
use crate::domain::endpoint::Endpoint;
use crate::domain::finding::Reason;
use crate::domain::presenter::{Shown, Unpresentable};
use crate::probe::Target;

/// How many endpoints are probed at the same time. Each has up to three probes under way, and a
/// hostile head may take half a megabyte: the run stays under 128 MiB.
pub(super) const PLACES: u32 = 64;

/// How long nobody in particular waits for the rightful holder's answer.
const HEAD_START: Duration = Duration::from_millis(300);

/// What a server that hangs may cost beyond its timeout, whoever it was that met it.
const OVERTIME: Duration = Duration::from_millis(900);

/// Knocks for every check of one endpoint, then judges.
pub(super) async fn round(
    doorbell: &Doorbell,
    endpoint: &Endpoint,
    places: &Semaphore,
    keep: Keep,
) -> Vec<CheckResult> {
    let target = match doorbell.prober.target(endpoint) {
        Ok(target) => target,
        Err(error) => {
            let unusable = Unpresentable::new(Reason::ProbeFailed, error.to_string());
            return all_unsent(endpoint, &unusable);
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
        let place = self.place().await;
        let started = self.doorbell.clock.monotonic();
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
            head_start(&[&holders, &strangers], self.patience()).await;
            let waited = self
                .doorbell
                .clock
                .monotonic()
                .saturating_duration_since(started);
            self.refused(&stopped, self.time_left(waited)).await
        };
        let (admitted_first, refused_last) = tokio::join!(admitted_first, refused_last);
        let mut all: Vec<(usize, Knocked)> = admitted_first.chain(refused_last).collect();
        all.sort_by_key(|(at, _)| *at);
        all.into_iter().map(|(_, knocked)| knocked).collect()
    }

    /// A place among those who are probed at the same time, as large as what may be read there.
    async fn place(&self) -> Option<SemaphorePermit<'_>> {
        self.places.acquire_many(weight(self.endpoint)).await.ok()
    }

    /// How long whoever must be refused waits for the others' answers, which may ask to stop.
    fn patience(&self) -> Duration {
        (self.endpoint.timeout / 2).max(HEAD_START * 2)
    }

    /// The timeout that is left after so long a wait, so that all of it ends in time.
    fn time_left(&self, waited: Duration) -> Duration {
        let timeout = self.endpoint.timeout;
        timeout.min((timeout + OVERTIME).saturating_sub(waited))
    }

    fn of(&self, stage: Stage) -> impl Iterator<Item = (usize, &Check)> {
        let checks = self.endpoint.checks.iter().enumerate();
        checks.filter(move |(_, check)| Stage::of(&check.persona) == stage)
    }

    async fn stage(&self, stage: Stage, stop: &watch::Sender<bool>) -> Vec<(usize, Knocked)> {
        join_all(self.of(stage).map(async |(at, check)| {
            let knocked = self.knock(check, self.endpoint.timeout).await;
            if asks_to_stop(&knocked) {
                stop.send_replace(true);
            }
            (at, knocked)
        }))
        .await
    }

    /// Shows what must be refused, one after the other, until somebody was told to stop.
    async fn refused(
        &self,
        told: &watch::Receiver<bool>,
        timeout: Duration,
    ) -> Vec<(usize, Knocked)> {
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
                let _place = self.place().await;
                self.knock(check, timeout).await
            };
            stopped |= asks_to_stop(&knocked);
            all.push((at, knocked));
        }
        all
    }

    async fn knock(&self, check: &Check, timeout: Duration) -> Knocked {
        let knocked = self
            .doorbell
            .knock(self.target, check, timeout, Manner::Waits)
            .await;
        knocked.unwrap_or_else(|denied| (Err(denied.into()), Shown::default()))
    }
}

/// Places are sized for the default limit of a body; a larger one takes more of them.
fn weight(endpoint: &Endpoint) -> u32 {
    const USUAL: usize = 64 * 1024;
    let beyond = endpoint.request.body_size_limit.saturating_sub(USUAL);
    u32::try_from(1 + beyond / USUAL).map_or(PLACES, |weight| weight.min(PLACES))
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
    Unpresentable::new(
        Reason::NotProbed,
        "held back: the endpoint answered 423 or 429, and more refused credentials could lock an \
         account",
    )
}
