//! Decides who is told what, and when: routes, groups, silences and what was said already.
//!
//! In come incidents whenever they open or change, silences, and whether this monitor is cut off;
//! out go drafts of notices, and what is to be remembered of them. It compares what each receiver
//! was told with how things are, so whatever is owed follows from the incidents and tellings that
//! are stored, and a restart loses nothing and repeats nothing.
//!
//! **Invariant:** nobody hears of the end of what they were not told of, and nobody is told twice.

mod cause;
mod decide;
mod group;
mod letter;
mod monitor;
mod speak;
mod strand;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cause::Unsaid;
pub use decide::{Decision, Held, Matter, Owes, Pace, Why, WhyNot, decide, owes};
use group::{Groups, Lanes};
use jiff::Timestamp;
use letter::Letters;
use monitor::{Announced, Cutoff};
use strand::Watched;

use super::{Memo, NoticeId, Occasion, Telling, Thread};
use crate::domain::check::{CheckId, Name};
use crate::domain::incident::{Incident, IncidentId};
use crate::domain::routing::Policy;
use crate::domain::silence::{Silence, SilenceId};

/// Decides who is told what, and when.
#[derive(Debug)]
pub struct Dispatch {
    policy: Arc<Policy>,
    lanes: Lanes,
    incidents: BTreeMap<IncidentId, Watched>,
    by_check: BTreeMap<CheckId, BTreeSet<IncidentId>>,
    groups: Groups,
    unsaid: Unsaid,
    silences: BTreeMap<SilenceId, Announced>,
    cutoff: Cutoff,
    letters: Letters,
    memo: Remembered,
    /// Tellings that were not handed out yet, and since when.
    tellings: BTreeMap<(IncidentId, Name), Telling>,
    changed_at: Option<Timestamp>,
}

#[derive(Debug)]
struct Remembered {
    memo: Memo,
    has_changed: bool,
}

/// What the last run left.
#[derive(Clone, Debug, Default)]
pub struct Restored {
    /// Every incident that is open, and those that ended lately.
    pub incidents: Vec<Arc<Incident>>,
    /// What was said of these.
    pub tellings: Vec<Telling>,
    /// Every silence that has not ended. The last run told of each that covers bypasses.
    pub silences: Vec<Arc<Silence>>,
    /// What was said that is about no incident.
    pub memo: Memo,
}

impl Restored {
    /// The same, with nothing that happened later than now: the last run may have ended under a clock
    /// that has been set back since, and what it did is over.
    fn until(mut self, now: Timestamp) -> Self {
        for telling in &mut self.tellings {
            telling.at = telling.at.min(now);
        }
        for silence in &mut self.silences {
            if silence.starts_at > now {
                *silence = Arc::new(silence.moved_to(now));
            }
        }
        let Memo {
            heartbeat_at,
            isolation,
        } = &mut self.memo;
        *heartbeat_at = heartbeat_at.map(|at| at.min(now));
        if let Some((isolation, _)) = isolation {
            isolation.since = isolation.since.min(now);
        }
        self
    }
}

/// What comes of a moment: to be committed together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decided {
    /// Notices that are owed from now on, in the order in which they are to be told.
    pub drafts: Vec<Draft>,
    /// What was said of incidents, in the place of what was said before to the same receiver.
    pub tellings: Vec<Telling>,
    /// What was said that is about no incident, where it has changed.
    pub memo: Option<Memo>,
}

/// A notice before it is one: all of it but the time.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Its name.
    pub id: NoticeId,
    /// Who is told.
    pub receiver: Name,
    /// Why. The counts of a heartbeat are zero: whoever knows the checks fills them in.
    pub occasion: Occasion,
    /// Where its mail belongs.
    pub thread: Thread,
    /// What is told, the gravest first. An incident that is told as opened is shown open, although
    /// it may be over by now; the next notice says so.
    pub incidents: Vec<Arc<Incident>>,
}

impl Dispatch {
    /// Goes on where the last run stopped. The seed makes names of notices, and must be another one
    /// at each start.
    pub fn new(policy: Arc<Policy>, restored: Restored, seed: u64, now: Timestamp) -> Self {
        let restored = restored.until(now);
        let silences = restored.silences.into_iter();
        let silences = silences
            .map(|silence| (silence.id.clone(), Announced::before(silence)))
            .collect();
        let mut dispatch = Self {
            policy: Arc::default(),
            lanes: Lanes::new(),
            incidents: BTreeMap::new(),
            by_check: BTreeMap::new(),
            groups: Groups::default(),
            unsaid: Unsaid::default(),
            silences,
            cutoff: Cutoff::restored(&restored.memo, now),
            letters: Letters::new(seed),
            memo: Remembered {
                memo: restored.memo,
                has_changed: false,
            },
            tellings: BTreeMap::new(),
            changed_at: None,
        };
        dispatch.adopt(policy, now);
        dispatch.restore(restored.incidents, restored.tellings, now);
        dispatch
    }

    /// Takes a new policy. Open incidents go to whomever it names, and nothing that was said is
    /// forgotten: those who were told of an incident hear of its end.
    pub fn adopt(&mut self, policy: Arc<Policy>, now: Timestamp) {
        self.policy = policy;
        self.lanes.clear();
        self.start_heartbeat(now);
        self.cutoff.decide_at(now);
        let ids: Vec<IncidentId> = self.incidents.keys().cloned().collect();
        for id in &ids {
            self.reroute(id);
        }
        self.groups.wake_all(now);
    }

    /// Takes an incident that was opened or has changed: its newest state.
    ///
    /// One that is over and not known was settled before, and is none of anybody's business.
    pub fn take(&mut self, incident: &Arc<Incident>, now: Timestamp) {
        match self.replace(incident, now) {
            Some(before) if before.is_open() && !incident.is_open() => {
                self.withhold_untold(&incident.id, now);
            }
            Some(_) => {}
            None if incident.is_open() => {
                self.watch(Watched::new(incident, now), BTreeMap::new(), now);
            }
            None => return,
        }
        self.fold_flapping(incident, now);
        self.wake_strands(&incident.id, now);
        self.let_go_if_settled(&incident.id);
    }

    /// Waits with the first notice of an incident for probes that add to it, but no longer than
    /// until then.
    pub fn wait_for_reprobes(&mut self, id: &IncidentId, until: Timestamp) {
        if let Some(watched) = self.incidents.get_mut(id) {
            watched.reprobing_until = Some(until);
        }
    }

    /// Waits no longer: the probes are done, and what they found was taken.
    pub fn reprobed(&mut self, id: &IncidentId, now: Timestamp) {
        if let Some(watched) = self.incidents.get_mut(id) {
            watched.reprobing_until = None;
        }
        self.wake_strands(id, now);
    }

    /// Begins a silence, or puts one in the place of another one of this name.
    pub fn add_silence(&mut self, silence: Arc<Silence>, now: Timestamp) {
        let before = self.silences.remove(&silence.id);
        let announced = Announced::after(silence, before.as_ref());
        self.silences
            .insert(announced.silence.id.clone(), announced);
        self.groups.wake_held(now);
        self.cutoff.decide_at(now);
    }

    /// Ends a silence before its time, and gives what it has become; `None` where there is none of
    /// this name.
    pub fn expire_silence(&mut self, id: &SilenceId, now: Timestamp) -> Option<Arc<Silence>> {
        let announced = self.silences.remove(id)?;
        self.groups.wake_held(now);
        self.cutoff.decide_at(now);
        Some(Arc::new(announced.silence.ended_at(now)))
    }

    /// Every silence that has not ended, in the order of their ends.
    pub fn silences(&self, now: Timestamp) -> Vec<Arc<Silence>> {
        let silences = self.silences.values();
        let silences = silences.map(|announced| Arc::clone(&announced.silence));
        let mut silences: Vec<_> = silences.filter(|silence| now < silence.ends_at).collect();
        silences.sort_by_key(|silence| silence.ends_at);
        silences
    }

    /// Decides everything that is due. To be called after every change, and when `wake_at` says so.
    pub fn due(&mut self, now: Timestamp) -> Decided {
        let mut drafts = Vec::new();
        self.announce_silences(now, &mut drafts);
        self.tell_of_isolation(now, &mut drafts);
        while let Some(key) = self.groups.pop_due(now) {
            self.speak(&key, now, &mut drafts);
        }
        self.beat(now, &mut drafts);
        self.changed_at = None;
        let memo = std::mem::take(&mut self.memo.has_changed).then(|| self.memo.memo.clone());
        Decided {
            drafts,
            tellings: std::mem::take(&mut self.tellings).into_values().collect(),
            memo,
        }
    }

    /// When `due` has something to decide next; `None` where only an event can change anything.
    pub fn wake_at(&self) -> Option<Timestamp> {
        let moments = [
            self.changed_at,
            self.groups.wake_at(),
            self.cutoff.wake_at(),
            self.next_announcement(),
            self.next_beat(),
        ];
        moments.into_iter().flatten().min()
    }

    /// Open incidents, with each receiver that knows of them.
    pub fn known(&self) -> impl Iterator<Item = (&Name, &Arc<Incident>)> {
        let open = self.incidents.values().filter(|it| it.incident.is_open());
        open.flat_map(|watched| {
            let told = watched.strands.iter();
            let told = told.filter(|(_, strand)| strand.said().is_some());
            told.map(|(receiver, _)| (receiver, &watched.incident))
        })
    }

    /// What was said of every incident that is not settled: what the next run needs to know of them.
    pub fn tellings(&self) -> impl Iterator<Item = &Telling> {
        let strands = self.incidents.values().flat_map(|it| it.strands.values());
        strands.filter_map(|strand| strand.telling.as_ref())
    }

    /// What was said that is about no incident.
    pub fn memo(&self) -> &Memo {
        &self.memo.memo
    }

    /// Whether a receiver was told of an open incident, or is going to be: a silence keeps it from that,
    /// while what lasts no longer than a group waits, or a route is muted, only delays it.
    pub fn tells(&self, id: &IncidentId, receiver: &Name, now: Timestamp) -> bool {
        let watched = self.incidents.get(id);
        let strand = watched.and_then(|it| Some((&it.incident, it.strands.get(receiver)?)));
        strand.is_some_and(|(incident, strand)| {
            let silenced = matches!(self.held(incident, strand, now), Some(Held::Silenced(_)));
            incident.is_open() && (strand.said().is_some() || !silenced)
        })
    }

    /// Whether nobody is to be told anything more of an incident: it may be forgotten.
    pub fn is_settled(&self, id: &IncidentId) -> bool {
        !self.incidents.contains_key(id)
    }
}
