//! The keeper at work: takes events, gives snapshots, hands over what is to be stored.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use super::errand::{Errand, ToldAlertmanagers};
use super::event::{Event, Moment};
use super::live::Live;
use super::steady::Steady;
use super::told::Told;
use crate::clock::SharedClock;
use crate::domain::check::CheckId;
use crate::domain::status::Snapshot;
use crate::metrics::{Metrics, StoreHealth};
use crate::store::{Health, Saved, Store};

/// Events that may wait; who brings more waits as well.
const WAITING: usize = 4096;

/// What is not urgent is stored this often.
const BEAT: Duration = Duration::from_secs(1);

/// The whole state of each check is stored anew within this many beats, changed or not.
const ROTATION: usize = 300;

/// The way to the keeper.
#[derive(Clone, Debug)]
pub struct Keeper {
    events: mpsc::Sender<Event>,
}

/// Those whom the keeper works with.
#[derive(Debug)]
pub struct Neighbours {
    /// Where the state is kept.
    pub store: Store,
    /// Where verdicts and health are counted.
    pub metrics: Arc<Metrics>,
    /// The time.
    pub clock: SharedClock,
    /// Who knocks again, and who tells notices.
    pub errands: mpsc::UnboundedSender<Errand>,
    /// What Alertmanagers are to be told again and again. An incident that ended is out of it before
    /// anybody is told of the end.
    pub repeated: watch::Sender<ToldAlertmanagers>,
}

impl Keeper {
    /// A keeper that goes on from what was saved, and the work that has to be spawned for it.
    ///
    /// The work ends with [`Keeper::end`], or when every [`Keeper`] is gone, and hands everything to
    /// the store before.
    pub fn new(saved: Saved, neighbours: Neighbours) -> (Self, impl Future<Output = ()> + Send) {
        let (events, inbox) = mpsc::channel(WAITING);
        let mut live = Live::new(saved, neighbours.clock.now());
        live.resume_errands();
        let (letters, to_post) = mpsc::unbounded_channel();
        let post = post(
            to_post,
            neighbours.store.clone(),
            neighbours.errands.clone(),
        );
        let clock = &neighbours.clock;
        let steady = Steady::new(clock.now(), clock.monotonic());
        let desk = Desk {
            live,
            steady,
            neighbours,
            letters,
            cursor: 0,
            renewals: 0,
        };
        let work = async {
            tokio::join!(desk.work(inbox), post);
        };
        (Self { events }, work)
    }

    /// Tells what happened; waits while the keeper has much to do.
    pub async fn tell(&self, event: Event) {
        // A keeper that is gone means that the program ends.
        let _told = self.events.send(event).await.is_ok();
    }

    /// Has everything be told that is to be told, as the end is near, and waits until it was handed
    /// over.
    pub async fn hurry(&self) {
        let (reply, answer) = oneshot::channel();
        self.tell(Event::Hurried(reply)).await;
        let _handed_over_either_way = answer.await.is_ok();
    }

    /// Waits until the keeper has taken in all that was told before and handed it to the store.
    pub async fn end(&self) {
        let (reply, answer) = oneshot::channel();
        self.tell(Event::Ended(reply)).await;
        let _ended_either_way = answer.await.is_ok();
    }

    /// Everything that is known; `None` where the keeper does not answer in time.
    pub async fn snapshot(&self, longest: Duration) -> Option<Arc<Snapshot>> {
        let asked = async {
            let (reply, answer) = oneshot::channel();
            self.events.send(Event::Asked(reply)).await.ok()?;
            answer.await.ok()
        };
        tokio::time::timeout(longest, asked).await.ok().flatten()
    }
}

/// Where the keeper works.
struct Desk {
    live: Live,
    neighbours: Neighbours,
    /// Notices that are to be told once they are on the disk.
    letters: mpsc::UnboundedSender<Errand>,
    steady: Steady,
    /// Which check is stored next although nothing about it changed.
    cursor: usize,
    /// How often the state file was begun anew.
    renewals: u64,
}

impl Desk {
    async fn work(mut self, mut inbox: mpsc::Receiver<Event>) {
        let mut beat = tokio::time::interval(BEAT);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let asked_to_end = loop {
            let idle = self.idle();
            let mut told = tokio::select! {
                event = inbox.recv() => match event {
                    None => break None,
                    Some(Event::Ended(reply)) => break Some(reply),
                    Some(event) => {
                        let now = self.now();
                        self.live.apply(event, now)
                    }
                },
                _ = beat.tick() => self.beat(),
                () = wake(idle) => Vec::new(),
            };
            if self.idle() == Some(Duration::ZERO) {
                let now = self.now();
                told.extend(self.live.say_what_is_due(now));
            }
            for told in &told {
                self.tell(told);
            }
            if self.live.unsaved.is_urgent() {
                self.save();
            }
            self.run_errands();
        };
        self.live.unsaved.checks = self.live.ids().collect();
        self.save();
        self.run_errands();
        if let Some(reply) = asked_to_end {
            let _heard = reply.send(()).is_ok();
        }
    }

    fn now(&mut self) -> Moment {
        let clock = &self.neighbours.clock;
        let (wall, monotonic) = (clock.now(), clock.monotonic());
        Moment {
            wall,
            steady: self.steady.now(wall, monotonic),
            monotonic,
        }
    }

    /// How long nothing is to be said; `None` for as long as nothing happens.
    fn idle(&mut self) -> Option<Duration> {
        let at = self.live.next_due()?;
        let left = at.duration_since(self.now().steady);
        Some(Duration::try_from(left).unwrap_or_default())
    }

    /// Hands over what others are to do; a notice goes once it is on the disk.
    fn run_errands(&mut self) {
        let mut errands = self.live.errands.iter();
        if errands.any(|errand| matches!(errand, Errand::Tell(_))) {
            // The end of an incident must be out of what is repeated before it is told.
            self.publish_repeats();
        }
        for errand in std::mem::take(&mut self.live.errands) {
            let way = match errand {
                Errand::Reprobe(_) => &self.neighbours.errands,
                Errand::Tell(_) | Errand::Caught(_) => &self.letters,
            };
            // Whoever would do it is gone only where the program ends.
            let _sent = way.send(errand).is_ok();
        }
    }

    /// Has Alertmanagers be told again of what they know, as that is now.
    fn publish_repeats(&mut self) {
        if std::mem::take(&mut self.live.retell) {
            let told = self.live.told_alertmanagers();
            self.neighbours.repeated.send_if_modified(|before| {
                let changed = *before != told;
                *before = told;
                changed
            });
        }
    }

    fn tell(&self, told: &Told) {
        let metrics = &self.neighbours.metrics;
        match told {
            Told::Probed { verdict, took, .. } => metrics.probed(*verdict, *took),
            Told::Opened(incident) => metrics.incident_opened(incident.class),
            Told::Tried { tried, receiver } => metrics.tried(receiver, &tried.attempt),
            Told::Changed { .. }
            | Told::Ended(_)
            | Told::Flapping(_)
            | Told::Isolated(_)
            | Told::Owed(_)
            | Told::Reproduced(_)
            | Told::Store(_) => {}
        }
        told.log();
    }

    /// What has to be done now and then, whatever happens.
    fn beat(&mut self) -> Vec<Told> {
        let Health {
            trouble,
            works,
            failures,
            lost,
            renewals,
            ..
        } = self.neighbours.store.health();
        self.neighbours.metrics.stored(StoreHealth {
            up: works,
            failures,
            changes_lost: lost,
        });
        if renewals != self.renewals {
            self.renewals = renewals;
            let now = self.now();
            self.live.owe_all(now);
        }
        self.publish_repeats();
        let mut told: Vec<Told> = self.live.note_store(trouble).into_iter().collect();
        let now = self.now();
        told.extend(self.live.look_round(now));
        self.rotate();
        self.save();
        told
    }

    /// Has a few checks stored whole, so that their history is never much older than it may be.
    fn rotate(&mut self) {
        let all = self
            .live
            .watches
            .iter()
            .map(|watch| watch.checks.len())
            .sum::<usize>();
        let most = all.div_ceil(ROTATION);
        let chosen: BTreeSet<CheckId> = self.live.ids().skip(self.cursor).take(most).collect();
        self.cursor = if chosen.len() < most {
            0
        } else {
            self.cursor + most
        };
        self.live.unsaved.checks.extend(chosen);
    }

    fn save(&mut self) {
        if let Some(batch) = self.live.batch() {
            let now = self.neighbours.clock.now();
            self.neighbours.store.commit(batch, now);
        }
    }
}

/// Waits so long, or for ever.
async fn wake(after: Option<Duration>) {
    match after {
        Some(after) => tokio::time::sleep(after).await,
        None => std::future::pending().await,
    }
}

/// Passes notices on once they are on the disk: told before, they could be told twice. A disk that
/// takes long, or none, holds nothing up for longer than this.
async fn post(
    mut letters: mpsc::UnboundedReceiver<Errand>,
    store: Store,
    errands: mpsc::UnboundedSender<Errand>,
) {
    const LONGEST: Duration = Duration::from_millis(500);
    while let Some(first) = letters.recv().await {
        let mut all = vec![first];
        while let Ok(next) = letters.try_recv() {
            all.push(next);
        }
        let _told_by_the_store = tokio::time::timeout(LONGEST, store.settle()).await.is_ok();
        for errand in all {
            let _sent = errands.send(errand).is_ok();
        }
    }
}
