//! What is known of the incidents of one class.

use jiff::Timestamp;

use super::Transition;
use super::flapping::Flapping;
use crate::domain::finding::Class;
use crate::domain::incident::{Incident, Reproduced, Resolution};

/// The incidents of one class.
#[derive(Clone, Debug, Default)]
pub(super) struct Case {
    pub(super) open: Option<Open>,
    pub(super) flapping: Flapping,
    /// When the last one ended: what was seen before belongs to that one.
    pub(super) ended_at: Option<Timestamp>,
}

/// An incident that goes on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Open {
    /// Answers in a row without a finding of the class.
    pub(super) clean: u32,
    /// Whether it is a bypass that some replicas do not show.
    pub(super) partial: bool,
}

impl Case {
    /// Takes in a stored incident; they come in the order in which they were opened.
    pub(super) fn resume(&mut self, incident: &Incident) {
        self.replay(incident.class, incident.opened_at);
        self.open = Some(Open {
            clean: 0,
            partial: incident.reproduced.is_some_and(Reproduced::is_partial),
        });
        match incident.ended {
            None => {}
            Some(ended) => match ended.resolution {
                // The check's casebook was closed, and another one was begun.
                Resolution::Removed => return *self = Self::default(),
                Resolution::Recovered => {
                    self.open = None;
                    self.ended_at = Some(ended.at);
                    self.replay(incident.class, ended.at);
                }
            },
        }
        let flaps = incident.flapping && incident.class != Class::Bypass;
        self.flapping.settle(flaps);
    }

    /// Notes what was told already.
    fn replay(&mut self, class: Class, at: Timestamp) {
        self.flapping.look(at);
        self.moved(class, at);
    }

    /// Notes that an incident opened or ended. A bypass may do so as often as it likes: each time
    /// is told.
    pub(super) fn moved(&mut self, class: Class, at: Timestamp) -> Option<Transition> {
        let too_often = class != Class::Bypass && self.flapping.note(at);
        too_often.then_some(Transition::Flapping { class })
    }
}
