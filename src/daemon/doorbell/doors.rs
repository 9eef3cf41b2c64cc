//! What is known of doors, by which to tell what became of a password that was shown there.
//!
//! A 401 says that it was rejected. Other servers refuse by a 403, by a way to a login page, or by
//! silence, and what is a refusal here is an outage there. Whoever has a made-up credential has met
//! this door's way to refuse: what looks like that is a rejection.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::account::Fate;
use crate::domain::check::{Check, Name, Persona, Role};
use crate::domain::judge::{holds_login_form, is_admission, is_rejection};
use crate::domain::observation::{Observation, Outcome};
use crate::domain::presenter::Unpresentable;

/// What was met at each door, at the last knock.
#[derive(Debug, Default)]
pub(super) struct Doors(BTreeMap<Url, Door>);

/// What was met at one door.
#[derive(Debug, Default)]
struct Door {
    /// The checks that were let in, and must be refused: who gets in there need not be right.
    let_in: BTreeSet<Name>,
    anonymous: Option<Met>,
    made_up: Option<Met>,
}

/// What somebody met, as far as it tells ways to refuse apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Met {
    Admission,
    Rejection,
    LoginPage,
    Status(u16),
    /// The request went out, and no answer came.
    Silence,
    /// The request did not even go out.
    Nothing,
}

impl Met {
    fn by(seen: &Observation) -> Self {
        let answer = match &seen.outcome {
            Outcome::Answer(answer) => answer,
            Outcome::Silence(silence) if silence.went_out() => return Self::Silence,
            Outcome::Silence(_) => return Self::Nothing,
        };
        if is_rejection(answer) {
            Self::Rejection
        } else if (300..=399).contains(&answer.status) || holds_login_form(answer) {
            Self::LoginPage
        } else if is_admission(answer) {
            Self::Admission
        } else {
            Self::Status(answer.status)
        }
    }

    /// Whether it refuses, where nothing else is known of the door.
    fn looks_like_a_refusal(self) -> bool {
        matches!(self, Self::LoginPage | Self::Status(400 | 403 | 422))
    }
}

impl Doors {
    /// Takes in what a check met.
    pub(super) fn learn(
        &mut self,
        url: &Url,
        check: &Check,
        seen: &Result<Observation, Unpresentable>,
    ) {
        let Ok(met) = seen.as_ref().map(Met::by) else {
            return;
        };
        if check.role() != Role::Refused {
            return;
        }
        // Nothing is known of most doors but that they are there.
        if !self.0.contains_key(url) {
            self.0.insert(url.clone(), Door::default());
        }
        let Some(door) = self.0.get_mut(url) else {
            return;
        };
        match (&check.persona, met) {
            (Persona::Anonymous, met) => door.anonymous = Some(met),
            (Persona::Invalid(_), met) => door.made_up = Some(met),
            (Persona::Holder(_) | Persona::Impostor(_), _) => {}
        }
        match met {
            Met::Admission if !door.let_in.contains(&check.name) => {
                door.let_in.insert(check.name.clone());
            }
            // No answer is no news.
            Met::Admission | Met::Silence | Met::Nothing => {}
            Met::Rejection | Met::LoginPage | Met::Status(_) => {
                door.let_in.remove(&check.name);
            }
        }
    }

    /// What became of a password that was shown at a door to whoever must be let in, or not.
    pub(super) fn fate(&self, url: &Url, check: &Check, seen: &Observation) -> Fate {
        let door = self.0.get(url);
        // A login page in the place of a page is not what was agreed, whatever its status.
        let expected = || {
            let status = seen.answer().map(|answer| answer.status);
            let status = status.filter(|status| !(200..=299).contains(status));
            status.is_some_and(|status| check.expectation.status.contains(status))
        };
        match Met::by(seen) {
            Met::Rejection => Fate::Rejected,
            Met::Admission if door.is_some_and(|door| !door.let_in.is_empty()) => Fate::Undecided,
            Met::Admission => Fate::Accepted,
            // A service that is broken behind its lock.
            Met::Nothing | Met::Status(500..) => Fate::Undecided,
            Met::LoginPage | Met::Status(_) if expected() => Fate::Undecided,
            met @ (Met::LoginPage | Met::Silence | Met::Status(_)) => {
                if door.is_some_and(|door| door.refuses_by(met))
                    || door.is_none_or(|door| door.made_up.is_none()) && met.looks_like_a_refusal()
                {
                    Fate::Rejected
                } else {
                    Fate::Undecided
                }
            }
        }
    }
}

impl Door {
    /// Whether that is what a made-up credential meets here.
    fn refuses_by(&self, met: Met) -> bool {
        // Where nobody at all meets anything else, that is no word on a credential.
        let is_alike = self.anonymous == Some(met) && !met.looks_like_a_refusal();
        self.made_up == Some(met) && !is_alike
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::expectation::{Expectation, StatusSet};
    use crate::domain::finding::Reason;
    use crate::domain::observation::{Answer, Body, BodyEnd, HttpVersion, Phases, Silence};

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

    /// In the place of a status: none came.
    const SILENT: u16 = 0;

    fn observed(status: u16) -> Observation {
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
        let silence = Silence {
            reason: Reason::Timeout,
            detail: String::new(),
        };
        Observation {
            outcome: match status {
                SILENT => Outcome::Silence(silence),
                _ => Outcome::Answer(answer),
            },
            phases: Phases::default(),
            duration: Duration::ZERO,
            remote_addr: None,
            tls: None,
        }
    }

    /// A door at which nobody and somebody with a made-up credential met this.
    fn knocked(anonymously: u16, made_up: u16) -> Doors {
        let mut doors = Doors::default();
        let nobody = anonymous(401);
        doors.learn(&url(), &nobody, &Ok(observed(anonymously)));
        let check = Check {
            name: Name::parse("invalid").unwrap(),
            persona: Persona::Invalid(Name::parse("reader").unwrap()),
            ..nobody
        };
        doors.learn(&url(), &check, &Ok(observed(made_up)));
        doors
    }

    /// What becomes of the holder's password where this is met.
    fn fate(doors: &Doors, met: u16) -> Fate {
        let holder = Check {
            persona: Persona::Holder(Name::parse("reader").unwrap()),
            ..anonymous(200)
        };
        doors.fate(&url(), &holder, &observed(met))
    }

    #[test]
    fn a_door_is_open_from_one_admission_to_the_next_refusal() {
        let (mut doors, check) = (Doors::default(), anonymous(401));
        let silence = Err(Unpresentable::new(Reason::ProbeFailed, "none"));
        let [refused, open] = [401, 200].map(|status| Ok(observed(status)));
        let after = [&refused, &open, &silence, &refused].map(|seen| {
            doors.learn(&url(), &check, seen);
            fate(&doors, 200) == Fate::Undecided
        });
        assert_eq!(after, [false, true, true, false]);
    }

    #[test]
    fn whoever_is_meant_to_be_let_in_opens_nothing() {
        let mut doors = Doors::default();
        doors.learn(&url(), &anonymous(200), &Ok(observed(200)));
        assert_eq!(fate(&doors, 200), Fate::Accepted);
    }

    #[test]
    fn where_nothing_else_is_known_a_refusal_by_custom_is_one() {
        let doors = Doors::default();
        let rejected = [401, 423, 403, 302, 400, 422].map(|status| fate(&doors, status));
        assert_eq!(rejected, [Fate::Rejected; 6]);
        let undecided = [404, 429, 500, 503, SILENT].map(|status| fate(&doors, status));
        assert_eq!(undecided, [Fate::Undecided; 5]);
    }

    #[test]
    fn what_nobody_with_a_made_up_credential_meets_is_no_rejection() {
        let doors = knocked(401, 401);
        let fates = [403, 302, 400, 404, 429, SILENT].map(|status| fate(&doors, status));
        assert_eq!(fates, [Fate::Undecided; 6]);
        assert_eq!(fate(&doors, 401), Fate::Rejected);
    }

    #[test]
    fn what_a_made_up_credential_meets_as_well_is_how_this_door_refuses() {
        for refused in [403, 302, 400, 404, 429, SILENT] {
            assert_eq!(fate(&knocked(401, refused), refused), Fate::Rejected);
        }
        assert_eq!(fate(&knocked(401, 500), 500), Fate::Undecided);
        assert_eq!(fate(&knocked(403, 403), 403), Fate::Rejected);
    }

    #[test]
    fn what_everybody_meets_is_an_outage() {
        for down in [404, 429, 503, SILENT] {
            assert_eq!(fate(&knocked(down, down), down), Fate::Undecided);
        }
    }

    #[test]
    fn a_status_that_was_agreed_rejects_nobody() {
        for agreed in [403, 302] {
            let mut check = anonymous(agreed);
            check.persona = Persona::Holder(Name::parse("reader").unwrap());
            let fate = Doors::default().fate(&url(), &check, &observed(agreed));
            assert_eq!(fate, Fate::Undecided);
        }
    }
}
