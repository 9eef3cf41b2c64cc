//! What a relay answers (RFC 5321 §4.2).

/// An answer: a code and its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    /// The code, 200 to 599.
    pub(super) code: u16,
    /// What follows the code, line by line.
    pub(super) lines: Vec<String>,
}

/// One line of an answer, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) code: u16,
    /// Whether more lines follow.
    pub(super) goes_on: bool,
    pub(super) text: String,
}

impl Line {
    /// Reads a line without its end; `None` for what is no answer.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let (digits, rest) = bytes.split_at_checked(3)?;
        let [
            first @ b'2'..=b'5',
            second @ b'0'..=b'9',
            third @ b'0'..=b'9',
        ] = digits
        else {
            return None;
        };
        let digit = |byte: &u8| u16::from(byte - b'0');
        let (goes_on, text) = match rest.split_first() {
            None => (false, &b""[..]),
            Some((b' ', text)) => (false, text),
            Some((b'-', text)) => (true, text),
            Some(_) => return None,
        };
        Some(Self {
            code: digit(first) * 100 + digit(second) * 10 + digit(third),
            goes_on,
            text: String::from_utf8_lossy(text).into_owned(),
        })
    }
}

impl Reply {
    /// The answer on one line: `550 5.1.1 No such user`.
    pub(super) fn words(&self) -> String {
        // Of thousands of lines nobody reads more.
        let lines = self.lines.iter().take(20).map(String::as_str);
        let text: Vec<&str> = lines.collect();
        format!("{} {}", self.code, text.join(" "))
    }
}

/// What a relay offers in its answer to `EHLO`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Offer {
    /// The names of the extensions, in capitals.
    pub(super) extensions: Vec<String>,
    /// The mechanisms of `AUTH`, in capitals.
    pub(super) mechanisms: Vec<String>,
}

impl Offer {
    /// Reads the lines after the first, which names the relay (RFC 5321 §4.1.1.1).
    pub(super) fn read(reply: &Reply) -> Self {
        let mut offer = Self::default();
        for line in reply.lines.iter().skip(1) {
            let line = line.to_ascii_uppercase();
            let mut words = line.split_ascii_whitespace();
            match words.next() {
                Some("AUTH") => offer.mechanisms.extend(words.map(str::to_owned)),
                Some(extension) => offer.extensions.push(extension.to_owned()),
                None => {}
            }
        }
        offer
    }

    /// Whether an extension is on offer, such as `STARTTLS`.
    pub(super) fn has(&self, extension: &str) -> bool {
        self.extensions.iter().any(|it| it == extension)
    }

    /// Whether a mechanism of `AUTH` is on offer.
    pub(super) fn knows(&self, mechanism: &str) -> bool {
        self.mechanisms.iter().any(|it| it == mechanism)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_code_and_a_text() {
        let line = |code, goes_on, text: &str| {
            let text = text.to_owned();
            Some(Line {
                code,
                goes_on,
                text,
            })
        };
        assert_eq!(
            Line::parse(b"250-PIPELINING"),
            line(250, true, "PIPELINING")
        );
        assert_eq!(Line::parse(b"250 ok"), line(250, false, "ok"));
        assert_eq!(Line::parse(b"250"), line(250, false, ""));
        assert_eq!(
            Line::parse(b"550 Bo\xeete"),
            line(550, false, "Bo\u{fffd}te")
        );
    }

    #[test]
    fn what_is_no_answer_is_told_apart() {
        for text in [
            "",
            "25",
            "abc def",
            "150 x",
            "650 x",
            "2500 x",
            "HTTP/1.1 400 Bad Request",
        ] {
            assert_eq!(Line::parse(text.as_bytes()), None, "`{text}`");
        }
    }

    #[test]
    fn an_offer_is_read_in_any_case_and_past_empty_lines() {
        let lines = [
            "mail.example AUTH XOAUTH2",
            " ",
            "",
            "StartTLS",
            "auth plain LOGIN",
            "SIZE 0",
        ];
        let lines = lines.map(str::to_owned).to_vec();
        let offer = Offer::read(&Reply { code: 250, lines });
        let expected = Offer {
            extensions: vec!["STARTTLS".to_owned(), "SIZE".to_owned()],
            mechanisms: vec!["PLAIN".to_owned(), "LOGIN".to_owned()],
        };
        assert_eq!(offer, expected);
    }
}
