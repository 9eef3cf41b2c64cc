//! A check's turn: what becomes of it when it comes.

use std::cmp::Reverse;
use std::time::{Duration, Instant};

use super::room::Lane;
use super::slot::{Bond, Slot, Stage, State};
use super::{Agenda, Key, Kind, Look, Start};
use crate::domain::status::Skip;
use crate::schedule::plan::{first_pass, later, scaled};

/// Later than this, nobody looked: a suspended machine, or one that has too much to do.
const UNATTENDED: Duration = Duration::from_secs(2);

/// So many belated checks may start at once; more are spread.
const FEW: usize = 16;

impl Agenda {
    /// The moment of a check has come that its slot names, unless it has another one by now.
    pub(super) fn look_at(&mut self, key: u32, at: Instant, now: Instant) {
        let Some(slot) = self.slot_mut(key).filter(|slot| slot.look == Some(at)) else {
            return;
        };
        // The heap may hold the same instant twice.
        slot.look = None;
        match slot.state {
            State::Resting | State::Gated | State::Belated => self.due(key, now),
            State::Asking => self.ask_again(key, now),
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
    pub(super) fn hold_back(&mut self, key: u32, now: Instant) -> bool {
        let Some(slot) = self.slots.get_mut(key as usize).and_then(Option::as_mut) else {
            return false;
        };
        let endpoint = slot.endpoint;
        let Some(hold) = slot.hold(&self.doors[endpoint].rest, now) else {
            return false;
        };
        self.skipped.push(slot.skip(Skip::HeldBack, 1));
        let following = slot.rhythm.following(slot.turn);
        slot.turn = match slot.lane() {
            Lane::Plain => following,
            Lane::Refused => following.min(hold.until),
        };
        slot.state = State::Resting;
        let (turn, kind) = (slot.turn, slot.kind);
        self.look_again(key, turn);
        self.give_up(key);
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
    pub(super) fn open(&mut self, endpoint: usize, now: Instant) {
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
    pub(super) fn spread_belated(&mut self, now: Instant) {
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
    pub(super) fn wait(&mut self, key: u32, now: Instant) {
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
    pub(super) fn start(&mut self, key: u32, now: Instant) -> Option<Start> {
        if self.hold_back(key, now) {
            return None;
        }
        let slot = self.slots.get_mut(key as usize)?.as_mut()?;
        self.room.started(slot.station, slot.lane(), now);
        slot.remember(self.doors[slot.endpoint].gated_until);
        if slot.kind == Kind::Holder && slot.stage == Stage::New {
            self.doors[slot.endpoint].lengthen(later(now, slot.rhythm.cadence));
        }
        let start = slot.start(Key(key), now);
        if slot.look != Some(slot.turn) {
            let next = slot.turn;
            self.look_again(key, next);
        }
        Some(start)
    }
}
