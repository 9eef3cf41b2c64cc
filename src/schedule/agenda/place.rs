//! Places: how long each check's turn is, and where in it the check stands.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::Agenda;
use super::room::Lane;
use super::slot::Slot;
use crate::schedule::plan::{Pace, Phase};
use crate::schedule::turns::SPACING;

impl Agenda {
    /// Fits the cadences of refused credentials to one probe a second at each origin.
    pub(super) fn stretch(&mut self, order: &[u32]) {
        let mut asked = vec![Vec::new(); self.room.stations()];
        for slot in order.iter().filter_map(|key| self.slot(*key)) {
            if slot.lane() == Lane::Refused {
                asked[slot.station].push(slot.asked);
            }
        }
        let least: Vec<Duration> = asked.iter().map(|asked| least_cadence(asked)).collect();
        let stretched = least
            .iter()
            .enumerate()
            .filter(|(_, least)| !least.is_zero());
        self.stretched = stretched
            .map(|(station, least)| (self.room.origin(station).clone(), *least))
            .collect();
        for key in order {
            let Some(slot) = self.slot_mut(*key) else {
                continue;
            };
            let cadence = match slot.lane() {
                Lane::Plain => slot.asked,
                Lane::Refused => slot.asked.max(least[slot.station]),
            };
            if std::mem::replace(&mut slot.rhythm.cadence, cadence) != cadence {
                slot.number = None;
            }
        }
    }

    /// Gives each check a place among those of the same cadence at its origin.
    pub(super) fn number(&mut self, order: &[u32]) {
        let mut sequences: HashMap<(usize, Lane, Duration), Sequence> = HashMap::new();
        let of = |slot: &Slot| (slot.station, slot.lane(), slot.rhythm.cadence);
        for slot in order.iter().filter_map(|key| self.slot(*key)) {
            let sequence = sequences.entry(of(slot)).or_default();
            sequence.taken.extend(slot.number);
        }
        for key in order {
            let Some(slot) = self.slots[*key as usize].as_mut() else {
                continue;
            };
            let sequence = sequences.entry(of(slot)).or_default();
            let cadence = slot.rhythm.cadence;
            let base = Phase::base(self.room.origin(slot.station), cadence);
            let slots = u64::try_from(cadence.as_nanos() / SPACING.as_nanos()).unwrap_or(1);
            (slot.rhythm.phase, slot.rhythm.pace) = match slot.lane() {
                Lane::Plain => {
                    let number = *slot.number.get_or_insert_with(|| sequence.lowest());
                    (base.spread(number), Pace::Place)
                }
                Lane::Refused => {
                    let number = *slot.number.get_or_insert_with(|| sequence.nearest(slots));
                    (base.opposite().slot(number, slots), Pace::Probe)
                }
            };
        }
    }
}

/// How much time the checks of one origin that must be refused need for a turn of them all, where
/// they ask for more than one probe a second; else nothing.
fn least_cadence(asked: &[Duration]) -> Duration {
    let whole = SPACING.as_nanos() * SPACING.as_nanos();
    let load = |cadence: &Duration| whole / cadence.as_nanos().max(1);
    if asked.iter().map(load).sum::<u128>() <= SPACING.as_nanos() {
        return Duration::ZERO;
    }
    SPACING.saturating_mul(u32::try_from(asked.len()).unwrap_or(u32::MAX))
}

/// The numbers that are given out among checks of one cadence at one origin.
#[derive(Default)]
struct Sequence {
    taken: HashSet<u64>,
    next: u64,
}

impl Sequence {
    /// The lowest number that is free.
    fn lowest(&mut self) -> u64 {
        while !self.taken.insert(self.next) {
            self.next += 1;
        }
        self.next
    }

    /// The free one of so many slots that is nearest to the next place wanted. There is one, because
    /// a cadence is stretched to have a slot for every check.
    fn nearest(&mut self, slots: u64) -> u64 {
        let slots = slots.max(1);
        let wanted = Phase::wanted_slot(self.next, slots);
        self.next += 1;
        let around = (0..slots).flat_map(|away| {
            let [up, down] = [wanted + away, wanted + slots - away];
            [up % slots, down % slots]
        });
        let free = around.into_iter().find(|slot| !self.taken.contains(slot));
        let slot = free.unwrap_or(wanted);
        self.taken.insert(slot);
        slot
    }
}
