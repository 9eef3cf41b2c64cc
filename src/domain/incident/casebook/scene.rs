//! A check whose verdicts tests make up, and what its casebook says to them, in short words.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Casebook, Step, Transition};
use crate::domain::check::{CheckId, Name, Role};
use crate::domain::endpoint::{Confirm, Strikes};
use crate::domain::finding::{Class, Finding, Reason};
use crate::domain::incident::{Ended, Incident, IncidentId, Reproduced};
use crate::domain::judge::{Expiring, Judgement};
use crate::domain::notice::Story;

/// What one probe came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// An answer with these findings; none is a pass.
    Answer(Vec<Reason>),
    /// The same, beside a certificate that expires soon.
    Expiring(Vec<Reason>),
    /// No answer, for this reason; `None` is a refused handshake that was expected.
    Nothing(Option<Reason>),
}

impl Seen {
    pub(super) fn is_answer(&self) -> bool {
        matches!(self, Self::Answer(_) | Self::Expiring(_))
    }

    pub(super) fn judgement(&self) -> Judgement {
        let reasons: Vec<Reason> = match self {
            Self::Answer(reasons) | Self::Expiring(reasons) => reasons.clone(),
            Self::Nothing(reason) => reason.iter().copied().collect(),
        };
        Judgement::of(reasons.into_iter().map(finding).collect())
    }

    pub(super) fn expiring(&self) -> Expiring {
        let expires = matches!(self, Self::Expiring(_));
        Expiring {
            certificate: expires.then(|| finding(Reason::CertificateExpiring)),
            credential: None,
        }
    }
}

fn finding(reason: Reason) -> Finding {
    Finding::new(reason, "expected", "saw")
}

/// The defaults of the configuration: two of each, and three failures for an outage.
pub(super) fn confirm() -> Confirm {
    let strikes = |failures, recoveries| Strikes {
        failures,
        recoveries,
    };
    Confirm {
        default: strikes(2, 2),
        classes: BTreeMap::from([(Class::Outage, strikes(3, 2))]),
    }
}

pub(super) fn second(number: i64) -> Timestamp {
    Timestamp::from_second(number).unwrap()
}

/// A check and its incidents, kept as the program keeps them.
pub(super) struct Scene {
    pub(super) casebook: Casebook,
    pub(super) confirm: Confirm,
    /// The minute of the next probe.
    pub(super) now: Timestamp,
    /// Between two probes.
    pub(super) interval: SignedDuration,
    /// How far somebody has set the clock back.
    pub(super) set_back: SignedDuration,
    /// As they would be stored.
    pub(super) incidents: Vec<Incident>,
}

impl Scene {
    /// A check that is probed each minute from the first one on.
    pub(super) fn new(confirm: Confirm) -> Self {
        Self {
            casebook: Casebook::default(),
            confirm,
            now: second(60),
            interval: SignedDuration::from_mins(1),
            set_back: SignedDuration::ZERO,
            incidents: Vec::new(),
        }
    }

    /// What the casebook makes of the next probe.
    pub(super) fn meet(&mut self, seen: &Seen) -> Vec<Transition> {
        let (judgement, expiring) = (seen.judgement(), seen.expiring());
        let step = Step {
            judgement: &judgement,
            expiring: &expiring,
            answered: seen.is_answer(),
            at: self.now,
            wall: self.wall(),
        };
        let transitions = self.casebook.advance(&step, &self.confirm);
        self.keep(&transitions);
        self.now += self.interval;
        transitions
    }

    /// The same for several, in short words: `opened bypass 60, ended bypass`.
    pub(super) fn tell(&mut self, sequence: &[Seen]) -> Vec<String> {
        let told = sequence.iter().map(|seen| shown(&self.meet(seen)));
        told.collect()
    }

    /// The program ends, and begins again.
    pub(super) fn restart(&mut self) {
        self.casebook = Casebook::resumed(&self.incidents);
    }

    /// Stores incidents as their keeper does.
    pub(super) fn keep(&mut self, transitions: &[Transition]) {
        for transition in transitions {
            match transition {
                Transition::Opened {
                    class,
                    finding,
                    since,
                } => {
                    let mut incident = incident(*class, finding, *since, self.wall());
                    incident.flapping = self.casebook.is_flapping(*class);
                    self.incidents.push(incident);
                }
                Transition::Ended { class, resolution } => {
                    let (at, resolution) = (self.wall(), *resolution);
                    self.last(*class).ended = Some(Ended { at, resolution });
                }
                Transition::Flapping { class } => self.last(*class).flapping = true,
                Transition::Calm { class } => self.last(*class).flapping = false,
            }
        }
    }

    /// Re-probes of the open bypass come back.
    pub(super) fn reproduce(&mut self, reproduced: Reproduced) {
        self.casebook.note_reproduced(reproduced);
        self.last(Class::Bypass).reproduced = Some(reproduced);
    }

    fn wall(&self) -> Timestamp {
        self.now - self.set_back
    }

    fn last(&mut self, class: Class) -> &mut Incident {
        let mut incidents = self.incidents.iter_mut().rev();
        incidents.find(|incident| incident.class == class).unwrap()
    }
}

fn incident(class: Class, finding: &Finding, since: Timestamp, opened_at: Timestamp) -> Incident {
    let name = |text| Name::parse(text).unwrap();
    let check = CheckId {
        endpoint: name("orders"),
        check: name("anonymous"),
    };
    Incident {
        id: IncidentId::new(&check, class, opened_at),
        check,
        class,
        reason: finding.reason,
        severity: finding.severity,
        since,
        opened_at,
        ended: None,
        reproduced: None,
        flapping: false,
        labels: Arc::default(),
        story: Arc::new(story(finding, opened_at)),
    }
}

fn story(finding: &Finding, at: Timestamp) -> Story {
    Story {
        at,
        request: "GET https://orders.example.com/".to_owned(),
        persona: "anonymous".to_owned(),
        role: Role::Refused,
        findings: vec![finding.clone()],
        beside: Vec::new(),
        status_line: None,
        challenge_lines: Vec::new(),
        silence: None,
        remote_addr: None,
        good_at: None,
        differences: Vec::new(),
        control_failing: false,
        reproduction: None,
        labels: BTreeMap::new(),
        runbook_url: None,
        page_url: None,
    }
}

/// Transitions in short words; an opening with its reason and the second since which it was bad.
pub(super) fn shown(transitions: &[Transition]) -> String {
    let words = transitions.iter().map(|transition| match transition {
        Transition::Opened {
            class,
            finding,
            since,
        } => format!(
            "opened {} for {} since {}",
            class.as_str(),
            finding.reason,
            since.as_second()
        ),
        Transition::Ended { class, resolution } => {
            format!("ended {}, {}", class.as_str(), resolution.as_str())
        }
        Transition::Flapping { class } => format!("flapping {}", class.as_str()),
        Transition::Calm { class } => format!("calm {}", class.as_str()),
    });
    words.collect::<Vec<String>>().join("; ")
}
