//! Whether the incidents of a class come and go too often to be told each time.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

/// The last transitions of a class.
#[derive(Clone, Debug, Default)]
pub(super) struct Flapping {
    /// At most [`TRANSITIONS`], the oldest first.
    moments: VecDeque<Timestamp>,
    on: bool,
}

/// As many transitions within [`WITHIN`] are flapping.
const TRANSITIONS: usize = 4;

const WITHIN: SignedDuration = SignedDuration::from_hours(1);

/// So long without a transition is calm.
const CALM: SignedDuration = SignedDuration::from_mins(30);

impl Flapping {
    /// Whether transitions are too frequent.
    pub(super) fn is_on(&self) -> bool {
        self.on
    }

    /// Whether nothing of it counts any more.
    pub(super) fn is_blank(&self, now: Timestamp) -> bool {
        let mut moments = self.moments.iter();
        !self.on && moments.all(|moment| now.duration_since(*moment) > WITHIN)
    }

    /// Notes a transition; whether it is the one that was too many.
    pub(super) fn note(&mut self, at: Timestamp) -> bool {
        // Those of a later time were noted before the clock was set back.
        self.moments
            .retain(|moment| *moment <= at && at.duration_since(*moment) <= WITHIN);
        self.moments.push_back(at);
        if self.moments.len() > TRANSITIONS {
            self.moments.pop_front();
        }
        let begins = !self.on && self.moments.len() == TRANSITIONS;
        self.on |= begins;
        begins
    }

    /// Whether it flapped and is calm now. What was before is then forgotten, so that the next
    /// incident is told.
    pub(super) fn look(&mut self, now: Timestamp) -> bool {
        if !self.on {
            return false;
        }
        if let Some(last) = self.moments.back_mut() {
            // Where the clock was set back, the wait begins anew rather than to last for years.
            *last = (*last).min(now);
            if now.duration_since(*last) < CALM {
                return false;
            }
        }
        *self = Self::default();
        true
    }

    /// When it will be calm, if nothing happens until then.
    pub(super) fn calm_at(&self) -> Option<Timestamp> {
        let last = self.moments.back().filter(|_| self.on)?;
        last.checked_add(CALM).ok()
    }

    /// Takes over how it stood when the last transition that was noted had been stored.
    pub(super) fn settle(&mut self, on: bool) {
        if self.on && !on {
            // It has been calm since.
            *self = Self::default();
        }
        self.on = on;
    }
}
