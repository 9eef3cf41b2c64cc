//! Everything that is owed and not yet told: who goes next, and when to look again.
//!
//! It is told the time and waits for nothing, so a test can play through five days.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::line::Serial;
use super::station::{Address, Room, Station, Waiting};
use super::{Limits, Report};
use crate::domain::check::Name;
use crate::domain::notice::{Attempt, DeliveryState, Notice, NoticeId, Owed, Way};
use crate::notify::carrier::Carried;

/// How often it is looked for what is to be given up.
const SWEEP: Duration = Duration::from_mins(1);

/// A place that notices go to. What shares one shares its room and its outages.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Relay,
    Alertmanager(String),
    Webhook(Name),
    Directory(Name),
}

impl Place {
    fn of((receiver, way): &Address) -> Self {
        match way {
            Way::Email(_) => Self::Relay,
            Way::Alertmanager(url) => Self::Alertmanager(url.clone()),
            Way::Webhook => Self::Webhook(receiver.clone()),
            Way::File => Self::Directory(receiver.clone()),
        }
    }
}

/// A try that is under way.
#[derive(Clone, Debug)]
pub(super) struct Ticket {
    address: Address,
    serial: Serial,
    /// What is told.
    pub(super) notice: Arc<Notice>,
}

impl Ticket {
    /// How it is told.
    pub(super) fn way(&self) -> &Way {
        &self.address.1
    }
}

/// Everything that is owed and not yet told.
#[derive(Debug)]
pub(super) struct Queue {
    limits: Limits,
    seed: u64,
    stations: BTreeMap<Place, Station>,
    known: HashSet<(NoticeId, Way)>,
    next: Serial,
    swept: Option<Instant>,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// What fails is tried again.
    Running,
    /// What fails is left to the next start.
    Finishing,
}

impl Queue {
    pub(super) fn new(limits: Limits, seed: u64) -> Self {
        Self {
            limits,
            seed,
            stations: BTreeMap::new(),
            known: HashSet::new(),
            next: 0,
            swept: None,
            stage: Stage::Running,
        }
    }

    /// Takes in every pending way of a notice; those that wait already change nothing.
    pub(super) fn add(&mut self, owed: &Owed, now: Instant) {
        let ways = owed.deliveries.iter();
        let pending = ways.filter(|(_, delivery)| delivery.state == DeliveryState::Pending);
        for (way, _) in pending {
            if self.known.insert((owed.notice.id.clone(), way.clone())) {
                let address = (owed.notice.receiver.clone(), way.clone());
                self.enqueue(address, Arc::clone(&owed.notice), now);
            }
        }
    }

    fn enqueue(&mut self, address: Address, notice: Arc<Notice>, now: Instant) {
        let serial = self.next;
        self.next += 1;
        let room = self.room(&address.1);
        let station = self.stations.entry(Place::of(&address));
        let station = station.or_insert_with(|| Station::new(room));
        station.add((address, serial, notice), now);
    }

    /// What is to be tried now.
    pub(super) fn take(&mut self, now: Instant) -> Vec<Ticket> {
        let stations = self.stations.values_mut();
        stations
            .flat_map(|station| station.take(now))
            .map(|(address, serial, notice)| Ticket {
                address,
                serial,
                notice,
            })
            .collect()
    }

    /// Takes down what a try came to.
    pub(super) fn ended(
        &mut self,
        ticket: Ticket,
        carried: Carried,
        (now, wall): (Instant, Timestamp),
    ) -> Report {
        let place = Place::of(&ticket.address);
        let which = (&ticket.address, ticket.serial);
        let attempt = match (self.stations.get_mut(&place), self.stage) {
            (Some(station), Stage::Running) => {
                station.ended(which, carried, self.seed, (now, wall))
            }
            (Some(station), Stage::Finishing) => {
                station.ended_for_good(which, &carried);
                carried.attempt
            }
            (None, Stage::Running | Stage::Finishing) => carried.attempt,
        };
        self.stations.retain(|_, station| !station.is_empty());
        let waiting = (ticket.address, ticket.serial, ticket.notice);
        self.report((waiting, attempt), wall)
    }

    /// Gives up what has been tried for as long as anything is; looks for it once a minute.
    pub(super) fn give_up(&mut self, now: Instant, wall: Timestamp) -> Vec<Report> {
        let since = |swept| now.saturating_duration_since(swept);
        if self.swept.is_some_and(|swept| since(swept) < SWEEP) || self.stage == Stage::Finishing {
            return Vec::new();
        }
        self.swept = Some(now);
        let stations = self.stations.values_mut();
        let gone: Vec<_> = stations
            .flat_map(|station| station.give_up(now, wall))
            .collect();
        self.stations.retain(|_, station| !station.is_empty());
        let gone = gone.into_iter();
        gone.map(|given_up| self.report(given_up, wall)).collect()
    }

    /// Has everything go as soon as there is room: what stood in its way may be mended.
    pub(super) fn rouse(&mut self) {
        for station in self.stations.values_mut() {
            station.rouse();
        }
    }

    /// From now on everything has one more try, at once, and no other.
    pub(super) fn finish(&mut self) {
        self.rouse();
        self.stage = Stage::Finishing;
    }

    /// Whether the last try of everything is over.
    pub(super) fn is_finished(&self) -> bool {
        let mut stations = self.stations.values();
        self.stage == Stage::Finishing && stations.all(Station::is_still)
    }

    /// When to look again, if nothing comes before.
    pub(super) fn due(&self) -> Option<Instant> {
        self.stations.values().filter_map(Station::due).min()
    }

    fn report(
        &mut self,
        ((address, _, notice), attempt): (Waiting, Attempt),
        at: Timestamp,
    ) -> Report {
        let (receiver, way) = address;
        let key = (notice.id.clone(), way);
        match attempt {
            Attempt::Delivered(_) | Attempt::Rejected(_) => drop(self.known.remove(&key)),
            Attempt::Retried(_) => {}
        }
        let (notice, way) = key;
        Report {
            notice,
            receiver,
            way,
            attempt,
            at,
        }
    }

    fn room(&self, way: &Way) -> Room {
        let (at_relay, elsewhere) = (self.limits.at_relay, self.limits.elsewhere);
        match way {
            // A recipient whose mail server dawdles leaves the relay to the others.
            Way::Email(_) => Room {
                in_all: at_relay,
                on_one_way: at_relay.div_ceil(4),
            },
            Way::Alertmanager(_) | Way::Webhook | Way::File => Room {
                in_all: elsewhere,
                on_one_way: elsewhere,
            },
        }
    }
}
