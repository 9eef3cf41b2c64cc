//! The agenda: every check with its next turn, the probes under way, and the holds.
//!
//! It is told what time it is and what became of probes, and says what starts now and when to ask
//! again. Each check has one live entry in a heap; a probe costs one entry taken out and one put in.

mod adopt;
mod hold;
mod room;
mod slot;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::{Duration, Instant};

use hold::Met;
use room::{Lane, Room};
use slot::{Bond, Door, Slot, Stage, State};

use super::plan::{first_pass, later, scaled};
use crate::domain::check::{CheckId, Name, Persona};
use crate::domain::endpoint::Origin;
use crate::domain::status::Skip;

/// Later than this, nobody looked: a suspended machine, or one that has too much to do.
const UNATTENDED: Duration = Duration::from_secs(2);

/// So many belated checks may start at once; more are spread.
const FEW: usize = 16;

/// What the schedule knows of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The check.
    pub id: CheckId,
    /// Where it knocks.
    pub origin: Origin,
    /// Who knocks.
    pub kind: Kind,
    /// The time between two probes; see [`cadence`](crate::domain::status::cadence).
    pub cadence: Duration,
    /// Names what is asked of whom: a check whose definition has changed is probed anew soon.
    pub definition: u64,
    /// How long ago it was probed before this start, where that is known. What shows a credential
    /// to be refused keeps its cadence over a restart.
    pub rested: Option<Duration>,
    /// How much longer a hold lasts that a restart interrupted.
    pub held: Option<Duration>,
}

/// Who knocks, as far as it matters for when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The rightful holder of a credential: is to knock first at an endpoint.
    Holder,
    /// Nobody: is never held back.
    Stranger,
    /// One who shows a credential that must be refused: is paced and held back.
    Refused,
}

impl Kind {
    /// The kind of a persona.
    pub fn of(persona: &Persona) -> Self {
        match persona {
            Persona::Anonymous => Self::Stranger,
            Persona::Holder(_) => Self::Holder,
            Persona::Invalid(_) | Persona::Impostor(_) => Self::Refused,
        }
    }

    fn lane(self) -> Lane {
        match self {
            Self::Holder | Self::Stranger => Lane::Plain,
            Self::Refused => Lane::Refused,
        }
    }
}

/// Names a check within one agenda, for as long as the check is there, over reloads too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(u32);

/// How many probes may be under way at once; none counts as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Of all.
    pub overall: usize,
    /// At one origin.
    pub per_origin: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            overall: 512,
            per_origin: 16,
        }
    }
}

/// A probe that is to start now. Its end must be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// Names the check to [`Agenda::ended`].
    pub key: Key,
    /// The check.
    pub id: CheckId,
    /// How late it is.
    pub lag: Duration,
}

/// What became of a probe, as far as it matters for when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// The answer asked for rest.
    pub pushback: Option<Pushback>,
    /// The account's guard lets the check not probe before this instant.
    pub held: Option<Instant>,
}

/// A 423 or 429.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pushback {
    /// What `Retry-After` says (RFC 9110 §10.2.3).
    pub retry_after: Option<Duration>,
}

/// Turns of a check that passed without a probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The check.
    pub id: CheckId,
    /// Why.
    pub cause: Skip,
    /// How many turns; at least 1.
    pub turns: u64,
}

/// A check that is held back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The check.
    pub id: CheckId,
    /// Until when.
    pub until: Instant,
    /// By whom.
    pub by: HeldBy,
}

/// Who asked for rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldBy {
    /// The guard of the account.
    Account,
    /// The endpoint, with a 423 or 429.
    Endpoint,
}

/// Says when each check is probed.
///
/// Ask [`take`](Self::take) at the instant that [`wake`](Self::wake) names, and after each
/// [`ended`](Self::ended) and [`adopt`](Self::adopt).
#[derive(Debug)]
pub struct Agenda {
    /// The latest instant that it was told.
    now: Option<Instant>,
    /// When the first checks were adopted: places are counted from here.
    epoch: Option<Instant>,
    slots: Vec<Option<Slot>>,
    free: Vec<u32>,
    by_id: HashMap<CheckId, u32>,
    doors: Vec<Door>,
    door_numbers: HashMap<(Name, Origin), usize>,
    room: Room,
    heap: BinaryHeap<Reverse<(Instant, Look)>>,
    belated: Vec<u32>,
    skipped: Vec<Skipped>,
    stretched: Vec<(Origin, Duration)>,
}

/// What to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Look {
    Check(u32),
    Station(usize),
}

impl Agenda {
    /// An agenda without checks.
    pub fn new(limits: Limits) -> Self {
        Self {
            now: None,
            epoch: None,
            slots: Vec::new(),
            free: Vec::new(),
            by_id: HashMap::new(),
            doors: Vec::new(),
            door_numbers: HashMap::new(),
            room: Room::new(limits),
            heap: BinaryHeap::new(),
            belated: Vec::new(),
            skipped: Vec::new(),
            stretched: Vec::new(),
        }
    }

    /// What starts now. Each of them counts as under way from here on.
    pub fn take(&mut self, now: Instant) -> Vec<Start> {
        let now = self.advance(now);
        while let Some(Reverse((at, look))) = self.heap.peek().copied()
            && at <= now
        {
            self.heap.pop();
            match look {
                Look::Check(key) => self.look_at(key, at, now),
                Look::Station(number) => self.rouse(number, now),
            }
        }
        self.spread_belated(now);
        let mut starts = Vec::new();
        while let Some((key, station)) = self.room.next(now) {
            starts.extend(self.start(key, now));
            self.rouse(station, now);
        }
        starts
    }

    /// The turns that passed without a probe since this was last asked.
    pub fn skipped(&mut self) -> Vec<Skipped> {
        std::mem::take(&mut self.skipped)
    }

    /// When to call [`take`](Self::take) next; `None` where only an end or an adoption changes
    /// anything.
    pub fn wake(&self) -> Option<Instant> {
        if self.room.has_next() {
            return self.now;
        }
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// A probe has ended; one that is not under way is ignored.
    pub fn ended(&mut self, key: Key, end: End, now: Instant) {
        let now = self.advance(now);
        let Some((bond, station, endpoint)) = self.under_way_at(key) else {
            return;
        };
        self.room.ended(station);
        self.heed(key.0, end, endpoint, now);
        match bond {
            Bond::Kept => self.settle(key.0, end, now),
            Bond::Changed => self.renew(key.0, now),
            Bond::Removed => self.forget(key.0),
        }
        self.rouse(station, now);
    }

    /// How many probes are under way, those of checks that have gone among them.
    pub fn in_flight(&self) -> usize {
        self.room.under_way()
    }

    /// Until when a check is held back, where it is.
    pub fn held_until(&self, key: Key) -> Option<Instant> {
        let slot = self.slot(key.0)?;
        slot.held_until(&self.doors[slot.endpoint].rest, self.now?)
    }

    /// Every check that is held back.
    pub fn held(&self) -> Vec<Held> {
        let Some(now) = self.now else {
            return Vec::new();
        };
        let held = |slot: &Slot| {
            let until = slot.held_until(&self.doors[slot.endpoint].rest, now)?;
            Some(Held {
                id: slot.id.clone(),
                until,
                by: if slot.held == Some(until) {
                    HeldBy::Account
                } else {
                    HeldBy::Endpoint
                },
            })
        };
        self.slots.iter().flatten().filter_map(held).collect()
    }

    /// The origins whose checks ask for more than one refused credential a second, and how long a
    /// turn of them all takes.
    pub fn stretched(&self) -> &[(Origin, Duration)] {
        &self.stretched
    }

    /// Time does not go back here, whatever is told.
    fn advance(&mut self, now: Instant) -> Instant {
        *self.now.insert(self.now.map_or(now, |last| last.max(now)))
    }

    fn slot(&self, key: u32) -> Option<&Slot> {
        self.slots.get(key as usize)?.as_ref()
    }

    fn slot_mut(&mut self, key: u32) -> Option<&mut Slot> {
        self.slots.get_mut(key as usize)?.as_mut()
    }

    fn under_way_at(&self, key: Key) -> Option<(Bond, usize, usize)> {
        match self.slot(key.0)?.state {
            State::UnderWay {
                bond,
                station,
                endpoint,
            } => Some((bond, station, endpoint)),
            State::Resting | State::Gated | State::Belated | State::Waiting => None,
        }
    }

    fn rouse(&mut self, station: usize, now: Instant) {
        if let Some(again) = self.room.rouse(station, now) {
            self.heap.push(Reverse((again, Look::Station(station))));
        }
    }

    /// The moment of a check has come that its slot names, unless it has another one by now.
    fn look_at(&mut self, key: u32, at: Instant, now: Instant) {
        let Some(slot) = self.slot(key).filter(|slot| slot.look == at) else {
            return;
        };
        match slot.state {
            State::Resting | State::Gated | State::Belated => self.due(key, now),
            State::Waiting => self.still_waiting(key, now),
            State::UnderWay { bond, .. } => match bond {
                Bond::Kept => self.still_under_way(key, now),
                Bond::Changed | Bond::Removed => {}
            },
        }
    }

    /// A check's turn has come.
    fn due(&mut self, key: u32, now: Instant) {
        let Some(slot) = self.slots.get_mut(key as usize).and_then(Option::as_mut) else {
            return;
        };
        let (turn, missed) = slot.rhythm.latest(slot.turn, now);
        slot.turn = turn;
        let unattended = missed > 0 || now.saturating_duration_since(turn) > UNATTENDED;
        let was_given_time = slot.state == State::Belated;
        if missed > 0 {
            self.skipped.push(slot.skip(Skip::Late, missed));
        }
        if self.hold_back(key, now) || self.gate(key, now) {
            return;
        }
        if unattended && !was_given_time {
            self.belated.push(key);
            return;
        }
        self.wait(key, now);
    }

    /// Lets a turn pass where the check is held back, and says whether it is.
    ///
    /// What shows a credential to be refused has its next turn when the hold ends, if that is
    /// sooner than its own; all others keep to their places, so that they do not come as a crowd.
    fn hold_back(&mut self, key: u32, now: Instant) -> bool {
        let Some(slot) = self.slots.get_mut(key as usize).and_then(Option::as_mut) else {
            return false;
        };
        let endpoint = slot.endpoint;
        let Some(until) = slot.held_until(&self.doors[endpoint].rest, now) else {
            return false;
        };
        self.skipped.push(slot.skip(Skip::HeldBack, 1));
        let following = slot.rhythm.following(slot.turn);
        slot.turn = match slot.lane() {
            Lane::Plain => following,
            Lane::Refused => following.min(until),
        };
        slot.state = State::Resting;
        let (turn, kind) = (slot.turn, slot.kind);
        self.look_again(key, turn);
        if kind == Kind::Holder {
            self.open(endpoint, now);
        }
        true
    }

    /// Lets a new check wait until the endpoint's rightful holder has been met, and says whether it
    /// must. The wait is part of the plan, and no lag.
    fn gate(&mut self, key: u32, now: Instant) -> bool {
        let Some(slot) = self.slots.get_mut(key as usize).and_then(Option::as_mut) else {
            return false;
        };
        if slot.stage != Stage::New || slot.kind == Kind::Holder {
            return false;
        }
        let gated_until = self.doors[slot.endpoint].gated_until;
        let Some(until) = gated_until.filter(|until| now < *until) else {
            return false;
        };
        slot.state = State::Gated;
        slot.turn = until;
        self.look_again(key, until);
        true
    }

    /// The rightful holder has been met, or will not be soon: the others go on.
    fn open(&mut self, endpoint: usize, now: Instant) {
        let door = &mut self.doors[endpoint];
        if door.gated_until.take().is_none() {
            return;
        }
        for position in 0..self.doors[endpoint].checks.len() {
            let key = self.doors[endpoint].checks[position];
            let gated = |slot: &&mut Slot| slot.state == State::Gated;
            if let Some(slot) = self.slot_mut(key).filter(gated) {
                slot.turn = now;
                self.look_again(key, now);
            }
        }
    }

    /// Gives many checks that are late together a moment each, so that they do not come as a crowd.
    fn spread_belated(&mut self, now: Instant) {
        let belated = std::mem::take(&mut self.belated);
        let count = u32::try_from(belated.len()).unwrap_or(u32::MAX);
        for (number, key) in (0..count).zip(&belated) {
            let Some(slot) = self.slot_mut(*key).filter(|_| belated.len() > FEW) else {
                self.wait(*key, now);
                continue;
            };
            let cadence = slot.rhythm.cadence;
            let pass = first_pass(belated.len(), cadence).min(cadence);
            slot.state = State::Belated;
            let moment = scaled(
                pass,
                Duration::from_secs(number.into()),
                Duration::from_secs(count.into()),
            );
            self.look_again(*key, later(now, moment));
        }
        self.belated = belated;
        self.belated.clear();
    }

    /// A check waits for a place from now on, but no longer than to its next turn.
    fn wait(&mut self, key: u32, now: Instant) {
        let Some(slot) = self.slot_mut(key) else {
            return;
        };
        slot.state = State::Waiting;
        let (station, lane) = (slot.station, slot.lane());
        let following = slot.rhythm.following(slot.turn);
        self.look_again(key, following);
        if let Some(again) = self.room.enqueue(station, lane, (now, key)) {
            self.heap.push(Reverse((again, Look::Station(station))));
        }
    }

    /// Its next turn has come and it still waits: it keeps its place in the queue.
    fn still_waiting(&mut self, key: u32, now: Instant) {
        let Some(slot) = self.slots.get_mut(key as usize).and_then(Option::as_mut) else {
            return;
        };
        let (turn, missed) = slot.rhythm.latest(slot.turn, now);
        slot.turn = turn;
        let cause = self.room.obstacle(slot.station);
        self.skipped.push(slot.skip(cause, missed.max(1)));
        let following = slot.rhythm.following(turn);
        self.look_again(key, following);
    }

    /// Its next turn has come and its probe has not ended.
    fn still_under_way(&mut self, key: u32, now: Instant) {
        let Some(slot) = self.slots.get_mut(key as usize).and_then(Option::as_mut) else {
            return;
        };
        let (turn, missed) = slot.rhythm.latest(slot.turn, now);
        slot.turn = slot.rhythm.following(turn);
        let skip = slot.skip(Skip::StillRunning, missed.saturating_add(1));
        self.skipped.push(skip);
        let next = slot.turn;
        self.look_again(key, next);
    }

    /// A check has a place, and starts unless it is held back by now.
    fn start(&mut self, key: u32, now: Instant) -> Option<Start> {
        if self.hold_back(key, now) {
            return None;
        }
        let slot = self.slots.get_mut(key as usize)?.as_mut()?;
        self.room.started(slot.station, slot.lane(), now);
        if slot.kind == Kind::Holder && slot.stage == Stage::New {
            self.doors[slot.endpoint].lengthen(later(now, slot.rhythm.cadence));
        }
        let start = slot.start(Key(key), now);
        if slot.look != slot.turn {
            let next = slot.turn;
            self.look_again(key, next);
        }
        Some(start)
    }

    /// What an answer means for the endpoint, whatever became of the check meanwhile.
    fn heed(&mut self, key: u32, end: End, endpoint: usize, now: Instant) {
        let Some(slot) = self.slot(key) else {
            return;
        };
        let met = match slot.lane() {
            Lane::Plain => Met::Other,
            Lane::Refused => Met::Refused,
        };
        let rest = &mut self.doors[endpoint].rest;
        match (end.pushback, met, end.held) {
            (Some(pushback), ..) => rest.push_back(pushback, met, now),
            (None, Met::Refused, None) => rest.relent(now),
            (None, Met::Refused, Some(_)) | (None, Met::Other, _) => {}
        }
    }

    /// The probe of a check has ended.
    fn settle(&mut self, key: u32, end: End, now: Instant) {
        let Some(slot) = self.slot_mut(key) else {
            return;
        };
        slot.state = State::Resting;
        slot.stage = Stage::Probed;
        slot.held = slot.held.max(end.held);
        let (kind, endpoint) = (slot.kind, slot.endpoint);
        if kind == Kind::Holder {
            self.open(endpoint, now);
        }
    }

    /// The probe of what a check was before it was changed has ended, so its own may come.
    fn renew(&mut self, key: u32, now: Instant) {
        let Some(slot) = self.slot_mut(key) else {
            return;
        };
        slot.state = State::Resting;
        slot.turn = slot.turn.max(now);
        let turn = slot.turn;
        self.look_again(key, turn);
    }

    /// The last probe of a check that has gone has ended.
    fn forget(&mut self, key: u32) {
        if let Some(slot) = self.slots.get_mut(key as usize).and_then(Option::take) {
            self.by_id.remove(&slot.id);
            self.free.push(key);
        }
    }

    fn look_again(&mut self, key: u32, at: Instant) {
        if let Some(slot) = self.slot_mut(key) {
            slot.look = at;
            self.heap.push(Reverse((at, Look::Check(key))));
        }
    }
}
