//! What `WWW-Authenticate` says, held against what was agreed.

use super::Question;
use crate::domain::challenge::{Challenge, ExpectedChallenge, Reading};
use crate::domain::endpoint::is_loopback;
use crate::domain::expectation::ChallengeExpectation;
use crate::domain::finding::{Finding, Reason};
use crate::domain::observation::{Answer, Observation, latin1};

/// Schemes that send a secret which whoever listens can use again.
const REPLAYABLE: [&str; 2] = ["basic", "bearer"];

/// Schemes that are weaker than any that a person would name beside them.
const WEAK: [&str; 2] = ["basic", "ntlm"];

/// Adds what is wrong with the challenges.
pub(super) fn findings(
    question: &Question<'_>,
    observation: &Observation,
    answer: &Answer,
    reading: &Reading,
    findings: &mut Vec<Finding>,
) {
    findings.extend(malformed(answer, reading));
    findings.extend(agreed(question, answer, reading));
    findings.extend(over_clear_text(question, observation, reading));
    findings.extend(weaker_than_agreed(question, reading));
}

fn malformed(answer: &Answer, reading: &Reading) -> Option<Finding> {
    let fault = reading.fault.as_ref()?;
    let line = answer.lines("www-authenticate").nth(fault.line);
    let line = line
        .map(|line| around(&line.value, fault.column))
        .unwrap_or_default();
    let saw = format!("{fault}, in `{line}`");
    Some(Finding::new(
        Reason::ChallengeMalformed,
        "a well-formed challenge",
        saw,
    ))
}

/// The bytes around a column: a hostile line may be long, and all of it stands in the evidence.
fn around(line: &[u8], column: usize) -> String {
    const EACH_SIDE: usize = 2000;
    let from = column.saturating_sub(EACH_SIDE).min(line.len());
    let to = column.saturating_add(EACH_SIDE).min(line.len());
    let dots = |cut: bool| if cut { "…" } else { "" };
    let part = latin1(line.get(from..to).unwrap_or_default());
    format!("{}{part}{}", dots(from > 0), dots(to < line.len()))
}

fn agreed(question: &Question<'_>, answer: &Answer, reading: &Reading) -> Option<Finding> {
    let absent = answer.first("www-authenticate").is_none();
    let nothing_on_offer = reading.challenges.is_empty() && reading.fault.is_none();
    match &question.check.expectation.challenge {
        ChallengeExpectation::Absent => (!absent).then(|| {
            let saw = on_offer(&reading.challenges);
            Finding::new(Reason::ChallengeUnexpected, "no `WWW-Authenticate`", saw)
        }),
        // RFC 9110 §15.5.2 asks for a challenge on a 401, and on no other status.
        ChallengeExpectation::WellFormed | ChallengeExpectation::Offers(_) if nothing_on_offer => {
            (answer.status == 401).then(|| missing(question, absent))
        }
        ChallengeExpectation::Optional | ChallengeExpectation::WellFormed => None,
        ChallengeExpectation::Offers(expected) => mismatch(expected, &reading.challenges),
    }
}

fn missing(question: &Question<'_>, absent: bool) -> Finding {
    let expected = match &question.check.expectation.challenge {
        ChallengeExpectation::Offers(expected) => listed(expected),
        ChallengeExpectation::Absent
        | ChallengeExpectation::Optional
        | ChallengeExpectation::WellFormed => "a challenge".to_owned(),
    };
    let saw = if absent {
        "401 without `WWW-Authenticate`"
    } else {
        "an empty `WWW-Authenticate`"
    };
    Finding::new(Reason::ChallengeMissing, expected, saw)
}

fn mismatch(expected: &[ExpectedChallenge], offered: &[Challenge]) -> Option<Finding> {
    let differences: Vec<String> = expected
        .iter()
        .filter_map(|challenge| challenge.difference(offered))
        .collect();
    (!differences.is_empty()).then(|| {
        Finding::new(
            Reason::ChallengeMismatch,
            listed(expected),
            differences.join("; "),
        )
    })
}

fn over_clear_text(
    question: &Question<'_>,
    observation: &Observation,
    reading: &Reading,
) -> Option<Finding> {
    let endpoint = question.endpoint;
    let clear = endpoint.request.url.scheme() == "http";
    if !clear || endpoint.allow_cleartext || stays_here(question, observation) {
        return None;
    }
    let scheme = first_of(&REPLAYABLE, reading)?;
    let expected = "no scheme that sends a reusable secret over `http://`";
    Some(Finding::new(
        Reason::ChallengeInsecure,
        expected,
        format!("{scheme} over clear text"),
    ))
}

/// Whether what is sent never leaves this machine.
fn stays_here(question: &Question<'_>, observation: &Observation) -> bool {
    let endpoint = question.endpoint;
    let dialled_here = observation
        .remote_addr
        .is_some_and(|address| address.ip().is_loopback());
    is_loopback(&endpoint.request.url) || endpoint.transport.proxy.is_none() && dialled_here
}

/// A client that may choose will take the weaker scheme, or be made to (RFC 9110 §17.5).
fn weaker_than_agreed(question: &Question<'_>, reading: &Reading) -> Option<Finding> {
    let ChallengeExpectation::Offers(expected) = &question.check.expectation.challenge else {
        return None;
    };
    if expected
        .iter()
        .any(|challenge| WEAK.contains(&challenge.scheme()))
    {
        return None;
    }
    let scheme = first_of(&WEAK, reading)?;
    let saw = format!("{scheme} on offer as well");
    Some(Finding::new(
        Reason::ChallengeInsecure,
        format!("{} alone", listed(expected)),
        saw,
    ))
}

fn first_of<'a>(schemes: &[&'a str], reading: &Reading) -> Option<&'a str> {
    let offered = |scheme: &&&str| reading.challenges.iter().any(|it| it.scheme == **scheme);
    schemes.iter().find(offered).copied()
}

fn listed(expected: &[ExpectedChallenge]) -> String {
    let texts: Vec<String> = expected.iter().map(ToString::to_string).collect();
    texts.join(" and ")
}

fn on_offer(challenges: &[Challenge]) -> String {
    const LISTED: usize = 8;
    let few = challenges.iter().take(LISTED);
    let schemes: Vec<&str> = few.map(|it| it.scheme.as_str()).collect();
    let more = if challenges.len() > LISTED {
        ", …"
    } else {
        ""
    };
    if schemes.is_empty() {
        "`WWW-Authenticate`".to_owned()
    } else {
        format!("{}{more}", schemes.join(", "))
    }
}
