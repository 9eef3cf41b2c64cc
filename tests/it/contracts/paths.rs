//! Nothing that is published tells of a developer's machine.

use std::path::PathBuf;
use std::process::Command;

use super::{root, short};

/// The files that are kept, as the version control knows them; all of them where there is none.
fn kept() -> Vec<PathBuf> {
    let listed = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root())
        .output();
    match listed {
        Ok(listed) if listed.status.success() => String::from_utf8(listed.stdout)
            .unwrap()
            .split_terminator('\0')
            .map(|path| root().join(path))
            .filter(|path| path.is_file())
            .collect(),
        _ => super::files(&root(), ""),
    }
}

/// Directories that only a developer has, put together here so that this file has none of them.
fn patterns() -> Vec<String> {
    let mut patterns: Vec<String> = ["work", "root", "tmp/wt"]
        .iter()
        .map(|name| format!("/{name}/"))
        .collect();
    let home = std::env::var_os("HOME").map(PathBuf::from);
    // A home of one name, such as that of a container, may be part of any text.
    let home = home.filter(|home| home.components().count() > 2);
    patterns.extend(home.map(|home| home.display().to_string()));
    patterns
}

#[test]
fn no_file_holds_a_path_of_a_developers_machine() {
    let patterns = patterns();
    let mut wrong = Vec::new();
    let kept = kept();
    assert!(kept.len() > 100, "{kept:?}");
    for path in kept {
        let bytes = std::fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        for (number, line) in text.lines().enumerate() {
            if patterns
                .iter()
                .any(|pattern| line.contains(pattern.as_str()))
            {
                wrong.push(format!("{}:{}: {line}", short(&path), number + 1));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}
