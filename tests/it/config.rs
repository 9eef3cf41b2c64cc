//! Configurations, good and bad, and exactly what is said of them.
//!
//! `fixtures/config/bad` holds one fault a file, named for the fault, with the text that a person
//! reads beside it; `good` holds what must be taken. After a change of a message,
//! `AUTHVIGIL_BLESS=1 cargo nextest run --test it config::` writes the texts anew.

mod canary;
mod example;
mod fetched;
mod fixtures;
mod generated;
mod meaning;
mod mutation;
mod schema_check;
mod ways_out;
mod web_file;

use std::path::{Path, PathBuf};

use authvigil::config::{Config, Faults, load};

/// How to repair a file that a test compares with.
const BLESS: &str = "AUTHVIGIL_BLESS=1 cargo nextest run --test it config::";

/// The repository.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Loads a text as the main file of a directory of its own.
fn load_text(text: &str) -> Result<Config, Faults> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("authvigil.yaml");
    std::fs::write(&path, text).unwrap();
    load(&path)
}

/// The faults of a text, without the directory in front of the file's name.
fn faults_of(text: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("authvigil.yaml");
    std::fs::write(&path, text).unwrap();
    match load(&path) {
        Ok(_) => String::new(),
        Err(faults) => without(directory.path(), &faults.to_string()),
    }
}

/// A text without a directory and the slash behind it.
fn without(directory: &Path, text: &str) -> String {
    text.replace(&format!("{}/", directory.display()), "")
}

/// Compares a text with a file, or writes the file where that is asked for.
#[track_caller]
fn compare(path: &Path, actual: &str) -> Result<(), String> {
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    if expected == actual {
        return Ok(());
    }
    if blessing() {
        std::fs::write(path, actual).unwrap();
        return Ok(());
    }
    Err(format!(
        "{} differs; `{BLESS}` rewrites it\n--- expected\n{expected}\n--- actual\n{actual}",
        path.display()
    ))
}

fn blessing() -> bool {
    std::env::var_os("AUTHVIGIL_BLESS").is_some_and(|value| value == "1")
}
