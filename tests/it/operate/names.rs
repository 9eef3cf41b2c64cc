//! Every metric that a rule or a dashboard names is one that the program has.

use std::collections::BTreeSet;
use std::path::Path;

use authvigil::metrics::{Kind, SECTIONS};

use super::shipped;

/// The names of all series: those of a histogram have ends of their own.
fn series() -> BTreeSet<String> {
    let metrics = SECTIONS.iter().flat_map(|section| section.metrics);
    let names = metrics.flat_map(|metric| match metric.kind {
        Kind::Counter | Kind::Gauge => vec![metric.name.to_owned()],
        Kind::Histogram => ["bucket", "count", "sum"]
            .map(|end| format!("{}_{end}", metric.name))
            .to_vec(),
    });
    names.collect()
}

/// All files below a directory.
fn files(directory: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "node_modules") {
            files(&path, found);
        } else if path.is_file() {
            found.push(path);
        }
    }
}

/// Whatever begins like a metric, is as long as one, and stands by itself.
fn named(text: &str) -> BTreeSet<String> {
    let is_part = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_';
    let words = text.split(|it: char| !is_part(it));
    let metrics = words.filter(|word| {
        word.starts_with("authvigil_") || (word.starts_with("process_") && word.len() > 12)
    });
    metrics.map(ToOwned::to_owned).collect()
}

#[test]
fn no_rule_and_no_dashboard_names_a_metric_that_there_is_not() {
    let known = series();
    let mut all = BTreeSet::new();
    for directory in [
        "deploy/alertmanager",
        "deploy/kubernetes",
        "deploy/prometheus",
        "grafana",
    ] {
        let mut found = Vec::new();
        files(&shipped(directory), &mut found);
        for path in found {
            let Ok(text) = std::fs::read_to_string(&path) else {
                continue;
            };
            for name in named(&text) {
                // What the generator of the dashboards puts an end to.
                let stem = known.contains(&format!("{name}_bucket"));
                assert!(
                    known.contains(&name) || stem,
                    "{name} in {}",
                    path.display()
                );
                all.insert(name);
            }
        }
    }
    assert!(all.len() > 25, "only {all:?}");
}

#[test]
fn every_metric_of_the_program_is_on_a_dashboard_or_in_a_rule() {
    let mut found = Vec::new();
    files(&shipped("deploy/prometheus/rules"), &mut found);
    files(&shipped("grafana/dashboards"), &mut found);
    let texts = found
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap());
    let shown: BTreeSet<String> = texts.flat_map(|text| named(&text)).collect();
    let metrics = SECTIONS.iter().flat_map(|section| section.metrics);
    let unshown: Vec<&str> = metrics
        .map(|metric| metric.name)
        .filter(|name| !shown.iter().any(|it| it.starts_with(name)))
        .filter(|name| *name != "process_virtual_memory_bytes")
        .collect();
    assert_eq!(unshown, [""; 0]);
}
