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

#[test]
fn the_sample_in_the_guide_is_how_the_mail_of_a_bypass_begins() {
    let guide = std::fs::read_to_string("docs/guide/mail.md").unwrap();
    let fences = guide.split("```text\n").skip(1);
    let mut samples = fences.map(|piece| piece.split("```").next().unwrap());
    let letter = letter(&scene::opened(vec![scene::bypass()]));
    assert_eq!(
        samples.next(),
        Some(format!("{}\n", letter.subject).as_str())
    );
    let sample = samples.next().unwrap();
    let begun: String = letter.text.chars().take(sample.chars().count()).collect();
    assert_eq!(begun, sample);
}

#[test]
fn the_subjects_in_the_guide_are_those_of_mails() {
    let guide = std::fs::read_to_string("docs/guide/mail.md").unwrap();
    let table = guide.lines().filter_map(|line| line.strip_prefix("| `"));
    let told: Vec<&str> = table.filter_map(|row| row.split('`').next()).collect();
    let notices = scene::all();
    let subjects: Vec<String> = notices.iter().map(|(_, it)| letter(it).subject).collect();
    let is_met = |told: &&str| {
        // An ellipsis stands for what another row shows.
        let (head, tail) = told.split_once('\u{2026}').unwrap_or((told, ""));
        let head = format!("[authvigil] {head}");
        subjects
            .iter()
            .any(|it| it.starts_with(&head) && it.ends_with(tail))
    };
    let unmet: Vec<&&str> = told.iter().filter(|told| !is_met(told)).collect();
    assert_eq!((told.len(), unmet), (13, Vec::new()));
}
