//! What goes into the agenda and what comes out of it.

use std::time::{Duration, Instant};

use super::hold;
use super::room::Lane;
use crate::domain::check::{CheckId, Persona};
use crate::domain::endpoint::Origin;
use crate::domain::status::Skip;
use crate::schedule::plan::later;

/// Cadences beyond this are cut to it, so that no sum of instants overflows.
const LONGEST: Duration = Duration::from_hours(24 * 366);

/// Cadences below this are raised to it.
const SHORTEST: Duration = Duration::from_millis(1);

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
    /// to be refused keeps its cadence over a restart, and over a change that follows.
    pub rested: Option<Duration>,
    /// How much longer a hold lasts that a restart interrupted; an hour at most, as no hold is
    /// longer. A clock that was set can have written any other time down.
    pub held: Option<Duration>,
    /// How long a hold of its endpoint lasted in the former run: the next one doubles from there.
    pub span: Option<Duration>,
}

impl Entry {
    /// So long after its end, nothing doubles from a hold any more.
    pub const CALM: Duration = hold::CALM;

    /// The entry with spans within reason.
    pub(super) fn bounded(self) -> Self {
        Self {
            cadence: self.cadence.clamp(SHORTEST, LONGEST),
            held: self.held.map(|held| held.min(hold::LONGEST)),
            ..self
        }
    }

    /// The hold that a restart interrupted.
    pub(super) fn hold(&self, now: Instant) -> Option<Hold> {
        // Where the endpoint is what holds, it is told to do so itself.
        let until = later(now, self.held.filter(|_| self.span.is_none())?);
        Some(Hold {
            until,
            by: HeldBy::FormerRun,
        })
    }

    /// When it was probed before this start, unless that is longer ago than the machine runs.
    pub(super) fn probed_at(&self, now: Instant) -> Option<Instant> {
        now.checked_sub(self.rested?)
    }
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

    pub(super) fn lane(self) -> Lane {
        match self {
            Self::Holder | Self::Stranger => Lane::Plain,
            Self::Refused => Lane::Refused,
        }
    }
}

/// Names a check within one agenda, for as long as the check is there, over reloads too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub(super) u32);

/// How many probes may be under way at once; none counts as one.
///
/// The default bounds memory, because a hostile head may take half a megabyte, and what a server
/// that hangs can keep from others, because it keeps its places for a whole timeout.
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
    /// Names the check to [`Agenda::ended`](super::Agenda::ended).
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
    /// The account's guard lets the check not probe before this instant. Nothing was sent then, so
    /// the end says nothing of the endpoint.
    pub held: Option<Instant>,
    /// Whether the check's turn was used.
    pub attempt: Attempt,
}

impl End {
    /// No answer came, or nothing was sent: says nothing of the endpoint, so that a hold that it
    /// asked for before is not forgiven.
    pub fn unanswered(now: Instant) -> Self {
        Self {
            held: Some(now),
            ..Self::default()
        }
    }

    /// The account gives no leave yet, and nothing was sent.
    pub fn postponed() -> Self {
        Self {
            attempt: Attempt::Postponed,
            ..Self::default()
        }
    }
}

/// Whether a probe used its check's turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Attempt {
    /// It did, whatever came of it.
    #[default]
    Made,
    /// Its account gave no leave yet, so that nothing was sent, and the end says nothing else.
    ///
    /// The probe gives its place back, and all is as if it had not started: the check is started
    /// again after a quarter of a second, or later where others asked before it, and its lag goes
    /// on being counted from its turn. A turn that comes while it still asks is skipped as held
    /// back, once. A holder that asks does not let the others at its endpoint go on, nor does it
    /// make them wait longer than one that has not started.
    Postponed,
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
    /// Where the endpoint is what holds: how long it does at the level that its answers reached.
    pub span: Option<Duration>,
}

/// Who asked for rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeldBy {
    /// One or the other of those below, in a former run: who it was, that run has told.
    FormerRun,
    /// The guard of the account.
    Account,
    /// The endpoint, with a 423 or 429.
    Endpoint,
}

/// Until when a check is held back, and by whom; of two, the greater one ends later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hold {
    pub(super) until: Instant,
    pub(super) by: HeldBy,
}
