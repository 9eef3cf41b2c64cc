//! Names, and the nearest of those that are known.

use crate::config::hint::nearest;
use crate::config::place::Place;
use crate::config::printable::printable;
use crate::config::validate::ledger::{Ledger, Part};
use crate::domain::check::Name;

/// Words that stand for personas, and so cannot name anything else.
pub(crate) const RESERVED: [&str; 2] = ["anonymous", "invalid"];

/// Reads a name, which is a value or a key.
pub(crate) fn name(ledger: &mut Ledger, place: &Place<'_>, text: &str, part: Part) -> Option<Name> {
    let name = Name::parse(text);
    if name.is_none() {
        ledger
            .fault(place, "a name is 1 to 63 letters, digits, `.`, `_` or `-`")
            .on(part)
            .label(why_no_name(text));
    }
    name
}

/// Reads a name that is none of the reserved words.
pub(crate) fn own_name(
    ledger: &mut Ledger,
    place: &Place<'_>,
    text: &str,
    part: Part,
) -> Option<Name> {
    let name = name(ledger, place, text, part.clone())?;
    if RESERVED.contains(&text) {
        ledger
            .fault(place, format!("the name `{text}` is reserved"))
            .on(part)
            .label("a persona is called that")
            .hint("choose another name");
        return None;
    }
    Some(name)
}

fn why_no_name(text: &str) -> String {
    let odd = |char: &char| !(char.is_ascii_alphanumeric() || "._-".contains(*char));
    match text.chars().find(odd) {
        Some(' ') => "a space cannot stand in it".to_owned(),
        Some(char) => format!("`{}` cannot stand in it", printable(&char.to_string())),
        None if text.is_empty() => "this is empty".to_owned(),
        None => format!("this has {} characters", text.len()),
    }
}

/// Says that a name names nothing, with the nearest name that does.
pub(crate) fn unknown<'k>(
    ledger: &mut Ledger,
    place: &Place<'_>,
    what: &str,
    text: &str,
    known: impl IntoIterator<Item = &'k str>,
) {
    let known: Vec<&str> = known.into_iter().collect();
    // What could not even be a name may be anything; it is not repeated.
    let message = match Name::parse(text) {
        Some(name) => format!("there is no {what} `{name}`"),
        None => format!("this is no name of a {what}"),
    };
    let draft = ledger.fault(place, message);
    draft.hint(match nearest(text, known.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None if known.is_empty() => format!("no {what} is configured"),
        None if known.len() <= 8 => format!("there is {}", listed(&known)),
        None => format!("there are {} others", known.len()),
    });
}

/// Words in backticks: `a`, `b` and `c`.
pub(crate) fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        None => "none".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}
