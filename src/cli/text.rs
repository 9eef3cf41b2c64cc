//! A report for a person: a table by endpoint, and what to look at first.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anstyle::Style;

use super::terminal::{ALARM, GOOD, HEADING, QUIET, WARN, counted, paragraph, shortened, visible};
use crate::daemon::{CheckResult, Report};
use crate::domain::advice::AdviceCode;
use crate::domain::explanation;
use crate::domain::finding::{Finding, Severity, Verdict};
use crate::domain::observation::{Field, Observation};

/// A text that a server sent is cut after so many characters; JSON has all of it.
const LONGEST: usize = 300;

/// Writes the table, the advice and the sums.
pub(super) fn write(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let column = report
        .results
        .iter()
        .map(|result| result.id.check.as_str().len())
        .max();
    for results in report
        .results
        .chunk_by(|a, b| a.id.endpoint == b.id.endpoint)
    {
        endpoint(out, results, column.unwrap_or_default())?;
    }
    advice(out, report)?;
    sums(out, report)
}

fn endpoint(out: &mut impl Write, results: &[CheckResult], column: usize) -> io::Result<()> {
    let Some(first) = results.first() else {
        return Ok(());
    };
    writeln!(
        out,
        "{HEADING}{}{HEADING:#}  {QUIET}{}{QUIET:#}",
        first.id.endpoint,
        visible(&first.url)
    )?;
    for result in results {
        check(out, result, column)?;
    }
    writeln!(out)
}

fn check(out: &mut impl Write, result: &CheckResult, column: usize) -> io::Result<()> {
    let judgement = &result.judgement;
    let (word, style) = headline(judgement.worst());
    write!(
        out,
        "  {style}{word:<8}{style:#} {:<column$}  ",
        result.id.check
    )?;
    let Some(worst) = judgement.worst() else {
        let saw = result.observation.as_ref().map(summary).unwrap_or_default();
        return writeln!(out, "{}", shortened(&visible(&saw), LONGEST));
    };
    let (class, severity) = (worst.reason.class().as_str(), worst.severity.as_str());
    writeln!(
        out,
        "{style}{}{style:#} {QUIET}({class}, {severity}){QUIET:#}",
        worst.reason
    )?;
    for finding in &judgement.findings {
        if finding != worst {
            writeln!(out, "{:14}{}", "", finding.reason)?;
        }
        detail(out, "expected", &finding.expected)?;
        detail(out, "saw", &finding.saw)?;
    }
    if let Some(step) = explanation::of_reason(worst.reason).first_steps.first() {
        detail(out, "look at", step)?;
    }
    Ok(())
}

fn headline(worst: Option<&Finding>) -> (&'static str, Style) {
    let Some(worst) = worst else {
        return ("PASS", GOOD);
    };
    match (worst.reason.class().is_unknown(), worst.severity) {
        (true, _) => ("UNKNOWN", WARN),
        (false, Severity::Critical) => ("FAIL", ALARM),
        (false, Severity::Warning) => ("FAIL", WARN),
    }
}

fn detail(out: &mut impl Write, label: &str, text: &str) -> io::Result<()> {
    let text = visible(text);
    let first = format!("{:16}{label:<9} ", "");
    paragraph(out, &first, &" ".repeat(26), &shortened(&text, LONGEST))
}

/// What an answer came to, on one line.
fn summary(seen: &Observation) -> String {
    let milliseconds = seen.duration.as_millis();
    let Some(answer) = seen.answer() else {
        return format!("refused in the TLS handshake, {milliseconds} ms");
    };
    let challenges: Vec<String> = answer.lines("www-authenticate").map(Field::text).collect();
    let challenges = match challenges.as_slice() {
        [] => String::new(),
        lines => format!(", {}", lines.join(" | ")),
    };
    format!("{}{challenges}, {milliseconds} ms", answer.status)
}

/// The advice of a whole run by its code: the same lint often holds for many endpoints.
fn advice(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let mut by_code: BTreeMap<AdviceCode, Vec<(&CheckResult, &str)>> = BTreeMap::new();
    for result in &report.results {
        for advice in &result.judgement.advice {
            by_code
                .entry(advice.code)
                .or_default()
                .push((result, &advice.message));
        }
    }
    if by_code.is_empty() {
        return Ok(());
    }
    writeln!(out, "{HEADING}Worth mending{HEADING:#}")?;
    for (code, places) in &by_code {
        let Some((result, message)) = places.first() else {
            continue;
        };
        let more = match places.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let message = visible(message);
        writeln!(out, "  {code}  {QUIET}{}{more}{QUIET:#}", result.id)?;
        writeln!(out, "      {}", shortened(&message, LONGEST))?;
    }
    writeln!(out, "  {QUIET}authvigil explain CODE tells more{QUIET:#}\n")
}

fn sums(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let sums = report.summary();
    let count = |style: Style, number: usize, word: &str| match number {
        0 => format!("{number} {word}"),
        _ => format!("{style}{number} {word}{style:#}"),
    };
    writeln!(
        out,
        "{}: {}, {}, {}",
        counted(report.results.len(), "check"),
        count(GOOD, sums.pass, Verdict::Pass.as_str()),
        count(ALARM, sums.fail, Verdict::Fail.as_str()),
        count(WARN, sums.unknown, Verdict::Unknown.as_str()),
    )
}
