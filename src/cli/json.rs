//! A report as JSON: one object, whose fields are a contract.

use std::io::{self, Write};

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::daemon::{CheckResult, Report};
use crate::document::{Harmless, ResultDocument, VERSION};
use crate::domain::status::Named;

/// Writes the report and a line break.
pub(super) fn write(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, Harmless);
    Document::of(report).serialize(&mut serializer)?;
    writeln!(out)
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    started_at: Timestamp,
    summary: Summary,
    #[serde(serialize_with = "one_by_one")]
    results: &'a [CheckResult],
}

/// Each result is taken apart when its turn comes: thousands of them may hold long headers.
fn one_by_one<S: Serializer>(results: &[CheckResult], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(results.iter().map(document))
}

fn document(result: &CheckResult) -> ResultDocument<'_> {
    let named = Named::of(&result.id, &result.persona);
    ResultDocument::of(named, &result.judgement, result.observation.as_ref())
}

#[derive(Serialize)]
struct Summary {
    pass: usize,
    fail: usize,
    unknown: usize,
}

impl<'a> Document<'a> {
    fn of(report: &'a Report) -> Self {
        let summary = report.summary();
        Self {
            version: VERSION,
            started_at: report.started_at,
            summary: Summary {
                pass: summary.pass,
                fail: summary.fail,
                unknown: summary.unknown,
            },
            results: &report.results,
        }
    }
}
