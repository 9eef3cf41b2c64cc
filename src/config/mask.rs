//! Keeps secrets out of the lines that a fault shows.
//!
//! Where the file could be taken apart, the places of its secrets are known exactly. Where it could
//! not, a key that sounds like a secret is enough: what follows it is masked up to the end of the
//! value, as far as indentation and quotes tell. Masking too much costs a line of context; masking
//! too little costs a password.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::hint::nearest;
use super::validate::is_sensitive;
use super::yaml::{Kind, NodeId, Span, Tree};
use crate::domain::secret::{Redactor, Secret};

/// What stands in the place of a secret in a line.
const MASK: &str = "********";

/// Keys whose text is a secret, or who have no text unless something slipped.
const SECRETS: [&str; 13] = [
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
];

/// Keys that sound like a secret and hold none.
const HARMLESS: [&str; 4] = ["wrong_password", "credential", "secret_field", "token_url"];

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

/// A line as it may be shown.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Masked {
    /// The line with masks in the place of secrets.
    pub(crate) text: Vec<char>,
    /// For each character, the column in the file that it stands for, counted from 0.
    columns: Vec<usize>,
    /// How many characters the line has in the file, without blanks at its end.
    pub(crate) full: usize,
}

impl Masked {
    /// Where a range of columns in the file is shown, both counted from 0.
    pub(crate) fn range(&self, from: usize, to: usize) -> (usize, usize) {
        let start = self.columns.partition_point(|column| *column < from);
        let end = self.columns.partition_point(|column| *column < to);
        // What starts within a mask is shown by the whole of it.
        let start = match self.columns.get(start.wrapping_sub(1)) {
            Some(before) if start == self.columns.len() || self.columns[start] > from => {
                self.columns.partition_point(|column| column < before)
            }
            _ => start,
        };
        (start, end.max(start))
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
            _ => part,
        };
        let secret = match part {
            // Headers of an expectation say what others send.
            Part::Expectation => false,
            // Such URLs hold secrets in their paths, whatever the key is called.
            Part::Alerting if self.holds_url(name, value) => true,
            Part::Alerting | Part::Other => is_secret_key(name) || self.is_misplaced(name, value),
        };
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
        self.walk(key, part);
        self.walk(value, part);
    }
}

/// A line and which of its characters must not be shown.
struct Hidden<'l> {
    line: &'l str,
    hidden: Vec<bool>,
}

impl<'l> Hidden<'l> {
    fn new(line: &'l str) -> Self {
        Self {
            line,
            hidden: vec![false; line.chars().count()],
        }
    }

    /// Hides from one character to before another.
    fn hide(&mut self, from: usize, to: usize) {
        let to = to.min(self.hidden.len());
        if let Some(range) = self.hidden.get_mut(from.min(to)..to) {
            range.fill(true);
        }
    }

    /// Hides a range of bytes.
    fn hide_bytes(&mut self, from: usize, to: usize) {
        let chars = |at: usize| self.line.get(..at).map_or(0, |head| head.chars().count());
        let (from, to) = (chars(from), chars(to));
        self.hide(from, to);
    }

    /// Hides the part of a span that lies on this line.
    fn hide_span(&mut self, span: Span, number: usize) {
        let indent = self.line.chars().take_while(|char| *char == ' ').count();
        let from = if number == span.line {
            span.column - 1
        } else {
            indent
        };
        let one_line = span.length > 0 && span.last_line == span.line;
        let to = if one_line {
            from + span.length
        } else {
            usize::MAX
        };
        self.hide(from, to);
    }

    /// Hides what stands before `@` in a URL, and query values that sound like secrets.
    fn hide_urls(&mut self) {
        let line = self.line;
        let ends = |char: char| char.is_whitespace() || "\"'`<>".contains(char);
        let mut start = 0;
        while let Some(length) = line
            .get(start..)
            .map(|rest| rest.find(ends).unwrap_or(rest.len()))
        {
            let word = &line[start..start + length];
            self.hide_userinfo(start, word);
            self.hide_query(start, word);
            let gap = line[start + length..]
                .chars()
                .next()
                .map_or(1, char::len_utf8);
            start += length + gap;
        }
    }

    /// An `@` anywhere in a URL counts: a password may hold `/` or `?`.
    fn hide_userinfo(&mut self, start: usize, word: &str) {
        let Some(at) = word.rfind('@') else { return };
        let slashes = word[..at].find("//").or_else(|| word[..at].find("\\\\"));
        match slashes {
            Some(slashes) => self.hide_bytes(start + slashes + 2, start + at),
            None if word[..at].contains(':') => self.hide_bytes(start, start + at),
            None => {}
        }
    }

    fn hide_query(&mut self, start: usize, word: &str) {
        let Some(query) = word.find('?').map(|at| at + 1) else {
            return;
        };
        let mut from = start + query;
        for pair in word[query..].split('&') {
            if let Some((name, _)) = pair.split_once('=')
                && (is_sensitive(name) || name.contains("sig"))
            {
                self.hide_bytes(from + name.len() + 1, from + pair.len());
            }
            from += pair.len() + 1;
        }
    }

    /// Hides a comment that speaks of secrets.
    fn hide_comment(&mut self) {
        let comment = self.line.find(" #").map(|at| at + 1);
        let comment = comment.or_else(|| self.line.starts_with('#').then_some(0));
        if let Some(at) = comment.filter(|at| key_in(&self.line[*at..]).is_some()) {
            self.hide_bytes(at + 1, self.line.len());
        }
    }

    /// Hides secrets of the file wherever else they turn up.
    fn hide_matches(&mut self, redactor: &Redactor) {
        // What is left of the line, should a secret be in it, is not worth the risk.
        let shown: String = self.masked().text.into_iter().collect();
        if redactor.text(&shown) != shown {
            let indent = self.line.chars().take_while(|char| *char == ' ').count();
            self.hide(indent, usize::MAX);
        }
    }

    /// Hides what may be a secret on a line of a file that could not be taken apart.
    fn guess(&mut self, lines: &[String], number: usize) {
        let mut state = Guess::default();
        for line in lines.iter().take(number - 1) {
            state.read(line);
        }
        if state.covers(self.line) {
            self.hide(0, usize::MAX);
        } else if let Some(end) = state.key_in(self.line) {
            let value = &self.line[end..];
            let gap = value.len() - value.trim_start().len();
            self.hide_bytes(end + gap, end + value.trim_end().len());
        }
    }

    fn masked(&self) -> Masked {
        let mut masked = Masked {
            text: Vec::with_capacity(self.hidden.len()),
            columns: Vec::with_capacity(self.hidden.len()),
            full: self.line.trim_end().chars().count(),
        };
        let mut before = false;
        for (column, (char, hidden)) in self.line.chars().zip(&self.hidden).enumerate() {
            match (*hidden, before) {
                (false, _) => masked.push(char, column),
                (true, false) => MASK.chars().for_each(|char| masked.push(char, column)),
                (true, true) => {}
            }
            before = *hidden;
        }
        masked
    }
}

impl Masked {
    fn push(&mut self, char: char, column: usize) {
        self.text.push(char);
        self.columns.push(column);
    }
}

/// How the value of the key that was read last goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Open {
    /// It is no secret.
    #[default]
    No,
    /// It may go on up to the next key.
    UpToAKey,
    /// It goes on up to this quote.
    UpToAQuote(char),
}

/// Whether the lines read so far leave a secret open.
#[derive(Debug, Default)]
struct Guess {
    open: Open,
    /// The indentation of `alerting` or `webhook`, below which a `url` is a secret.
    webhook: Option<usize>,
}

impl Guess {
    /// Whether the next line may belong to a secret.
    fn covers(&self, line: &str) -> bool {
        match self.open {
            Open::No => false,
            // The indentation is not to be trusted: it may be what is wrong.
            Open::UpToAKey => key_of(line).is_none(),
            Open::UpToAQuote(_) => true,
        }
    }

    /// The end of the first secret key in a line, with its colon.
    fn key_in(&self, line: &str) -> Option<usize> {
        let inside = line.contains("webhook") || self.webhook.is_some_and(|it| indent(line) > it);
        let url = line
            .find("://")
            .filter(|_| inside && !line.contains("token_url"));
        let start = url.map(|at| line[..at].rfind([' ', '"', '\'']).map_or(0, |at| at + 1));
        key_in(line).or(start)
    }

    fn read(&mut self, line: &str) {
        if self.covers(line) {
            if matches!(self.open, Open::UpToAQuote(quote) if line.contains(quote)) {
                self.open = Open::No;
            }
            return;
        }
        if self
            .webhook
            .is_some_and(|depth| !line.trim().is_empty() && indent(line) <= depth)
        {
            self.webhook = None;
        }
        if matches!(key_of(line), Some("alerting" | "webhook")) {
            self.webhook = Some(indent(line));
        }
        self.open = self.key_in(line).map_or(Open::No, |end| {
            let value = line[end..].trim();
            let quote = value.chars().next().filter(|char| "\"'".contains(*char));
            match quote.filter(|quote| value.matches(*quote).count() % 2 == 1) {
                Some(quote) => Open::UpToAQuote(quote),
                None => Open::UpToAKey,
            }
        });
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '-', '?']).len()
}

/// The end of the first secret key in a line, with its colon.
fn key_in(line: &str) -> Option<usize> {
    let word = |char: char| char.is_alphanumeric() || "_-".contains(char);
    for (colon, _) in line.match_indices(':') {
        let before = line[..colon].trim_end_matches(['"', '\'', ' ']);
        let start = before
            .char_indices()
            .rfind(|(_, char)| !word(*char))
            .map_or(0, |(at, char)| at + char.len_utf8());
        if is_secret_key(&before[start..]) {
            return Some(colon + 1);
        }
    }
    None
}

/// The key that a line starts with.
fn key_of(line: &str) -> Option<&str> {
    let text = line.trim_start_matches([' ', '-', '?']);
    let (key, rest) = text.split_once(':')?;
    let plain = |char: char| char.is_alphanumeric() || "_-.\"'".contains(char);
    let follows = rest.is_empty() || rest.starts_with(char::is_whitespace);
    (follows && !key.is_empty() && key.chars().all(plain)).then_some(key)
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
