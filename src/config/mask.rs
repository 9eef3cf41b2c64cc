//! Keeps secrets out of the lines that a fault shows.
//!
//! Where the file could be taken apart, the places of its secrets are known exactly. Where it could
//! not, a key that sounds like a secret is enough: what follows it is masked up to the end of the
//! value, as far as indentation and quotes tell. Masking too much costs a line of context; masking
//! too little costs a password.

use std::borrow::Cow;
use std::collections::HashSet;

use super::hint::nearest;
use super::validate::is_sensitive;
use super::yaml::{Kind, NodeId, Span, Tree};
use crate::domain::secret::{Redactor, Secret};

/// What stands in the place of a secret in a line.
pub(crate) const MASK: &str = "********";

/// Keys whose text is a secret.
const SECRETS: [&str; 9] = [
    "password",
    "credentials",
    "client_secret",
    "secret",
    "value",
    "token",
    "passphrase",
    "bearer_token",
    "webhook_url",
];

/// Keys that sound like a secret and hold none.
const HARMLESS: [&str; 8] = [
    "credential",
    "secret_field",
    "authorization",
    "api_key",
    "auth",
    "basic_auth",
    "digest_auth",
    "token_url",
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
    spans: Vec<Span>,
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
            found.walk(root, false);
        }
        let texts = found.nodes.iter().filter_map(|id| tree.text(*id));
        let secrets: Vec<Secret> = texts.map(Secret::new).collect();
        Self {
            spans: found.nodes.iter().map(|id| tree.span(*id)).collect(),
            redactor: Redactor::new(&secrets),
            guess,
        }
    }

    /// The text without any secret of the file.
    pub(crate) fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.redactor.text(text)
    }

    /// A line of the file without secrets. `lines` are all of them, `number` counts from 1.
    pub(crate) fn line(&self, lines: &[&str], number: usize) -> String {
        let line = lines.get(number - 1).copied().unwrap_or_default();
        let mut shown = line.to_owned();
        for span in &self.spans {
            if (span.line..=span.last_line).contains(&number) {
                shown = mask_span(&shown, *span, number);
            }
        }
        if self.guess {
            shown = guess_line(lines, number, &shown);
        }
        let shown = mask_comment(&mask_urls(&shown));
        self.redactor.text(&shown).into_owned()
    }
}

struct Finder<'t> {
    tree: &'t Tree,
    nodes: Vec<NodeId>,
    seen: HashSet<(NodeId, bool)>,
}

impl Finder<'_> {
    /// Collects the secrets below a node; in expectations, headers hold none.
    fn walk(&mut self, node: NodeId, expectation: bool) {
        let node = self.tree.target(node);
        if !self.seen.insert((node, expectation)) {
            return;
        }
        match self.tree.kind(node) {
            Kind::List(elements) => {
                for element in elements {
                    self.walk(*element, expectation);
                }
            }
            Kind::Map(entries) => {
                for (key, value) in entries {
                    self.entry(*key, *value, expectation);
                }
            }
            Kind::Scalar { .. } | Kind::Alias(_) => {}
        }
    }

    fn entry(&mut self, key: NodeId, value: NodeId, expectation: bool) {
        let name = self.tree.text(key).unwrap_or_default();
        let expectation = expectation || ["expect", "refused", "admitted"].contains(&name);
        let secret = !expectation && is_secret_key(name);
        match self.tree.kind(value) {
            Kind::Scalar { .. } if secret => self.nodes.push(self.tree.target(value)),
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
        self.walk(key, expectation);
        self.walk(value, expectation);
    }
}

/// Masks the part of a span that lies on a line.
fn mask_span(line: &str, span: Span, number: usize) -> String {
    let from = if number == span.line {
        span.column - 1
    } else {
        0
    };
    let to = if number == span.line && span.length > 0 && span.last_line == span.line {
        from + span.length
    } else {
        line.chars().count()
    };
    if number > span.line && line.trim().is_empty() {
        return line.to_owned();
    }
    let head: String = line.chars().take(from).collect();
    let tail: String = line.chars().skip(to).collect();
    // A span that was shortened before by another mask on the same line takes the rest with it.
    let tail = if line.contains(MASK) {
        String::new()
    } else {
        tail
    };
    format!("{head}{MASK}{tail}")
}

/// Masks what stands before `@` in a URL, and query values that sound like secrets.
fn mask_urls(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("//") {
        let (head, tail) = rest.split_at(at + 2);
        shown.push_str(head);
        let end = tail.find(|char: char| char.is_whitespace() || "\"'`<>".contains(char));
        let (url, after) = tail.split_at(end.unwrap_or(tail.len()));
        shown.push_str(&mask_url(url));
        rest = after;
    }
    shown.push_str(rest);
    shown
}

fn mask_url(url: &str) -> String {
    // An `@` anywhere counts: a password may hold `/` or `?`.
    let (url, masked) = match url.rfind('@') {
        Some(at) => (&url[at..], MASK),
        None => (url, ""),
    };
    let Some((path, query)) = url.split_once('?') else {
        return format!("{masked}{url}");
    };
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_sensitive(name) || name.contains("sig") => format!("{name}={MASK}"),
        Some(_) | None => pair.to_owned(),
    });
    let pairs: Vec<String> = pairs.collect();
    format!("{masked}{path}?{}", pairs.join("&"))
}

/// Masks a comment that speaks of secrets.
fn mask_comment(line: &str) -> String {
    let comment = line.find(" #").map(|at| at + 1);
    let comment = comment.or_else(|| line.starts_with('#').then_some(0));
    match comment {
        Some(at) if key_in(&line[at..]).is_some() => format!("{}# {MASK}", &line[..at]),
        Some(_) | None => line.to_owned(),
    }
}

/// The end of the first secret key in a line, with its colon; the key itself is before it.
fn key_in(line: &str) -> Option<usize> {
    let word = |char: char| char.is_alphanumeric() || "_-".contains(char);
    for (colon, _) in line.match_indices(':') {
        let before = line[..colon].trim_end_matches(|char: char| "\"' ".contains(char));
        let start = before.rfind(|char: char| !word(char)).map_or(0, |at| {
            at + before[at..].chars().next().map_or(1, char::len_utf8)
        });
        if is_secret_key(&before[start..]) {
            return Some(colon + 1);
        }
    }
    None
}

/// Masks a line of a file that could not be taken apart.
fn guess_line(lines: &[&str], number: usize, shown: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '-', '?']).len();
    let mut secret: Option<(usize, Option<char>)> = None;
    for (index, line) in lines.iter().enumerate().take(number) {
        let last = index + 1 == number;
        if let Some((depth, quote)) = secret {
            let inside = match quote {
                Some(_) => true,
                None => line.trim().is_empty() || indent(line) > depth && key_of(line).is_none(),
            };
            if inside {
                if last {
                    return MASK.to_owned();
                }
                if quote.is_some_and(|quote| line.contains(quote)) {
                    secret = None;
                }
                continue;
            }
            secret = None;
        }
        if let Some(end) = key_in(line) {
            let value = line[end..].trim();
            let quote = value.chars().next().filter(|char| "\"'".contains(*char));
            let open = quote.filter(|quote| value.matches(*quote).count() % 2 == 1);
            secret = Some((indent(line), open));
            if last {
                let head = shown.get(..end).unwrap_or_default();
                let empty = value.is_empty();
                return if empty {
                    shown.to_owned()
                } else {
                    format!("{head} {MASK}")
                };
            }
        }
    }
    shown.to_owned()
}

/// The key that a line starts with.
fn key_of(line: &str) -> Option<&str> {
    let text = line.trim_start_matches([' ', '-', '?']);
    let (key, rest) = text.split_once(':')?;
    let plain = |char: char| char.is_alphanumeric() || "_-.\"'".contains(char);
    let follows = rest.is_empty() || rest.starts_with(char::is_whitespace);
    (follows && !key.is_empty() && key.chars().all(plain)).then_some(key)
}
