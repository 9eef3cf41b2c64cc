//! Start and reload: what is the same goes on, what is new or changed is placed, the rest goes.
//!
//! All tables are made anew, because a reload is rare; probes under way are carried over.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::room::{Lane, Room};
use super::slot::{Bond, Door, Slot, State};
use super::{Agenda, Entry, Key, Kind, Look};
use crate::domain::check::{CheckId, Name};
use crate::domain::endpoint::Origin;
use crate::schedule::plan::{first_pass, later};
use crate::schedule::turns::SPACING;

/// So long after a holder's turn the others wait for its first probe to start.
const HEAD_START: Duration = Duration::from_secs(15);

/// A check that keeps its distance makes the first pass longer by as much as so many others: two seconds.
const SPACED_AS: usize = 100;

/// The tables as they were.
struct Before {
    room: Room,
    doors: HashMap<(Name, Origin), Door>,
    by_id: HashMap<CheckId, u32>,
}

impl Agenda {
    /// Start and reload: an entry that was there with the same definition keeps its place, its
    /// holds and its probe under way; new and changed ones are placed and have a turn soon; what is
    /// not among the entries goes. Of two entries for one check, the first one counts.
    ///
    /// What shows a credential to be refused keeps its cadence even where it was changed, because
    /// the server that counts knows nothing of the change. Holds outlast a change too.
    pub fn adopt(&mut self, entries: Vec<Entry>, now: Instant) {
        let now = self.advance(now);
        let before = self.put_aside(now);
        let (order, placed) = self.admit(entries, before, now);
        self.stretch(&order);
        self.number(&order);
        self.lay(&placed, now);
        self.close_gates(now);
        self.look_at_all(now);
    }

    fn put_aside(&mut self, now: Instant) -> Before {
        let room = self.room.emptied(now);
        let mut doors: Vec<Option<Door>> = self.doors.drain(..).map(Some).collect();
        let numbered = self.door_numbers.drain();
        Before {
            doors: numbered
                .filter_map(|(name, number)| Some((name, doors[number].take()?)))
                .collect(),
            room: std::mem::replace(&mut self.room, room),
            by_id: std::mem::take(&mut self.by_id),
        }
    }

    /// Takes in the entries, and lets go what is not among them. Says which there are, and which of
    /// them are new or have changed.
    fn admit(
        &mut self,
        entries: Vec<Entry>,
        mut before: Before,
        now: Instant,
    ) -> (Vec<u32>, Vec<u32>) {
        let (mut order, mut placed) = (Vec::with_capacity(entries.len()), Vec::new());
        for entry in entries.into_iter().map(Entry::bounded) {
            if self.by_id.contains_key(&entry.id) {
                continue;
            }
            let key = match before.by_id.remove(&entry.id) {
                Some(key) => key,
                None => self.free_key(),
            };
            self.by_id.insert(entry.id.clone(), key);
            if self.seat(key, entry, &mut before, now) {
                placed.push(key);
            }
            order.push(key);
        }
        let mut gone: Vec<_> = before.by_id.drain().collect();
        gone.sort_unstable_by_key(|(_, key)| *key);
        for (id, key) in gone {
            self.release(id, key, &mut before);
        }
        self.remember_rests(before, now);
        (order, placed)
    }

    fn free_key(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        })
    }

    /// Gives an entry its slot, and says whether it is new or has changed.
    fn seat(&mut self, key: u32, entry: Entry, before: &mut Before, now: Instant) -> bool {
        let station = self.room.station(&entry.origin);
        let endpoint = self.door(&entry.id.endpoint, &entry.origin, before);
        self.doors[endpoint].checks.push(key);
        if let (Kind::Refused, Some(span)) = (entry.kind, entry.span) {
            let left = entry.held.unwrap_or_default();
            self.doors[endpoint].rest.resume(left, span, now);
        }
        let epoch = *self.epoch.get_or_insert(now);
        match self.slots[key as usize].take() {
            None => {
                let slot = Slot::new(entry, (station, endpoint), epoch, now);
                self.slots[key as usize] = Some(slot);
                true
            }
            Some(mut slot) => {
                self.carry_over(&mut slot, before);
                let is_under_way = matches!(slot.state, State::UnderWay { .. });
                let was_at = before.room.origin(slot.station).clone();
                (slot.station, slot.endpoint) = (station, endpoint);
                let is_same = was_at == entry.origin && slot.is(&entry);
                if !is_same {
                    let same_origin = was_at == entry.origin;
                    slot.change(&entry, now);
                    slot.number = slot.number.filter(|_| same_origin);
                }
                self.slots[key as usize] = Some(slot);
                if !is_same && !is_under_way {
                    self.give_up(key);
                }
                !is_same
            }
        }
    }

    /// The number of an endpoint's door; the rest that it asked for is kept.
    fn door(&mut self, name: &Name, origin: &Origin, before: &mut Before) -> usize {
        let id = (name.clone(), origin.clone());
        if let Some(number) = self.door_numbers.get(&id) {
            return *number;
        }
        let rest = before.doors.remove(&id).map(|door| door.rest);
        self.doors.push(Door {
            rest: rest.unwrap_or_default(),
            ..Door::default()
        });
        self.door_numbers.insert(id, self.doors.len() - 1);
        self.doors.len() - 1
    }

    /// An endpoint that is away for one reload comes back with the rest that it asked for.
    fn remember_rests(&mut self, before: Before, now: Instant) {
        for (id, door) in before.doors {
            if door.rest.span(now).is_some() {
                self.door_numbers.insert(id, self.doors.len());
                self.doors.push(Door {
                    rest: door.rest,
                    ..Door::default()
                });
            }
        }
    }

    /// A probe under way keeps its place, where it is.
    fn carry_over(&mut self, slot: &mut Slot, before: &mut Before) {
        let State::UnderWay { station, .. } = &slot.state else {
            return;
        };
        let origin = before.room.origin(*station).clone();
        let carried = self.room.station(&origin);
        self.room.occupy(carried);
        let door = self.door(&slot.id.endpoint, &origin, before);
        if let State::UnderWay {
            station, endpoint, ..
        } = &mut slot.state
        {
            (*station, *endpoint) = (carried, door);
        }
    }

    /// A check has gone; its slot stays until its probe has ended.
    fn release(&mut self, id: CheckId, key: u32, before: &mut Before) {
        if self.under_way_at(Key(key)).is_none() {
            self.give_up(key);
        }
        let Some(mut slot) = self.slots[key as usize].take() else {
            return;
        };
        self.carry_over(&mut slot, before);
        match &mut slot.state {
            State::UnderWay {
                bond,
                station,
                endpoint,
            } => {
                *bond = Bond::Removed;
                (slot.station, slot.endpoint) = (*station, *endpoint);
                self.by_id.insert(id, key);
                self.slots[key as usize] = Some(slot);
            }
            State::Resting | State::Gated | State::Belated | State::Asking | State::Waiting => {
                self.free.push(key);
            }
        }
    }

    /// Gives new and changed checks their first turn.
    fn lay(&mut self, placed: &[u32], now: Instant) {
        let mut refused: HashMap<usize, Vec<(Instant, u32)>> = HashMap::new();
        for key in placed {
            if let Some(slot) = self.slot(*key).filter(|slot| slot.lane() == Lane::Refused) {
                refused.entry(slot.station).or_default().push((now, *key));
            }
        }
        for key in placed {
            let Some(slot) = self.slots[*key as usize].as_mut() else {
                continue;
            };
            let spaced = refused.get(&slot.station).map_or(0, Vec::len) * SPACED_AS;
            let checks = match slot.lane() {
                Lane::Plain => placed.len(),
                Lane::Refused => placed.len().max(spaced),
            };
            let pass = first_pass(checks, slot.rhythm.cadence);
            slot.turn = slot.rhythm.first(pass, now);
            if slot.lane() == Lane::Refused {
                slot.turn = slot.turn.max(slot.rested_from(now));
            }
        }
        for turns in refused.values_mut() {
            self.space(turns);
        }
    }

    /// Lays the first turns of one origin's refused credentials apart.
    fn space(&mut self, turns: &mut [(Instant, u32)]) {
        for (turn, key) in &mut *turns {
            *turn = self.slot(*key).map_or(*turn, |slot| slot.turn);
        }
        turns.sort_unstable();
        let mut free = None;
        for (turn, key) in turns {
            let turn = free.map_or(*turn, |free| (*turn).max(free));
            free = Some(later(turn, SPACING));
            if let Some(slot) = self.slot_mut(*key) {
                slot.turn = turn;
            }
        }
    }

    /// At an endpoint whose rightful holder was not met yet, the others wait for that.
    fn close_gates(&mut self, now: Instant) {
        for number in 0..self.doors.len() {
            let keys = self.doors[number].checks.iter();
            let holders = keys
                .filter_map(|key| self.slot(*key))
                .filter(|slot| slot.kind == Kind::Holder);
            let expected: Option<Vec<Instant>> = holders
                .map(|slot| slot.expected_by(HEAD_START, now))
                .collect();
            self.doors[number].gated_until =
                expected.and_then(|expected| expected.into_iter().min());
        }
    }

    fn look_at_all(&mut self, now: Instant) {
        self.heap.clear();
        for (key, slot) in (0_u32..).zip(&mut self.slots) {
            if let Some(at) = slot.as_mut().and_then(|slot| slot.resume(now)) {
                self.heap.push(Reverse((at, Look::Check(key))));
            }
        }
    }
}
