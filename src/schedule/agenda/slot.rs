//! What the agenda knows of one check, and of one endpoint.

use std::time::{Duration, Instant};

use super::asking::BeforeStart;
use super::entry::Hold;
use super::hold::Rest;
use super::room::Lane;
use super::{Entry, HeldBy, Key, Kind, Skipped, Start};
use crate::domain::check::CheckId;
use crate::domain::status::Skip;
use crate::schedule::plan::{Pace, Phase, Rhythm, later};

/// One check.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) id: CheckId,
    pub(super) kind: Kind,
    pub(super) definition: u64,
    /// The cadence as configured; that of `rhythm` may be stretched.
    pub(super) asked: Duration,
    pub(super) rhythm: Rhythm,
    /// Its number in the sequence that gave it its place.
    pub(super) number: Option<u64>,
    pub(super) endpoint: usize,
    pub(super) station: usize,
    /// The turn that is probed next: lag is counted from here.
    pub(super) turn: Instant,
    /// When to look at it next; any other entry of the heap for it is void.
    pub(super) look: Option<Instant>,
    pub(super) state: State,
    pub(super) stage: Stage,
    /// When it was last probed, under this definition or an older one, in this run or the one
    /// before.
    pub(super) started: Option<Instant>,
    /// Its number in the line of those whose account gave no leave for this turn yet.
    pub(super) asks: Option<u64>,
    /// What its last start changed.
    pub(super) before_start: Option<BeforeStart>,
    /// Its own hold, beside that of its endpoint.
    pub(super) held: Option<Hold>,
}

/// What a check does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Its turn is to come.
    Resting,
    /// Its turn has come; it waits for the endpoint's rightful holder to be met first.
    Gated,
    /// Its turn came when nobody looked, and it has been given another moment.
    Belated,
    /// Its turn has come, and its account gave no leave yet.
    Asking,
    /// Its turn has come; it waits for a place.
    Waiting,
    /// It is probed.
    UnderWay {
        /// What its end means.
        bond: Bond,
        /// Where it takes a place.
        station: usize,
        /// The endpoint that it meets.
        endpoint: usize,
    },
}

/// What a probe that is under way has to do with the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bond {
    /// It is the probe of a check.
    Kept,
    /// The check was changed meanwhile, and is to be probed as soon as this one is out of the way.
    Changed,
    /// The check has gone.
    Removed,
}

/// How far a check has come since it was placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// No probe of it has started.
    New,
    /// Its first probe is under way.
    Started,
    /// A probe of it has ended.
    Probed,
}

impl Slot {
    pub(super) fn lane(&self) -> Lane {
        self.kind.lane()
    }

    /// Whether an entry for the same origin asks for the same check.
    pub(super) fn is(&self, entry: &Entry) -> bool {
        let goes_on = match self.state {
            State::UnderWay { bond, .. } => bond != Bond::Removed,
            State::Resting | State::Gated | State::Belated | State::Asking | State::Waiting => true,
        };
        goes_on
            && self.definition == entry.definition
            && self.kind == entry.kind
            && self.asked == entry.cadence
    }

    /// What holds it back, if anything; nobody holds a stranger back.
    pub(super) fn hold(&self, rest: &Rest, now: Instant) -> Option<Hold> {
        let own = self.held.filter(|hold| now < hold.until);
        let of_endpoint = rest.until(now).map(|until| Hold {
            until,
            by: HeldBy::Endpoint,
        });
        match self.kind {
            Kind::Stranger => None,
            Kind::Holder => own,
            Kind::Refused => own.max(of_endpoint),
        }
    }
}

/// One endpoint.
#[derive(Debug, Default)]
pub(super) struct Door {
    /// Its checks, by key.
    pub(super) checks: Vec<u32>,
    pub(super) rest: Rest,
    /// Others than the rightful holder wait for their first probe until then.
    pub(super) gated_until: Option<Instant>,
}

impl Slot {
    pub(super) fn skip(&self, cause: Skip, turns: u64) -> Skipped {
        Skipped {
            id: self.id.clone(),
            cause,
            turns,
        }
    }

    /// Its probe starts, and its next turn is fixed.
    pub(super) fn start(&mut self, key: Key, now: Instant) -> Start {
        let lag = now.saturating_duration_since(self.turn);
        self.turn = self.rhythm.next(self.turn, now);
        self.started = Some(now);
        self.stage = match self.stage {
            Stage::New | Stage::Started => Stage::Started,
            Stage::Probed => Stage::Probed,
        };
        self.state = State::UnderWay {
            bond: Bond::Kept,
            station: self.station,
            endpoint: self.endpoint,
        };
        Start {
            key,
            id: self.id.clone(),
            lag,
        }
    }
}

impl Door {
    /// The holder's first probe has started: its end will open the gate.
    pub(super) fn lengthen(&mut self, until: Instant) {
        self.gated_until = self.gated_until.map(|_| until);
    }
}

impl Slot {
    pub(super) fn new(
        entry: Entry,
        (station, endpoint): (usize, usize),
        epoch: Instant,
        now: Instant,
    ) -> Self {
        Self {
            held: entry.hold(now),
            started: entry.probed_at(now),
            id: entry.id,
            kind: entry.kind,
            definition: entry.definition,
            asked: entry.cadence,
            rhythm: Rhythm {
                epoch,
                cadence: entry.cadence,
                phase: Phase::base(&entry.origin, entry.cadence),
                pace: Pace::Place,
            },
            number: None,
            endpoint,
            station,
            turn: now,
            look: None,
            state: State::Resting,
            stage: Stage::New,
            asks: None,
            before_start: None,
        }
    }

    /// It is to be another check from now on, under the same name. The server that counts knows
    /// nothing of that, so what the check was held back for and when it was probed is kept.
    pub(super) fn change(&mut self, entry: &Entry, now: Instant) {
        self.held = self.held.max(entry.hold(now));
        self.started = self.started.max(entry.probed_at(now));
        if self.kind.lane() != entry.kind.lane() || self.asked != entry.cadence {
            self.number = None;
        }
        (self.kind, self.definition, self.asked) = (entry.kind, entry.definition, entry.cadence);
        self.stage = Stage::New;
        match &mut self.state {
            State::UnderWay { bond, .. } => *bond = Bond::Changed,
            State::Resting | State::Gated | State::Belated | State::Asking | State::Waiting => {
                self.state = State::Resting;
            }
        }
    }

    /// The first instant at which it has rested for a whole cadence.
    pub(super) fn rested_from(&self, now: Instant) -> Instant {
        let rested = self.started.map(|at| later(at, self.rhythm.cadence));
        rested.unwrap_or(now)
    }

    /// When at the latest others go on without this holder; `None` where it has been met.
    pub(super) fn expected_by(&self, head_start: Duration, now: Instant) -> Option<Instant> {
        match self.stage {
            Stage::Probed => None,
            Stage::Started => Some(later(self.started.unwrap_or(now), self.rhythm.cadence)),
            Stage::New if self.held.is_some_and(|hold| hold.until > self.turn) => Some(self.turn),
            Stage::New => Some(later(self.turn, head_start)),
        }
    }

    /// Goes on in new tables, and says when to look at it, if ever.
    pub(super) fn resume(&mut self, now: Instant) -> Option<Instant> {
        self.look = match self.state {
            State::Resting => Some(self.turn),
            State::Gated => {
                (self.state, self.turn) = (State::Resting, now);
                Some(now)
            }
            State::Belated | State::Asking => self.look,
            State::Waiting => {
                self.state = State::Belated;
                Some(self.turn)
            }
            State::UnderWay { bond, .. } => match bond {
                Bond::Kept => Some(self.turn),
                Bond::Changed | Bond::Removed => None,
            },
        };
        self.look
    }
}
