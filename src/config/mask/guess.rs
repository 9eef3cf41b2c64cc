//! Guesses which lines of a file that could not be taken apart belong to secrets.

use super::is_secret_key;

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
pub(super) struct Guess {
    open: Open,
    /// The indentation of `alerting` or `webhook`, below which a `url` is a secret.
    webhook: Option<usize>,
}

impl Guess {
    /// Whether the next line may belong to a secret.
    pub(super) fn covers(&self, line: &str) -> bool {
        match self.open {
            Open::No => false,
            // The indentation is not to be trusted: it may be what is wrong.
            Open::UpToAKey => key_of(line).is_none(),
            Open::UpToAQuote(_) => true,
        }
    }

    /// The end of the first secret key in a line, with its colon.
    pub(super) fn key_in(&self, line: &str) -> Option<usize> {
        let inside = line.contains("webhook") || self.webhook.is_some_and(|it| indent(line) > it);
        let url = line
            .find("://")
            .filter(|_| inside && !line.contains("token_url"));
        let start = url.map(|at| line[..at].rfind([' ', '"', '\'']).map_or(0, |at| at + 1));
        key_in(line).or(start)
    }

    pub(super) fn read(&mut self, line: &str) {
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
pub(super) fn key_in(line: &str) -> Option<usize> {
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
