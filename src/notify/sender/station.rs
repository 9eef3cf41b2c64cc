//! One place that notices go to, such as the relay: who may go there, and what it does meanwhile.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::backoff;
use super::line::{Haste, Line, Rank, Serial};
use crate::domain::check::Name;
use crate::domain::notice::{Attempt, Notice, Way};
use crate::notify::carrier::{Carried, Outlook};

/// A way of one receiver.
pub(super) type Address = (Name, Way);

/// Someone who waits, and where.
pub(super) type Waiting = (Address, Serial, Arc<Notice>);

/// How many may be under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// To the place in all.
    pub(super) in_all: usize,
    /// On one way of one receiver.
    pub(super) on_one_way: usize,
}

/// One place that notices go to.
#[derive(Debug)]
pub(super) struct Station {
    lines: BTreeMap<Address, Line>,
    room: Room,
    flying: usize,
    gate: Option<Gate>,
}

/// Stands before a place that gives no answer: nobody passes, and then one at a time.
#[derive(Debug)]
struct Gate {
    /// Why: what the other side asked for is shortened for a bypass alone.
    shut: Shut,
    /// How many tries in a row met nobody.
    tries: u32,
    /// When the next one may pass.
    until: Instant,
    /// When it was shut the last time.
    since: Instant,
    /// Who passed last.
    probe: Option<Serial>,
    /// Whether that one is still under way.
    probing: bool,
    said: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shut {
    Unreachable,
    Asked,
}

impl Station {
    pub(super) fn new(room: Room) -> Self {
        Self {
            lines: BTreeMap::new(),
            room,
            flying: 0,
            gate: None,
        }
    }

    pub(super) fn add(&mut self, (address, serial, notice): Waiting, now: Instant) {
        if let Some(gate) = &mut self.gate {
            gate.hurry(Haste::of(&notice), now);
        }
        let line = self.lines.entry(address).or_default();
        line.add(serial, notice, now);
    }

    /// Who goes now.
    pub(super) fn take(&mut self, now: Instant) -> Vec<Waiting> {
        for line in self.lines.values_mut() {
            line.wake(now);
        }
        let mut taken = Vec::new();
        while self.has_room(now)
            && let Some(waiting) = self.next()
        {
            self.flying += 1;
            if let Some(gate) = &mut self.gate {
                (gate.probe, gate.probing) = (Some(waiting.1), true);
            }
            taken.push(waiting);
        }
        taken
    }

    /// Takes down what a try came to, and says what that means for the notice.
    pub(super) fn ended(
        &mut self,
        (address, serial): (&Address, Serial),
        carried: Carried,
        seed: u64,
        (now, wall): (Instant, Timestamp),
    ) -> Attempt {
        self.flying = self.flying.saturating_sub(1);
        let (attempt, outlook) = (carried.attempt, carried.outlook);
        let why = match &attempt {
            Attempt::Retried(why) => Some(why.as_str()),
            Attempt::Delivered(_) | Attempt::Rejected(_) => None,
        };
        self.look(serial, why.map(|why| (outlook, why)), seed, (now, wall));
        let Some(line) = self.lines.get_mut(address) else {
            return attempt;
        };
        line.landed(serial, why);
        let attempt = match attempt {
            Attempt::Retried(why) if line.is_spent(serial, now, wall) => given_up(&why),
            other @ (Attempt::Delivered(_) | Attempt::Retried(_) | Attempt::Rejected(_)) => other,
        };
        match (&attempt, outlook) {
            (Attempt::Delivered(_) | Attempt::Rejected(_), _) => line.settle(serial),
            (Attempt::Retried(_), Outlook::Open) => line.rest(serial, seed, now, wall),
            (Attempt::Retried(_), Outlook::Unreachable | Outlook::Busy(_)) => line.again(serial),
        }
        self.relent(wall);
        self.lines.retain(|_, line| !line.is_empty());
        attempt
    }

    /// Takes down what a last try came to: what failed is not tried again, nor what is behind it.
    pub(super) fn ended_for_good(&mut self, (address, serial): (&Address, Serial), at: &Carried) {
        self.flying = self.flying.saturating_sub(1);
        if let Some(line) = self.lines.get_mut(address) {
            line.landed(serial, None);
            match (&at.attempt, at.outlook) {
                (Attempt::Delivered(_) | Attempt::Rejected(_), _) => line.settle(serial),
                (Attempt::Retried(_), Outlook::Open) => {}
                // Others will fare no better.
                (Attempt::Retried(_), Outlook::Unreachable | Outlook::Busy(_)) => {
                    self.lines.clear();
                }
            }
        }
    }

    /// Gives up what has been tried for as long as anything is.
    pub(super) fn give_up(&mut self, now: Instant, wall: Timestamp) -> Vec<(Waiting, Attempt)> {
        let outage = self.gate.as_ref().map(|gate| gate.said.as_str());
        let mut gone = Vec::new();
        for (address, line) in &mut self.lines {
            for (serial, notice, why) in line.spent(outage, now, wall) {
                line.settle(serial);
                gone.push(((address.clone(), serial, notice), given_up(&why)));
            }
        }
        self.lines.retain(|_, line| !line.is_empty());
        gone
    }

    /// Has everybody who waits go as soon as there is room.
    pub(super) fn rouse(&mut self) {
        self.gate = None;
        for line in self.lines.values_mut() {
            line.rouse();
        }
    }

    /// When there is something to do again, but for the end of a try.
    pub(super) fn due(&self) -> Option<Instant> {
        let rest = self.lines.values().filter_map(Line::due).min();
        let gate = self.gate.as_ref().filter(|gate| !gate.probing);
        let gate = gate.filter(|_| self.lines.values().any(Line::is_ready));
        rest.into_iter().chain(gate.map(|gate| gate.until)).min()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.flying == 0
    }

    /// Whether nobody is under way, and nobody could go.
    pub(super) fn is_still(&self) -> bool {
        self.flying == 0 && !self.lines.values().any(Line::is_ready)
    }

    fn has_room(&self, now: Instant) -> bool {
        match &self.gate {
            Some(gate) => !gate.probing && gate.until <= now && self.flying < self.room.in_all,
            None => self.flying < self.room.in_all,
        }
    }

    /// The most urgent goes first; among equals those of whom fewest are under way, then the oldest.
    fn next(&mut self) -> Option<Waiting> {
        let but = self.gate.as_ref().and_then(|gate| gate.probe);
        let on_one_way = self.room.on_one_way;
        let order = |line: &Line, first: Rank| {
            let again = Some(first.serial) == but;
            (again, first.haste, line.flying(), first)
        };
        let lines = self.lines.iter_mut();
        let (address, line, rank) = lines
            .filter(|(_, line)| line.flying() < on_one_way)
            .filter_map(|(address, line)| line.first(but).map(|rank| (address, line, rank)))
            .min_by_key(|(_, line, rank)| order(line, *rank))?;
        let notice = line.take(rank)?;
        Some((address.clone(), rank.serial, notice))
    }

    /// Shuts the gate or opens it, by what a try that failed says; an answer opens it.
    fn look(
        &mut self,
        serial: Serial,
        failed: Option<(Outlook, &str)>,
        seed: u64,
        (now, wall): (Instant, Timestamp),
    ) {
        let was_probe = self.gate.as_ref().map(|gate| gate.probe == Some(serial));
        let tries = self.gate.as_ref().map_or(0, |gate| gate.tries);
        let (shut, tries, wait, said) = match failed {
            None | Some((Outlook::Open, _)) => {
                self.gate = None;
                return;
            }
            // It set off before the gate was shut, and says nothing new.
            Some((Outlook::Unreachable, _)) if was_probe == Some(false) => return,
            Some((Outlook::Unreachable, said)) => {
                let tries = tries.saturating_add(1);
                let wait = backoff::delay(tries, self.age(wall), seed ^ u64::from(tries));
                (Shut::Unreachable, tries, wait, said)
            }
            Some((Outlook::Busy(wait), said)) => (Shut::Asked, tries, wait, said),
        };
        self.gate = Some(Gate {
            shut,
            tries,
            until: now + wait.min(backoff::LATE),
            since: now,
            probe: Some(serial),
            probing: false,
            said: said.to_owned(),
        });
    }

    /// Has a bypass wait no longer than anything waits at its age, whatever the other side asked for.
    fn relent(&mut self, wall: Timestamp) {
        let longest = backoff::ceiling(self.age(wall));
        let mut first = self.lines.values().filter_map(|line| line.first(None));
        let is_urgent = first.any(|rank| rank.haste == Haste::Bypass);
        if let Some(gate) = self.gate.as_mut().filter(|_| is_urgent) {
            gate.until = gate.until.min(gate.since + longest);
        }
    }

    /// How old the youngest is that waits: it decides how patient all are.
    fn age(&self, wall: Timestamp) -> Duration {
        let youngest = self.lines.values().filter_map(Line::youngest).max();
        youngest.map_or(Duration::ZERO, |created_at| backoff::age(created_at, wall))
    }
}

impl Gate {
    /// Somebody new waits, who must not pay for the patience of the old.
    fn hurry(&mut self, haste: Haste, now: Instant) {
        let soonest = match (self.shut, haste) {
            (Shut::Asked, Haste::Usual) => return,
            (Shut::Unreachable, Haste::Bypass) => now.max(self.since + backoff::FIRST),
            (Shut::Asked, Haste::Bypass) | (Shut::Unreachable, Haste::Usual) => {
                now.max(self.since + backoff::SOON)
            }
        };
        self.until = self.until.min(soonest);
    }
}

fn given_up(why: &str) -> Attempt {
    let days = backoff::LIFE.as_secs() / (24 * 60 * 60);
    Attempt::Rejected(format!("given up after {days} days: {why}"))
}
