//! Who imports whom.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::source::Source;
use super::table::Table;

/// A path that leads from one room into another.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Arrow {
    from: String,
    to: String,
    /// The first name after the room's; empty where the room itself is imported, or several names.
    name: String,
}

static PATH: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(crate|authvigil|(?:super::)*super)::(\w+|\{)").unwrap());

static NEXT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^::(?:(\w+)|\{([^{}]*)\})").unwrap());

/// All arrows of a file, into rooms of the table.
fn arrows(source: &Source, table: &Table) -> BTreeSet<Arrow> {
    let mut arrows = BTreeSet::new();
    for found in PATH.captures_iter(&source.code) {
        let rest = &source.code[found.get(0).unwrap().end()..];
        if !starts_at_the_crate(&found[1], source) {
            continue;
        }
        if &found[2] == "{" {
            let group = rest.split('}').next().unwrap();
            for item in group.split(',').map(str::trim) {
                let (room, rest) = item.split_once("::").unwrap_or((item, ""));
                let names = match rest.split("::").next().unwrap() {
                    "" => later_names(source, room),
                    name => vec![name],
                };
                arrows.extend(names.into_iter().map(|name| arrow(source, room, name)));
            }
        } else {
            for name in next_names(rest) {
                let names = if name.is_empty() {
                    later_names(source, &found[2])
                } else {
                    vec![name]
                };
                arrows.extend(names.into_iter().map(|name| arrow(source, &found[2], name)));
            }
        }
    }
    arrows.retain(|arrow| table.has(&arrow.to) && arrow.from != arrow.to);
    arrows
}

/// Whether `crate`, or a chain of `super`, is the crate's root seen from this file.
fn starts_at_the_crate(start: &str, source: &Source) -> bool {
    let ups = start.matches("super").count();
    ups == 0 || ups == source.module().len()
}

fn arrow(source: &Source, to: &str, name: &str) -> Arrow {
    Arrow {
        from: source.room(),
        to: to.to_owned(),
        name: name.to_owned(),
    }
}

/// What is named after a room: one name, the names of a group, or nothing.
fn next_names(rest: &str) -> Vec<&str> {
    let Some(found) = NEXT.captures(rest) else {
        return vec![""];
    };
    if let Some(name) = found.get(1) {
        return vec![name.as_str()];
    }
    let group = found.get(2).unwrap().as_str();
    let items = group
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty());
    items.map(|item| item.split("::").next().unwrap()).collect()
}

/// What a file names of a room that it has imported as a whole: `credential::Settings`.
fn later_names<'a>(source: &'a Source, room: &str) -> Vec<&'a str> {
    let path = Regex::new(&format!(r"(?:^|[^:\w]){room}::(\w+)")).unwrap();
    let found = path.captures_iter(&source.code);
    let names: Vec<&str> = found.map(|found| found.get(1).unwrap().as_str()).collect();
    if names.is_empty() { vec![""] } else { names }
}

/// What a room exports from its module `settings`.
fn settings(sources: &[Source], room: &str) -> Vec<String> {
    let path = format!("{room}/mod.rs");
    let Some(source) = sources.iter().find(|source| source.path == path) else {
        return Vec::new();
    };
    let exported = source.code.split("pub use settings").nth(1).unwrap_or("");
    let mut names: Vec<String> = next_names(exported)
        .into_iter()
        .map(ToOwned::to_owned)
        .collect();
    names.push("settings".to_owned());
    names
}

#[test]
fn every_room_is_in_the_table_and_every_arrow_is_allowed() {
    let table = Table::of_the_house();
    let sources = Source::all();
    let mut faults = Vec::new();
    for source in sources.iter().filter(|source| source.path != "lib.rs") {
        if !table.has(&source.room()) {
            faults.push(format!(
                "{}: no room of this name in ARCHITECTURE.md",
                source.path
            ));
            continue;
        }
        for arrow in arrows(source, &table) {
            let only_settings = settings(&sources, &arrow.to).contains(&arrow.name);
            if !table.allows(&arrow.from, &arrow.to, only_settings) {
                let Arrow { from, to, name } = arrow;
                faults.push(format!(
                    "{}: `{from}` may not import `{to}` ({name})",
                    source.path
                ));
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn every_way_to_write_an_import_is_an_arrow() {
    let table = Table::of_the_house();
    let rows = [
        (
            "probe/visit.rs",
            "use crate::store::Store;",
            "store",
            "Store",
        ),
        (
            "probe/visit.rs",
            "use super::super::store::Store;",
            "store",
            "Store",
        ),
        (
            "probe/mod.rs",
            "let x = super::store::open();",
            "store",
            "open",
        ),
        (
            "probe/mod.rs",
            "use crate::{store, domain::check};",
            "domain",
            "check",
        ),
        (
            "probe/mod.rs",
            "use crate::{store, domain::check};",
            "store",
            "",
        ),
        (
            "config/mod.rs",
            "use crate::{credential, store}; type A = store::Settings;",
            "store",
            "Settings",
        ),
        (
            "config/validate.rs",
            "use crate::credential::{Credential};",
            "credential",
            "Credential",
        ),
        ("main.rs", "use authvigil::daemon;", "daemon", ""),
    ];
    for (path, text, to, name) in rows {
        let source = Source::new(path, text);
        let expected = arrow(&source, to, name);
        assert!(
            arrows(&source, &table).contains(&expected),
            "{path}: {text}"
        );
    }
    let whole =
        "use crate::credential; struct A(credential::Settings); fn b() { credentials::c(); }";
    let whole = Source::new("config/mod.rs", whole);
    let expected = arrow(&whole, "credential", "Settings");
    assert_eq!(arrows(&whole, &table), BTreeSet::from([expected]));
    let inner = "use super::trace::Trace; use crate::probe::client; use crate::other::x;";
    assert!(arrows(&Source::new("probe/visit.rs", inner), &table).is_empty());
}

#[test]
fn the_settings_of_a_room_are_what_it_exports_from_its_settings() {
    let text = "mod settings;\npub use settings::{Credential, Settings};\npub use other::Keyring;";
    let sources = [Source::new("credential/mod.rs", text)];
    assert_eq!(
        settings(&sources, "credential"),
        ["Credential", "Settings", "settings"]
    );
    assert_eq!(settings(&sources, "probe"), Vec::<String>::new());
    let table = Table::of_the_house();
    assert!(table.allows("config", "credential", true));
    assert!(!table.allows("config", "credential", false));
    assert!(!table.allows("probe", "store", true));
}
