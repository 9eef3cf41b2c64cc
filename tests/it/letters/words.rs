//! The mails as they are, word by word.

use std::path::Path;

use authvigil::notify::render::letter;

use super::scene;

const BLESS: &str = "AUTHVIGIL_BLESS=1 cargo nextest run --test it letters::";

/// Compares a text with a file, or writes the file where that is asked for.
pub(super) fn compare(path: &Path, actual: &str) -> Result<(), String> {
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    if expected == actual {
        return Ok(());
    }
    if std::env::var_os("AUTHVIGIL_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(path, actual).unwrap();
        return Ok(());
    }
    Err(format!(
        "{} differs; `{BLESS}` rewrites it\n--- expected\n{expected}\n--- actual\n{actual}",
        path.display()
    ))
}

#[test]
fn every_occasion_has_its_mail_word_by_word() {
    let folder = Path::new("tests/fixtures/mail");
    let complaints = scene::all().into_iter().flat_map(|(name, notice)| {
        let letter = letter(&notice);
        let text = format!("Subject: {}\n\n{}", letter.subject, letter.text);
        [
            compare(&folder.join(format!("{name}.txt")), &text),
            compare(&folder.join(format!("{name}.html")), &letter.html),
        ]
    });
    let complaints: Vec<String> = complaints.filter_map(Result::err).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn every_file_is_the_mail_of_an_occasion() {
    let mut known: Vec<String> = scene::all()
        .into_iter()
        .flat_map(|(name, _)| [format!("{name}.html"), format!("{name}.txt")])
        .collect();
    known.sort();
    let files = std::fs::read_dir("tests/fixtures/mail").unwrap();
    let mut files: Vec<String> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, known);
}
