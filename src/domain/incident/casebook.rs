//! From verdicts to transitions: when an incident opens, when it ends, and when it flaps.
//!
//! Rows of bad verdicts are counted apart. *Failures* are verdicts on the lock, of whatever
//! class: a lock that fails in one way today and in another tomorrow is not mended in between.
//! *Outages* and *internal* faults say nothing of the lock, and the lock says nothing of them.
//! A bypass waits for no row: it opens at the first answer that shows it. What expires soon has a
//! row too: it is no verdict of the check, and must not have the lock's first slip taken for the
//! second.
//!
//! **Invariant:** at most one incident of a class is open, and none opens without a finding of its
//! class in that very verdict.

mod case;
mod flapping;
#[cfg(test)]
mod laws;
mod measure;
mod run;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use case::{Case, Open};
use jiff::Timestamp;
use measure::{failures, is_good, longest, of_class, recoveries};
use run::{Moment, Run};

use super::{Incident, Reproduced, Resolution};
use crate::domain::endpoint::Confirm;
use crate::domain::finding::{Class, Finding, Reason, Verdict};
use crate::domain::judge::{Expiring, Judgement};

/// What is known of one check's incidents. It is not stored: it is made from those that are.
///
/// Rows of verdicts are forgotten with it, and may be; which incidents are open and how often they
/// came and went is not.
#[derive(Clone, Debug, Default)]
pub struct Casebook {
    cases: BTreeMap<Class, Case>,
    failures: Run,
    outages: Run,
    internal: Run,
    expiries: Run,
}

/// One verdict of the check.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// What was concluded.
    pub judgement: &'a Judgement,
    /// What expires soon, where it is this check that tells of it. It is no part of the verdict, and
    /// opens an incident all the same.
    pub expiring: &'a Expiring,
    /// Whether an HTTP answer came, of whatever status.
    pub answered: bool,
    /// When the probe ended, by a time that never goes back: what comes first, and how long it has
    /// been calm.
    pub at: Timestamp,
    /// The same, as the clock shows it: what people are told.
    pub wall: Timestamp,
}

/// What a verdict, or its absence, does to the incidents of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transition {
    /// An incident was confirmed.
    Opened {
        /// Of which class.
        class: Class,
        /// The worst finding of the class.
        finding: Finding,
        /// When the first of the verdicts that confirmed it came.
        since: Timestamp,
    },
    /// The incident of a class is over.
    Ended {
        /// Of which class.
        class: Class,
        /// How it ended.
        resolution: Resolution,
    },
    /// Incidents of a class come and go too often to be told each time. Comes right after the
    /// transition that was one too many.
    Flapping {
        /// Of which class; never a bypass.
        class: Class,
    },
    /// A class that flapped has been quiet for long enough, whether its incident is open or not.
    Calm {
        /// Of which class.
        class: Class,
    },
}

impl Casebook {
    /// The casebook of a check after a restart, from its stored incidents: the open ones and those
    /// that ended in the last hour or before, in any order.
    ///
    /// What is told already is not told again: an open incident gives no second `Opened`. A class
    /// flaps if its last incident is marked `flapping`; so whoever stores incidents marks the last
    /// one at [`Transition::Flapping`] and each that opens until [`Transition::Calm`], which takes
    /// the mark from the last one.
    pub fn resumed<'a>(incidents: impl IntoIterator<Item = &'a Incident>) -> Self {
        let mut incidents: Vec<&Incident> = incidents.into_iter().collect();
        // The one that is open is the last of its class, although the clock may have been set back.
        incidents.sort_by_key(|incident| (incident.is_open(), incident.opened_at));
        let mut cases: BTreeMap<Class, Case> = BTreeMap::new();
        for incident in incidents {
            cases.entry(incident.class).or_default().resume(incident);
        }
        Self {
            cases,
            ..Self::default()
        }
    }

    /// Whether it says nothing that a new one would not say.
    pub fn is_blank(&self, now: Timestamp) -> bool {
        let mut cases = self.cases.values();
        let quiet = |case: &Case| case.open.is_none() && case.flapping.is_blank(now);
        let rows = [
            &self.failures,
            &self.outages,
            &self.internal,
            &self.expiries,
        ];
        rows.iter().all(|row| row.is_empty()) && cases.all(quiet)
    }

    /// Whether an incident of the class is open.
    pub fn is_open(&self, class: Class) -> bool {
        let case = self.cases.get(&class);
        case.is_some_and(|case| case.open.is_some())
    }

    /// Whether incidents of the class are not told each time.
    pub fn is_flapping(&self, class: Class) -> bool {
        let case = self.cases.get(&class);
        case.is_some_and(|case| case.flapping.is_on())
    }

    /// Takes in the next verdict of the check.
    pub fn advance(&mut self, step: &Step<'_>, confirm: &Confirm) -> Vec<Transition> {
        let mut transitions = self.look(step.at);
        self.count(step, confirm);
        for class in Class::ALL {
            if self.is_open(class) {
                self.follow(class, step, confirm, &mut transitions);
            } else {
                self.suspect(class, step, confirm, &mut transitions);
            }
        }
        transitions
    }

    /// Takes down what re-probes of the open bypass found. Where only some replicas let strangers
    /// in, it takes [`Reproduced::PARTIAL_RECOVERIES`] answers in a row to resolve it.
    pub fn note_reproduced(&mut self, reproduced: Reproduced) {
        let bypass = self.cases.get_mut(&Class::Bypass);
        if let Some(open) = bypass.and_then(|case| case.open.as_mut()) {
            open.partial = reproduced.is_partial();
        }
    }

    /// Ends whatever is open, since the check left the configuration.
    pub fn remove(&mut self) -> Vec<Transition> {
        let cases = std::mem::take(self).cases.into_iter();
        let open = cases.filter(|(_, case)| case.open.is_some());
        open.map(|(class, _)| Transition::Ended {
            class,
            resolution: Resolution::Removed,
        })
        .collect()
    }

    /// When to [`look`](Self::look) again; `None` where nothing flaps.
    pub fn calm_at(&self) -> Option<Timestamp> {
        let cases = self.cases.values();
        cases.filter_map(|case| case.flapping.calm_at()).min()
    }

    /// Sees what has been quiet for long enough.
    pub fn look(&mut self, now: Timestamp) -> Vec<Transition> {
        let cases = self.cases.iter_mut();
        let calm = cases.filter_map(|(class, case)| case.flapping.look(now).then_some(*class));
        calm.map(|class| Transition::Calm { class }).collect()
    }

    /// Counts the rows of bad verdicts.
    fn count(&mut self, step: &Step<'_>, confirm: &Confirm) {
        let most = longest(confirm);
        match step.judgement.verdict() {
            Verdict::Pass => self.failures.clear(),
            Verdict::Fail => self.failures.push(Moment::of(step), most),
            Verdict::Unknown => {}
        }
        for (class, run) in [
            (Class::Outage, &mut self.outages),
            (Class::Internal, &mut self.internal),
        ] {
            if of_class(class, step).next().is_some() {
                run.push(Moment::of(step), most);
            } else if is_good(class, step) {
                run.clear();
            }
        }
        if is_good(Class::Response, step) {
            if step.expiring.is_empty() {
                self.expiries.clear();
            } else {
                self.expiries.push(Moment::of(step), most);
            }
        }
    }

    /// Ends an open incident if it has had enough good answers.
    fn follow(
        &mut self,
        class: Class,
        step: &Step<'_>,
        confirm: &Confirm,
        transitions: &mut Vec<Transition>,
    ) {
        let case = self.cases.entry(class).or_default();
        let Some(open) = &mut case.open else { return };
        if of_class(class, step).next().is_some() {
            open.clean = 0;
        } else if is_good(class, step) {
            open.clean += 1;
            if open.clean >= recoveries(class, *open, confirm) {
                case.open = None;
                case.ended_at = Some(step.at);
                let resolution = Resolution::Recovered;
                transitions.push(Transition::Ended { class, resolution });
                transitions.extend(case.moved(class, step.at));
            }
        }
    }

    /// Opens an incident if a finding of its class is confirmed.
    fn suspect(
        &mut self,
        class: Class,
        step: &Step<'_>,
        confirm: &Confirm,
        transitions: &mut Vec<Transition>,
    ) {
        let needed = failures(class, step, confirm);
        let ended_at = self.cases.get(&class).and_then(|case| case.ended_at);
        let confirmed = of_class(class, step).find_map(|finding| {
            let since = self.run_of(finding.reason).confirmed(needed, ended_at)?;
            Some((finding.clone(), since.min(step.wall)))
        });
        let Some((finding, since)) = confirmed else {
            return;
        };
        let case = self.cases.entry(class).or_default();
        case.open = Some(Open::default());
        transitions.push(Transition::Opened {
            class,
            finding,
            since,
        });
        transitions.extend(case.moved(class, step.at));
    }

    /// The row that confirms such a finding.
    fn run_of(&self, reason: Reason) -> &Run {
        match reason.class() {
            Class::Outage => &self.outages,
            Class::Internal => &self.internal,
            Class::Response if reason.is_expiry() => &self.expiries,
            Class::Bypass | Class::Lockout | Class::Denial | Class::Challenge | Class::Response => {
                &self.failures
            }
        }
    }
}
