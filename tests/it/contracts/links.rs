//! Links between documents lead somewhere.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{files, root, short};

/// The targets of a page's links, outside of fenced blocks and code.
fn links(page: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(page).unwrap();
    let outside = text.split("```").step_by(2).collect::<String>();
    let outside = outside.split('`').step_by(2).collect::<Vec<_>>().join("`");
    let targets = outside.match_indices("](").filter_map(|(at, mark)| {
        let target = outside[at + mark.len()..].split_once(')')?.0;
        Some(target.to_owned())
    });
    targets.collect()
}

/// The anchors that a page has: its headings, as the forge names them, and those it sets itself.
fn anchors(page: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(page).unwrap();
    let heading = |line: &str| {
        let title = line.trim_start_matches('#');
        let plain = |it: &char| it.is_alphanumeric() || " -_".contains(*it);
        let title: String = title.trim().to_lowercase().chars().filter(plain).collect();
        title.replace(' ', "-")
    };
    let headings = text
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(heading);
    let set = text.match_indices(" id=\"").filter_map(|(at, mark)| {
        let name = text[at + mark.len()..].split_once('"')?.0;
        Some(name.to_owned())
    });
    headings.chain(set).collect()
}

fn pages() -> Vec<PathBuf> {
    files(&root(), ".md")
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for page in pages() {
        for link in links(&page) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            count += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = match path {
                "" => page.clone(),
                path => page.parent().unwrap().join(path),
            };
            let is_page = target.extension().is_some_and(|end| end == "md");
            let leads = target.exists()
                && (anchor.is_empty() || !is_page || anchors(&target).contains(anchor));
            if !leads {
                wrong.push(format!("{}: {link}", short(&page)));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
    assert!(count > 10, "only {count} links were found");
}
