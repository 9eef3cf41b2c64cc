//! A report as JUnit XML: a suite for each endpoint, a case for each check.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::terminal::visible;
use crate::daemon::{CheckResult, Report};
use crate::domain::finding::{Finding, Verdict};

/// Writes the report and a line break.
pub(super) fn write(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let mut xml = Writer::new_with_indent(&mut *out, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let summary = report.summary();
    xml.create_element("testsuites")
        .with_attribute(("name", "authvigil"))
        .with_attribute(("tests", report.results.len().to_string().as_str()))
        .with_attribute(("failures", summary.fail.to_string().as_str()))
        .with_attribute(("errors", summary.unknown.to_string().as_str()))
        .with_attribute(("time", seconds(&report.results).as_str()))
        .write_inner_content(|xml| {
            let of_one = |a: &CheckResult, b: &CheckResult| a.id.endpoint == b.id.endpoint;
            report
                .results
                .chunk_by(of_one)
                .try_for_each(|results| suite(xml, report, results))
        })?;
    writeln!(out)
}

fn suite<W: Write>(
    xml: &mut Writer<W>,
    report: &Report,
    results: &[CheckResult],
) -> io::Result<()> {
    let Some(first) = results.first() else {
        return Ok(());
    };
    let count = |verdict| {
        let matching = results
            .iter()
            .filter(|result| result.judgement.verdict() == verdict);
        matching.count().to_string()
    };
    xml.create_element("testsuite")
        .with_attribute(("name", first.id.endpoint.as_str()))
        .with_attribute(("tests", results.len().to_string().as_str()))
        .with_attribute(("failures", count(Verdict::Fail).as_str()))
        .with_attribute(("errors", count(Verdict::Unknown).as_str()))
        .with_attribute(("skipped", "0"))
        .with_attribute(("time", seconds(results).as_str()))
        .with_attribute((
            "timestamp",
            report
                .started_at
                .strftime("%Y-%m-%dT%H:%M:%SZ")
                .to_string()
                .as_str(),
        ))
        .write_inner_content(|xml| results.iter().try_for_each(|result| case(xml, result)))?;
    Ok(())
}

fn case<W: Write>(xml: &mut Writer<W>, result: &CheckResult) -> io::Result<()> {
    let one = std::slice::from_ref(result);
    let element = xml
        .create_element("testcase")
        .with_attribute(("name", result.id.check.as_str()))
        .with_attribute(("classname", result.id.endpoint.as_str()))
        .with_attribute(("time", seconds(one).as_str()));
    let outcome = match result.judgement.verdict() {
        Verdict::Pass => None,
        Verdict::Fail => Some("failure"),
        Verdict::Unknown => Some("error"),
    };
    let advice: Vec<String> = result
        .judgement
        .advice
        .iter()
        .map(|advice| {
            format!(
                "{}: {} ({})",
                advice.code,
                advice.message,
                advice.code.rule()
            )
        })
        .collect();
    if outcome.is_none() && advice.is_empty() {
        element.write_empty()?;
        return Ok(());
    }
    element.write_inner_content(|xml| {
        if let (Some(outcome), Some(worst)) = (outcome, result.judgement.worst()) {
            what_is_wrong(xml, outcome, worst, &result.judgement.findings)?;
        }
        if !advice.is_empty() {
            let text = visible_lines(&advice);
            xml.create_element("system-out")
                .write_text_content(BytesText::new(&text))?;
        }
        Ok(())
    })?;
    Ok(())
}

fn what_is_wrong<W: Write>(
    xml: &mut Writer<W>,
    element: &str,
    worst: &Finding,
    findings: &[Finding],
) -> io::Result<()> {
    let lines: Vec<String> = findings.iter().map(line).collect();
    let message = format!("expected {}, saw {}", worst.expected, worst.saw);
    xml.create_element(element)
        .with_attribute(("type", worst.reason.as_str()))
        .with_attribute(("message", visible(&message).as_ref()))
        .write_text_content(BytesText::new(&visible_lines(&lines)))?;
    Ok(())
}

fn line(finding: &Finding) -> String {
    format!(
        "{} {} {}: expected {}, saw {} ({})",
        finding.severity.as_str(),
        finding.reason.class().as_str(),
        finding.reason,
        finding.expected,
        finding.saw,
        finding.reason.rule()
    )
}

/// XML 1.0 has no way to write most control characters, so they are made visible.
fn visible_lines(lines: &[String]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| visible(line)).collect();
    lines.join("\n")
}

fn seconds(results: &[CheckResult]) -> String {
    let durations = results
        .iter()
        .filter_map(|result| result.observation.as_ref());
    let sum: std::time::Duration = durations.map(|seen| seen.duration).sum();
    format!("{:.3}", sum.as_secs_f64())
}
