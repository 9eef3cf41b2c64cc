//! From paths to lines: the only place that looks at the text again, and only if there is a fault.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::rc::Rc;

use super::complaint;
use super::fault::{Excerpt, Fault, Level};
use super::hint::nearest;
use super::mask::{Masked, Secrets};
use super::place::Step;
use super::printable::printable_char;
use super::validate::ledger::{Draft, Part};
use super::yaml::{Complaint, ComplaintKind, Defect, Entry, Kind, NodeId, Remains, Span, Tree};

/// Lines are cut to this many characters around what is underlined.
const WIDTH: usize = 120;

/// One file, taken apart.
#[derive(Debug)]
pub(crate) struct Located {
    name: PathBuf,
    lines: Vec<String>,
    tree: Tree,
    remains: Remains,
    secrets: Secrets,
    /// The keys that unknown keys of a map were most likely meant to be, by map.
    misspelt: HashMap<NodeId, HashSet<&'static str>>,
    /// The elements of lists without those that were left out.
    kept: RefCell<HashMap<NodeId, Vec<NodeId>>>,
    /// The line that was shown last, without secrets.
    shown: RefCell<Option<(usize, Rc<Masked>)>>,
}

/// What a fault says, without its place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Saying {
    pub(crate) message: String,
    pub(crate) label: Option<String>,
    pub(crate) hint: Option<String>,
}

impl Located {
    /// A file with what its reader left behind.
    pub(crate) fn new(
        name: PathBuf,
        text: &str,
        (tree, defects): (Tree, &[Defect]),
        remains: Remains,
    ) -> Self {
        let lines = text
            .split('\n')
            .map(|line| line.trim_end_matches('\r').to_owned());
        let guess = !defects.is_empty();
        Self {
            name,
            lines: lines.collect(),
            secrets: Secrets::of(&tree, guess),
            misspelt: misspelt(&tree, &remains),
            tree,
            remains,
            kept: RefCell::default(),
            shown: RefCell::default(),
        }
    }

    /// Follows a path; what was left out does not count as an element.
    fn follow(&self, steps: &[Step<'_>]) -> Vec<Entry> {
        self.tree.follow(steps, &|list, index| {
            let mut kept = self.kept.borrow_mut();
            let elements = kept.entry(list).or_insert_with(|| {
                let elements = self.tree.elements(list).iter().copied();
                elements
                    .filter(|id| !self.remains.lost.contains(id))
                    .collect()
            });
            elements.get(index).copied()
        })
    }

    /// The name that messages have for the file.
    pub(crate) fn name(&self) -> &PathBuf {
        &self.name
    }

    /// The faults that the reader noted.
    pub(crate) fn complaints(&self) -> Vec<Fault> {
        let complaints = self.remains.complaints.iter();
        complaints
            .map(|complaint| {
                let saying = complaint::say(&self.tree, complaint);
                self.fault(Level::Fault, Some(self.complaint_span(complaint)), saying)
            })
            .collect()
    }

    /// What keeps the file from being read at all.
    pub(crate) fn defect(&self, defect: &Defect, saying: Saying) -> Fault {
        self.fault(Level::Fault, Some(defect.span), saying)
    }

    /// A fault at a line and a column, where no node is known.
    pub(crate) fn at(&self, position: Option<(usize, usize)>, saying: Saying) -> Fault {
        let span = position.map(|(line, column)| Span {
            line: line.max(1),
            column: column.max(1),
            length: 1,
            last_line: line.max(1),
        });
        self.fault(Level::Fault, span, saying)
    }

    /// What a draft says, unless it only follows from a fault that was told already.
    pub(crate) fn draft(&self, draft: &Draft, see: Option<String>) -> Option<Fault> {
        let steps = draft.path.steps();
        let lost = |id: NodeId| self.remains.lost.contains(&id);
        let trail = self.follow(&steps);
        if trail.iter().any(|entry| lost(entry.value)) || self.follows(draft, &trail) {
            return None;
        }
        let whole = trail.len() > steps.len();
        let misspelt = |entry: &Entry| match steps.get(trail.len() - 1) {
            Some(Step::Key(key)) => self.means(entry.value, key),
            Some(Step::Index(_)) | None => false,
        };
        if trail.last().is_some_and(misspelt) {
            return None;
        }
        let span = match trail.last() {
            Some(entry) if whole => Some(self.part_span(*entry, &draft.part)),
            Some(entry) if trail.len() > 1 => Some(self.part_span(*entry, &Part::Key)),
            Some(_) | None => None,
        };
        let label = match (&draft.label, see) {
            (Some(label), Some(see)) => Some(format!("{label} ({see})")),
            (label, _) => label.clone(),
        };
        let saying = Saying {
            message: draft.message.clone(),
            label,
            hint: draft.hint.clone(),
        };
        Some(self.fault(draft.level, span, saying))
    }

    /// The line of a path, for a label.
    pub(crate) fn line_of(&self, steps: &[Step<'_>]) -> Option<usize> {
        let trail = self.follow(steps);
        let entry = trail.last().filter(|_| trail.len() > steps.len())?;
        Some(self.tree.span(entry.key.unwrap_or(entry.value)).line)
    }

    /// Whether a draft misses a key that is there, but was left out or misspelt.
    fn follows(&self, draft: &Draft, trail: &[Entry]) -> bool {
        let Some(map) = trail.last().map(|entry| entry.value) else {
            return false;
        };
        match draft.part {
            Part::Missing(key) => {
                let there = self.tree.entry(map, key).is_some();
                there || self.means(map, key)
            }
            Part::Key => {
                let elements = self.tree.elements(map).iter();
                elements
                    .into_iter()
                    .any(|id| self.remains.lost.contains(id))
            }
            Part::Value | Part::Within(..) => false,
        }
    }

    /// Whether an unknown key of a map was most likely meant to be this one.
    fn means(&self, map: NodeId, key: &str) -> bool {
        let keys = self.misspelt.get(&self.tree.target(map));
        keys.is_some_and(|keys| keys.contains(key))
    }

    fn complaint_span(&self, complaint: &Complaint) -> Span {
        let span = self.tree.span(complaint.node);
        let empty = self.tree.text(complaint.node).is_some_and(str::is_empty);
        match self.tree.kind(complaint.node) {
            Kind::Scalar { plain: true, .. } if empty && span.length == 0 => {
                let key = self.tree.key_of(complaint.node);
                key.map_or(span, |key| self.tree.span(key))
            }
            Kind::Scalar { .. } | Kind::Alias(_) => span,
            Kind::List(_) | Kind::Map(_) => Span { length: 0, ..span },
        }
    }

    fn part_span(&self, entry: Entry, part: &Part) -> Span {
        let value = self.tree.span(entry.value);
        let key = entry.key.map(|key| self.tree.span(key));
        let scalar = self.tree.text(entry.value);
        let whole = Span { length: 0, ..value };
        match (part, scalar) {
            (Part::Key | Part::Missing(_), _) => key.unwrap_or(whole),
            // A block is named by its key; what stands on the key's line can be shown itself.
            (_, None) => key.filter(|key| key.line != value.line).unwrap_or(whole),
            (Part::Value, Some("")) if value.length == 0 => key.unwrap_or(value),
            (Part::Value, Some(_)) => value,
            (Part::Within(from, to), Some(text)) => {
                let inner = self.inner_offset(value, text);
                inner.map_or(value, |offset| Span {
                    column: value.column + offset + from,
                    length: (to - from).max(1),
                    ..value
                })
            }
        }
    }

    /// How far into a span its text starts, if it stands there as it is.
    fn inner_offset(&self, span: Span, text: &str) -> Option<usize> {
        let line = self.lines.get(span.line - 1)?;
        let rest: String = line.chars().skip(span.column - 1).collect();
        if rest.starts_with(text) {
            return Some(0);
        }
        let inner = rest.strip_prefix(['"', '\''])?;
        inner.starts_with(text).then_some(1)
    }

    fn fault(&self, level: Level, span: Option<Span>, saying: Saying) -> Fault {
        let redact = |text: String| self.secrets.redact(&text).into_owned();
        Fault {
            level,
            file: self.name.clone(),
            excerpt: span.and_then(|span| self.excerpt(span)),
            message: redact(saying.message),
            label: saying.label.map(redact),
            hint: saying.hint.map(redact),
        }
    }

    /// A line without secrets; many faults may stand on the same one.
    fn masked(&self, number: usize) -> Rc<Masked> {
        if let Some((_, masked)) = self.shown.borrow().as_ref().filter(|(it, _)| *it == number) {
            return Rc::clone(masked);
        }
        let masked = Rc::new(self.secrets.line(&self.lines, number));
        self.shown.replace(Some((number, Rc::clone(&masked))));
        masked
    }

    /// A place at the end of the text, where nothing stands, is that behind the last thing before it.
    fn not_blank(&self, line: usize, column: usize) -> (usize, usize) {
        let line = line.min(self.lines.len());
        let blank = |number: &usize| self.lines[number - 1].trim().is_empty();
        let rest_is_blank = (line.max(1)..=self.lines.len()).all(|number| blank(&number));
        let last = (1..=line).rev().find(|number| !blank(number));
        match last.filter(|_| rest_is_blank) {
            Some(last) => (last, usize::MAX),
            None => (line, column),
        }
    }

    /// The line of a span, masked, cut and fit for a terminal.
    fn excerpt(&self, span: Span) -> Option<Excerpt> {
        let (number, column) = self.not_blank(span.line, span.column);
        number.checked_sub(1)?;
        let masked = self.masked(number);
        let full = masked.full;
        let start = column.saturating_sub(1).min(full);
        let length = match span.length {
            0 => full - start,
            length => length.min(full - start),
        };
        let (from, to) = masked.range(start, start + length);
        let (text, offset) = crop(&masked.text, from, to - from);
        Some(Excerpt {
            line: number,
            column: start + 1,
            length: (to - from).clamp(1, WIDTH),
            text,
            offset,
        })
    }
}

/// The keys that unknown keys were most likely meant to be, by map.
fn misspelt(tree: &Tree, remains: &Remains) -> HashMap<NodeId, HashSet<&'static str>> {
    let mut meant: HashMap<NodeId, HashSet<&'static str>> = HashMap::new();
    for complaint in &remains.complaints {
        let ComplaintKind::UnknownKey { key, known } = &complaint.kind else {
            continue;
        };
        let near = nearest(key, known.iter().copied());
        let near = near.or_else(|| known.iter().copied().find(|it| it.ends_with(key.as_str())));
        if let (Some(near), Some(map)) = (near, tree.parent(complaint.node)) {
            meant.entry(map).or_default().insert(near);
        }
    }
    meant
}

/// Cuts a line to a window around what is underlined.
fn crop(line: &[char], start: usize, length: usize) -> (String, usize) {
    let blank = line
        .iter()
        .rev()
        .take_while(|char| char.is_whitespace())
        .count();
    let line = &line[..line.len() - blank];
    let margin = WIDTH.saturating_sub(length.min(WIDTH)) / 2;
    let from = start
        .saturating_sub(margin)
        .min(line.len().saturating_sub(WIDTH));
    let to = (from + WIDTH).min(line.len());
    let (head, tail) = (from > 0, to < line.len());
    let mut text = String::new();
    text.extend(head.then_some('…'));
    text.extend(line[from..to].iter().map(|char| printable_char(*char)));
    text.extend(tail.then_some('…'));
    (text, start - from + usize::from(head))
}
