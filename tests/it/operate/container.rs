//! The image: what is in it, and that it fits the program.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{read, run, said, shipped, succeeds};
/// All files below a directory, by their path in it; nothing behind `zoneinfo`.
fn contents(root: &Path, directory: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let inside = path.strip_prefix(root).unwrap().to_owned();
        if path.is_dir() && !inside.ends_with("zoneinfo") {
            contents(root, &path, found);
        } else {
            found.insert(inside);
        }
    }
}

/// The root of an image that holds the program under test.
fn image() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let place = root.path().display().to_string();
    let program = env!("CARGO_BIN_EXE_authvigil");
    succeeds("deploy/container/make-root", &[program, &place]);
    root
}

#[test]
fn the_image_holds_the_program_and_nothing_that_could_be_run_instead() {
    let root = image();
    let mut found = BTreeSet::new();
    contents(root.path(), root.path(), &mut found);
    let libraries = |path: &&PathBuf| path.starts_with("lib") || path.starts_with("lib64");
    let others: Vec<_> = found.iter().filter(|path| !libraries(path)).collect();
    let wanted = [
        "etc/group",
        "etc/nsswitch.conf",
        "etc/passwd",
        "etc/ssl/certs/ca-certificates.crt",
        "usr/bin/authvigil",
        "usr/share/zoneinfo",
    ];
    assert_eq!(others, wanted.map(PathBuf::from).iter().collect::<Vec<_>>());
    assert!(found.len() < 16, "{found:?}");
}

#[test]
fn the_program_finds_its_libraries_in_the_image() {
    let root = image();
    let mut found = BTreeSet::new();
    contents(root.path(), root.path(), &mut found);
    let is_loader = |path: &&PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("ld-linux")
    };
    let loader = root.path().join(found.iter().find(is_loader).unwrap());
    let directories: BTreeSet<String> = found
        .iter()
        .filter(|path| path.to_string_lossy().contains(".so"))
        .map(|path| {
            root.path()
                .join(path.parent().unwrap())
                .display()
                .to_string()
        })
        .collect();
    let places = directories.into_iter().collect::<Vec<_>>().join(":");
    let program = root.path().join("usr/bin/authvigil").display().to_string();
    // With nothing but what the image has: the machine's own libraries are not looked for.
    let arguments = [
        "--inhibit-cache",
        "--library-path",
        &places,
        "--list",
        &program,
    ];
    let listed = said(&run(&loader.display().to_string(), &arguments));
    let inside = root.path().display().to_string();
    let outside: Vec<&str> = listed
        .lines()
        .filter(|line| line.contains("=>") && !line.contains(&inside))
        .collect();
    assert_eq!(outside, [""; 0], "{listed}");
    assert!(listed.contains("libc.so.6 =>"), "{listed}");
}

#[test]
fn the_image_is_that_of_the_script_and_has_no_root() {
    let text = read("deploy/container/Containerfile");
    let last = text.rsplit("\nFROM ").next().unwrap();
    assert!(last.starts_with("scratch\n"), "{last}");
    for line in ["USER 65532:65532", "ENTRYPOINT [\"/usr/bin/authvigil\"]"] {
        assert!(last.lines().any(|it| it == line), "{line}");
    }
    assert!(!last.contains("\nRUN "), "{last}");
}

#[test]
fn the_image_says_which_version_it_is() {
    let text = read("deploy/container/Containerfile");
    let label = format!("image.version=\"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(text.contains(&label), "{label} is not in {text}");
}

#[test]
fn everything_that_the_program_is_made_of_reaches_the_build_of_the_image() {
    let text = read(".dockerignore");
    let let_through: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix('!'))
        .collect();
    assert!(text.lines().any(|line| line == "*"), "{text}");
    for path in &let_through {
        shipped(path);
    }
    // Cargo wants the benches that its manifest names, though nobody builds them here.
    let needed = ["Cargo.lock", "Cargo.toml", "askama.toml", "benches", "src"];
    assert_eq!(needed.map(|path| let_through.contains(path)), [true; 5]);
    let mut files = BTreeSet::new();
    let source = shipped("src");
    contents(&source, &source, &mut files);
    let outside: Vec<_> = files
        .iter()
        .filter(|path| path.extension().is_some_and(|it| it == "rs"))
        .filter(|path| {
            let text = read(&format!("src/{}", path.display()));
            let deep = "../".repeat(path.components().count());
            text.lines()
                .any(|line| line.contains("include_") && line.contains(&deep))
        })
        .collect();
    assert_eq!(outside, Vec::<&PathBuf>::new());
    for line in read("askama.toml").lines().filter(|it| it.contains("dirs")) {
        assert_eq!(
            line.matches('"').count(),
            2 * line.matches("\"src/").count()
        );
    }
}
