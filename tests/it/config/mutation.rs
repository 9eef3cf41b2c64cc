//! Whatever stands in the file, reading it ends, and what is said of it can be found in it.

use std::path::Path;
use std::time::{Duration, Instant};

use authvigil::config::{Faults, load};
use proptest::prelude::*;

use super::root;

/// Pieces that YAML and this schema give a meaning to.
const PIECES: &[&str] = &[
    "\n",
    "\n  ",
    "\n    - ",
    ": ",
    ":",
    "- ",
    "? ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&a ",
    "*a",
    "!t ",
    "!~x",
    "<<: ",
    "\"",
    "'",
    "|\n",
    ">\n",
    "#",
    "---\n",
    "...\n",
    "%",
    "@",
    "`",
    "\t",
    "\r\n",
    "\u{feff}",
    "\u{0}",
    "\u{1b}[31m",
    "\u{202e}",
    "ü",
    "漢",
    "null",
    "~",
    "true",
    "0x7",
    "1e9",
    "99999999999999999999",
    "endpoints",
    "name",
    "url",
    "credential",
    "password",
    "interval",
    "60s",
    "checks",
    "as",
    "expect",
    "status",
    "challenge",
    "Basic realm=\"x\", charset=\"UTF-8\"",
    "https://u:p@h/",
    "alerting",
    "routes",
];

fn good_files() -> Vec<String> {
    let folder = root().join("tests/fixtures/config/good");
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let yaml = entries.filter(|path| path.extension().is_some_and(|end| end == "yaml"));
    let mut files: Vec<_> = yaml.collect();
    files.push(root().join("config/authvigil.yaml"));
    files.sort();
    files
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect()
}

/// Loads bytes, and checks what is said of them.
fn examine(bytes: &[u8]) -> Result<(), TestCaseError> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("authvigil.yaml");
    std::fs::write(&path, bytes).unwrap();
    #[expect(
        clippy::disallowed_methods,
        reason = "how long it takes is what is tested"
    )]
    let start = Instant::now();
    let said = match load(&path) {
        Ok(config) => config.warnings,
        Err(faults) => {
            prop_assert!(!faults.is_empty());
            faults
        }
    };
    prop_assert!(
        start.elapsed() < Duration::from_secs(5),
        "took {:?}",
        start.elapsed()
    );
    examine_faults(&path, bytes, &said)
}

fn examine_faults(path: &Path, bytes: &[u8], said: &Faults) -> Result<(), TestCaseError> {
    let lines = bytes.split(|byte| *byte == b'\n').count();
    for fault in said {
        if let Some(excerpt) = fault.excerpt.as_ref().filter(|_| fault.file == path) {
            prop_assert!((1..=lines).contains(&excerpt.line), "{fault}");
            prop_assert!(excerpt.column >= 1 && excerpt.length >= 1, "{fault}");
            prop_assert!(excerpt.offset <= excerpt.text.chars().count(), "{fault}");
        }
    }
    let text = said.to_string();
    let steers = |char: char| {
        (char.is_control() && char != '\n') || ('\u{202a}'..='\u{202e}').contains(&char)
    };
    prop_assert!(!text.contains(steers), "{text:?}");
    Ok(())
}

/// Some edits of a text: where, how much goes, and what comes.
fn edits() -> impl Strategy<Value = Vec<(prop::sample::Index, usize, &'static str)>> {
    let piece = prop::sample::select(PIECES);
    prop::collection::vec((any::<prop::sample::Index>(), 0_usize..12, piece), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn no_bytes_at_all_upset_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        examine(&bytes)?;
    }

    #[test]
    fn no_text_of_yaml_pieces_upsets_the_reader(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)
    ) {
        examine(pieces.concat().as_bytes())?;
    }

    #[test]
    fn no_edit_of_a_good_file_upsets_the_reader(
        file in prop::sample::select(good_files()),
        edits in edits(),
    ) {
        let mut chars: Vec<char> = file.chars().collect();
        for (at, gone, piece) in edits {
            let at = at.index(chars.len() + 1);
            let end = (at + gone).min(chars.len());
            chars.splice(at..end, piece.chars());
        }
        let text: String = chars.into_iter().collect();
        examine(text.as_bytes())?;
    }
}

#[test]
fn hostile_shapes_are_refused_in_little_time() {
    let deep = "[".repeat(100_000);
    let blocks = "- ".repeat(50_000);
    let maps = "{a: ".repeat(50_000);
    let long_line = format!("endpoints: [{}]", "x, ".repeat(20_000));
    let keys: Vec<String> = (0..5_000).map(|index| format!("k{index}: 1\n")).collect();
    let keys = keys.concat();
    let statuses = format!(
        "endpoints:\n  - name: a\n    url: https://a/\n    refused: {{status: [{}]}}\n",
        "x, ".repeat(5_000)
    );
    let anchors = format!(
        "a: &a [{}]\nendpoints: [{}]\n",
        "x, ".repeat(3_000),
        "*a, ".repeat(3_000)
    );
    let values = format!(
        "x: &a [{}]\nendpoints:\n  - name: a\n    url: https://a/\n    refused: {{body: {{json: {{$.a: [{}]}}}}}}\n",
        "1, ".repeat(3_000),
        "*a, ".repeat(3_000)
    );
    for text in [
        deep, blocks, maps, long_line, keys, statuses, anchors, values,
    ] {
        if let Err(error) = examine(text.as_bytes()) {
            panic!("{text:.60}…: {error}");
        }
    }
}
