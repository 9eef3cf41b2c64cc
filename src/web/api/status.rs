//! The live state as JSON: the results of `check`, and since when each holds.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;

use super::pieces::{Pieces, write_json};
use crate::document::{ResultDocument, VERSION};
use crate::domain::check::{Check, Name};
use crate::domain::finding::Verdict;
use crate::domain::incident::IncidentId;
use crate::domain::judge::Judgement;
use crate::domain::status::{CheckStatus, EndpointStatus, Seen, Snapshot};

/// The document of `/api/v1/status`, piece by piece.
pub(in crate::web) fn status(snapshot: Arc<Snapshot>) -> impl Iterator<Item = Bytes> + Send {
    let head = Head {
        version: VERSION,
        started_at: snapshot.started_at,
        taken_at: snapshot.taken_at,
        summary: Summary::of(&snapshot),
    };
    let mut at = (0, 0);
    Pieces::new(&head, "results", move |out| {
        let Some((endpoint, check, status)) = next_check(&snapshot, &mut at) else {
            return false;
        };
        write_result(out, endpoint, check, status);
        true
    })
}

/// The check at a place, counted by endpoint and by check within it; the place moves on.
fn next_check<'s>(
    snapshot: &'s Snapshot,
    at: &mut (usize, usize),
) -> Option<(&'s EndpointStatus, &'s Check, &'s CheckStatus)> {
    loop {
        let (endpoint, check) = *at;
        let status = snapshot.endpoints.get(endpoint)?;
        if let Some((check, of_check)) = status.pairs().nth(check) {
            at.1 += 1;
            return Some((status, check, of_check));
        }
        *at = (endpoint + 1, 0);
    }
}

#[derive(Serialize)]
struct Head {
    version: u32,
    started_at: Timestamp,
    taken_at: Timestamp,
    summary: Summary,
}

#[derive(Default, Serialize)]
struct Summary {
    pass: usize,
    fail: usize,
    unknown: usize,
    pending: usize,
}

impl Summary {
    fn of(snapshot: &Snapshot) -> Self {
        let mut summary = Self::default();
        let checks = snapshot.endpoints.iter().flat_map(|status| &status.checks);
        for status in checks {
            let expiring = !status.expiring.is_empty();
            *match (status.verdict(), expiring) {
                (None, _) => &mut summary.pending,
                (Some(Verdict::Unknown), _) => &mut summary.unknown,
                (Some(Verdict::Fail), _) | (Some(Verdict::Pass), true) => &mut summary.fail,
                (Some(Verdict::Pass), false) => &mut summary.pass,
            } += 1;
        }
        summary
    }
}

#[derive(Serialize)]
struct LiveResult<'a> {
    #[serde(flatten)]
    result: ResultDocument<'a>,
    observed_at: Option<Timestamp>,
    since: Option<Timestamp>,
    held_until: Option<Timestamp>,
    incident_id: Option<&'a str>,
    tokens_of: Option<&'a str>,
}

fn write_result(out: &mut Vec<u8>, endpoint: &EndpointStatus, check: &Check, status: &CheckStatus) {
    let named = endpoint.named(check);
    let seen = status.last.as_ref();
    let judgement = seen.map(|seen| judgement(seen, status));
    let result = match (seen, &judgement) {
        (Some(seen), Some(judgement)) => {
            ResultDocument::of(named, judgement, seen.observation.as_ref())
        }
        (None, _) | (_, None) => ResultDocument::pending(named),
    };
    let live = LiveResult {
        result,
        observed_at: seen.map(|seen| seen.at),
        since: seen.map(|seen| seen.since),
        held_until: status.held.as_ref().map(|hold| hold.until),
        incident_id: status.incident.as_ref().map(IncidentId::as_str),
        tokens_of: endpoint.endpoint.tokens_of.as_ref().map(Name::as_str),
    };
    write_json(out, &live);
}

/// What a check came to, with what expires soon as one more finding, as `check` has it.
fn judgement<'a>(seen: &'a Seen, status: &CheckStatus) -> Cow<'a, Judgement> {
    let mut judgement = Cow::Borrowed(&seen.judgement);
    for expiring in status.expiring.findings() {
        judgement.to_mut().add(expiring.clone());
    }
    judgement
}
