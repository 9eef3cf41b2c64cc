//! What the reader of a tree complains about, in words.

use super::hint::{credential_kind, foreign, nearest};
use super::locate::Saying;
use super::printable::printable;
use super::validate::starts_with_parameter;
use super::yaml::{Complaint, ComplaintKind, DefectKind, NodeId, Tree};

/// Puts a complaint into words.
pub(crate) fn say(tree: &Tree, complaint: &Complaint) -> Saying {
    let subject = subject(tree, complaint.node);
    match &complaint.kind {
        ComplaintKind::UnknownKey { key, known } => unknown_key(key, known),
        ComplaintKind::RepeatedKey { key } => Saying {
            message: format!("`{}` stands here twice", printable(key)),
            label: first_line(tree, complaint.node, key),
            hint: Some("remove one of them".to_owned()),
        },
        ComplaintKind::MergeKey => Saying {
            message: "merge keys are not read".to_owned(),
            label: Some("`<<` is no part of YAML 1.2".to_owned()),
            hint: Some(
                "put what is shared into `profiles`, or use an alias for one value".to_owned(),
            ),
        },
        ComplaintKind::Tag(tag) => says_tag(tag),
        ComplaintKind::KeyIsNoText => Saying {
            message: "a key must be a text".to_owned(),
            label: None,
            hint: None,
        },
        ComplaintKind::NoValue => Saying {
            message: format!("{subject} has no value"),
            label: None,
            hint: Some("give it one, or remove the key".to_owned()),
        },
        ComplaintKind::UnknownWord { known } => unknown_word(tree, complaint.node, &subject, known),
        ComplaintKind::WrongType { found, expected } => {
            wrong_type(tree, complaint.node, &subject, (found, expected))
        }
        ComplaintKind::Malformed(message) => Saying {
            message: format!("{subject} is malformed"),
            label: Some(message.clone()),
            hint: None,
        },
    }
}

/// What a complaint is about, in words.
fn subject(tree: &Tree, node: NodeId) -> String {
    let name = |key: NodeId| tree.text(key).map(printable);
    if let Some(name) = tree.key_of(node).and_then(name) {
        return format!("`{name}`");
    }
    let list = tree.parent(node).and_then(|list| tree.key_of(list));
    match list.and_then(name) {
        Some(name) => format!("an element of `{name}`"),
        None => "this file".to_owned(),
    }
}

fn unknown_key(key: &str, known: &[&'static str]) -> Saying {
    let message = format!("there is no key `{}` here", printable(key));
    let hint = if starts_with_parameter(key) {
        Some(
            "a comma cut the challenge: quote it, `'Basic realm=\"a\", charset=\"UTF-8\"'`"
                .to_owned(),
        )
    } else if known.contains(&"credential") && credential_kind(key) {
        Some(
            "put it under `credentials`, with a name, and give the endpoint `credential: NAME`"
                .to_owned(),
        )
    } else if let Some(hint) = foreign(key) {
        Some(hint.to_owned())
    } else if let Some(near) = nearest(key, known.iter().copied()) {
        Some(format!("did you mean `{near}`?"))
    } else if known.len() <= 8 {
        Some(format!("the keys here are {}", quoted(known)))
    } else {
        None
    };
    Saying {
        message,
        label: None,
        hint,
    }
}

fn first_line(tree: &Tree, node: NodeId, key: &str) -> Option<String> {
    let map = tree.parent(node)?;
    let first = tree.entry(map, key)?.key?;
    Some(format!(
        "the first is here (line {})",
        tree.span(first).line
    ))
}

fn unknown_word(tree: &Tree, node: NodeId, subject: &str, known: &[&'static str]) -> Saying {
    let written = tree.text(node).unwrap_or_default();
    Saying {
        message: format!("{subject} is one of {}", quoted(known)),
        label: None,
        hint: nearest(written, known.iter().copied()).map(|near| format!("did you mean `{near}`?")),
    }
}

fn wrong_type(tree: &Tree, node: NodeId, subject: &str, (found, expected): (&str, &str)) -> Saying {
    let expected = match expected {
        "a boolean" => "`true` or `false`",
        "a string" => "a text",
        "a sequence" => "a list",
        "u16" | "u32" | "u64" | "usize" => "a whole number",
        "any valid JSON value" => "a value",
        other => other.strip_prefix("struct ").unwrap_or(other),
    };
    let text = tree.text(node).unwrap_or_default();
    let glued = text.split_once(':').is_some_and(|(key, rest)| {
        !rest.starts_with("//")
            && key
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    });
    let hint = match (found, expected) {
        ("text", "`true` or `false`") if ["yes", "no", "on", "off"].contains(&text) => {
            Some("YAML 1.2 has `true` and `false` alone")
        }
        ("text", _) if glued && expected.starts_with("a map") => {
            Some("a space must follow the colon")
        }
        ("a number" | "`true` or `false`", expected) if expected.contains("text") => {
            Some("quote it")
        }
        ("a map", expected) if expected.contains("text") => {
            Some("a text that holds `: ` or starts with `{` must be quoted")
        }
        ("a map" | "text", "a list") => Some("start each element with `- `"),
        _ => None,
    };
    Saying {
        message: format!("{subject} must be {expected}"),
        label: Some(format!("this is {found}")),
        hint: hint.map(str::to_owned),
    }
}

fn quoted(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        Some((last, _)) => last.clone(),
        None => "none".to_owned(),
    }
}

/// Puts a defect into words.
pub(crate) fn say_defect(kind: &DefectKind, line: &str) -> Saying {
    let (message, hint) = match kind {
        DefectKind::Syntax(words) => return syntax(words, line),
        DefectKind::SecondDocument => (
            "a file holds one document".to_owned(),
            "remove this line, or move what follows to a file that `endpoint_files` names",
        ),
        DefectKind::TooDeep => (
            "this is nested deeper than any configuration".to_owned(),
            "look for brackets that are not closed",
        ),
        DefectKind::Cycle => (
            "an alias cannot stand inside of what it repeats".to_owned(),
            "write the value out",
        ),
        DefectKind::Expansion => (
            "aliases make this file larger than any configuration".to_owned(),
            "write the values out, or put what is shared into `profiles`",
        ),
    };
    Saying {
        message,
        label: None,
        hint: Some(hint.to_owned()),
    }
}

fn says_tag(tag: &str) -> Saying {
    let expression = tag.starts_with("!~");
    Saying {
        message: format!("tags such as `{}` are not read", printable(tag)),
        label: Some("YAML takes a leading `!` for a tag".to_owned()),
        hint: Some(if expression {
            "quote the expression: `'!~…'`".to_owned()
        } else {
            "remove it, or quote the text that starts with it".to_owned()
        }),
    }
}

fn syntax(words: &str, line: &str) -> Saying {
    let hint = if line.trim_start_matches(' ').starts_with('\t') {
        Some("indent with spaces; YAML takes no tabs there")
    } else if words.contains("did not find expected key") || words.contains("mapping values") {
        Some("check the indentation, and quote texts that hold `: ` or quotes")
    } else if words.contains("cannot start any token") || words.contains("unexpected character") {
        Some("quote the text")
    } else if words.contains("quoted scalar") {
        Some("close the quote; inside of double quotes, `\"` is written `\\\"`")
    } else if words.contains("unknown anchor") {
        Some(
            "name the value with `&name` before `*name`; a text that starts with `*` must be quoted",
        )
    } else {
        None
    };
    Saying {
        message: format!("this is no YAML: {}", printable(&words.replace('\'', "`"))),
        label: None,
        hint: hint.map(str::to_owned),
    }
}
