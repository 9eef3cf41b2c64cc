//! Room for probes: how many are under way overall and at each origin, and who waits for a place.
//!
//! Checks wait in the order in which they came, at each origin for itself, and origins that have a
//! place take turns: one that hangs does not delay the others.

use std::collections::{HashMap, VecDeque};
use std::time::Instant;

use super::Limits;
use crate::domain::endpoint::Origin;
use crate::domain::status::Skip;
use crate::schedule::plan::later;
use crate::schedule::turns::SPACING;

/// A check that waits, and since when.
type Waiting = (Instant, u32);

/// The places for probes.
#[derive(Debug)]
pub(super) struct Room {
    limits: Limits,
    under_way: usize,
    stations: Vec<Station>,
    by_origin: HashMap<Origin, usize>,
    /// Stations where a probe may start, in order.
    ready: VecDeque<usize>,
}

/// The places at one origin.
#[derive(Debug)]
struct Station {
    origin: Origin,
    under_way: usize,
    plain: VecDeque<Waiting>,
    /// Those that show a credential to be refused.
    refused: VecDeque<Waiting>,
    /// No earlier than this may the next of them start.
    refused_from: Option<Instant>,
    /// When somebody was last asked to look again.
    asked: Option<Instant>,
    /// It stands in `ready`.
    is_ready: bool,
}

/// Which of an origin's queues a check waits in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Lane {
    /// Probes that start as soon as there is a place.
    Plain,
    /// Probes that show a credential to be refused: one a second.
    Refused,
}

impl Room {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits: Limits {
                overall: limits.overall.max(1),
                per_origin: limits.per_origin.max(1),
            },
            under_way: 0,
            stations: Vec::new(),
            by_origin: HashMap::new(),
            ready: VecDeque::new(),
        }
    }

    /// An empty room of the same size, which remembers of its stations only which of them are not to
    /// meet a refused credential yet.
    pub(super) fn emptied(&self, now: Instant) -> Self {
        let mut room = Self::new(self.limits);
        for station in &self.stations {
            if station.refused_from.is_some_and(|from| now < from) {
                let number = room.station(&station.origin);
                room.stations[number].refused_from = station.refused_from;
            }
        }
        room
    }

    /// The number of an origin's station, which is opened where there is none.
    pub(super) fn station(&mut self, origin: &Origin) -> usize {
        if let Some(number) = self.by_origin.get(origin) {
            return *number;
        }
        let number = self.stations.len();
        self.stations.push(Station::new(origin.clone()));
        self.by_origin.insert(origin.clone(), number);
        number
    }

    pub(super) fn stations(&self) -> usize {
        self.stations.len()
    }

    pub(super) fn origin(&self, station: usize) -> &Origin {
        &self.stations[station].origin
    }

    pub(super) fn under_way(&self) -> usize {
        self.under_way
    }

    /// Why a check of a station still waits.
    pub(super) fn obstacle(&self, station: usize) -> Skip {
        let origin_is_full = self.stations[station].under_way >= self.limits.per_origin;
        if self.is_full() && !origin_is_full {
            return Skip::Capacity;
        }
        Skip::OriginBusy
    }

    /// A check waits for a place. What is returned is as for [`Room::rouse`].
    pub(super) fn enqueue(
        &mut self,
        station: usize,
        lane: Lane,
        waiting: Waiting,
    ) -> Option<Instant> {
        let queues = &mut self.stations[station];
        match lane {
            Lane::Plain => queues.plain.push_back(waiting),
            Lane::Refused => queues.refused.push_back(waiting),
        }
        self.rouse(station, waiting.0)
    }

    /// Looks whether a probe may start at a station, and says when to look again where time alone
    /// will change that.
    pub(super) fn rouse(&mut self, number: usize, now: Instant) -> Option<Instant> {
        let per_origin = self.limits.per_origin;
        let station = &mut self.stations[number];
        if station.under_way >= per_origin {
            return None;
        }
        if station.offers(now).is_some() {
            if !std::mem::replace(&mut station.is_ready, true) {
                self.ready.push_back(number);
            }
            return None;
        }
        let again = station.refused_from.filter(|_| !station.refused.is_empty());
        if station.asked == again {
            return None;
        }
        station.asked = again;
        again
    }

    /// The check that is next, and its station; it has left its queue.
    pub(super) fn next(&mut self, now: Instant) -> Option<(u32, usize)> {
        while !self.is_full() {
            let number = self.ready.pop_front()?;
            let station = &mut self.stations[number];
            station.is_ready = false;
            if let Some(key) = station.pop(now) {
                return Some((key, number));
            }
        }
        None
    }

    /// Whether a probe may start now.
    pub(super) fn has_next(&self) -> bool {
        !self.is_full() && !self.ready.is_empty()
    }

    pub(super) fn started(&mut self, number: usize, lane: Lane, now: Instant) {
        self.occupy(number);
        if lane == Lane::Refused {
            self.stations[number].refused_from = Some(later(now, SPACING));
        }
    }

    /// What started then has shown nothing, so nobody keeps a distance from it.
    pub(super) fn not_shown(&mut self, number: usize, started: Instant) {
        let station = &mut self.stations[number];
        let from = Some(later(started, SPACING));
        station.refused_from = station
            .refused_from
            .filter(|_| station.refused_from != from);
    }

    /// A probe that started before the room was emptied is under way at a station.
    pub(super) fn occupy(&mut self, number: usize) {
        self.under_way += 1;
        self.stations[number].under_way += 1;
    }

    pub(super) fn ended(&mut self, number: usize) {
        self.under_way = self.under_way.saturating_sub(1);
        let station = &mut self.stations[number];
        station.under_way = station.under_way.saturating_sub(1);
    }

    fn is_full(&self) -> bool {
        self.under_way >= self.limits.overall
    }
}

impl Station {
    fn new(origin: Origin) -> Self {
        Self {
            origin,
            under_way: 0,
            plain: VecDeque::new(),
            refused: VecDeque::new(),
            refused_from: None,
            asked: None,
            is_ready: false,
        }
    }

    /// The queue whose first check is next.
    fn offers(&self, now: Instant) -> Option<Lane> {
        let may_refuse = self.refused_from.is_none_or(|from| from <= now);
        let refused = self.refused.front().filter(|_| may_refuse);
        match (self.plain.front(), refused) {
            (Some(plain), Some(refused)) if refused.0 < plain.0 => Some(Lane::Refused),
            (Some(_), _) => Some(Lane::Plain),
            (None, Some(_)) => Some(Lane::Refused),
            (None, None) => None,
        }
    }

    fn pop(&mut self, now: Instant) -> Option<u32> {
        let queue = match self.offers(now)? {
            Lane::Plain => &mut self.plain,
            Lane::Refused => &mut self.refused,
        };
        queue.pop_front().map(|(_, key)| key)
    }
}
