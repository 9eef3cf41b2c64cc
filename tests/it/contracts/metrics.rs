//! The page of metrics is that of the program, and other documents name no other metrics.

use std::process::Command;

use authvigil::metrics;

use super::{assert_page, blocks, files, guide, root, short};

#[test]
fn the_page_of_metrics_is_that_of_the_table() {
    assert_page("docs/reference/metrics.md", &metrics::reference());
}

#[test]
fn no_document_names_a_metric_that_there_is_not() {
    let reference = metrics::reference();
    let is_known = |name: &str| reference.contains(&format!("| `{name}` |"));
    let mut pages = guide();
    pages.push(root().join("docs/load.md"));
    pages.extend(files(&root().join("docs/decisions"), ".md"));
    let (mut wrong, mut count) = (Vec::new(), 0);
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        for (at, _) in text.match_indices("authvigil_") {
            let rest = text[at..].chars();
            let name: String = rest
                .take_while(|it| it.is_ascii_lowercase() || *it == '_')
                .collect();
            count += 1;
            if !is_known(&name) {
                wrong.push(format!("{}: {name}", short(&page)));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
    assert!(count > 10, "only {count} names were found");
}

#[test]
fn rules_for_prometheus_in_documents_are_rules() {
    let pages = guide();
    let blocks = pages.iter().flat_map(|page| blocks(page));
    let rules: Vec<_> = blocks
        .filter(|block| block.text.starts_with("groups:\n"))
        .collect();
    assert!(!rules.is_empty());
    for block in rules {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("rules.yaml");
        std::fs::write(&file, &block.text).unwrap();
        let checked = Command::new("promtool")
            .args(["check", "rules"])
            .arg(&file)
            .output()
            .expect("`promtool` is not installed; `tests/run` installs it");
        let said = String::from_utf8_lossy(&checked.stderr);
        assert!(checked.status.success(), "{}: {said}", block.place);
    }
}
