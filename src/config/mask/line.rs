//! One line, and which of its characters are hidden.

use super::guess::{Guess, key_in};
use crate::config::validate::is_sensitive;
use crate::config::yaml::Span;
use crate::domain::secret::Redactor;

/// What stands in the place of a secret in a line.
const MASK: &str = "********";

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

/// A line and which of its characters must not be shown.
pub(super) struct Hidden<'l> {
    line: &'l str,
    hidden: Vec<bool>,
}

impl<'l> Hidden<'l> {
    pub(super) fn new(line: &'l str) -> Self {
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
    pub(super) fn hide_span(&mut self, span: Span, number: usize) {
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
    pub(super) fn hide_urls(&mut self) {
        let line = self.line;
        self.hide_userinfo_with_blanks();
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

    /// A password that is not encoded may hold blanks and quotes: what stands between `//` and the
    /// last `@` of a line is then hidden, whatever it is.
    fn hide_userinfo_with_blanks(&mut self) {
        if let Some(scheme) = self.line.find("://")
            && let Some(at) = self.line.rfind('@').filter(|at| *at > scheme)
        {
            self.hide_bytes(scheme + 3, at);
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
    pub(super) fn hide_comment(&mut self) {
        let comment = self.line.find(" #").map(|at| at + 1);
        let comment = comment.or_else(|| self.line.starts_with('#').then_some(0));
        if let Some(at) = comment.filter(|at| key_in(&self.line[*at..]).is_some()) {
            self.hide_bytes(at + 1, self.line.len());
        }
    }

    /// Hides secrets of the file wherever else they turn up.
    pub(super) fn hide_matches(&mut self, redactor: &Redactor) {
        // What is left of the line, should a secret be in it, is not worth the risk.
        let shown: String = self.masked().text.into_iter().collect();
        if redactor.text(&shown) != shown {
            let indent = self.line.chars().take_while(|char| *char == ' ').count();
            self.hide(indent, usize::MAX);
        }
    }

    /// Hides what may be a secret on a line of a file that could not be taken apart.
    pub(super) fn guess(&mut self, lines: &[String], number: usize) {
        if lines.iter().any(|line| line.contains("basic_auth_user")) {
            // Every value may be a user's, whatever its key is called.
            let start = self.line.find(": ").map_or(0, |colon| colon + 2);
            self.hide_bytes(start, self.line.trim_end().len());
            return;
        }
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

    pub(super) fn masked(&self) -> Masked {
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
