//! What one verdict says of a class, and how many of them it takes.

use super::Step;
use super::case::Open;
use crate::domain::endpoint::{Confirm, Strikes};
use crate::domain::finding::{Class, Finding, Reason, Verdict};
use crate::domain::incident::Reproduced;

/// What is found of a class, the worst first.
pub(super) fn of_class<'a>(class: Class, step: &Step<'a>) -> impl Iterator<Item = &'a Finding> {
    let findings = step.judgement.findings.iter();
    let findings = findings.chain(step.expiring.findings());
    findings.filter(move |finding| finding.reason.class() == class)
}

/// Whether a verdict without a finding of the class counts towards its recovery.
///
/// A lockout for want of a token rests on no answer, and shows nothing of the endpoint. A refused
/// handshake that was expected is as good as an answer.
pub(super) fn is_good(class: Class, step: &Step<'_>) -> bool {
    let verdict = step.judgement.verdict();
    let rests_on_answer = step.answered || verdict == Verdict::Pass;
    match class {
        // A 5xx is no word on the lock, yet it shows that this monitor can do its work.
        Class::Internal => rests_on_answer && of_class(class, step).next().is_none(),
        Class::Bypass
        | Class::Lockout
        | Class::Outage
        | Class::Denial
        | Class::Challenge
        | Class::Response => rests_on_answer && verdict != Verdict::Unknown,
    }
}

fn strikes(class: Class, confirm: &Confirm) -> Strikes {
    confirm
        .classes
        .get(&class)
        .copied()
        .unwrap_or(confirm.default)
}

/// How many bad verdicts in a row open an incident.
pub(super) fn failures(class: Class, step: &Step<'_>, confirm: &Confirm) -> u32 {
    let findings = &step.judgement.findings;
    // It takes three intervals until a verdict is called too old: that is confirmation enough.
    let too_old = || findings.iter().any(|it| it.reason == Reason::NotProbed);
    match class {
        Class::Bypass => 1,
        Class::Internal if too_old() => 1,
        Class::Lockout
        | Class::Outage
        | Class::Denial
        | Class::Challenge
        | Class::Response
        | Class::Internal => strikes(class, confirm).failures,
    }
}

/// How many good answers in a row end an incident.
pub(super) fn recoveries(class: Class, open: Open, confirm: &Confirm) -> u32 {
    match class {
        Class::Bypass if open.partial => {
            Reproduced::PARTIAL_RECOVERIES.max(confirm.default.recoveries)
        }
        Class::Bypass => confirm.default.recoveries,
        Class::Lockout
        | Class::Outage
        | Class::Denial
        | Class::Challenge
        | Class::Response
        | Class::Internal => strikes(class, confirm).recoveries,
    }
}

/// The longest row that has to be remembered.
pub(super) fn longest(confirm: &Confirm) -> u32 {
    let classes = confirm.classes.values();
    let failures = classes.map(|strikes| strikes.failures);
    failures.fold(confirm.default.failures, u32::max)
}
