//! Durations and sizes as people write them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::{Serialize, Serializer};

/// A duration: a whole number and one unit.
///
/// ```text
/// 0s   500ms   30s   5m   4h   14d
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Period(pub(crate) Duration);

/// The units of a [`Period`] in milliseconds, smallest first.
const UNITS: [(&str, u64); 5] = [
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

/// The longest period: ten years, far beyond anything that a daemon waits for.
const LONGEST_MS: u64 = 3_650 * 86_400_000;

impl Period {
    /// So many seconds.
    pub(crate) const fn secs(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }
}

impl FromStr for Period {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let unit = UNITS.iter().find(|(name, _)| *name == unit);
        let (Some((_, millis)), false) = (unit, number.is_empty()) else {
            return Err(why_no_period(text, number));
        };
        let total = number.parse::<u64>().ok();
        let total = total.and_then(|number| number.checked_mul(*millis));
        match total {
            Some(total) if total <= LONGEST_MS => Ok(Self(Duration::from_millis(total))),
            Some(_) | None => Err("the longest duration is `3650d`".to_owned()),
        }
    }
}

fn why_no_period(text: &str, number: &str) -> String {
    if !number.is_empty() && number == text {
        return format!("a duration needs a unit: `{number}s`, `{number}ms` or `{number}m`");
    }
    "a duration is a whole number and one unit: `500ms`, `30s`, `5m`, `4h` or `14d`".to_owned()
}

/// The shortest way to write it.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        // Two weeks are written `14d`, but two hours are not `120m`, nor is a minute `1m`.
        let best = match millis {
            0 | 60_000 => Some(&UNITS[1]),
            _ => (UNITS.iter().rev()).find(|(_, unit)| millis.is_multiple_of(*unit)),
        };
        let (unit, size) = best.unwrap_or(&UNITS[0]);
        write!(f, "{}{unit}", millis / size)
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer, "a duration such as `30s`, `5m` or `500ms`")
    }
}

impl JsonSchema for Period {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A whole number and one unit: `0s`, `500ms`, `30s`, `5m`, `4h`, `14d`.",
            "type": "string",
            "pattern": "^[0-9]+(ms|s|m|h|d)$",
        })
    }
}

/// A number of bytes: `65536`, `64KiB` or `1MiB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Size(pub(crate) usize);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let factor = match unit {
            "" | "B" => Some(1),
            "KiB" => Some(1 << 10),
            "MiB" => Some(1 << 20),
            _ => None,
        };
        let (Some(factor), false) = (factor, number.is_empty()) else {
            return Err("a size is a number of bytes, or one with `KiB` or `MiB`".to_owned());
        };
        let size = number.parse::<usize>().ok();
        let size = size.and_then(|number| number.checked_mul(factor));
        size.map(Self).ok_or_else(|| "that is too large".to_owned())
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes if bytes > 0 && bytes.is_multiple_of(1 << 20) => write!(f, "{}MiB", bytes >> 20),
            bytes if bytes > 0 && bytes.is_multiple_of(1 << 10) => write!(f, "{}KiB", bytes >> 10),
            bytes => write!(f, "{bytes}"),
        }
    }
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer, "a size such as `64KiB`, `1MiB` or `4096`")
    }
}

impl JsonSchema for Size {
    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number of bytes: `4096`, `64KiB`, `1MiB`.",
            "type": ["string", "integer"],
            "pattern": "^[0-9]+(B|KiB|MiB)?$",
            "minimum": 0,
        })
    }
}

/// Reads a scalar, as it was written, with [`FromStr`].
pub(super) fn from_text<'de, T, D>(deserializer: D, expected: &'static str) -> Result<T, D::Error>
where
    T: FromStr<Err = String>,
    D: Deserializer<'de>,
{
    struct Text<T>(&'static str, std::marker::PhantomData<T>);

    impl<T: FromStr<Err = String>> Visitor<'_> for Text<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
            text.parse().map_err(E::custom)
        }
    }

    deserializer.deserialize_str(Text(expected, std::marker::PhantomData))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_a_whole_number_and_one_unit() {
        let millis = |text: &str| text.parse::<Period>().map(|it| it.0.as_millis());
        assert_eq!(millis("0s"), Ok(0));
        assert_eq!(millis("500ms"), Ok(500));
        assert_eq!(millis("30s"), Ok(30_000));
        assert_eq!(millis("5m"), Ok(300_000));
        assert_eq!(millis("4h"), Ok(14_400_000));
        assert_eq!(millis("14d"), Ok(1_209_600_000));
    }

    #[test]
    fn what_is_no_period_says_why() {
        let form = "a duration is a whole number and one unit: `500ms`, `30s`, `5m`, `4h` or `14d`";
        for text in ["", "s", "-1s", "1.5s", "1m30s", "10 s", "10S", "1w", "５s"] {
            assert_eq!(text.parse::<Period>(), Err(form.to_owned()), "`{text}`");
        }
        assert_eq!(
            "60".parse::<Period>(),
            Err("a duration needs a unit: `60s`, `60ms` or `60m`".to_owned())
        );
        for text in ["3651d", "99999999999999999999s", "18446744073709551615d"] {
            assert_eq!(
                text.parse::<Period>(),
                Err("the longest duration is `3650d`".to_owned()),
                "`{text}`"
            );
        }
    }

    #[test]
    fn a_period_is_written_in_its_largest_whole_unit() {
        for text in [
            "0s", "500ms", "30s", "60s", "90s", "5m", "90m", "4h", "14d", "1500ms",
        ] {
            assert_eq!(
                text.parse::<Period>().map(|it| it.to_string()),
                Ok(text.into())
            );
        }
        assert_eq!(
            "24h".parse::<Period>().map(|it| it.to_string()),
            Ok("1d".into())
        );
    }

    #[test]
    fn a_size_is_bytes_kibibytes_or_mebibytes() {
        let bytes = |text: &str| text.parse::<Size>().map(|it| it.0);
        assert_eq!(bytes("0"), Ok(0));
        assert_eq!(bytes("4096"), Ok(4096));
        assert_eq!(bytes("64KiB"), Ok(65_536));
        assert_eq!(bytes("1MiB"), Ok(1_048_576));
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in [
            "",
            "KiB",
            "64KB",
            "64K",
            "1GiB",
            "-1",
            "1.5MiB",
            "99999999999999999999",
        ] {
            assert!(text.parse::<Size>().is_err(), "`{text}`");
        }
    }

    #[test]
    fn a_size_is_written_in_its_largest_whole_unit() {
        for text in ["0", "100", "64KiB", "1MiB", "1025"] {
            assert_eq!(
                text.parse::<Size>().map(|it| it.to_string()),
                Ok(text.into())
            );
        }
    }
}
