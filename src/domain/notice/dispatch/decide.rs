//! Whether a receiver is to be told of an incident now, and why.

use jiff::{SignedDuration, Timestamp};

use crate::domain::finding::Class;
use crate::domain::incident::Incident;
use crate::domain::notice::Said;

/// How an incident stands with one receiver.
#[derive(Clone, Copy, Debug)]
pub struct Matter<'i> {
    /// The incident, as it is.
    pub incident: &'i Incident,
    /// What the receiver was last told of it, and when.
    pub told: Option<(Said, Timestamp)>,
    /// What keeps everybody from being told.
    pub held: Option<Held>,
    /// That probes which add to what is told are under way, and how long that is waited for.
    pub reprobing_until: Option<Timestamp>,
}

/// Something that keeps an incident from being told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Held {
    /// A silence covers it, until then.
    Silenced(Timestamp),
    /// The route is muted, at least until then.
    Muted(Timestamp),
    /// This monitor seems to be cut off.
    Isolated,
}

/// When the notices of a group may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// From when on it may say that something is wrong.
    pub opens_at: Timestamp,
    /// From when on it may say that something ended.
    pub ends_at: Timestamp,
    /// From when on it may repeat something.
    pub repeats_at: Timestamp,
    /// How long after it was told an incident is told again; `None` for never.
    pub repeat_interval: Option<SignedDuration>,
}

/// What a receiver should know of an incident and does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owes {
    /// That it was opened, although it may be over by now.
    Opened,
    /// That it opens and resolves again and again.
    Flapping,
    /// That it ended.
    Ended,
    /// That it goes on.
    Repeat,
    /// Nothing until it is calm.
    Quiet,
    /// Nothing ever.
    Nothing,
}

/// What comes of a matter at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The receiver is told.
    Speak(Why),
    /// The receiver is not told.
    Hold(WhyNot),
}

/// Why a receiver is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The incident was opened, or is calm and still open, and the receiver does not know.
    Opened,
    /// It flaps, and the receiver does not know.
    Flapping,
    /// It ended, and the receiver believes otherwise.
    Ended,
    /// It goes on, and was last spoken of a repeat interval ago.
    Repeated,
}

/// Why a receiver is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyNot {
    /// Everything was said.
    Settled,
    /// It was said that it flaps, and it does.
    Quiet,
    /// Something keeps everybody from being told.
    Held(Held),
    /// Probes that add to what is told are under way until then.
    Reprobing(Timestamp),
    /// The group collects until then.
    Collecting(Timestamp),
    /// It was said lately, and is said again then.
    Told(Timestamp),
}

/// What a receiver who was last told `said` should know of an incident and does not.
///
/// A bypass never counts as flapping.
pub fn owes(incident: &Incident, said: Option<Said>) -> Owes {
    let flaps = incident.flapping && incident.class != Class::Bypass;
    match (said, flaps, incident.is_open()) {
        (Some(Said::Ended), _, _) => Owes::Nothing,
        (Some(Said::Flapping), true, _) => Owes::Quiet,
        (None | Some(Said::Opened), true, _) => Owes::Flapping,
        (None, false, _) | (Some(Said::Flapping), false, true) => Owes::Opened,
        (Some(Said::Opened), false, true) => Owes::Repeat,
        (Some(Said::Opened | Said::Flapping), false, false) => Owes::Ended,
    }
}

/// Decides on one matter at a moment.
///
/// An end that is held back is told when it may be, a bypass's at once: nothing keeps those who know
/// of a bypass from hearing that it is over.
pub fn decide(matter: &Matter<'_>, pace: &Pace, now: Timestamp) -> Decision {
    let owes = owes(matter.incident, matter.told.map(|(said, _)| said));
    let (why, speaks_at) = match owes {
        Owes::Nothing => return Decision::Hold(WhyNot::Settled),
        Owes::Quiet => return Decision::Hold(WhyNot::Quiet),
        Owes::Opened => (Why::Opened, pace.opens_at),
        Owes::Flapping => (Why::Flapping, pace.opens_at),
        Owes::Ended => (Why::Ended, pace.ends_at),
        Owes::Repeat => match repeats_at(matter, pace) {
            Some(at) => (Why::Repeated, at),
            None => return Decision::Hold(WhyNot::Settled),
        },
    };
    if let Some(held) = matter
        .held
        .filter(|held| held.concerns(matter.incident, owes))
    {
        return Decision::Hold(WhyNot::Held(held));
    }
    let reprobing = matter.reprobing_until.filter(|until| now < *until);
    match (why, reprobing) {
        // Where the group waits longer, it is asked once for all of them and not once for each.
        (Why::Opened, Some(until)) if speaks_at < until => Decision::Hold(WhyNot::Reprobing(until)),
        _ if speaks_at <= now => Decision::Speak(why),
        (Why::Repeated, _) => Decision::Hold(WhyNot::Told(speaks_at)),
        (Why::Opened | Why::Flapping | Why::Ended, _) => {
            Decision::Hold(WhyNot::Collecting(speaks_at))
        }
    }
}

fn repeats_at(matter: &Matter<'_>, pace: &Pace) -> Option<Timestamp> {
    let (_, told_at) = matter.told?;
    let due = told_at.checked_add(pace.repeat_interval?).ok()?;
    Some(due.max(pace.repeats_at))
}

impl Held {
    /// Whether it keeps this from being said of the incident.
    pub(super) fn concerns(self, incident: &Incident, owes: Owes) -> bool {
        let is_bypass = incident.class == Class::Bypass;
        match (self, owes) {
            (_, Owes::Nothing | Owes::Quiet) | (Self::Isolated, Owes::Ended) => false,
            (Self::Silenced(_), Owes::Ended) => !is_bypass,
            (Self::Silenced(_), Owes::Opened | Owes::Flapping | Owes::Repeat) => true,
            (Self::Muted(_), Owes::Opened | Owes::Flapping | Owes::Repeat | Owes::Ended) => {
                !is_bypass
            }
            (Self::Isolated, Owes::Opened | Owes::Flapping | Owes::Repeat) => {
                incident.class == Class::Outage
            }
        }
    }

    fn until(self) -> Option<Timestamp> {
        match self {
            Self::Silenced(until) | Self::Muted(until) => Some(until),
            Self::Isolated => None,
        }
    }
}

impl WhyNot {
    /// When to decide once more; `None` where only an event can change it.
    pub fn until(self) -> Option<Timestamp> {
        match self {
            Self::Settled | Self::Quiet => None,
            Self::Held(held) => held.until(),
            Self::Reprobing(until) | Self::Collecting(until) | Self::Told(until) => Some(until),
        }
    }
}
