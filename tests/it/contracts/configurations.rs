//! Every configuration that a document shows as a whole can be used.

use authvigil::config::load;

use super::{blocks, files, guide, root};
use crate::support::certificates::authority_pem;

/// Whether a block is a whole configuration, and no part of one or of another program's.
fn is_whole(text: &str) -> bool {
    let section = |name: &str| text.lines().any(|line| line == name);
    section("endpoints:") && (section("credentials:") || !text.contains("credential:"))
}

/// Whether a block shows alerting and no endpoint.
fn is_alerting(text: &str) -> bool {
    text.lines().next() == Some("alerting:") && !text.lines().any(|line| line == "endpoints:")
}

/// The same with an endpoint for which somebody can be told, and with the least that `alerting` needs
/// where the document shows but a part of it.
fn completed(text: &str) -> String {
    let mut whole = text.to_owned();
    let lacks = |key: &str| !text.lines().any(|line| line.starts_with(key));
    if lacks("  receivers:") {
        whole += "  receivers: [{name: someone, file: {directory: mail}}]\n";
    }
    if lacks("  route:") {
        whole += "  route: {receiver: someone}\n";
    }
    whole += "endpoints:\n  - {name: e, url: 'https://example.com/', labels: {team: payments}}\n";
    whole
}

#[test]
fn every_part_about_alerting_of_the_documents_loads_without_a_warning() {
    let mut pages = guide();
    pages.extend(files(&root().join("docs/reference"), ".md"));
    let (mut wrong, mut count) = (Vec::new(), 0);
    for page in pages {
        let yaml = blocks(&page).into_iter().filter(|it| it.language == "yaml");
        for block in yaml.filter(|block| is_alerting(&block.text)) {
            count += 1;
            let directory = tempfile::tempdir().unwrap();
            let authority = directory.path().join("internal-ca.pem");
            std::fs::write(authority, authority_pem()).unwrap();
            let path = directory.path().join("authvigil.yaml");
            std::fs::write(&path, completed(&block.text)).unwrap();
            match load(&path) {
                Err(faults) => wrong.push(format!("{}\n{faults}", block.place)),
                Ok(config) => {
                    let warnings = config.warnings.iter();
                    wrong.extend(warnings.map(|it| format!("{}\n{it}", block.place)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(count >= 8, "only {count} parts were found");
}

#[test]
fn every_whole_configuration_of_the_documents_loads() {
    let mut pages = guide();
    pages.extend(files(&root().join("docs/decisions"), ".md"));
    let (mut wrong, mut count) = (Vec::new(), 0);
    for page in pages {
        let yaml = blocks(&page).into_iter().filter(|it| it.language == "yaml");
        for block in yaml.filter(|block| is_whole(&block.text)) {
            count += 1;
            let directory = tempfile::tempdir().unwrap();
            // Files that an authority's or a key's path names need not be there to read the text.
            for name in ["internal-ca.pem", "ca.pem", "edge.pem", "edge.key"] {
                std::fs::write(directory.path().join(name), "").unwrap();
            }
            let path = directory.path().join("authvigil.yaml");
            std::fs::write(&path, &block.text).unwrap();
            if let Err(faults) = load(&path) {
                wrong.push(format!("{}\n{faults}", block.place));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(count >= 2, "only {count} whole configurations were found");
}
