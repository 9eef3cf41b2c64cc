//! A YAML file as a tree of nodes that know where they stand.
//!
//! Only a file in which something is wrong pays for this: a good one is read without it.

use saphyr_parser::Parser;

use super::abyss;
use super::builder::Builder;
use crate::config::place::Step;

/// A node of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeId(pub(super) usize);

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

/// A node with what is known of it.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) kind: Kind,
    pub(super) parent: Option<NodeId>,
    /// How many nodes this one is worth with its aliases written out.
    pub(super) weight: u64,
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
    pub(super) nodes: Vec<Node>,
    pub(super) root: Option<NodeId>,
    pub(super) tags: Vec<(NodeId, String)>,
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
