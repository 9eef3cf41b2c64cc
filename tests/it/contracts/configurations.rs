//! Every configuration that a document shows as a whole can be used.

use authvigil::config::load;

use super::{blocks, files, guide, root};

/// Whether a block is a whole configuration, and no part of one or of another program's.
fn is_whole(text: &str) -> bool {
    let section = |name: &str| text.lines().any(|line| line == name);
    section("endpoints:") && (section("credentials:") || !text.contains("credential:"))
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
