//! The agenda: every check with its next turn, the probes under way, and the holds.
//!
//! It is told what time it is and what became of probes, and says what starts now and when to ask
//! again. Each check has one live entry in a heap; a probe costs one entry taken out and one put in.

mod entry;
mod slot;

mod adopt;
mod asking;
mod place;
mod turn;

mod hold;
mod room;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::{Duration, Instant};

use asking::Line;
use entry::Hold;
pub use entry::{Attempt, End, Entry, Held, HeldBy, Key, Kind, Limits, Pushback, Skipped, Start};
use hold::Met;
use room::{Lane, Room};
use slot::{Bond, Door, Slot, Stage, State};

use crate::domain::check::{CheckId, Name};
use crate::domain::endpoint::Origin;

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
    line: Line,
    gave_up: Vec<(Key, CheckId)>,
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
            line: Line::default(),
            gave_up: Vec::new(),
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
        match end.attempt {
            Attempt::Made => {
                self.got_leave(key.0);
                self.heed(key.0, end, endpoint, now);
            }
            Attempt::Postponed if bond != Bond::Kept => {
                self.ask(key.0);
                self.give_up(key.0);
            }
            Attempt::Postponed => {}
        }
        match (bond, end.attempt) {
            (Bond::Kept, Attempt::Made) => self.settle(key.0, end, now),
            (Bond::Kept, Attempt::Postponed) => self.postpone(key.0, now),
            (Bond::Changed, _) => self.renew(key.0, now),
            (Bond::Removed, _) => self.forget(key.0),
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
        let hold = slot.hold(&self.doors[slot.endpoint].rest, self.now?)?;
        Some(hold.until)
    }

    /// Every check that is held back.
    pub fn held(&self) -> Vec<Held> {
        let Some(now) = self.now else {
            return Vec::new();
        };
        let held = |slot: &Slot| {
            let rest = &self.doors[slot.endpoint].rest;
            let Hold { until, by } = slot.hold(rest, now)?;
            Some(Held {
                id: slot.id.clone(),
                until,
                by,
                span: rest.span(now).filter(|_| by == HeldBy::Endpoint),
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
            State::Resting | State::Gated | State::Belated | State::Asking | State::Waiting => None,
        }
    }

    fn rouse(&mut self, station: usize, now: Instant) {
        if let Some(again) = self.room.rouse(station, now) {
            self.heap.push(Reverse((again, Look::Station(station))));
        }
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
        slot.held = slot.held.max(end.held.map(|until| Hold {
            until,
            by: HeldBy::Account,
        }));
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
            slot.look = Some(at);
            self.heap.push(Reverse((at, Look::Check(key))));
        }
    }
}
