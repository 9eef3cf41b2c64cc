//! The recipient grammar of RFC 9110 §11 written out rule by rule: slow, honest, no cleverness.
//!
//! Each rule gives every way to read a prefix of its input, so that the set of readings of a whole
//! field value shows both whether it is well-formed and whether it is ambiguous.
//! It knows nothing of duplicate parameters, which the grammar does not forbid.
//!
//! Takes time exponential in its input at worst: short inputs only.

use std::collections::BTreeSet;

/// Scheme, opaque word, parameters; names in lower case, values unquoted, one character a byte.
pub(crate) type Plain = (String, Option<String>, Vec<(String, String)>);

type Ways<T> = BTreeSet<(usize, T)>;

/// Every way to read the field value as a list of challenges.
pub(crate) fn readings(text: &[u8]) -> BTreeSet<Vec<Plain>> {
    let ways = list(text, 0, challenge);
    ways.into_iter()
        .filter(|(end, _)| *end == text.len())
        .map(|(_, list)| list)
        .collect()
}

/// `[ element ] *( OWS "," OWS [ element ] )`, RFC 9110 §5.6.1.2.
fn list<T: Clone + Ord>(
    text: &[u8],
    at: usize,
    element: impl Fn(&[u8], usize) -> Ways<T>,
) -> Ways<Vec<T>> {
    let mut all = optional(text, at, Vec::new(), &element);
    let mut open: Vec<(usize, Vec<T>)> = all.iter().cloned().collect();
    while let Some((end, items)) = open.pop() {
        for start in commas(text, end) {
            let ways = optional(text, start, items.clone(), &element);
            open.extend(ways.into_iter().filter(|way| all.insert(way.clone())));
        }
    }
    all
}

/// Every end of `OWS "," OWS`.
fn commas(text: &[u8], at: usize) -> Vec<usize> {
    let before = blanks(text, at)
        .into_iter()
        .filter(|comma| text.get(*comma) == Some(&b','));
    before.flat_map(|comma| blanks(text, comma + 1)).collect()
}

fn optional<T: Clone + Ord>(
    text: &[u8],
    at: usize,
    items: Vec<T>,
    element: impl Fn(&[u8], usize) -> Ways<T>,
) -> Ways<Vec<T>> {
    let with = |(end, item)| (end, [items.clone(), vec![item]].concat());
    let mut ways: Ways<Vec<T>> = element(text, at).into_iter().map(with).collect();
    ways.insert((at, items));
    ways
}

/// `auth-scheme [ 1*SP ( token68 / #auth-param ) ]`, RFC 9110 §11.3.
fn challenge(text: &[u8], at: usize) -> Ways<Plain> {
    let mut ways = Ways::new();
    for end in runs(text, at, is_token) {
        let scheme = word(text, at, end).to_ascii_lowercase();
        ways.insert((end, (scheme.clone(), None, Vec::new())));
        for start in runs(text, end, |byte| byte == b' ') {
            for end in token68(text, start) {
                let token68 = Some(word(text, start, end));
                ways.insert((end, (scheme.clone(), token68, Vec::new())));
            }
            for (end, params) in list(text, start, param) {
                ways.insert((end, (scheme.clone(), None, params)));
            }
        }
    }
    ways
}

/// `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`, RFC 9110 §11.2.
fn token68(text: &[u8], at: usize) -> Vec<usize> {
    let start = runs(text, at, |byte| {
        byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte)
    });
    let padded = |end| [vec![end], runs(text, end, |byte| byte == b'=')].concat();
    start.into_iter().flat_map(padded).collect()
}

/// `token BWS "=" BWS ( token / quoted-string )`, RFC 9110 §11.2.
fn param(text: &[u8], at: usize) -> Ways<(String, String)> {
    let mut ways = Ways::new();
    for end in runs(text, at, is_token) {
        let name = word(text, at, end).to_ascii_lowercase();
        for equals in blanks(text, end) {
            if text.get(equals) != Some(&b'=') {
                continue;
            }
            for start in blanks(text, equals + 1) {
                for end in runs(text, start, is_token) {
                    ways.insert((end, (name.clone(), word(text, start, end))));
                }
                if let Some((end, value)) = quoted_string(text, start) {
                    ways.insert((end, (name.clone(), value)));
                }
            }
        }
    }
    ways
}

/// `DQUOTE *( qdtext / quoted-pair ) DQUOTE`, RFC 9110 §5.6.4.
fn quoted_string(text: &[u8], at: usize) -> Option<(usize, String)> {
    let mut rest = text.get(at..)?.strip_prefix(b"\"")?;
    let mut value = String::new();
    loop {
        rest = match rest {
            [b'"', after @ ..] => return Some((text.len() - after.len(), value)),
            [b'\\', byte, after @ ..] if is_text(*byte) => {
                value.push(char::from(*byte));
                after
            }
            [b'\\', ..] => return None,
            [byte, after @ ..] if is_text(*byte) => {
                value.push(char::from(*byte));
                after
            }
            _ => return None,
        };
    }
}

/// Every end of a run of at least one byte.
fn runs(text: &[u8], at: usize, is_member: impl Fn(u8) -> bool) -> Vec<usize> {
    let rest = text.get(at..).unwrap_or_default();
    let length = rest.iter().take_while(|byte| is_member(**byte)).count();
    (at + 1..=at + length).collect()
}

/// Every end of `OWS` or `BWS`, which may be empty.
fn blanks(text: &[u8], at: usize) -> Vec<usize> {
    [
        vec![at],
        runs(text, at, |byte| byte == b' ' || byte == b'\t'),
    ]
    .concat()
}

fn word(text: &[u8], start: usize, end: usize) -> String {
    text.get(start..end)
        .unwrap_or_default()
        .iter()
        .copied()
        .map(char::from)
        .collect()
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// HTAB, SP, visible ASCII and what lies beyond it.
fn is_text(byte: u8) -> bool {
    byte == b'\t' || byte >= b' ' && byte != 0x7F
}
