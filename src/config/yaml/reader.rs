//! Reads typed values out of a tree and goes on after a fault.
//!
//! `serde` stops at the first fault of a value. The reader notes it, takes the node that caused it
//! out of the tree, and reads again: what comes out is what remains once everything that is wrong
//! has been left out. Unknown and repeated keys need no second reading; they are noted in passing.

use std::cell::RefCell;
use std::collections::HashSet;

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess,
    Visitor,
};

use super::scalar::{Scalar, resolve};
use super::tree::{Kind, NodeId, Tree};
use super::trouble::{Complaint, ComplaintKind, Trouble};

/// After so many faults in one section its reader gives up on it.
const MAX_FAULTS: usize = 100;

/// Reads from one tree and collects what is wrong with it.
pub(crate) struct Reader<'t> {
    tree: &'t Tree,
    lost: RefCell<HashSet<NodeId>>,
    aside: HashSet<NodeId>,
    noted: RefCell<HashSet<NodeId>>,
    complaints: RefCell<Vec<Complaint>>,
}

/// What a reading left behind.
#[derive(Debug, Default)]
pub(crate) struct Remains {
    /// Everything that was found wrong.
    pub(crate) complaints: Vec<Complaint>,
    /// The nodes that were left out for it.
    pub(crate) lost: HashSet<NodeId>,
}

impl<'t> Reader<'t> {
    /// Reads from this tree; nodes in `aside` are passed over as if they were not there.
    pub(crate) fn new(tree: &'t Tree, aside: HashSet<NodeId>) -> Self {
        Self {
            tree,
            lost: RefCell::default(),
            aside,
            noted: RefCell::default(),
            complaints: RefCell::default(),
        }
    }

    /// Reads a node, without what is wrong below it; `None` where the node itself is wrong.
    pub(crate) fn read<T: DeserializeOwned>(&self, node: NodeId) -> Option<T> {
        for _ in 0..MAX_FAULTS {
            let trouble = match T::deserialize(Cursor { reader: self, node }) {
                Ok(value) => return Some(value),
                Err(trouble) => trouble,
            };
            let culprit = trouble.node.unwrap_or(node);
            self.complain(culprit, trouble.kind);
            // The same node twice: leaving it out did not help.
            let new = self.lost.borrow_mut().insert(culprit);
            if culprit == node || !new {
                break;
            }
        }
        self.lost.borrow_mut().insert(node);
        None
    }

    /// Leaves a node out, and says why.
    pub(crate) fn leave_out(&self, node: NodeId, kind: ComplaintKind) {
        self.complain(node, kind);
        self.lost.borrow_mut().insert(node);
    }

    /// Notes what is wrong with a node, once.
    pub(crate) fn complain(&self, node: NodeId, kind: ComplaintKind) {
        if self.noted.borrow_mut().insert(node) {
            self.complaints.borrow_mut().push(Complaint { node, kind });
        }
    }

    /// Whether a node was left out.
    pub(crate) fn has_lost(&self, node: NodeId) -> bool {
        self.lost.borrow().contains(&node)
    }

    /// Ends the reading.
    pub(crate) fn finish(self) -> Remains {
        Remains {
            complaints: self.complaints.into_inner(),
            lost: self.lost.into_inner(),
        }
    }

    fn skips(&self, node: NodeId) -> bool {
        self.aside.contains(&node) || self.lost.borrow().contains(&node)
    }
}

/// The reader at one node.
#[derive(Clone, Copy)]
struct Cursor<'r, 't> {
    reader: &'r Reader<'t>,
    node: NodeId,
}

impl<'r, 't> Cursor<'r, 't> {
    fn kind(self) -> &'t Kind {
        self.reader.tree.kind(self.node)
    }

    fn scalar(self) -> Option<Scalar<'t>> {
        match self.kind() {
            Kind::Scalar { text, plain: true } => Some(resolve(text)),
            Kind::Scalar { text, plain: false } => Some(Scalar::Text(text)),
            Kind::List(_) | Kind::Map(_) | Kind::Alias(_) => None,
        }
    }

    fn entries(self, fields: Option<&'static [&'static str]>) -> Entries<'r, 't> {
        Entries {
            reader: self.reader,
            rest: self.reader.tree.entries(self.node).iter(),
            fields,
            seen: HashSet::new(),
            value: None,
        }
    }

    fn container<'de, V: Visitor<'de>>(
        self,
        visitor: V,
        fields: Option<&'static [&'static str]>,
    ) -> Result<V::Value, Trouble> {
        match self.kind() {
            Kind::List(elements) => visitor.visit_seq(Elements {
                reader: self.reader,
                rest: elements.iter(),
            }),
            Kind::Map(_) => visitor.visit_map(self.entries(fields)),
            Kind::Scalar { .. } | Kind::Alias(_) => match self.scalar() {
                Some(Scalar::Bool(value)) => visitor.visit_bool(value),
                Some(Scalar::Unsigned(value)) => visitor.visit_u64(value),
                Some(Scalar::Signed(value)) => visitor.visit_i64(value),
                Some(Scalar::Float(value)) => visitor.visit_f64(value),
                Some(Scalar::Text(text)) => visitor.visit_str(text),
                Some(Scalar::Null) | None => visitor.visit_unit(),
            },
        }
    }
}

/// Blames the node for every trouble that names none.
macro_rules! as_container {
    ($($method:ident)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Trouble> {
            self.container(visitor, None).map_err(|trouble| trouble.at(self.node))
        }
    )+};
}

impl<'de> Deserializer<'de> for Cursor<'_, '_> {
    type Error = Trouble;

    as_container! {
        deserialize_any deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32
        deserialize_i64 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_f32 deserialize_f64 deserialize_bytes deserialize_byte_buf deserialize_unit
        deserialize_seq deserialize_map deserialize_ignored_any
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Trouble> {
        match self.kind() {
            Kind::Scalar { text, .. } => visitor.visit_str(text),
            Kind::List(_) | Kind::Map(_) | Kind::Alias(_) => self.container(visitor, None),
        }
        .map_err(|trouble: Trouble| trouble.at(self.node))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Trouble> {
        self.deserialize_str(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Trouble> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Trouble> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Trouble> {
        match self.scalar() {
            Some(Scalar::Null) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
        .map_err(|trouble: Trouble| trouble.at(self.node))
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Trouble> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Trouble> {
        visitor
            .visit_newtype_struct(self)
            .map_err(|trouble| trouble.at(self.node))
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, Trouble> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, Trouble> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Trouble> {
        // A derived struct would also take a list of its values in order; nobody means that.
        match self.kind() {
            Kind::List(_) => Err(de::Error::invalid_type(de::Unexpected::Seq, &visitor)),
            Kind::Scalar { .. } | Kind::Map(_) | Kind::Alias(_) => {
                self.container(visitor, Some(fields))
            }
        }
        .map_err(|trouble: Trouble| trouble.at(self.node))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Trouble> {
        match self.kind() {
            Kind::Scalar { text, .. } => visitor.visit_enum(text.as_ref().into_deserializer()),
            Kind::List(_) => Err(de::Error::invalid_type(de::Unexpected::Seq, &visitor)),
            Kind::Map(_) | Kind::Alias(_) => {
                Err(de::Error::invalid_type(de::Unexpected::Map, &visitor))
            }
        }
        .map_err(|trouble: Trouble| trouble.at(self.node))
    }
}

struct Elements<'r, 't> {
    reader: &'r Reader<'t>,
    rest: std::slice::Iter<'t, NodeId>,
}

impl<'de> SeqAccess<'de> for Elements<'_, '_> {
    type Error = Trouble;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Trouble> {
        let reader = self.reader;
        let next = self.rest.find(|node| !reader.skips(**node));
        next.map(|&node| seed.deserialize(Cursor { reader, node }))
            .transpose()
    }
}

struct Entries<'r, 't> {
    reader: &'r Reader<'t>,
    rest: std::slice::Iter<'t, (NodeId, NodeId)>,
    /// The keys of a struct; `None` where any key will do.
    fields: Option<&'static [&'static str]>,
    seen: HashSet<&'t str>,
    value: Option<NodeId>,
}

impl<'t> Entries<'_, 't> {
    /// Whether a key may be read; notes why not.
    fn admits(&mut self, key: NodeId) -> bool {
        let tree: &'t Tree = self.reader.tree;
        let kind = match (tree.text(key), self.fields) {
            (None, _) => ComplaintKind::KeyIsNoText,
            (Some("<<"), _) => ComplaintKind::MergeKey,
            (Some(text), Some(known)) if !known.contains(&text) => ComplaintKind::UnknownKey {
                key: text.to_owned(),
                known,
            },
            (Some(text), _) if !self.seen.insert(text) => ComplaintKind::RepeatedKey {
                key: text.to_owned(),
            },
            (Some(_), _) => return true,
        };
        self.reader.complain(key, kind);
        false
    }
}

impl<'de> MapAccess<'de> for Entries<'_, '_> {
    type Error = Trouble;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Trouble> {
        while let Some(&(key, value)) = self.rest.next() {
            let skipped = self.reader.skips(value) || self.reader.skips(key);
            if skipped || !self.admits(key) {
                continue;
            }
            self.value = Some(value);
            let reader = self.reader;
            return seed.deserialize(Cursor { reader, node: key }).map(Some);
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Trouble> {
        let reader = self.reader;
        match self.value.take() {
            Some(node) => seed.deserialize(Cursor { reader, node }),
            None => Err(de::Error::custom("a value was asked for before its key")),
        }
    }
}
