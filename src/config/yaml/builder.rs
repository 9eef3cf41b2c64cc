//! Builds a tree out of a scanner's events.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span as Range, StrInput};

use super::MAX_DEPTH;
use super::tree::{Defect, DefectKind, Kind, Node, NodeId, Span, Tree};

/// How many values a file may hold once its aliases are written out, beyond ten for each node.
const MAX_EXPANSION: u64 = 1_000_000;

/// A container that is still open.
struct Open {
    id: NodeId,
    /// The key that waits for its value.
    key: Option<NodeId>,
}

/// A tree that grows.
#[derive(Default)]
pub(super) struct Builder {
    pub(super) tree: Tree,
    open: Vec<Open>,
    anchors: HashMap<usize, NodeId>,
    documents: usize,
    pub(super) defects: Vec<Defect>,
}

impl Builder {
    /// Takes all events, up to the first that cannot be taken.
    pub(super) fn run<'a>(&mut self, parser: &mut Parser<'a, StrInput<'a>>) {
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
