//! What can be wrong with a node, before anybody asks what it means.

use std::fmt;

use serde::de;

use super::tree::NodeId;

/// What a visitor of [`crate::config::raw`] says of a key whose value was left empty.
pub(crate) const NO_VALUE: &str = "has no value";

/// Something wrong with a node.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Complaint {
    /// The key, for what is wrong with a key; otherwise the value.
    pub(crate) node: NodeId,
    /// What is wrong.
    pub(crate) kind: ComplaintKind,
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ComplaintKind {
    /// A key that is not one of these.
    UnknownKey {
        key: String,
        known: &'static [&'static str],
    },
    /// A key that its map already has.
    RepeatedKey { key: String },
    /// `<<`.
    MergeKey,
    /// `!tag`, with its text.
    Tag(String),
    /// A list or a map in the place of a key.
    KeyIsNoText,
    /// A key with nothing after it.
    NoValue,
    /// A word that is not one of these.
    UnknownWord { known: &'static [&'static str] },
    /// A value of another type.
    WrongType {
        /// What was there, in words that do not tell the value.
        found: &'static str,
        /// What belongs there.
        expected: String,
    },
    /// A value of the right type that says something else: the visitor's own words.
    Malformed(String),
}

/// The error type of the reader.
#[derive(Debug)]
pub(crate) struct Trouble {
    /// The innermost node at which it arose.
    pub(crate) node: Option<NodeId>,
    /// What is wrong.
    pub(crate) kind: ComplaintKind,
}

impl Trouble {
    /// Blames a node, unless a deeper one is blamed already.
    pub(crate) fn at(self, node: NodeId) -> Self {
        Self {
            node: self.node.or(Some(node)),
            ..self
        }
    }

    fn new(kind: ComplaintKind) -> Self {
        Self { node: None, kind }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.kind)
    }
}

impl std::error::Error for Trouble {}

impl de::Error for Trouble {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let message = message.to_string();
        Self::new(if message == NO_VALUE {
            ComplaintKind::NoValue
        } else {
            ComplaintKind::Malformed(message)
        })
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(ComplaintKind::WrongType {
            found: noun(found),
            expected: expected.to_string(),
        })
    }

    fn invalid_value(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_field(key: &str, known: &'static [&'static str]) -> Self {
        let key = key.to_owned();
        Self::new(ComplaintKind::UnknownKey { key, known })
    }

    fn unknown_variant(_found: &str, known: &'static [&'static str]) -> Self {
        Self::new(ComplaintKind::UnknownWord { known })
    }
}

/// The kind of a value, without the value.
fn noun(found: de::Unexpected<'_>) -> &'static str {
    match found {
        de::Unexpected::Bool(_) => "`true` or `false`",
        de::Unexpected::Unsigned(_) | de::Unexpected::Signed(_) | de::Unexpected::Float(_) => {
            "a number"
        }
        de::Unexpected::Seq => "a list",
        de::Unexpected::Map => "a map",
        de::Unexpected::Unit | de::Unexpected::Option => "nothing",
        de::Unexpected::Char(_)
        | de::Unexpected::Str(_)
        | de::Unexpected::Bytes(_)
        | de::Unexpected::NewtypeStruct
        | de::Unexpected::Enum
        | de::Unexpected::NewtypeVariant
        | de::Unexpected::UnitVariant
        | de::Unexpected::TupleVariant
        | de::Unexpected::StructVariant
        | de::Unexpected::Other(_) => "text",
    }
}
