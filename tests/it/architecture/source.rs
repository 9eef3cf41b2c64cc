//! The program's own source, without comments, literals and tests.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

/// One file of `src/`.
#[derive(Debug)]
pub(super) struct Source {
    /// Its path below `src/`.
    pub(super) path: String,
    /// What it says, without comments, without what stands in literals, and without its tests.
    pub(super) code: String,
}

static TESTS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"#\[cfg\(test\)\]\s*(?:pub(?:\(\w+\))? )?mod (\w+)(\s*\{|;)").unwrap()
});

impl Source {
    /// Takes the text of a file.
    pub(super) fn new(path: &str, text: &str) -> Self {
        let code = scrub(text);
        let end = TESTS
            .captures_iter(&code)
            .find(|found| !found[2].ends_with(';'))
            .map_or(code.len(), |found| found.get(0).unwrap().start());
        Self {
            path: path.to_owned(),
            code: code[..end].to_owned(),
        }
    }

    /// All files but those that are compiled for tests alone.
    pub(super) fn all() -> Vec<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut sources = Vec::new();
        for file in files(&root) {
            let path = file.strip_prefix(&root).unwrap().to_str().unwrap();
            sources.push(Self::new(path, &std::fs::read_to_string(&file).unwrap()));
        }
        let tests: Vec<String> = sources.iter().flat_map(Self::test_modules).collect();
        sources.retain(|source| {
            let module = source.module().join("/");
            let within = |test: &String| module == *test || module.starts_with(&format!("{test}/"));
            !tests.iter().any(within)
        });
        sources
    }

    /// The room that it belongs to: its first folder, or its own name.
    pub(super) fn room(&self) -> String {
        let first = self.path.split('/').next().unwrap();
        first.trim_end_matches(".rs").to_owned()
    }

    /// The path of its module below the crate: `domain/judge/mod.rs` is `domain`, `judge`.
    pub(super) fn module(&self) -> Vec<&str> {
        let mut parts: Vec<&str> = self.path.trim_end_matches(".rs").split('/').collect();
        if matches!(parts.last(), Some(&("mod" | "lib" | "main"))) {
            parts.pop();
        }
        parts
    }

    /// The modules that it declares for tests alone.
    fn test_modules(&self) -> Vec<String> {
        let module = self.module().join("/");
        TESTS
            .captures_iter(&self.code)
            .map(|found| format!("{module}/{}", &found[1]))
            .collect()
    }
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// What is not code: a comment, a string or a character; a label or lifetime is code.
static NOT_CODE: LazyLock<Regex> = LazyLock::new(|| {
    let alternatives = [
        r"//[^\n]*",
        r"(?s:/\*.*?\*/)",
        r###"(?s:r##".*?"##)"###,
        r##"(?s:r#".*?"#)"##,
        r#"(?s:r".*?")"#,
        r#"(?s:"(?:[^"\\]|\\.)*")"#,
        r"'(?:[^'\\]|\\[^u]|\\u\{[^}]*\})'",
    ];
    Regex::new(&alternatives.join("|")).unwrap()
});

fn scrub(text: &str) -> String {
    NOT_CODE.replace_all(text, "\"\"").into_owned()
}

#[test]
fn comments_literals_and_tests_are_no_code() {
    let text = r##"
        //! See [`crate::store`].
        /* println! */ use crate::domain::check;
        const TEXT: &str = "crate::web // \" still text";
        const RAW: &str = r#"a " println!"#; const CHAR: char = '"'; struct A<'a>(&'a str);
        fn after() {}
        #[cfg(test)]
        mod laws;
        #[cfg(test)]
        mod tests {
            use crate::cli;
        }
    "##;
    let source = Source::new("probe/visit.rs", text);
    for word in [
        "crate::domain::check",
        "struct A<'a>(&'a str)",
        "fn after()",
    ] {
        assert!(source.code.contains(word), "{word} in {}", source.code);
    }
    for word in ["store", "println", "web", "still", "cli"] {
        assert!(!source.code.contains(word), "{word} in {}", source.code);
    }
    assert_eq!(source.test_modules(), ["probe/visit/laws"]);
    assert_eq!(
        (source.room().as_str(), source.module()),
        ("probe", vec!["probe", "visit"])
    );
}
