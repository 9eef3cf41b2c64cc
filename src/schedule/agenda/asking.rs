//! Checks whose account gave no leave yet: they hold no place, and ask again soon.

use std::time::{Duration, Instant};

use super::room::Lane;
use super::slot::{Slot, Stage, State};
use super::{Agenda, Key};
use crate::domain::check::CheckId;
use crate::domain::status::Skip;
use crate::schedule::plan::later;

/// Who is next in line asks again after this long.
const SOON: Duration = Duration::from_millis(250);

/// Each one who came before makes that so much longer: those who wait longest ask oftenest, and a
/// long line does not ask all at once.
const STEP: Duration = Duration::from_millis(1);

/// How often a number was given to who began to ask, and how often one was given back. What lies
/// between a number and the latter is near enough the place in the line.
#[derive(Debug, Default)]
pub(super) struct Line {
    given: u64,
    returned: u64,
}

impl Line {
    fn join(&mut self) -> u64 {
        self.given += 1;
        self.given - 1
    }

    fn leave(&mut self) {
        self.returned += 1;
        if self.returned == self.given {
            *self = Self::default();
        }
    }

    fn wait(&self, number: u64) -> Duration {
        let before = u32::try_from(number.saturating_sub(self.returned)).unwrap_or(u32::MAX);
        SOON.saturating_add(STEP.saturating_mul(before))
    }
}

impl Agenda {
    /// The account gave no leave: all is as if the probe had not started, and it is tried again soon.
    pub(super) fn postpone(&mut self, key: u32, now: Instant) {
        let Some(slot) = self.slots.get_mut(key as usize).and_then(Option::as_mut) else {
            return;
        };
        let (station, endpoint, started) = (slot.station, slot.endpoint, slot.started);
        let was_gated_until = slot.take_back(now);
        if let (Lane::Refused, Some(started)) = (slot.lane(), started) {
            self.room.not_shown(station, started);
        }
        let following = slot.rhythm.following(slot.turn);
        let wait = self.ask(key);
        self.look_again(key, later(now, wait).min(following));
        self.shorten_gate(endpoint, was_gated_until, now);
    }

    /// A check is in the line from now on, if it was not before. Says after how long it asks again.
    pub(super) fn ask(&mut self, key: u32) -> Duration {
        let Some(slot) = self.slots.get_mut(key as usize).and_then(Option::as_mut) else {
            return SOON;
        };
        let number = *slot.asks.get_or_insert_with(|| self.line.join());
        self.line.wait(number)
    }

    /// A check may ask again, or its next turn has come and it still asks.
    pub(super) fn ask_again(&mut self, key: u32, now: Instant) {
        let Some(slot) = self.slot_mut(key) else {
            return;
        };
        let (turn, missed) = slot.rhythm.latest(slot.turn, now);
        slot.turn = turn;
        let skip = slot.skip(Skip::HeldBack, missed);
        if missed > 0 {
            self.skipped.push(skip);
        }
        if !self.hold_back(key, now) {
            self.wait(key, now);
        }
    }

    /// A check asks no more; its turn has passed, or it has gone.
    pub(super) fn give_up(&mut self, key: u32) {
        if let Some(slot) = self.slots.get_mut(key as usize).and_then(Option::as_mut)
            && slot.asks.take().is_some()
        {
            self.line.leave();
            self.gave_up.push((Key(key), slot.id.clone()));
        }
    }

    /// A check asks no more; it had leave.
    pub(super) fn got_leave(&mut self, key: u32) {
        if let Some(slot) = self.slot_mut(key)
            && slot.asks.take().is_some()
        {
            self.line.leave();
        }
    }

    /// The checks that were told to ask again, and were not started again before they gave up.
    pub(in crate::schedule) fn gave_up(&mut self) -> Vec<(Key, CheckId)> {
        std::mem::take(&mut self.gave_up)
    }

    /// A holder that did not get leave has not been met: others wait no longer than they would have.
    fn shorten_gate(&mut self, endpoint: usize, until: Option<Instant>, now: Instant) {
        let Some(until) = until.filter(|_| self.doors[endpoint].gated_until.is_some()) else {
            return;
        };
        if until <= now {
            self.open(endpoint, now);
            return;
        }
        self.doors[endpoint].gated_until = Some(until);
        for position in 0..self.doors[endpoint].checks.len() {
            let key = self.doors[endpoint].checks[position];
            let gated = |slot: &&mut Slot| slot.state == State::Gated && slot.turn > until;
            if let Some(slot) = self.slot_mut(key).filter(gated) {
                slot.turn = until;
                self.look_again(key, until);
            }
        }
    }
}

/// What a start changes, as it was before.
#[derive(Clone, Copy, Debug)]
pub(super) struct BeforeStart {
    turn: Instant,
    started: Option<Instant>,
    stage: Stage,
    gated_until: Option<Instant>,
}

impl Slot {
    /// Remembers what a start changes.
    pub(super) fn remember(&mut self, gated_until: Option<Instant>) {
        self.before_start = Some(BeforeStart {
            turn: self.turn,
            started: self.started,
            stage: self.stage,
            gated_until,
        });
    }

    /// Nothing was sent: its turn is still open. Says until when the gate was shut before.
    fn take_back(&mut self, now: Instant) -> Option<Instant> {
        self.state = State::Asking;
        let before = self.before_start.take()?;
        // Turns that have come since were told as such by whoever looked.
        (self.turn, _) = self.rhythm.latest(before.turn, now);
        (self.started, self.stage) = (before.started, before.stage);
        before.gated_until
    }
}
