//! Reads the files of a configuration into raw sections, whatever is wrong with them.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::complaint;
use super::fault::{Fault, Level};
use super::locate::{Located, Saying};
use super::place::{FileId, Place};
use super::printable::printable;
use super::raw::{self, Credential, Endpoint, Entries, Profile, TextOr};
use super::survey::{Stamp, Survey};
use super::validate::ledger::{Draft, Ledger};
use super::validate::{Input, cannot_be_read};
use super::yaml::{self, ComplaintKind, Defect, NodeId, Reader, Remains, Tree};

/// No configuration is larger; what is larger is not a configuration.
const MAX_SIZE: u64 = 256 << 20;

/// The files of a configuration, the main one first.
#[derive(Debug)]
pub(crate) struct Files {
    /// The raw sections.
    pub(crate) input: Input,
    sources: Vec<Source>,
    /// What is wrong with files as a whole.
    faults: Vec<Fault>,
    /// What is wrong with the names of drop-in files.
    drafts: Vec<Draft>,
}

/// One file.
#[derive(Debug)]
struct Source {
    name: PathBuf,
    text: String,
    /// The file taken apart, if that was necessary.
    apart: Option<Apart>,
}

#[derive(Debug)]
struct Apart {
    tree: Tree,
    defects: Vec<Defect>,
    remains: Remains,
    /// The words of `serde_yaml`, where nobody else found anything.
    refusal: Option<yaml::Refusal>,
}

impl Apart {
    /// Whether something keeps the file from being read to its end.
    fn is_broken(&self) -> bool {
        self.refusal.is_some() || !self.defects.is_empty()
    }

    fn has_faults(&self) -> bool {
        self.refusal.is_some() || !self.defects.is_empty() || !self.remains.complaints.is_empty()
    }
}

/// Reads a file and the files that it names.
pub(crate) fn files(path: &Path) -> Files {
    of_main(path, open(path))
}

/// Reads a text as if it stood in a file of this name, and the files that it names.
pub(crate) fn files_of_text(name: &Path, text: String) -> Files {
    of_main(name, Ok(text))
}

fn of_main(path: &Path, text: Result<String, Box<Fault>>) -> Files {
    let mut files = Files {
        input: Input {
            main: raw::File::default(),
            drop_ins: Vec::new(),
            web_file: None,
            directories: vec![directory(path)],
        },
        sources: Vec::new(),
        faults: Vec::new(),
        drafts: Vec::new(),
    };
    match text {
        Ok(text) => files.input.main = files.add(path, text),
        Err(fault) => {
            files.faults.push(*fault);
            return files;
        }
    }
    let mut ledger = Ledger::default();
    for path in drop_ins(&mut ledger, &files.input) {
        match open(&path) {
            Ok(text) => {
                files.input.directories.push(directory(&path));
                let raw = files.add(&path, text);
                files.input.drop_ins.push(raw);
            }
            Err(fault) => files.faults.push(*fault),
        }
    }
    files.drafts = ledger.into_drafts();
    files.add_web_file();
    files
}

impl Files {
    /// Whether every file could be read to its end, so that what is missing is not there.
    pub(crate) fn is_whole(&self) -> bool {
        let broken = |source: &Source| source.apart.as_ref().is_some_and(Apart::is_broken);
        self.faults.is_empty() && !self.sources.iter().any(broken)
    }

    /// Which files these are, and what they say.
    pub(crate) fn survey(&self) -> Survey {
        let names: Vec<PathBuf> = self.sources.iter().map(|it| it.name.clone()).collect();
        let parents = names.iter().map(|name| directory(name));
        let base = self.input.directories.first().cloned().unwrap_or_default();
        let entries = self.input.main.endpoint_files.iter();
        let patterns: Vec<String> = entries
            .filter_map(|entry| match entry {
                TextOr::Text(pattern) => Some(pattern.clone()),
                TextOr::Map(map) => map.path.get().map(ToString::to_string),
            })
            .collect();
        let looked_into = patterns
            .iter()
            .map(|pattern| base.join(plain_part(pattern)));
        Survey {
            stamp: self.stamp(),
            directories: parents.chain(looked_into).collect(),
            files: names,
            base,
            patterns,
        }
    }

    fn stamp(&self) -> u64 {
        let mut stamp = Stamp::default();
        for source in &self.sources {
            stamp.add(&source.name, &source.text);
        }
        stamp.fail(&self.faults);
        stamp.finish()
    }

    /// Everything that is wrong, and everything that is unwise.
    pub(crate) fn tell(self, drafts: &[Draft]) -> (Vec<Fault>, Vec<Fault>) {
        let mut all = self.faults;
        let drafts: Vec<&Draft> = self.drafts.iter().chain(drafts).collect();
        let mut spoken: HashSet<FileId> = HashSet::new();
        for draft in &drafts {
            spoken.insert(draft.path.file);
            spoken.extend(draft.see.as_ref().map(|path| path.file));
        }
        let sources = self.sources.into_iter().enumerate();
        let located: Vec<Option<Located>> = sources
            .map(|(index, source)| source.locate(spoken.contains(&FileId(index)), &mut all))
            .collect();
        let find = |file: FileId| located.get(file.0)?.as_ref();
        for draft in drafts {
            let see = draft.see.as_ref().and_then(|path| {
                let there = find(path.file)?;
                let line = there.line_of(&path.steps())?;
                Some(if path.file == draft.path.file {
                    format!("line {line}")
                } else {
                    format!("{}:{line}", printable(&there.name().display().to_string()))
                })
            });
            all.extend(find(draft.path.file).and_then(|here| here.draft(draft, see)));
        }
        all.into_iter()
            .partition(|fault| fault.level == Level::Fault)
    }

    /// Reads the file that `web.config_file` names; that it is not there is told later.
    fn add_web_file(&mut self) {
        let Some(named) = self.input.main.web.config_file.get() else {
            return;
        };
        let base = self.input.directories.first().cloned().unwrap_or_default();
        let path = base.join(named);
        if named.is_empty() || std::fs::metadata(&path).is_err() {
            return;
        }
        match open(&path) {
            Ok(text) => {
                let file = FileId(self.sources.len());
                self.input.directories.push(directory(&path));
                let raw = self.add(&path, text);
                self.input.web_file = Some((file, raw));
            }
            Err(fault) => self.faults.push(*fault),
        }
    }

    /// Reads the sections of a text, and keeps the text for its lines.
    fn add<T: Sections>(&mut self, path: &Path, text: String) -> T {
        let (raw, apart) = sections(&text);
        self.sources.push(Source {
            name: path.to_owned(),
            text,
            apart,
        });
        raw
    }
}

impl Source {
    /// Takes the file apart, if there is something to say about it.
    fn locate(self, spoken: bool, faults: &mut Vec<Fault>) -> Option<Located> {
        let apart = match self.apart {
            Some(apart) if spoken || apart.has_faults() => apart,
            None if spoken => {
                let (tree, defects) = Tree::scan(&self.text);
                Apart {
                    tree,
                    // `serde_yaml` could read it; only the lines may be missing.
                    defects: defects.into_iter().filter(|_| false).collect(),
                    remains: Remains::default(),
                    refusal: None,
                }
            }
            Some(_) | None => return None,
        };
        let line = |number: usize| self.text.lines().nth(number - 1).unwrap_or_default();
        let defects = apart.defects;
        let located = Located::new(self.name, &self.text, (apart.tree, &defects), apart.remains);
        for defect in &defects {
            let saying = complaint::say_defect(&defect.kind, line(defect.span.line));
            faults.push(located.defect(defect, saying));
        }
        faults.extend(located.complaints());
        if let Some(refusal) = apart.refusal {
            let message = format!("this cannot be read: {}", printable(&refusal.message));
            let saying = Saying {
                message,
                ..Saying::default()
            };
            faults.push(located.at(refusal.position, saying));
        }
        Some(located)
    }
}

/// What a file may hold.
trait Sections: serde::de::DeserializeOwned + Default {
    /// Fills in the sections that are read element by element.
    fn fill(&mut self, sections: Recovered);
}

/// Its sections have other names.
impl Sections for raw::WebFile {
    fn fill(&mut self, _: Recovered) {}
}

struct Recovered {
    credentials: Entries<Credential>,
    profiles: Entries<Profile>,
    endpoints: Vec<Endpoint>,
}

impl Sections for raw::File {
    fn fill(&mut self, sections: Recovered) {
        self.credentials = sections.credentials;
        self.profiles = sections.profiles;
        self.endpoints = sections.endpoints;
    }
}

impl Sections for raw::DropIn {
    fn fill(&mut self, sections: Recovered) {
        self.credentials = sections.credentials;
        self.profiles = sections.profiles;
        self.endpoints = sections.endpoints;
    }
}

/// Reads a text in one go, or, where that fails, piece by piece.
fn sections<T: Sections>(text: &str) -> (T, Option<Apart>) {
    let suspect = yaml::may_hold_anchors_or_tags(text) || yaml::may_be_deep(text);
    let scanned = suspect.then(|| Tree::scan(text));
    let clean =
        |(tree, defects): &(Tree, Vec<Defect>)| defects.is_empty() && tree.tags().is_empty();
    let sound = scanned.as_ref().is_none_or(clean);
    let refusal = match sound.then(|| yaml::read(text)) {
        Some(Ok(raw)) => return (raw, None),
        Some(Err(refusal)) => Some(refusal),
        None => None,
    };
    let (tree, defects) = scanned.unwrap_or_else(|| Tree::scan(text));
    let mut apart = Apart {
        tree,
        defects,
        remains: Remains::default(),
        refusal: None,
    };
    if apart.is_broken() {
        return (T::default(), Some(apart));
    }
    let (raw, remains) = recover(&apart.tree);
    apart.remains = remains;
    // An empty file is no fault of its syntax; that nothing is configured is told later.
    let empty = apart
        .tree
        .root()
        .is_none_or(|root| is_null(&apart.tree, root));
    if !empty && !apart.has_faults() {
        apart.refusal = refusal;
    }
    (raw, Some(apart))
}

fn is_null(tree: &Tree, node: NodeId) -> bool {
    let text = tree.text(node);
    text.is_some_and(|text| matches!(yaml::resolve(text), yaml::Scalar::Null))
}

/// Reads the sections of a tree, endpoint by endpoint, leaving out what is wrong.
fn recover<T: Sections>(tree: &Tree) -> (T, Remains) {
    let root = tree.root().filter(|root| !is_null(tree, *root));
    let Some(root) = root else {
        return (T::default(), Remains::default());
    };
    let section = |key: &str| tree.entry(root, key).map(|entry| entry.value);
    let (credentials, profiles) = (section("credentials"), section("profiles"));
    let endpoints = section("endpoints");
    let mut aside = HashSet::new();
    for map in [credentials, profiles].into_iter().flatten() {
        aside.extend(tree.entries(map).iter().map(|(_, value)| *value));
    }
    aside.extend(endpoints.into_iter().flat_map(|list| tree.elements(list)));
    let reader = Reader::new(tree, aside);
    for (node, tag) in tree.tags() {
        reader.leave_out(*node, ComplaintKind::Tag(tag.clone()));
    }
    let mut raw: T = reader.read(root).unwrap_or_default();
    raw.fill(Recovered {
        credentials: named(tree, &reader, credentials),
        profiles: named(tree, &reader, profiles),
        endpoints: (endpoints.into_iter())
            .flat_map(|list| tree.elements(list))
            .filter(|node| !reader.has_lost(**node))
            .filter_map(|node| reader.read(*node))
            .collect(),
    });
    (raw, reader.finish())
}

/// Reads the values of a map one by one. A value that cannot be read leaves its name behind, so that
/// what refers to it is not wrong as well.
fn named<T>(tree: &Tree, reader: &Reader<'_>, map: Option<NodeId>) -> Entries<T>
where
    T: serde::de::DeserializeOwned + Default,
{
    let mut seen = HashSet::new();
    let mut entries = Vec::new();
    for (key, value) in map.into_iter().flat_map(|map| tree.entries(map)) {
        match tree.text(*key) {
            None => reader.complain(*key, ComplaintKind::KeyIsNoText),
            Some("<<") => reader.complain(*key, ComplaintKind::MergeKey),
            Some(name) if !seen.insert(name) => {
                let key_text = name.to_owned();
                reader.complain(*key, ComplaintKind::RepeatedKey { key: key_text });
            }
            Some(name) => {
                let read = (!reader.has_lost(*value)).then(|| reader.read(*value));
                entries.push((name.to_owned(), read.flatten().unwrap_or_default()));
            }
        }
    }
    Entries::from_iter(entries)
}

/// The directory that paths in a file are relative to.
fn directory(path: &Path) -> PathBuf {
    path.parent().map(Path::to_owned).unwrap_or_default()
}

/// Reads the text of a file, without a byte order mark.
pub(super) fn open(path: &Path) -> Result<String, Box<Fault>> {
    let fail = |why: String| Box::new(Fault::of_file(path, format!("this file {why}")));
    let metadata = std::fs::metadata(path).map_err(|error| fail(cannot_be_read(&error)))?;
    if metadata.is_dir() {
        return Err(fail("is a directory".to_owned()));
    }
    if metadata.len() > MAX_SIZE {
        return Err(fail("is larger than any configuration".to_owned()));
    }
    let bytes = std::fs::read(path).map_err(|error| fail(cannot_be_read(&error)))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = String::from_utf8_lossy(&error.as_bytes()[..good])
            .matches('\n')
            .count()
            + 1;
        let mut fault = fail(format!("is no UTF-8 from line {line} on"));
        fault.hint = Some("save it as UTF-8".to_owned());
        fault
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

/// The files that `endpoint_files` names, in the order of its entries and then of their names.
fn drop_ins(ledger: &mut Ledger, input: &Input) -> Vec<PathBuf> {
    let root = Place::root(FileId::MAIN);
    let section = root.key("endpoint_files");
    let mut paths: Vec<PathBuf> = Vec::new();
    for (index, entry) in input.main.endpoint_files.iter().enumerate() {
        let place = section.index(index);
        let (pattern, optional, place) = match entry {
            TextOr::Text(pattern) => (pattern, false, place),
            TextOr::Map(map) => {
                let Some(pattern) = map.path.get() else {
                    ledger.missing(&place, "path");
                    continue;
                };
                (pattern, map.optional, place.key("path"))
            }
        };
        let base = input.directories.first().cloned().unwrap_or_default();
        match matching(&base, pattern) {
            Ok(found) if found.is_empty() && !optional => {
                ledger
                    .fault(&place, "no file matches this pattern")
                    .hint("write `{path: …, optional: true}` if that may be");
            }
            Ok(found) => {
                let new = found.into_iter().filter(|path| !paths.contains(path));
                let new: Vec<PathBuf> = new.collect();
                paths.extend(new);
            }
            Err(why) => {
                ledger.fault(&place, "this is no pattern").label(why);
            }
        }
    }
    paths
}

/// The directory that a pattern begins with, as far as it is no pattern.
fn plain_part(pattern: &str) -> PathBuf {
    let is_plain = |part: &std::path::Component<'_>| {
        !part.as_os_str().to_string_lossy().contains(['*', '?', '['])
    };
    let parent = Path::new(pattern).parent().unwrap_or(Path::new(""));
    parent.components().take_while(is_plain).collect()
}

/// The files that match a pattern, sorted by name. What stands before the pattern is taken as it is.
pub(super) fn matching(base: &Path, pattern: &str) -> Result<Vec<PathBuf>, String> {
    let base = glob::Pattern::escape(&base.to_string_lossy());
    let full = Path::new(&base).join(pattern);
    let found = glob::glob(&full.to_string_lossy()).map_err(|error| error.msg.to_owned())?;
    let files = found.filter_map(Result::ok).filter(|path| !path.is_dir());
    Ok(files.collect())
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;

    fn read_both_ways<T: Sections + Serialize>(
        text: &str,
    ) -> (serde_json::Value, serde_json::Value) {
        let whole: T = yaml::read(text).unwrap();
        let (tree, defects) = Tree::scan(text);
        assert!(defects.is_empty(), "{defects:?}");
        let (pieces, remains): (T, _) = recover(&tree);
        assert_eq!(remains.complaints, []);
        let value = |raw| serde_json::to_value(raw).unwrap();
        (value(whole), value(pieces))
    }

    #[test]
    fn a_good_file_reads_the_same_in_one_go_and_piece_by_piece() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let good = root.join("tests/fixtures/config/good");
        let fixtures = std::fs::read_dir(&good)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let mut files: Vec<PathBuf> = fixtures
            .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
            .collect();
        files.push(root.join("config/authvigil.yaml"));
        for path in files {
            let (whole, pieces) = read_both_ways::<raw::File>(&open(&path).unwrap());
            assert_eq!(pieces, whole, "{}", path.display());
        }
        let one = open(&good.join("drop-ins/one.yaml")).unwrap();
        let (whole, pieces) = read_both_ways::<raw::DropIn>(&one);
        assert_eq!(pieces, whole);
    }
}
