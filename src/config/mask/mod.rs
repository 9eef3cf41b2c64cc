//! Keeps secrets out of the lines that a fault shows.
//!
//! Where the file could be taken apart, the places of its secrets are known exactly. Where it could
//! not, a key that sounds like a secret is enough: what follows it is masked up to the end of the
//! value, as far as indentation and quotes tell. Masking too much costs a line of context; masking
//! too little costs a password.

mod guess;
mod line;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use line::Hidden;
pub(crate) use line::Masked;

use crate::config::hint::nearest;
use crate::config::validate::is_sensitive;
use crate::config::yaml::{Kind, NodeId, Span, Tree};
use crate::domain::secret::{Redactor, Secret};

/// Keys whose text is a secret, or who have no text unless something slipped.
const SECRETS: [&str; 14] = [
    "password",
    "credentials",
    "client_secret",
    "secret",
    "value",
    "token",
    "passphrase",
    "bearer_token",
    "webhook_url",
    "webhook",
    "login_form",
    "fields",
    "endpoint_params",
    "command",
];

/// Keys that sound like a secret and hold none.
const HARMLESS: [&str; 6] = [
    "wrong_password",
    "credential",
    "secret_field",
    "token_url",
    "client_auth",
    "client_auth_type",
];

/// Whether the text of a key is to be kept out of every output.
pub(crate) fn is_secret_key(key: &str) -> bool {
    let reference = ["_file", "_env", "_field", "_url"];
    if HARMLESS.contains(&key) || reference.iter().any(|end| key.ends_with(end)) {
        return false;
    }
    SECRETS.contains(&key) || is_sensitive(key) || nearest(key, SECRETS).is_some()
}

/// Everything that must not be shown of a file.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    /// Where they stand, line by line.
    spans: HashMap<usize, Vec<Span>>,
    redactor: Redactor,
    /// Whether every line must be suspected.
    guess: bool,
}

impl Secrets {
    /// The secrets of a tree; with `guess` the tree is not all of the file.
    pub(crate) fn of(tree: &Tree, guess: bool) -> Self {
        let mut found = Finder {
            tree,
            nodes: Vec::new(),
            seen: HashSet::new(),
        };
        if let Some(root) = tree.root() {
            found.walk(root, Part::Other);
        }
        let texts = found.nodes.iter().filter_map(|id| tree.text(*id));
        let secrets: Vec<Secret> = texts.map(Secret::new).collect();
        Self {
            spans: by_line(found.nodes.iter().map(|id| tree.span(*id))),
            redactor: Redactor::new(&secrets),
            guess,
        }
    }

    /// The text without any secret of the file.
    pub(crate) fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.redactor.text(text)
    }

    /// A line of the file without secrets. `lines` are all of them, `number` counts from 1.
    pub(crate) fn line(&self, lines: &[String], number: usize) -> Masked {
        let line = lines.get(number - 1).map_or("", String::as_str);
        let mut hidden = Hidden::new(line);
        for span in self.spans.get(&number).into_iter().flatten() {
            hidden.hide_span(*span, number);
        }
        if self.guess {
            hidden.guess(lines, number);
        }
        hidden.hide_urls();
        hidden.hide_comment();
        hidden.hide_matches(&self.redactor);
        hidden.masked()
    }
}

fn by_line(spans: impl Iterator<Item = Span>) -> HashMap<usize, Vec<Span>> {
    let mut lines: HashMap<usize, Vec<Span>> = HashMap::new();
    for span in spans {
        for line in span.line..=span.last_line {
            lines.entry(line).or_default().push(span);
        }
    }
    lines
}

/// The part of the file that a node belongs to, as far as that makes a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Part {
    Alerting,
    Expectation,
    Other,
    /// Users with the hashes of their passwords.
    Users,
}

struct Finder<'t> {
    tree: &'t Tree,
    nodes: Vec<NodeId>,
    seen: HashSet<(NodeId, Part)>,
}

impl Finder<'_> {
    /// Collects the secrets below a node.
    fn walk(&mut self, node: NodeId, part: Part) {
        let node = self.tree.target(node);
        if !self.seen.insert((node, part)) {
            return;
        }
        match self.tree.kind(node) {
            Kind::List(elements) => {
                for element in elements {
                    self.walk(*element, part);
                }
            }
            Kind::Map(entries) => {
                for (key, value) in entries {
                    self.entry(*key, *value, part);
                }
            }
            Kind::Scalar { .. } | Kind::Alias(_) => {}
        }
    }

    fn holds_url(&self, key: &str, value: NodeId) -> bool {
        let url = self
            .tree
            .text(value)
            .is_some_and(|text| text.contains("://"));
        url && !["urls", "token_url"].contains(&key)
    }

    /// Whether a value stands where the name of a variable belongs and is none: a secret, by mistake.
    fn is_misplaced(&self, key: &str, value: NodeId) -> bool {
        let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        let name = self
            .tree
            .text(value)
            .map(|text| text.strip_prefix('$').unwrap_or(text));
        key.ends_with("_env") && name.is_some_and(|name| !name.bytes().all(plain))
    }

    fn entry(&mut self, key: NodeId, value: NodeId, part: Part) {
        let name = self.tree.text(key).unwrap_or_default();
        let part = match name {
            "expect" | "refused" | "admitted" => Part::Expectation,
            "alerting" => Part::Alerting,
            name if nearest(name, ["basic_auth_users"]).is_some() => Part::Users,
            _ => part,
        };
        let secret = match part {
            // Headers of an expectation say what others send.
            Part::Expectation => false,
            // Such URLs hold secrets in their paths, whatever the key is called.
            Part::Alerting if self.holds_url(name, value) => true,
            Part::Users => true,
            Part::Alerting | Part::Other => is_secret_key(name) || self.is_misplaced(name, value),
        };
        match self.tree.kind(value) {
            Kind::Scalar { .. } if secret => self.nodes.push(self.tree.target(value)),
            // A program's arguments may hold anything; the program itself is no secret.
            Kind::List(elements) if name == "command" => {
                let arguments = elements.iter().skip(1);
                self.nodes.extend(arguments.map(|id| self.tree.target(*id)));
            }
            Kind::List(elements) if secret => {
                let texts = elements.iter().filter(|id| self.tree.text(**id).is_some());
                self.nodes.extend(texts.map(|id| self.tree.target(*id)));
            }
            Kind::Map(_) if name == "webhook" => {
                let url = self.tree.entry(value, "url");
                self.nodes
                    .extend(url.map(|entry| self.tree.target(entry.value)));
            }
            Kind::Scalar { .. } | Kind::List(_) | Kind::Map(_) | Kind::Alias(_) => {}
        }
        self.walk(key, part);
        self.walk(value, part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, number: usize) -> String {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let (tree, defects) = Tree::scan(text);
        let secrets = Secrets::of(&tree, !defects.is_empty());
        secrets.line(&lines, number).text.into_iter().collect()
    }

    #[test]
    fn a_secret_is_masked_and_what_stands_beside_it_is_not() {
        let text = "basic_auth: {username: bob, password: hunter2, x: 1}";
        assert_eq!(
            shown(text, 1),
            "basic_auth: {username: bob, password: ********, x: 1}"
        );
    }

    #[test]
    fn of_a_command_the_program_is_shown_and_its_arguments_are_not() {
        let text = "command: [/bin/print, --token, hunter2]\nx:\n  command: /bin/print hunter2";
        assert_eq!(shown(text, 1), "command: [/bin/print, ********, ********]");
        assert_eq!(shown(text, 3), "  command: ********");
        assert_eq!(
            shown("command: [/bin/print, hunter2", 1),
            "command: ********"
        );
    }

    #[test]
    fn every_line_of_a_block_is_masked() {
        let text = "password: |\n  hunter2\n  hunter3\nname: x";
        assert_eq!(shown(text, 1), "password: |");
        assert_eq!(shown(text, 2), "  ********");
        assert_eq!(shown(text, 3), "  ********");
        assert_eq!(shown(text, 4), "name: x");
    }

    #[test]
    fn a_secret_that_is_an_anchor_is_masked_where_it_stands() {
        let text = "other: &p hunter2\npassword: *p";
        assert_eq!(shown(text, 1), "other: ********");
    }

    #[test]
    fn a_url_shows_neither_user_nor_token() {
        let text = "url: https://bob:hunter2@h/x?a=1&token=hunter2&b=2";
        assert_eq!(
            shown(text, 1),
            "url: https://********@h/x?a=1&token=********&b=2"
        );
    }

    #[test]
    fn in_a_broken_file_what_follows_a_secret_key_is_masked() {
        let text = "password: \"hunter2\n  hunter3\nname: [x";
        assert_eq!(shown(text, 1), "password: ********");
        assert_eq!(shown(text, 2), "********");
        let text = "secret:\n    hunter2\nname: [x";
        assert_eq!(shown(text, 2), "********");
        assert_eq!(shown(text, 3), "name: [x");
    }

    #[test]
    fn a_range_behind_a_mask_moves_with_it() {
        let lines = ["{password: a, x: 1}".to_owned()];
        let (tree, _) = Tree::scan(&lines[0]);
        let masked = Secrets::of(&tree, false).line(&lines, 1);
        assert_eq!(masked.range(14, 15), (21, 22));
        assert_eq!(masked.range(11, 12), (11, 19));
    }
}
