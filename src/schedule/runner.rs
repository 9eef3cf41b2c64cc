//! Waits for the agenda, and starts what it says: one task for each probe.

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use super::agenda::{Agenda, Attempt, End, Entry, Key, Start};
use crate::clock::SharedClock;
use crate::domain::check::CheckId;
use crate::domain::status::Skip;

/// The agenda is looked at this often, also where nothing is due, so that who watches over the
/// schedule can see that it does not stand still.
const LOOK: Duration = Duration::from_secs(1);

/// An agenda that can be read while it runs: locked for an instant only, never over an `await`.
pub type SharedAgenda = Arc<Mutex<Agenda>>;

/// What a running schedule is told.
#[derive(Debug)]
pub enum Command {
    /// These are the checks from now on.
    Adopt(Vec<Entry>),
    /// Start no more probes. Those under way go on; when the last one has ended, the schedule does.
    Stop {
        /// Is told when the last probe has ended.
        ended: oneshot::Sender<()>,
    },
    /// End now, and drop the probes that are under way.
    Abandon,
}

/// Sees what the schedule does.
pub trait Witness: Send + Sync {
    /// A probe starts, so late; told once, however often its account gives no leave.
    fn started(&self, id: &CheckId, lag: Duration);

    /// A probe has ended, or its turn has passed before its account gave leave; told once for each
    /// that started.
    fn ended(&self, id: &CheckId);

    /// A probe ended in a panic; told before its end.
    fn panicked(&self, id: &CheckId);

    /// So many turns of a check passed without a probe.
    fn skipped(&self, id: &CheckId, cause: Skip, turns: u64);

    /// The agenda was looked at: told at least once a second.
    fn turned(&self);
}

/// A probe's task: what it was, and how it ended, unless it panicked.
type Ended = (Key, CheckId, Option<End>);

/// Runs the agenda until it is told to stop, or nobody is left who could tell it so.
///
/// `knock` makes one probe. It must come to an end by itself, because nobody else bounds it, and it
/// keeps its place until then: what would have to wait for others says so with
/// [`Attempt::Postponed`] and is asked again.
pub async fn run<K, F>(
    agenda: &SharedAgenda,
    clock: &SharedClock,
    knock: K,
    witness: &impl Witness,
    mut commands: mpsc::Receiver<Command>,
) where
    K: Fn(Start) -> F + Send + Sync + 'static,
    F: Future<Output = End> + Send + 'static,
{
    let mut run = Run {
        agenda,
        clock,
        knock: Arc::new(knock),
        witness,
        probes: JoinSet::new(),
        asking: HashSet::new(),
    };
    let mut waiting = Vec::new();
    loop {
        match run.until_told(&mut commands).await {
            Some(Command::Adopt(entries)) => run.adopt(entries),
            Some(Command::Stop { ended }) => {
                waiting.push(ended);
                break;
            }
            Some(Command::Abandon) => return,
            None => break,
        }
    }
    run.drain(&mut commands, &mut waiting).await;
}

struct Run<'a, K, W> {
    agenda: &'a SharedAgenda,
    clock: &'a SharedClock,
    knock: Arc<K>,
    witness: &'a W,
    probes: JoinSet<Ended>,
    /// Those whose start was told and whose account gave no leave yet.
    asking: HashSet<(Key, CheckId)>,
}

impl<K, F, W> Run<'_, K, W>
where
    K: Fn(Start) -> F + Send + Sync + 'static,
    F: Future<Output = End> + Send + 'static,
    W: Witness,
{
    /// Starts probes and takes in their ends until there is a command; `None` where none can come.
    async fn until_told(&mut self, commands: &mut mpsc::Receiver<Command>) -> Option<Command> {
        loop {
            let wait = self.turn();
            tokio::select! {
                command = commands.recv() => return command,
                Some(ended) = self.probes.join_next() => self.take_in(ended),
                () = tokio::time::sleep(wait) => {}
            }
            while let Some(ended) = self.probes.try_join_next() {
                self.take_in(ended);
            }
        }
    }

    /// Starts no probe, takes in the ends of those under way, and tells those who wait for the last.
    async fn drain(
        &mut self,
        commands: &mut mpsc::Receiver<Command>,
        waiting: &mut Vec<oneshot::Sender<()>>,
    ) {
        let mut is_open = true;
        self.dismiss();
        while !self.probes.is_empty() {
            self.witness.turned();
            tokio::select! {
                command = commands.recv(), if is_open => match command {
                    Some(Command::Abandon) => return,
                    Some(Command::Stop { ended }) => waiting.push(ended),
                    Some(Command::Adopt(_)) => {}
                    None => is_open = false,
                },
                Some(ended) = self.probes.join_next() => self.take_in(ended),
                () = tokio::time::sleep(LOOK) => {}
            }
            self.dismiss();
        }
        for ended in waiting.drain(..) {
            // Who asked may have gone by now.
            ended.send(()).ok();
        }
    }

    /// Looks at the agenda once, and says how long to wait.
    fn turn(&mut self) -> Duration {
        let (starts, skipped, gave_up, wait) = {
            let mut agenda = self.lock();
            let now = self.clock.monotonic();
            let starts = agenda.take(now);
            let wake = agenda.wake();
            let wait = wake.map_or(LOOK, |wake| wake.saturating_duration_since(now).min(LOOK));
            (starts, agenda.skipped(), agenda.gave_up(), wait)
        };
        for asked in gave_up {
            if self.asking.remove(&asked) {
                self.witness.ended(&asked.1);
            }
        }
        for start in starts {
            self.start(start);
        }
        for skip in skipped {
            self.witness.skipped(&skip.id, skip.cause, skip.turns);
        }
        self.witness.turned();
        wait
    }

    fn start(&mut self, start: Start) {
        let (key, id) = (start.key, start.id.clone());
        let asked = (key, id.clone());
        if !self.asking.remove(&asked) {
            self.witness.started(&start.id, start.lag);
        }
        let knock = Arc::clone(&self.knock);
        let probe = AssertUnwindSafe(async move { knock(start).await });
        self.probes
            .spawn(async move { (key, id, probe.catch_unwind().await.ok()) });
    }

    fn take_in(&mut self, ended: Result<Ended, tokio::task::JoinError>) {
        // A task is not aborted while anybody takes in its end, and its panic is caught inside.
        let Ok((key, id, end)) = ended else {
            return;
        };
        if end.is_none() {
            self.witness.panicked(&id);
        }
        let now = self.clock.monotonic();
        let end = end.unwrap_or_else(|| End::unanswered(now));
        self.lock().ended(key, end, now);
        match end.attempt {
            Attempt::Made => self.witness.ended(&id),
            Attempt::Postponed => {
                self.asking.insert((key, id));
            }
        }
    }

    /// Nobody is asked again.
    fn dismiss(&mut self) {
        for (_, id) in self.asking.drain() {
            self.witness.ended(&id);
        }
    }

    fn adopt(&self, entries: Vec<Entry>) {
        let now = self.clock.monotonic();
        self.lock().adopt(entries, now);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Agenda> {
        self.agenda.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
