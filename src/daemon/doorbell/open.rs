//! Doors that stand open: what was accepted there need not be right.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use crate::domain::check::{Check, Name, Role};
use crate::domain::judge::is_admission;
use crate::domain::observation::Observation;
use crate::domain::presenter::Unpresentable;

/// Which checks were let in, at the last answer, that must be refused.
#[derive(Debug, Default)]
pub(super) struct OpenDoors(BTreeMap<Url, BTreeSet<Name>>);

impl OpenDoors {
    /// Takes in what a check met. No answer changes nothing.
    pub(super) fn learn(
        &mut self,
        url: &Url,
        check: &Check,
        seen: &Result<Observation, Unpresentable>,
    ) {
        let answer = seen.as_ref().ok().and_then(Observation::answer);
        let Some(answer) = answer.filter(|_| check.role() == Role::Refused) else {
            return;
        };
        if is_admission(answer) {
            let let_in = self.0.entry(url.clone()).or_default();
            let_in.insert(check.name.clone());
        } else if let Some(let_in) = self.0.get_mut(url) {
            let_in.remove(&check.name);
            if let_in.is_empty() {
                self.0.remove(url);
            }
        }
    }

    /// Whether somebody gets in there who must not.
    pub(super) fn is_open(&self, url: &Url) -> bool {
        self.0.contains_key(url)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::check::Persona;
    use crate::domain::expectation::{Expectation, StatusSet};
    use crate::domain::finding::Reason;
    use crate::domain::observation::{Answer, Body, BodyEnd, HttpVersion, Outcome, Phases};

    fn url() -> Url {
        Url::parse("https://a.example/").unwrap()
    }

    fn anonymous(expected: u16) -> Check {
        Check {
            name: Name::parse("anonymous").unwrap(),
            persona: Persona::Anonymous,
            expectation: Expectation::of_status(StatusSet::of(&[expected])),
        }
    }

    fn answered(status: u16) -> Result<Observation, Unpresentable> {
        let answer = Answer {
            status,
            http_version: HttpVersion::Http11,
            fields: Vec::new(),
            body: Body {
                bytes: Vec::new(),
                end: BodyEnd::Complete,
            },
            first_location: None,
        };
        Ok(Observation {
            outcome: Outcome::Answer(answer),
            phases: Phases::default(),
            duration: Duration::ZERO,
            remote_addr: None,
            tls: None,
        })
    }

    #[test]
    fn a_door_is_open_from_one_admission_to_the_next_refusal() {
        let (mut doors, check) = (OpenDoors::default(), anonymous(401));
        let silence = Err(Unpresentable::new(Reason::ProbeFailed, "none"));
        let after = [answered(401), answered(200), silence, answered(401)].map(|seen| {
            doors.learn(&url(), &check, &seen);
            doors.is_open(&url())
        });
        assert_eq!(after, [false, true, true, false]);
    }

    #[test]
    fn whoever_is_meant_to_be_let_in_opens_nothing() {
        let mut doors = OpenDoors::default();
        doors.learn(&url(), &anonymous(200), &answered(200));
        assert!(!doors.is_open(&url()));
    }
}
