//! Values that may be written in several ways.
//!
//! Each has a visitor of its own, whose message shows the accepted forms: what `untagged` would
//! say of a value that fits none of them helps nobody.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, Serializer};

use crate::domain::expectation::StatusSet;

/// Statuses: a number, a class, a range, or a list of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statuses(pub(crate) StatusSet);

impl Serialize for Statuses {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Statuses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Forms;

        impl<'de> Visitor<'de> for Forms {
            type Value = Statuses;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`401`, `2xx`, `200..=299`, `200-299`, or a list of these")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Statuses, E> {
                text.parse().map(Statuses).map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Statuses, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Statuses, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Statuses, A::Error> {
                let mut all = StatusSet::default();
                while let Some(Status(one)) = list.next_element()? {
                    all = all.union(one);
                }
                if all.is_empty() {
                    return Err(de::Error::custom("the list names no status"));
                }
                Ok(Statuses(all))
            }
        }

        deserializer.deserialize_any(Forms)
    }
}

impl JsonSchema for Statuses {
    fn schema_name() -> Cow<'static, str> {
        "Statuses".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let one = json_schema!({
            "type": ["integer", "string"],
            "minimum": 100,
            "maximum": 599,
            "pattern": "^([1-5][0-9]{2}((\\.\\.=|-)[1-5][0-9]{2})?|[1-5](xx|XX)|tls_refused)$",
        });
        json_schema!({
            "description": "`401`, `2xx`, `200..=299`, `200-299`, or a list of these.",
            "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }],
        })
    }
}

/// One element of a list of statuses.
struct Status(StatusSet);

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Forms;

        impl Visitor<'_> for Forms {
            type Value = Status;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`401`, `2xx`, `200..=299` or `200-299`")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Status, E> {
                text.parse().map(Status).map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Forms)
    }
}

/// One text, or a list of texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OneOrMany {
    /// Written as a text.
    One(String),
    /// Written as a list.
    Many(Vec<String>),
}

impl OneOrMany {
    /// The texts, each with its index where it was written in a list.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Option<usize>, &str)> {
        let (one, many) = match self {
            Self::One(text) => (Some((None, text.as_str())), &[][..]),
            Self::Many(texts) => (None, texts.as_slice()),
        };
        let many = many.iter().enumerate();
        one.into_iter()
            .chain(many.map(|(index, text)| (Some(index), text.as_str())))
    }
}

impl Serialize for OneOrMany {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::One(text) => text.serialize(serializer),
            Self::Many(texts) => texts.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Forms;

        impl<'de> Visitor<'de> for Forms {
            type Value = OneOrMany;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or a list of texts")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<OneOrMany, E> {
                Ok(OneOrMany::One(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<OneOrMany, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(OneOrMany::Many)
            }
        }

        deserializer.deserialize_any(Forms)
    }
}

impl JsonSchema for OneOrMany {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "OneOrMany".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [
            { "type": "string" },
            { "type": "array", "items": { "type": "string" }, "minItems": 1 },
        ] })
    }
}

/// A word, or a map with one key: `anonymous`, or `{tampered: ci}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WordOrPair {
    /// A word alone.
    Word(String),
    /// A key with its value.
    Pair(String, String),
}

impl Serialize for WordOrPair {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Word(word) => word.serialize(serializer),
            Self::Pair(key, value) => serializer.collect_map([(key, value)]),
        }
    }
}

impl<'de> Deserialize<'de> for WordOrPair {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Forms;

        impl<'de> Visitor<'de> for Forms {
            type Value = WordOrPair;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`anonymous`, `invalid`, a credential's name, or `{tampered: NAME}`")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<WordOrPair, E> {
                Ok(WordOrPair::Word(word.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<WordOrPair, A::Error> {
                let one = "a persona is one word, or a map with one key";
                let pair = map.next_entry::<String, String>()?;
                let (key, value) = pair.ok_or_else(|| de::Error::custom(one))?;
                match map.next_entry::<String, String>()? {
                    None => Ok(WordOrPair::Pair(key, value)),
                    Some(_) => Err(de::Error::custom(one)),
                }
            }
        }

        deserializer.deserialize_any(Forms)
    }
}

impl JsonSchema for WordOrPair {
    fn schema_name() -> Cow<'static, str> {
        "Persona".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let named = |meaning: &str| json_schema!({ "description": meaning, "type": "string" });
        json_schema!({
            "description": "`anonymous`, `invalid`, a credential's name, or an impostor.",
            "anyOf": [
                { "type": "string" },
                {
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": 1,
                    "additionalProperties": false,
                    "properties": {
                        "invalid": named("A made-up credential of the same kind as this one."),
                        "wrong_password": named("The real user of this credential with a wrong password; at most one per 15 minutes."),
                        "empty": named("No user and no password, or an empty token, in place of this credential's."),
                        "tampered": named("This credential's JWT with one bit of its signature flipped."),
                        "unsigned": named("This credential's JWT with `alg: none` and an empty signature."),
                        "truncated": named("This credential's token without its last characters."),
                        "expired": named("A file with a token that has expired."),
                        "token_file": named("A file with a real token that must be refused here."),
                    },
                },
            ],
        })
    }
}

/// A text, or a map of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TextOr<T> {
    /// Written as a text.
    Text(String),
    /// Written as a map.
    Map(T),
}

/// What a [`TextOr`] is called in messages.
pub(crate) trait TextOrForms {
    /// The accepted forms.
    const FORMS: &str;
    /// The name in the schema.
    const NAME: &str;
    /// What the text alone means.
    const TEXT: &str;
}

impl<T: Serialize> Serialize for TextOr<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => text.serialize(serializer),
            Self::Map(map) => map.serialize(serializer),
        }
    }
}

impl<'de, T: Deserialize<'de> + TextOrForms> Deserialize<'de> for TextOr<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Forms<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de> + TextOrForms> Visitor<'de> for Forms<T> {
            type Value = TextOr<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(T::FORMS)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<TextOr<T>, E> {
                Ok(TextOr::Text(text.to_owned()))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<TextOr<T>, E> {
                Ok(TextOr::Text(number.to_string()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TextOr<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(TextOr::Map)
            }
        }

        deserializer.deserialize_any(Forms(std::marker::PhantomData))
    }
}

impl<T: JsonSchema + TextOrForms> JsonSchema for TextOr<T> {
    fn schema_name() -> Cow<'static, str> {
        T::NAME.into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let map = generator.subschema_for::<T>();
        json_schema!({
            "description": T::TEXT,
            "anyOf": [{ "type": ["string", "number"] }, map],
        })
    }
}
