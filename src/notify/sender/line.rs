//! Everything that waits for one way of one receiver, in order.
//!
//! Notices that share an incident form a chain: of each chain only the first may go, so that a
//! recovery never overtakes its incident.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::backoff;
use crate::domain::finding::Class;
use crate::domain::incident::IncidentId;
use crate::domain::notice::{Notice, Occasion};

/// Names what waits, in the order in which it was sent.
pub(super) type Serial = u64;

/// How long something must have been tried before it can be given up, whatever the time of day says:
/// a clock that is set forward by days must not make dead letters of everything that waits.
const FAIR_TRIAL: Duration = Duration::from_hours(1);

/// Where somebody stands who could go: bypasses first, then the oldest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    pub(super) haste: Haste,
    created_at: Timestamp,
    pub(super) serial: Serial,
}

/// How urgent a notice is, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Haste {
    /// It tells of a bypass.
    Bypass,
    /// It does not.
    Usual,
}

/// What notices must have in common to be kept in order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Chain {
    Incident(IncidentId),
    Isolation,
}

#[derive(Debug)]
struct Item {
    notice: Arc<Notice>,
    /// When it came here.
    since: Instant,
    tries: u32,
    /// Why it did not get through, the last time.
    said: Option<String>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It may go as soon as nothing of its chains is before it.
    Waiting,
    /// It was tried, and is not to be tried before then.
    Resting(Instant),
    /// It is being tried.
    Flying,
    /// It had its last try: what is behind it stays there.
    Left,
}

/// Everything that waits for one way of one receiver.
#[derive(Debug, Default)]
pub(super) struct Line {
    items: BTreeMap<Serial, Item>,
    chains: HashMap<Chain, BTreeSet<(Timestamp, Serial)>>,
    ages: BTreeSet<(Timestamp, Serial)>,
    ready: BTreeSet<Rank>,
    resting: BTreeSet<(Instant, Serial)>,
    flying: usize,
}

impl Line {
    /// Takes in a notice that came here at that moment.
    pub(super) fn add(&mut self, serial: Serial, notice: Arc<Notice>, now: Instant) {
        let place = (notice.created_at, serial);
        for chain in chains(&notice) {
            let chain = self.chains.entry(chain).or_default();
            chain.insert(place);
            // What is behind it now, and could have gone, has to wait.
            if let Some(&(_, behind)) = chain.range(place..).nth(1)
                && let Some(item) = self.items.get(&behind)
            {
                self.ready.remove(&item.rank(behind));
            }
        }
        self.ages.insert(place);
        let item = Item {
            notice,
            since: now,
            tries: 0,
            said: None,
            state: State::Waiting,
        };
        self.items.insert(serial, item);
        self.admit(serial);
    }

    /// Lets those go whose rest is over.
    pub(super) fn wake(&mut self, now: Instant) {
        while let Some(&(due, serial)) = self.resting.first()
            && due <= now
        {
            self.resting.pop_first();
            self.again(serial);
        }
    }

    /// Lets all go that rest.
    pub(super) fn rouse(&mut self) {
        for (_, serial) in std::mem::take(&mut self.resting) {
            self.again(serial);
        }
    }

    /// The first who could go, if possible another one than this.
    pub(super) fn first(&self, but: Option<Serial>) -> Option<Rank> {
        let mut ready = self.ready.iter().take(2);
        let first = ready.next()?;
        let other = ready.next().filter(|_| Some(first.serial) == but);
        Some(*other.unwrap_or(first))
    }

    /// Has one go that [`Line::first`] named.
    pub(super) fn take(&mut self, rank: Rank) -> Option<Arc<Notice>> {
        let item = self.items.get_mut(&rank.serial)?;
        self.ready.remove(&rank);
        item.state = State::Flying;
        self.flying += 1;
        Some(Arc::clone(&item.notice))
    }

    /// Takes down that a try has ended; what it was about flies no more.
    pub(super) fn landed(&mut self, serial: Serial, why: Option<&str>) {
        if let Some(item) = self.items.get_mut(&serial) {
            self.flying -= usize::from(item.state == State::Flying);
            item.tries = item.tries.saturating_add(1);
            item.said = why.map(str::to_owned);
            item.state = State::Left;
        }
    }

    /// Lets one that has landed rest, so long as its tries and its age say.
    pub(super) fn rest(&mut self, serial: Serial, seed: u64, now: Instant, wall: Timestamp) {
        if let Some(item) = self.items.get_mut(&serial) {
            let age = backoff::age(item.notice.created_at, wall);
            let seed = seed ^ backoff::mix(serial ^ u64::from(item.tries).rotate_left(32));
            let due = now + backoff::delay(item.tries, age, seed);
            item.state = State::Resting(due);
            self.resting.insert((due, serial));
        }
    }

    /// Lets one go again as soon as there is a place.
    pub(super) fn again(&mut self, serial: Serial) {
        if let Some(item) = self.items.get_mut(&serial) {
            item.state = State::Waiting;
            self.admit(serial);
        }
    }

    /// Forgets one that is told or will never be; who was behind it may go.
    pub(super) fn settle(&mut self, serial: Serial) {
        let Some(item) = self.items.remove(&serial) else {
            return;
        };
        let place = (item.notice.created_at, serial);
        self.ages.remove(&place);
        self.ready.remove(&item.rank(serial));
        if let State::Resting(due) = item.state {
            self.resting.remove(&(due, serial));
        }
        for chain in chains(&item.notice) {
            let Some(places) = self.chains.get_mut(&chain) else {
                continue;
            };
            places.remove(&place);
            match places.first() {
                Some(&(_, next)) => self.admit(next),
                None => drop(self.chains.remove(&chain)),
            }
        }
    }

    /// Whether one has been tried for as long as anything is.
    pub(super) fn is_spent(&self, serial: Serial, now: Instant, wall: Timestamp) -> bool {
        self.items.get(&serial).is_some_and(|item| {
            let trial = now.saturating_duration_since(item.since);
            let age = backoff::age(item.notice.created_at, wall);
            age >= backoff::LIFE && trial >= FAIR_TRIAL
        })
    }

    /// Those that have been tried for as long as anything is, and why they did not get through.
    /// `outage` speaks for those that were not tried because others were in their stead.
    pub(super) fn spent(
        &self,
        outage: Option<&str>,
        now: Instant,
        wall: Timestamp,
    ) -> Vec<(Serial, Arc<Notice>, String)> {
        let old = |place: &&(Timestamp, Serial)| backoff::age(place.0, wall) >= backoff::LIFE;
        let old = self.ages.iter().take_while(old);
        old.filter(|(_, serial)| self.is_spent(*serial, now, wall))
            .filter_map(|(_, serial)| {
                let item = self.items.get(serial)?;
                let why = item.said.as_deref().or(outage)?;
                let flies = item.state == State::Flying;
                (!flies).then(|| (*serial, Arc::clone(&item.notice), why.to_owned()))
            })
            .collect()
    }

    /// How many are being tried.
    pub(super) fn flying(&self) -> usize {
        self.flying
    }

    /// When the youngest was created.
    pub(super) fn youngest(&self) -> Option<Timestamp> {
        self.ages.last().map(|place| place.0)
    }

    /// When the next rest ends.
    pub(super) fn due(&self) -> Option<Instant> {
        self.resting.first().map(|(due, _)| *due)
    }

    /// Whether somebody could go.
    pub(super) fn is_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Whether nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Lets one go unless it rests, flies, or stands behind another.
    fn admit(&mut self, serial: Serial) {
        let Some(item) = self.items.get(&serial) else {
            return;
        };
        let place = (item.notice.created_at, serial);
        let is_first = |chain: &Chain| {
            let places = self.chains.get(chain);
            places.is_none_or(|places| places.first() == Some(&place))
        };
        if item.state == State::Waiting && chains(&item.notice).iter().all(is_first) {
            self.ready.insert(item.rank(serial));
        }
    }
}

impl Item {
    fn rank(&self, serial: Serial) -> Rank {
        Rank {
            haste: Haste::of(&self.notice),
            created_at: self.notice.created_at,
            serial,
        }
    }
}

impl Haste {
    pub(super) fn of(notice: &Notice) -> Self {
        let mut incidents = notice.incidents.iter();
        if incidents.any(|incident| incident.class == Class::Bypass) {
            Self::Bypass
        } else {
            Self::Usual
        }
    }
}

fn chains(notice: &Notice) -> Vec<Chain> {
    match &notice.occasion {
        Occasion::Isolated(_) | Occasion::Rejoined(_) => vec![Chain::Isolation],
        Occasion::Opened { .. }
        | Occasion::Repeated { .. }
        | Occasion::Ended
        | Occasion::Flapping
        | Occasion::Silenced(_)
        | Occasion::Heartbeat(_)
        | Occasion::Test => {
            let incidents = notice.incidents.iter();
            incidents
                .map(|incident| Chain::Incident(incident.id.clone()))
                .collect()
        }
    }
}
