//! What a scalar without quotes means: the core schema of YAML 1.2, as `serde_yaml` reads it.

/// A resolved scalar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Scalar<'t> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(&'t str),
}

/// Resolves a scalar that was written without quotes. `yes`, `no` and `010` are text.
pub(crate) fn resolve(text: &str) -> Scalar<'_> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "true" | "True" | "TRUE" => Scalar::Bool(true),
        "false" | "False" | "FALSE" => Scalar::Bool(false),
        _ => number(text).unwrap_or(Scalar::Text(text)),
    }
}

fn number(text: &str) -> Option<Scalar<'_>> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let first = digits.bytes().next()?;
    if !(first.is_ascii_digit() || first == b'.') {
        return None;
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return whole(digits, negative);
    }
    let radix = |prefix, radix| u64::from_str_radix(digits.strip_prefix(prefix)?, radix).ok();
    if let Some(value) = radix("0x", 16).or_else(|| radix("0o", 8)) {
        return (!negative).then_some(Scalar::Unsigned(value));
    }
    let float = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte));
    let value = float.then(|| digits.parse::<f64>().ok()).flatten()?;
    Some(Scalar::Float(if negative { -value } else { value }))
}

fn whole(digits: &str, negative: bool) -> Option<Scalar<'_>> {
    if digits.len() > 1 && digits.starts_with('0') {
        return None;
    }
    if negative {
        return format!("-{digits}").parse().ok().map(Scalar::Signed);
    }
    digits.parse().ok().map(Scalar::Unsigned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_only_yaml_1_1_took_for_booleans_are_text() {
        for text in ["yes", "no", "on", "off", "y", "n"] {
            assert_eq!(resolve(text), Scalar::Text(text));
        }
        assert_eq!(resolve("010"), Scalar::Text("010"));
    }

    #[test]
    fn the_reader_resolves_scalars_as_serde_yaml_does() {
        let texts = [
            "",
            "~",
            "null",
            "NULL",
            "nULL",
            "true",
            "True",
            "tRUE",
            "FALSE",
            "0",
            "7",
            "-7",
            "+7",
            "007",
            "0x1F",
            "0o17",
            "1.5",
            "-1.5",
            "1e3",
            "1.",
            "401",
            "2xx",
            "10s",
            "1.1.1.1",
            "::1",
            "+",
            ".",
            "1_000",
            "18446744073709551615",
            "1e",
            "0x",
            "e5",
            "12:30",
        ];
        for text in texts {
            let theirs: serde_json::Value = serde_yaml::from_str(text).unwrap_or_default();
            let ours = match resolve(text) {
                Scalar::Null => serde_json::Value::Null,
                Scalar::Bool(value) => value.into(),
                Scalar::Unsigned(value) => value.into(),
                Scalar::Signed(value) => value.into(),
                Scalar::Float(value) => value.into(),
                Scalar::Text(text) => text.into(),
            };
            assert_eq!(ours, theirs, "`{text}`");
        }
    }
}
