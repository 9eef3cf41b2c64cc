//! The reference page of all metrics, in Markdown.

use std::fmt::Display;

use super::families::{VERDICTS, phases};
use super::health::{DURATION_BOUNDS, LAG_BOUNDS, outcomes};
use super::scheme;
use super::table::{Metric, PROBE_DURATION, SCHEDULE_LAG, SECTIONS, Section};
use crate::domain::challenge::REGISTERED;
use crate::domain::finding::{Class, Severity, Verdict};
use crate::domain::observation::Phases;
use crate::domain::status::Skip;

const HEAD: &str = "# Metrics

This page is generated from the table that the program writes its metrics from; a test keeps it true.

The exposition is Prometheus' text format, version 0.0.4.
Names and labels are stable.
A label's value comes from a closed list or from a name in the configuration, and never from a URL, from the text of an error, or from anything that a server sent.
The series of a check or an endpoint go away with it when it leaves the configuration; those of a receiver stay as long as it is owed something, its counters until the program ends.
Counters start from 0 with the program, and each of their series is there from the start, so that `rate()` and `increase()` see the first event.
Times are seconds since 1970, durations are seconds.

Scrape with `honor_labels: true`: the label `endpoint` is this program's, and some set-ups put one of their own on every target.
";

/// The Markdown text of `docs/reference/metrics.md`.
pub fn reference() -> String {
    let sections: String = SECTIONS.iter().map(section).collect();
    format!("{HEAD}{sections}{}{}", label_values(), bounds())
}

fn section(section: &Section) -> String {
    let rows: String = section.metrics.iter().map(row).collect();
    let title = section.title;
    format!(
        "\n## {title}\n\n| metric | type | labels | meaning |\n| --- | --- | --- | --- |\n{rows}"
    )
}

fn row(metric: &Metric) -> String {
    let Metric {
        name, kind, help, ..
    } = metric;
    let labels = match metric.labels {
        [] => "–".to_owned(),
        labels => code_list(labels),
    };
    format!("| `{name}` | {} | {labels} | {help} |\n", kind.as_str())
}

fn label_values() -> String {
    let classes = Class::ALL.map(Class::as_str);
    let verdicts = VERDICTS.map(Verdict::as_str);
    let severities = [Severity::Critical, Severity::Warning].map(Severity::as_str);
    let phases = phases(&Phases::default()).map(|(name, _)| name);
    let causes = Skip::ALL.map(Skip::as_str);
    let known = REGISTERED.iter().chain(&scheme::WELL_KNOWN);
    let schemes: Vec<&str> = known.copied().chain([scheme::OTHER]).collect();
    let rows = [
        ("verdict", code_list(&verdicts)),
        ("class", code_list(&classes)),
        (
            "reason",
            "those of [the list of reasons](reasons.md)".to_owned(),
        ),
        ("severity", code_list(&severities)),
        ("phase", code_list(&phases)),
        ("scheme", code_list(&schemes)),
        ("cause", code_list(&causes)),
        ("outcome", code_list(&outcomes())),
        ("endpoint", "an endpoint's name".to_owned()),
        ("check", "the name of one of its checks".to_owned()),
        ("credential", "a credential's name".to_owned()),
        ("receiver", "a receiver's name".to_owned()),
        ("version", "this program's version".to_owned()),
    ];
    let rows: Vec<String> = rows
        .iter()
        .map(|(label, values)| format!("| `{label}` | {values} |\n"))
        .collect();
    let rows = rows.concat();
    format!(
        "\n## Values of labels\n\n| label | values |\n| --- | --- |\n{rows}\n\
         `authvigil_endpoint_info` has every label that is configured for any endpoint; where an \
         endpoint has no such label, its value is empty.\n\
         `* on (endpoint) group_left (team) authvigil_endpoint_info` joins the label `team` to a \
         metric of the endpoint's checks.\n"
    )
}

fn bounds() -> String {
    let row =
        |metric: &Metric, bounds: &[f64]| format!("| `{}` | {} |\n", metric.name, list(bounds));
    let duration = row(&PROBE_DURATION, &DURATION_BOUNDS);
    let lag = row(&SCHEDULE_LAG, &LAG_BOUNDS);
    format!(
        "\n## Bounds of histograms\n\n| metric | bounds, in seconds |\n| --- | --- |\n{duration}{lag}"
    )
}

fn code_list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    list(&quoted)
}

fn list(items: &[impl Display]) -> String {
    let items: Vec<String> = items.iter().map(ToString::to_string).collect();
    items.join(", ")
}
