//! What documents say is true: commands, configurations, links, pages that are made from code.

mod commands;
mod configurations;
mod links;
mod mails;
mod manual;
mod metrics;
mod paths;

use std::path::{Path, PathBuf};

use authvigil::domain::explanation;
use authvigil::domain::finding::{Class, Reason};

const BLESS: &str = "AUTHVIGIL_BLESS=1 cargo nextest run --test it contracts::";

/// The repository.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a directory whose names end so, in order.
fn files(directory: &Path, end: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut entries: Vec<PathBuf> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !path.is_symlink() && name != "target" && name != ".git" {
            found.extend(files(&path, end));
        } else if path.is_file() && name.ends_with(end) {
            found.push(path);
        }
    }
    found
}

/// A file's path in the repository.
fn short(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

/// The README and the guide.
fn guide() -> Vec<PathBuf> {
    let mut pages = vec![root().join("README.md")];
    pages.extend(files(&root().join("docs/guide"), ".md"));
    pages
}

/// A fenced block of a page.
struct Block {
    /// The page, the line of the block's fence, and the word behind it.
    place: String,
    language: String,
    text: String,
}

/// The fenced blocks of a page, those of a list's entry among them.
fn blocks(page: &Path) -> Vec<Block> {
    let text = std::fs::read_to_string(page).unwrap();
    let mut blocks: Vec<Block> = Vec::new();
    let mut indent = None;
    for (number, line) in text.lines().enumerate() {
        let fence = line.trim_start().strip_prefix("```");
        match (indent, fence) {
            (None, Some(language)) => {
                indent = Some(line.len() - line.trim_start().len());
                blocks.push(Block {
                    place: format!("{}:{}", short(page), number + 1),
                    language: language.trim().to_owned(),
                    text: String::new(),
                });
            }
            (Some(_), Some(_)) => indent = None,
            (Some(indent), None) => {
                let block = blocks.last_mut().unwrap();
                block.text += line.get(indent..).unwrap_or_default();
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(indent.is_none(), "{}: a block has no end", short(page));
    blocks
}

#[test]
fn the_page_of_reasons_is_that_of_the_explanations() {
    assert_page("docs/reference/reasons.md", &explanation::reference());
}

#[test]
fn the_page_of_troubles_names_every_reason() {
    let page = std::fs::read_to_string(root().join("docs/guide/troubleshooting.md")).unwrap();
    let named = |reason: &&Reason| !page.contains(&format!("`{reason}`"));
    let missing: Vec<&Reason> = Reason::ALL.iter().filter(named).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_page_of_troubles_has_every_place_that_a_rule_points_at() {
    let page = std::fs::read_to_string(root().join("docs/guide/troubleshooting.md")).unwrap();
    let mut places: Vec<String> = Reason::ALL.iter().map(ToString::to_string).collect();
    places.extend(Class::ALL.map(|class| format!("class-{}", class.as_str())));
    for path in files(&root().join("deploy/prometheus/rules"), ".yml") {
        let rules = std::fs::read_to_string(path).unwrap();
        let pointed = rules.split("troubleshooting#").skip(1);
        let plain = pointed.map(|rest| rest.split(['\'', '"', '\n']).next().unwrap_or_default());
        places.extend(plain.filter(|it| !it.contains('{')).map(str::to_owned));
    }
    let missing = |place: &&String| !page.contains(&format!("<a id=\"{place}\"></a>"));
    let missing: Vec<&String> = places.iter().filter(missing).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// A generated page holds what is made now; asked to, it is rewritten first.
#[track_caller]
fn assert_page(name: &str, made: &str) {
    let path = root().join(name);
    if std::env::var_os("AUTHVIGIL_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(&path, made).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    assert!(
        written == made,
        "{} differs; `{BLESS}` rewrites it",
        short(&path)
    );
}

#[test]
fn the_readme_opens_with_the_command_that_shows_everything() {
    let blocks = blocks(&root().join("README.md"));
    let lines: Vec<&str> = blocks[0].text.lines().collect();
    let commands: Vec<&str> = lines
        .iter()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .collect();
    assert_eq!(commands, ["cargo run --release -- demo", "tests/run"]);
    assert!(root().join("tests/run").is_file());
}
