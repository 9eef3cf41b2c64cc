//! The folders of configurations.

use std::path::{Path, PathBuf};

use authvigil::config::load;

use super::{BLESS, compare, root, without};

fn folder(name: &str) -> PathBuf {
    root().join("tests/fixtures/config").join(name)
}

/// The YAML files of a folder, by name.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
        .collect();
    files.sort();
    files
}

#[test]
fn every_bad_file_is_refused_in_exactly_the_words_beside_it() {
    let folder = folder("bad");
    let mut wrong = Vec::new();
    for path in files(&folder) {
        let Err(faults) = load(&path) else {
            wrong.push(format!("{} is taken", path.display()));
            continue;
        };
        let text = without(&folder, &format!("{faults}\n"));
        wrong.extend(compare(&path.with_extension("stderr"), &text).err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_bad_file_but_the_one_with_several_has_one_fault() {
    let several: Vec<PathBuf> = files(&folder("bad"))
        .into_iter()
        .filter(|path| load(path).is_err_and(|faults| faults.len() != 1))
        .collect();
    assert_eq!(several, [folder("bad").join("several-faults.yaml")]);
}

#[test]
fn every_text_belongs_to_a_file() {
    for entry in std::fs::read_dir(folder("bad")).unwrap() {
        let path = entry.unwrap().path();
        let yaml = path.with_extension("yaml");
        assert!(
            yaml.is_file(),
            "{} has no file; after removing it, `{BLESS}`",
            path.display()
        );
    }
}

#[test]
fn every_good_file_is_taken_with_exactly_the_warnings_beside_it() {
    let folder = folder("good");
    let mut wrong = Vec::new();
    for path in files(&folder) {
        match load(&path) {
            Ok(config) if config.warnings.is_empty() => {
                let beside = path.with_extension("stderr");
                if beside.exists() {
                    wrong.push(format!("{} has no warnings any more", path.display()));
                }
            }
            Ok(config) => {
                let text = without(&folder, &format!("{}\n", config.warnings));
                wrong.extend(compare(&path.with_extension("stderr"), &text).err());
            }
            Err(faults) => wrong.push(faults.to_string()),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
