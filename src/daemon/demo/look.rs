//! How things stand in the demo: whether the lock holds, or is seen to be open.

use crate::daemon::report::{CheckResult, Report};
use crate::domain::finding::{Class, Verdict};
use crate::domain::presenter::Shown;
use crate::domain::status::Snapshot;

/// What every check came to, once all of them pass.
pub(super) fn holding(snapshot: &Snapshot) -> Option<Report> {
    let mut checks = snapshot.endpoints.iter().flat_map(|it| &it.checks);
    let holds = checks.all(|check| check.verdict() == Some(Verdict::Pass));
    holds.then(|| report(snapshot))
}

/// What every check came to, once everybody who must be refused was seen to be let in.
pub(super) fn open(snapshot: &Snapshot) -> Option<Report> {
    let checks = snapshot.endpoints.iter().flat_map(|it| &it.checks);
    let open = checks.filter(|check| {
        let mut findings = check.findings();
        findings.any(|finding| finding.reason.class() == Class::Bypass)
    });
    (open.count() == 2).then(|| report(snapshot))
}

fn report(snapshot: &Snapshot) -> Report {
    let results = snapshot.endpoints.iter().flat_map(|status| {
        status.pairs().filter_map(|(check, known)| {
            let seen = known.last.as_ref()?;
            Some(CheckResult {
                id: status.endpoint.check_id(check),
                persona: check.persona.clone(),
                url: status.shown_url(),
                judgement: seen.judgement.clone(),
                observation: seen.observation.clone(),
                shown: Shown::default(),
            })
        })
    });
    Report {
        started_at: snapshot.started_at,
        results: results.collect(),
    }
}
