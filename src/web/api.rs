//! The live state as JSON: the results of `check`, and since when each holds.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;

use crate::document::{Harmless, ResultDocument, VERSION};
use crate::domain::check::Check;
use crate::domain::finding::Verdict;
use crate::domain::judge::Judgement;
use crate::domain::status::{CheckStatus, EndpointStatus, Seen, Snapshot};

/// A piece is sent once it has this size; results are never taken apart.
const PIECE: usize = 32 * 1024;

/// The document of `/api/v1/status`, piece by piece.
pub(super) struct StatusDocument {
    snapshot: Arc<Snapshot>,
    /// How far it is written: the next endpoint, and the next of its checks.
    at: (usize, usize),
    part: Part,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Head,
    FirstResult,
    Results,
    End,
}

impl StatusDocument {
    pub(super) fn new(snapshot: Arc<Snapshot>) -> Self {
        Self {
            snapshot,
            at: (0, 0),
            part: Part::Head,
        }
    }

    /// Writes the next result, or what stands before or behind all of them.
    fn step(&mut self, out: &mut Vec<u8>) {
        match self.part {
            Part::Head => {
                write_head(out, &self.snapshot);
                self.part = Part::FirstResult;
            }
            Part::FirstResult | Part::Results => {
                let snapshot = Arc::clone(&self.snapshot);
                let Some((endpoint, check, status)) = self.next_check(&snapshot) else {
                    out.extend_from_slice(b"]}\n");
                    self.part = Part::End;
                    return;
                };
                if self.part == Part::Results {
                    out.push(b',');
                }
                write_result(out, endpoint, check, status);
                self.part = Part::Results;
            }
            Part::End => {}
        }
    }

    fn next_check<'s>(
        &mut self,
        snapshot: &'s Snapshot,
    ) -> Option<(&'s EndpointStatus, &'s Check, &'s CheckStatus)> {
        loop {
            let (endpoint, check) = self.at;
            let status = snapshot.endpoints.get(endpoint)?;
            if let Some((check, of_check)) = status.pairs().nth(check) {
                self.at.1 += 1;
                return Some((status, check, of_check));
            }
            self.at = (endpoint + 1, 0);
        }
    }
}

impl Iterator for StatusDocument {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        let mut piece = Vec::with_capacity(PIECE + PIECE / 4);
        while self.part != Part::End && piece.len() < PIECE {
            self.step(&mut piece);
        }
        (!piece.is_empty()).then(|| piece.into())
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
            *match (status.verdict(), &status.certificate) {
                (None, _) => &mut summary.pending,
                (Some(Verdict::Unknown), _) => &mut summary.unknown,
                (Some(Verdict::Fail), _) | (Some(Verdict::Pass), Some(_)) => &mut summary.fail,
                (Some(Verdict::Pass), None) => &mut summary.pass,
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
    /// For the day on which incidents are kept.
    incident_id: Option<&'a str>,
}

/// Everything but the results, left open behind `"results":[`.
fn write_head(out: &mut Vec<u8>, snapshot: &Snapshot) {
    let head = Head {
        version: VERSION,
        started_at: snapshot.started_at,
        taken_at: snapshot.taken_at,
        summary: Summary::of(snapshot),
    };
    write_json(out, &head);
    out.pop();
    out.extend_from_slice(b",\"results\":[");
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
        incident_id: None,
    };
    write_json(out, &live);
}

/// What a check came to, with a certificate that expires soon as one more finding, as `check` has it.
fn judgement<'a>(seen: &'a Seen, status: &CheckStatus) -> Cow<'a, Judgement> {
    let mut judgement = Cow::Borrowed(&seen.judgement);
    if let Some(expiring) = &status.certificate {
        judgement.to_mut().add(expiring.clone());
    }
    judgement
}

fn write_json(out: &mut Vec<u8>, value: &impl Serialize) {
    let mut serializer = serde_json::Serializer::with_formatter(out, Harmless);
    let written = value.serialize(&mut serializer);
    debug_assert!(written.is_ok(), "memory takes all, and every key is a text");
}
