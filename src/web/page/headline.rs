//! All of it in one sentence, and in counts.

use std::sync::Arc;

use super::standing::{EndpointStanding, Standing};
use super::text::{counted, grouped};
use crate::domain::finding::{Class, Verdict};
use crate::domain::status::{EndpointStatus, Snapshot};

/// The sentence at the top, and the title of the window.
pub(super) struct Headline {
    /// How the worst endpoint stands.
    pub(super) worst: Standing,
    /// What is worst: `2 doors stand open`; `None` where all is well.
    pub(super) trouble: Option<String>,
    /// `27 of 30 locks hold`.
    pub(super) locks: String,
    /// For the title: `2 failing, 1 unknown`.
    pub(super) short: String,
    /// How many endpoints stand how, the worst first, without those that nobody stands like.
    pub(super) endpoints: Vec<(Standing, String)>,
    /// `90 checks: 84 pass, 4 fail, 1 unknown, 1 pending`.
    pub(super) checks: String,
}

impl Headline {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let standing = |status: &Arc<EndpointStatus>| EndpointStanding::of(status).standing;
        let standings: Vec<Standing> = snapshot.endpoints.iter().map(standing).collect();
        let count = |standing| standings.iter().filter(|other| **other == standing).count();
        let counts = Standing::ALL.map(|standing| (standing, count(standing)));
        let total = locks_of(snapshot).count();
        let holding = locks_of(snapshot).filter(|status| holds(status)).count();
        let locks = match of(&counts, Standing::Pending) {
            pending if pending > 0 && pending == standings.len() => waiting(total),
            _ => locks(holding, total),
        };
        Self {
            worst: standings.iter().copied().min().unwrap_or(Standing::Pass),
            trouble: trouble(snapshot, &counts),
            short: short(&counts, &locks),
            locks,
            endpoints: counts
                .iter()
                .filter(|(_, count)| *count > 0)
                .map(|(standing, count)| (*standing, grouped(*count)))
                .collect(),
            checks: checks(snapshot),
        }
    }
}

type Counts = [(Standing, usize); Standing::ALL.len()];

fn of(counts: &Counts, wanted: Standing) -> usize {
    let found = counts.iter().find(|(standing, _)| *standing == wanted);
    found.map_or(0, |(_, count)| *count)
}

/// The worst thing, in words.
fn trouble(snapshot: &Snapshot, counts: &Counts) -> Option<String> {
    let said = |number: usize, one: &str, many: &str| match number {
        1 => format!("1 {one}"),
        _ => format!("{} {many}", grouped(number)),
    };
    let open = of(counts, Standing::Bypass);
    let locked_out = locks_of(snapshot)
        .filter(|status| is_locked_out(status))
        .count();
    let tokenless = snapshot
        .endpoints
        .iter()
        .filter(|status| status.endpoint.tokens_of.is_some() && is_locked_out(status))
        .count();
    let failing = of(counts, Standing::Critical) + of(counts, Standing::Warning);
    let unknown = of(counts, Standing::Unknown);
    let words = if open > 0 {
        said(open, "door stands open", "doors stand open")
    } else if locked_out > 0 {
        said(
            locked_out,
            "rightful caller is locked out",
            "rightful callers are locked out",
        )
    } else if tokenless > 0 {
        said(
            tokenless,
            "token endpoint gives no token",
            "token endpoints give no token",
        )
    } else if failing > 0 {
        said(failing, "lock fails", "locks fail")
    } else if unknown > 0 {
        said(unknown, "lock cannot be judged", "locks cannot be judged")
    } else {
        return None;
    };
    Some(words)
}

/// What somebody configured: where tokens come from is no lock that is watched.
fn locks_of(snapshot: &Snapshot) -> impl Iterator<Item = &Arc<EndpointStatus>> {
    let all = snapshot.endpoints.iter();
    all.filter(|status| status.endpoint.tokens_of.is_none())
}

fn is_locked_out(status: &EndpointStatus) -> bool {
    let mut worst = status
        .checks
        .iter()
        .filter_map(|check| check.last.as_ref()?.judgement.worst());
    worst.any(|worst| worst.reason.class() == Class::Lockout)
}

/// A lock holds when all checks of its endpoint pass, also where some of them rest at present.
fn holds(status: &EndpointStatus) -> bool {
    let mut verdicts = status.checks.iter().map(|check| check.verdict());
    !status.checks.is_empty() && verdicts.all(|verdict| verdict == Some(Verdict::Pass))
}

fn waiting(pending: usize) -> String {
    match pending {
        1 => "1 lock waits for its first verdict".to_owned(),
        _ => format!("{} locks wait for their first verdict", grouped(pending)),
    }
}

fn locks(holding: usize, total: usize) -> String {
    match total {
        0 => "No lock is watched".to_owned(),
        1 if holding == 1 => "The lock holds".to_owned(),
        1 => "The lock does not hold".to_owned(),
        _ if holding == total => format!("All {} locks hold", grouped(total)),
        _ => {
            let verb = if holding == 1 { "holds" } else { "hold" };
            format!("{} of {} {verb}", grouped(holding), counted(total, "lock"))
        }
    }
}

fn short(counts: &Counts, locks: &str) -> String {
    let failing = counts.iter().filter(|(standing, _)| standing.is_failing());
    let failing: usize = failing.map(|(_, count)| count).sum();
    let parts = [
        (failing, "failing"),
        (of(counts, Standing::Unknown), "unknown"),
        (of(counts, Standing::Pending), "pending"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if parts.is_empty() {
        locks.to_owned()
    } else {
        parts.join(", ")
    }
}

fn checks(snapshot: &Snapshot) -> String {
    let verdicts = || {
        snapshot
            .endpoints
            .iter()
            .flat_map(|status| &status.checks)
            .map(|check| check.verdict())
    };
    let count = |wanted: Option<Verdict>| verdicts().filter(|verdict| *verdict == wanted).count();
    let judged = format!(
        "{}: {} pass, {} fail, {} unknown",
        counted(verdicts().count(), "check"),
        grouped(count(Some(Verdict::Pass))),
        grouped(count(Some(Verdict::Fail))),
        grouped(count(Some(Verdict::Unknown))),
    );
    match count(None) {
        0 => judged,
        pending => format!("{judged}, {} pending", grouped(pending)),
    }
}
