//! A YAML file as a tree of nodes that know where they stand.
//!
//! Only a file in which something is wrong pays for this: a good one is read without it.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span as Range, StrInput};

use super::abyss;
use crate::config::place::Step;

/// No configuration is nested deeper; what is deeper is an accident or an attack.
pub(super) const MAX_DEPTH: usize = 64;

/// How many values a file may hold once its aliases are written out, beyond ten for each node.
const MAX_EXPANSION: u64 = 1_000_000;

/// A node of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeId(usize);

/// Where a node stands, in lines and characters counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// The line of its first character.
    pub(crate) line: usize,
    /// The column of its first character.
    pub(crate) column: usize,
    /// How many characters it has on that line; 0 where only the line's end could tell.
    pub(crate) length: usize,
    /// The line of its last character.
    pub(crate) last_line: usize,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// Text, quoted or not.
    Scalar {
        /// The text, with quotes and escapes resolved.
        text: Box<str>,
        /// Whether it was written without quotes, so that it may mean a number or nothing.
        plain: bool,
    },
    /// A sequence.
    List(Vec<NodeId>),
    /// Keys and values in the order of the file; a key may turn up twice.
    Map(Vec<(NodeId, NodeId)>),
    /// A place that repeats another node.
    Alias(NodeId),
}

#[derive(Debug)]
struct Node {
    span: Span,
    kind: Kind,
    parent: Option<NodeId>,
    /// How many nodes this one is worth with its aliases written out.
    weight: u64,
}

/// Why a text could not be made into a tree.
#[derive(Clone, Debug)]
pub(crate) struct Defect {
    /// What is wrong.
    pub(crate) kind: DefectKind,
    /// Where.
    pub(crate) span: Span,
}

/// What keeps a text from being one tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DefectKind {
    /// Not YAML; the scanner's own words.
    Syntax(String),
    /// A second document.
    SecondDocument,
    /// Deeper than anything that a configuration needs.
    TooDeep,
    /// An alias to what it stands in.
    Cycle,
    /// Aliases of aliases that multiply.
    Expansion,
}

/// All nodes of one document.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    root: Option<NodeId>,
    tags: Vec<(NodeId, String)>,
}

/// A key with its value, as a path leads to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The key, where the value stands in a map.
    pub(crate) key: Option<NodeId>,
    /// The value.
    pub(crate) value: NodeId,
}

impl Tree {
    /// Scans a text as far as it goes; what stopped the scan comes last among the defects.
    pub(crate) fn scan(text: &str) -> (Self, Vec<Defect>) {
        let mut builder = Builder::default();
        if let Some((line, column)) = abyss(text) {
            let span = Span {
                line,
                column,
                length: 1,
                last_line: line,
            };
            let kind = DefectKind::TooDeep;
            return (builder.tree, vec![Defect { kind, span }]);
        }
        let mut parser = Parser::new_from_str(text);
        builder.run(&mut parser);
        (builder.tree, builder.defects)
    }

    /// The document's node, if there is any.
    pub(crate) fn root(&self) -> Option<NodeId> {
        self.root
    }

    /// The nodes that carry a tag, with its text.
    pub(crate) fn tags(&self) -> &[(NodeId, String)] {
        &self.tags
    }

    /// Where a node stands.
    pub(crate) fn span(&self, id: NodeId) -> Span {
        self.nodes[id.0].span
    }

    /// What a node is, aliases looked through.
    pub(crate) fn kind(&self, id: NodeId) -> &Kind {
        &self.nodes[self.target(id).0].kind
    }

    /// The node that an alias repeats, or the node itself. An alias never repeats an alias.
    pub(crate) fn target(&self, id: NodeId) -> NodeId {
        match self.nodes[id.0].kind {
            Kind::Alias(target) => target,
            Kind::Scalar { .. } | Kind::List(_) | Kind::Map(_) => id,
        }
    }

    /// The text of a scalar.
    pub(crate) fn text(&self, id: NodeId) -> Option<&str> {
        match self.kind(id) {
            Kind::Scalar { text, .. } => Some(text),
            Kind::List(_) | Kind::Map(_) | Kind::Alias(_) => None,
        }
    }

    /// The entries of a map; none for anything else.
    pub(crate) fn entries(&self, id: NodeId) -> &[(NodeId, NodeId)] {
        match self.kind(id) {
            Kind::Map(entries) => entries,
            Kind::Scalar { .. } | Kind::List(_) | Kind::Alias(_) => &[],
        }
    }

    /// The elements of a list; none for anything else.
    pub(crate) fn elements(&self, id: NodeId) -> &[NodeId] {
        match self.kind(id) {
            Kind::List(elements) => elements,
            Kind::Scalar { .. } | Kind::Map(_) | Kind::Alias(_) => &[],
        }
    }

    /// The entry of a map that has this key; the first, where there are several.
    pub(crate) fn entry(&self, map: NodeId, key: &str) -> Option<Entry> {
        let (key, value) = self
            .entries(map)
            .iter()
            .copied()
            .find(|(id, _)| self.text(*id) == Some(key))?;
        Some(Entry {
            key: Some(key),
            value,
        })
    }

    /// The map or the list that a node stands in, as a key, a value or an element.
    pub(crate) fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.nodes[id.0].parent
    }

    /// The key whose value a node is.
    pub(crate) fn key_of(&self, node: NodeId) -> Option<NodeId> {
        let mut entries = self.entries(self.parent(node)?).iter();
        entries.find_map(|(key, value)| (*value == node).then_some(*key))
    }

    /// Follows a path as far as it leads. `element` finds the elements of lists.
    pub(crate) fn follow(
        &self,
        steps: &[Step<'_>],
        element: &dyn Fn(NodeId, usize) -> Option<NodeId>,
    ) -> Vec<Entry> {
        let mut trail: Vec<Entry> = self
            .root
            .map(|value| Entry { key: None, value })
            .into_iter()
            .collect();
        for step in steps {
            let Some(here) = trail.last().map(|entry| entry.value) else {
                break;
            };
            let next = match *step {
                Step::Key(key) => self.entry(here, key),
                Step::Index(index) => element(here, index).map(|value| Entry { key: None, value }),
            };
            match next {
                Some(entry) => trail.push(entry),
                None => break,
            }
        }
        trail
    }
}

/// A container that is still open.
struct Open {
    id: NodeId,
    /// The key that waits for its value.
    key: Option<NodeId>,
}

#[derive(Default)]
struct Builder {
    tree: Tree,
    open: Vec<Open>,
    anchors: HashMap<usize, NodeId>,
    documents: usize,
    defects: Vec<Defect>,
}

impl Builder {
    fn run<'a>(&mut self, parser: &mut Parser<'a, StrInput<'a>>) {
        while let Some(event) = parser.next_event() {
            let outcome = match event {
                Ok((Event::StreamEnd, _)) => break,
                Ok((event, range)) => self.take(event, range),
                Err(error) => Err(syntax(&error)),
            };
            if let Err(defect) = outcome {
                self.defects.push(defect);
                return;
            }
        }
        self.check_expansion();
    }

    fn take(&mut self, event: Event<'_>, range: Range) -> Result<(), Defect> {
        match event {
            Event::DocumentStart(_) => return self.start_document(range),
            Event::Alias(anchor) => return self.alias(anchor, range),
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                let text = text.into_owned().into_boxed_str();
                let id = self.add(Kind::Scalar { text, plain }, range);
                self.note_tag(tag.as_deref(), id);
                self.anchor(anchor, id);
                self.attach(id);
            }
            Event::SequenceStart(anchor, tag) => {
                let id = self.start(Kind::List(Vec::new()), anchor, range)?;
                self.note_tag(tag.as_deref(), id);
            }
            Event::MappingStart(anchor, tag) => {
                let id = self.start(Kind::Map(Vec::new()), anchor, range)?;
                self.note_tag(tag.as_deref(), id);
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(range),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn start_document(&mut self, range: Range) -> Result<(), Defect> {
        self.documents += 1;
        match self.documents {
            1 => Ok(()),
            _ => Err(defect(DefectKind::SecondDocument, range)),
        }
    }

    fn note_tag(&mut self, tag: Option<&saphyr_parser::Tag>, id: NodeId) {
        self.tree.tags.extend(tag.map(|tag| (id, tag.to_string())));
    }

    fn start(&mut self, kind: Kind, anchor: usize, range: Range) -> Result<NodeId, Defect> {
        if self.open.len() >= MAX_DEPTH {
            return Err(defect(DefectKind::TooDeep, range));
        }
        let id = self.add(kind, range);
        self.anchor(anchor, id);
        self.open.push(Open { id, key: None });
        Ok(id)
    }

    fn end(&mut self, range: Range) {
        let Some(open) = self.open.pop() else { return };
        let node = &mut self.tree.nodes[open.id.0];
        node.span.last_line = range.start.line().max(node.span.line);
        let children: Vec<NodeId> = match &node.kind {
            Kind::List(elements) => elements.clone(),
            Kind::Map(entries) => entries
                .iter()
                .flat_map(|(key, value)| [*key, *value])
                .collect(),
            Kind::Scalar { .. } | Kind::Alias(_) => Vec::new(),
        };
        let weight = children
            .iter()
            .fold(1, |sum: u64, id| sum.saturating_add(self.weight(*id)));
        self.tree.nodes[open.id.0].weight = weight;
        self.attach(open.id);
    }

    fn alias(&mut self, anchor: usize, range: Range) -> Result<(), Defect> {
        let target = self.anchors.get(&anchor).copied();
        let cyclic = |target: &NodeId| self.open.iter().any(|open| open.id == *target);
        let target = target
            .filter(|target| !cyclic(target))
            .ok_or_else(|| defect(DefectKind::Cycle, range))?;
        let target = self.tree.target(target);
        let id = self.add(Kind::Alias(target), range);
        self.tree.nodes[id.0].weight = self.weight(target);
        self.attach(id);
        Ok(())
    }

    fn weight(&self, id: NodeId) -> u64 {
        self.tree.nodes[id.0].weight
    }

    fn anchor(&mut self, anchor: usize, id: NodeId) {
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
    }

    fn add(&mut self, kind: Kind, range: Range) -> NodeId {
        let id = NodeId(self.tree.nodes.len());
        let span = span(range);
        self.tree.nodes.push(Node {
            span,
            kind,
            parent: None,
            weight: 1,
        });
        id
    }

    /// Hands a finished node to the container that it stands in.
    fn attach(&mut self, id: NodeId) {
        let Some(open) = self.open.last_mut() else {
            self.tree.root = self.tree.root.or(Some(id));
            return;
        };
        self.tree.nodes[id.0].parent = Some(open.id);
        match (&mut self.tree.nodes[open.id.0].kind, open.key.take()) {
            (Kind::List(elements), _) => elements.push(id),
            (Kind::Map(entries), Some(key)) => entries.push((key, id)),
            (Kind::Map(_), None) => open.key = Some(id),
            (Kind::Scalar { .. } | Kind::Alias(_), _) => {}
        }
    }

    fn check_expansion(&mut self) {
        let Some(root) = self.tree.root else { return };
        let allowed = MAX_EXPANSION.saturating_add(10 * self.tree.nodes.len() as u64);
        if self.weight(root) <= allowed {
            return;
        }
        let heaviest = (self.tree.nodes.iter())
            .filter(|node| matches!(node.kind, Kind::Alias(_)))
            .max_by_key(|node| node.weight);
        if let Some(alias) = heaviest {
            self.defects.push(Defect {
                kind: DefectKind::Expansion,
                span: alias.span,
            });
        }
    }
}

fn syntax(error: &ScanError) -> Defect {
    let mark = *error.marker();
    Defect {
        kind: DefectKind::Syntax(error.info().to_owned()),
        span: Span {
            length: 1,
            ..span(Range::empty(mark))
        },
    }
}

fn defect(kind: DefectKind, range: Range) -> Defect {
    Defect {
        kind,
        span: span(range),
    }
}

fn span(range: Range) -> Span {
    let (start, end): (Marker, Marker) = (range.start, range.end);
    let one_line = start.line() == end.line();
    // A block ends where the next line begins.
    let before = usize::from(end.col() == 0 && end.line() > start.line());
    Span {
        line: start.line().max(1),
        column: start.col() + 1,
        length: if one_line { range.len() } else { 0 },
        last_line: (end.line() - before).max(start.line()).max(1),
    }
}
