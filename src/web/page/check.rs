//! One check of an endpoint, with everything that is known of it.

use jiff::Timestamp;

use super::drift::Drift;
use super::evidence::{self, Evidence, Handshake, Row};
use super::persona;
use super::phases::{self, Phase, measured};
use super::standing::Standing;
use super::strip::Strip;
use super::text::{LINE, Moment, PASSAGE, Piece, grouped, period, pieces, shown};
use super::trouble::Told;
use crate::domain::check::{Check, Persona, Role};
use crate::domain::endpoint::Endpoint;
use crate::domain::finding::Finding;
use crate::domain::reproduction::{Presentation, curl};
use crate::domain::status::{CheckStatus, Counts, Seen, Snapshot, cadence};
use crate::domain::{advice, explanation};

/// Findings and pieces of advice beyond this number are left out.
const MOST: usize = 20;

/// A check as its section shows it.
pub(super) struct CheckView {
    pub(super) name: String,
    pub(super) standing: Standing,
    pub(super) who: String,
    pub(super) role: &'static str,
    pub(super) every: String,
    pub(super) since: Option<Moment>,
    pub(super) last: Option<Moment>,
    pub(super) held: Option<(Moment, String)>,
    pub(super) credential: Option<CredentialView>,
    pub(super) findings: Vec<FindingView>,
    pub(super) advice: Vec<AdviceView>,
    pub(super) now: Option<Evidence>,
    pub(super) before: Option<Evidence>,
    pub(super) challenges: Vec<Row>,
    pub(super) drift: Option<Drift>,
    pub(super) phases: Vec<Phase>,
    pub(super) took: Option<String>,
    pub(super) handshake: Option<Handshake>,
    /// How to ask by hand; `None` where that takes more than one secret.
    pub(super) curl: Option<String>,
    pub(super) strip: Strip,
    pub(super) counts: String,
}

/// What is known of the credential that a rightful holder shows.
pub(super) struct CredentialView {
    pub(super) name: String,
    pub(super) expires: Option<Moment>,
    pub(super) accepted: Option<Moment>,
}

/// A finding with its page.
pub(super) struct FindingView {
    pub(super) told: Told,
    pub(super) standing: Standing,
    pub(super) rule: &'static str,
    /// Whether its page is unfolded from the start: one is enough.
    pub(super) is_open: bool,
    pub(super) meaning: Vec<Piece<'static>>,
    pub(super) causes: Vec<Vec<Piece<'static>>>,
    pub(super) steps: Vec<Vec<Piece<'static>>>,
}

/// A lint that was met.
pub(super) struct AdviceView {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) rule: &'static str,
}

impl CheckView {
    pub(super) fn of(
        endpoint: &Endpoint,
        check: &Check,
        status: &CheckStatus,
        now: Timestamp,
    ) -> Self {
        let seen = status.last.as_ref();
        let observation = seen.and_then(|seen| seen.observation.as_ref());
        let (answer, before) = compared(status, now);
        let advice = seen.iter().flat_map(|seen| &seen.judgement.advice);
        let held = status.held.as_ref();
        Self {
            name: check.name.to_string(),
            standing: Standing::of(status),
            who: persona::words(&check.persona),
            role: role(check),
            every: period(cadence(endpoint, check)),
            since: seen.map(|seen| Moment::of(seen.since, now)),
            last: seen.map(|seen| Moment::of(seen.at, now)),
            held: held.map(|hold| (Moment::of(hold.until, now), shown(&hold.why, LINE))),
            credential: None,
            findings: status.findings().take(MOST).map(FindingView::of).collect(),
            advice: advice.take(MOST).map(AdviceView::of).collect(),
            now: answer,
            before,
            challenges: observation.map(evidence::challenges).unwrap_or_default(),
            drift: Drift::of(&status.baseline, now),
            phases: observation.map(phases::of).unwrap_or_default(),
            took: observation.map(|seen| measured(seen.duration)),
            handshake: observation
                .and_then(|seen| seen.tls.as_ref())
                .map(|tls| Handshake::of(tls, now)),
            curl: by_hand(endpoint, check),
            strip: Strip::of(check.name.as_str(), &status.history),
            counts: counts(status.counts),
        }
    }

    /// The same with what is known of the credential, where a rightful holder knocks.
    #[must_use]
    pub(super) fn with_credential(self, persona: &Persona, snapshot: &Snapshot) -> Self {
        let name = persona.credential().filter(|_| persona.is_holder());
        let mut credentials = snapshot.credentials.iter();
        let known = name.and_then(|name| credentials.find(|of| of.name == *name));
        let moment = |at: Timestamp| Moment::of(at, snapshot.taken_at);
        Self {
            credential: known.map(|known| CredentialView {
                name: known.name.to_string(),
                expires: known.expires_at.map(moment),
                accepted: known.last_accepted_at.map(moment),
            }),
            ..self
        }
    }

    /// Whether the rightful holder is not admitted either: nobody should overlook that.
    pub(super) fn control_failing(&self) -> bool {
        let code = advice::AdviceCode::ControlFailing.as_str();
        self.advice.iter().any(|advice| advice.code == code)
    }

    /// Whether its evidence is unfolded from the start.
    pub(super) fn is_open(&self) -> bool {
        self.standing.is_trouble()
    }
}

/// The last answer, and the last good one, where that is another; what differs is marked.
fn compared(status: &CheckStatus, now: Timestamp) -> (Option<Evidence>, Option<Evidence>) {
    let of = |seen: &Seen| Evidence::of(seen, now);
    let mut answer = status.last.as_ref().map(of);
    let mut before = status.good.as_deref().map(of);
    if let (Some(answer), Some(before)) = (&mut answer, &mut before) {
        answer.compare(before);
    }
    (answer, before)
}

fn by_hand(endpoint: &Endpoint, check: &Check) -> Option<String> {
    let line = || curl(endpoint, &check.persona, &Presentation::Unknown);
    endpoint
        .tokens_of
        .is_none()
        .then(|| shown(&line(), PASSAGE))
}

fn role(check: &Check) -> &'static str {
    match check.role() {
        Role::Refused => "to be refused",
        Role::Admitted => "to be admitted",
    }
}

fn counts(counts: Counts) -> String {
    let number = |count: u64| grouped(usize::try_from(count).unwrap_or(usize::MAX));
    format!(
        "{} pass, {} fail, {} unknown",
        number(counts.pass),
        number(counts.fail),
        number(counts.unknown)
    )
}

impl FindingView {
    fn of(finding: &Finding) -> Self {
        let page = explanation::of_reason(finding.reason);
        let sentences = |texts: &'static [&'static str]| -> Vec<Vec<Piece<'static>>> {
            texts.iter().map(|text| pieces(text)).collect()
        };
        Self {
            told: Told::of(finding, PASSAGE),
            standing: Standing::of_finding(finding),
            rule: finding.reason.rule(),
            is_open: false,
            meaning: pieces(page.meaning),
            causes: sentences(page.causes),
            steps: sentences(page.first_steps),
        }
    }
}

impl AdviceView {
    fn of(advice: &advice::Advice) -> Self {
        Self {
            code: advice.code.as_str(),
            message: shown(&advice.message, PASSAGE),
            rule: advice.code.rule(),
        }
    }
}
