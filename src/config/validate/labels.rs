//! Labels: names that Prometheus takes and that nothing else has taken.

use std::collections::BTreeMap;

use super::ledger::Ledger;
use crate::config::place::Place;
use crate::config::raw::Entries;

/// Labels that routes, alerts and metrics carry already.
pub(crate) const RESERVED: [&str; 9] = [
    "alertname",
    "check",
    "class",
    "credential",
    "endpoint",
    "host",
    "persona",
    "reason",
    "severity",
];

/// Reads labels on top of others.
pub(crate) fn labels(
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &Entries<String>,
    labels: &mut BTreeMap<String, String>,
) {
    for (name, value) in raw.iter() {
        let place = place.key(name);
        if !is_label_name(name) {
            ledger
                .fault(
                    &place,
                    "a label's name is letters, digits and `_`, and no digit first",
                )
                .on_key()
                .hint(format!("write `{}`", suggestion(name)));
        } else if name.starts_with("__") || RESERVED.contains(&name) {
            ledger
                .fault(&place, format!("the label `{name}` is reserved"))
                .on_key()
                .label(match name.strip_prefix("__") {
                    Some(_) => "names that start with `__` are Prometheus' own",
                    None => "every incident carries one of its own",
                })
                .hint("choose another name");
        } else if value.is_empty() || value.contains(char::is_control) {
            ledger
                .fault(&place, format!("the label `{name}` has no value"))
                .on_key();
        } else {
            labels.insert(name.to_owned(), value.clone());
        }
    }
}

/// The nearest name that can be a label's.
fn suggestion(name: &str) -> String {
    let plain = |char: char| {
        if char.is_ascii_alphanumeric() {
            char
        } else {
            '_'
        }
    };
    let text: String = name.chars().map(plain).collect();
    if text.starts_with(|char: char| char.is_ascii_digit()) {
        return format!("_{text}");
    }
    text
}

fn is_label_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let digit = name.bytes().next().is_none_or(|byte| byte.is_ascii_digit());
    !digit && name.bytes().all(plain)
}
