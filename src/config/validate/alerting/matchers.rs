//! Matchers, in Alertmanager's syntax: `class="bypass"`, `endpoint=~"billing-.*"`.

use std::collections::BTreeSet;

use regex::Regex;

use crate::config::hint::nearest;
use crate::config::place::{FileId, Place};
use crate::config::printable::printable;
use crate::config::validate::context::summary;
use crate::config::validate::labels;
use crate::config::validate::ledger::Ledger;
use crate::config::validate::names::listed;
use crate::domain::finding::{Class, Reason, Severity};
use crate::domain::incident::Incident;
use crate::domain::routing::{MatchRule, Matcher};

/// The operators, longer ones first.
const OPERATORS: [&str; 4] = ["=~", "!~", "!=", "="];

/// Reads one matcher that stands in no file; on failure, says what is wrong and what to write.
pub(crate) fn lone_matcher(text: &str, configured: &BTreeSet<String>) -> Result<Matcher, String> {
    let mut ledger = Ledger::default();
    let place = Place::root(FileId::MAIN);
    let read = matcher(&mut ledger, &place, text, configured);
    let mut drafts = ledger.into_drafts().into_iter();
    match (drafts.next(), read) {
        (None, Some(matcher)) => Ok(matcher),
        (None, None) => Err("this is no matcher".to_owned()),
        (Some(draft), _) => {
            let label = draft.label.map(|label| format!(": {label}"));
            let hint = draft.hint.map(|hint| format!("; {hint}"));
            let (label, hint) = (label.unwrap_or_default(), hint.unwrap_or_default());
            Err(format!("{}{label}{hint}", draft.message))
        }
    }
}

/// Reads one matcher.
pub(super) fn matcher(
    ledger: &mut Ledger,
    place: &Place<'_>,
    text: &str,
    configured: &BTreeSet<String>,
) -> Option<Matcher> {
    let Some((label, operator, value)) = take_apart(text) else {
        ledger
            .fault(place, "this is no matcher")
            .hint("write `'label=\"value\"'`, with `=`, `!=`, `=~` or `!~`, in single quotes");
        return None;
    };
    known_label(ledger, place, label, configured)?;
    let rule = match operator {
        "=" | "!=" => {
            known_value(ledger, place, label, &value);
            if operator == "=" {
                MatchRule::Is(value)
            } else {
                MatchRule::IsNot(value)
            }
        }
        _ => {
            let regex = match Regex::new(&format!("^(?s:{value})$")) {
                Ok(regex) => regex,
                Err(error) => {
                    ledger
                        .fault(place, "this is no regular expression")
                        .label(summary(&error));
                    return None;
                }
            };
            if operator == "=~" {
                MatchRule::Matches(regex)
            } else {
                MatchRule::MatchesNot(regex)
            }
        }
    };
    Some(Matcher {
        label: label.to_owned(),
        rule,
    })
}

/// Reads the name of a label that incidents can have.
pub(super) fn known_label(
    ledger: &mut Ledger,
    place: &Place<'_>,
    label: &str,
    configured: &BTreeSet<String>,
) -> Option<()> {
    if Incident::BUILT_IN.contains(&label) || configured.contains(label) {
        return Some(());
    }
    let all = || {
        Incident::BUILT_IN
            .into_iter()
            .chain(configured.iter().map(String::as_str))
    };
    let known: Vec<&str> = all().collect();
    let reserved = labels::RESERVED.contains(&label);
    ledger
        .fault(
            place,
            format!("no incident has a label `{}`", printable(label)),
        )
        .hint(match nearest(label, all()) {
            _ if reserved => "it is known to Alertmanager alone; match another label".to_owned(),
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there is {}", listed(&known)),
        });
    None
}

/// Refuses a value that a label with a closed list of values never has.
fn known_value(ledger: &mut Ledger, place: &Place<'_>, label: &str, value: &str) {
    let known: Vec<&str> = match label {
        "class" => Class::ALL.map(Class::as_str).to_vec(),
        "severity" => [Severity::Warning, Severity::Critical]
            .map(Severity::as_str)
            .to_vec(),
        "reason" => Reason::ALL.iter().map(|reason| reason.as_str()).collect(),
        _ => return,
    };
    if known.contains(&value) {
        return;
    }
    let draft = ledger.fault(place, format!("`{label}` is never `{}`", printable(value)));
    draft.hint(match nearest(value, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.len() <= 8 => format!("there is {}", listed(&known)),
        None => "`authvigil explain` lists them".to_owned(),
    });
}

/// Label, operator and value without its quotes.
fn take_apart(text: &str) -> Option<(&str, &'static str, String)> {
    let at = text.find(['=', '!'])?;
    let (label, rest) = text.split_at(at);
    let operator = OPERATORS.into_iter().find(|it| rest.starts_with(it))?;
    let label = label.trim();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if label.is_empty() || !label.bytes().all(plain) {
        return None;
    }
    let value = unquoted(rest[operator.len()..].trim())?;
    Some((label, operator, value))
}

fn unquoted(text: &str) -> Option<String> {
    let Some(inner) = text.strip_prefix('"') else {
        let plain = !text.contains(['"', ',', '{', '}']) && !text.contains(char::is_whitespace);
        return plain.then(|| text.to_owned());
    };
    let inner = inner.strip_suffix('"')?;
    let mut value = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(char) = chars.next() {
        match char {
            '"' => return None,
            // As Alertmanager has it: other escapes stay, so that expressions need no second one.
            '\\' => match chars.next()? {
                'n' => value.push('\n'),
                escaped @ ('"' | '\\') => value.push(escaped),
                other => value.extend(['\\', other]),
            },
            char => value.push(char),
        }
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matcher_is_a_label_an_operator_and_a_value() {
        let parts = |text: &str| {
            take_apart(text).map(|(label, operator, value)| format!("{label} {operator} {value}"))
        };
        assert_eq!(parts("class=\"bypass\"").as_deref(), Some("class = bypass"));
        assert_eq!(parts("class = bypass").as_deref(), Some("class = bypass"));
        assert_eq!(parts("a!~\"x|y\"").as_deref(), Some("a !~ x|y"));
        assert_eq!(parts("a=~\"\\d+\"").as_deref(), Some("a =~ \\d+"));
        assert_eq!(parts("a!=\"\"").as_deref(), Some("a != "));
        assert_eq!(parts("a=\"x\\\"y\"").as_deref(), Some("a = x\"y"));
        for text in [
            "",
            "a",
            "=b",
            "a=\"b",
            "a=b\"",
            "a b=c",
            "a=b c",
            "{a=b}",
            "a!b",
            "a=\"b\"c\"",
        ] {
            assert_eq!(take_apart(text), None, "`{text}`");
        }
    }
}
