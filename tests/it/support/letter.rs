//! Reads mails as a mail program does: headers unfolded, parts decoded.

/// A mail in two parts, text and HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Letter {
    /// Every header in order.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) text: String,
    pub(crate) html: String,
}

impl Letter {
    /// Reads one; a mail of another form ends the test.
    pub(crate) fn read(mail: &str) -> Self {
        let (head, body) = mail.split_once("\r\n\r\n").unwrap();
        let headers = headers(head);
        let kind = value(&headers, "Content-Type").unwrap();
        let boundary = kind.split("boundary=\"").nth(1).unwrap();
        let boundary = format!("--{}", boundary.split('"').next().unwrap());
        let parts = body.split(&boundary).skip(1);
        let parts: Vec<String> = parts.filter_map(decoded).collect();
        let [text, html] = parts.try_into().unwrap();
        Self {
            headers,
            text,
            html,
        }
    }

    /// The value of a header that is there once at most.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let same = |it: &&(String, String)| it.0.eq_ignore_ascii_case(name);
        let count = self.headers.iter().filter(same).count();
        assert!(count < 2, "{name} is there {count} times");
        value(&self.headers, name)
    }

    /// The value of a header that is to be there.
    #[track_caller]
    pub(crate) fn field(&self, name: &str) -> &str {
        let found = self.header(name);
        found.unwrap_or_else(|| panic!("no {name}: {:?}", self.headers))
    }

    /// Its subject.
    #[track_caller]
    pub(crate) fn subject(&self) -> &str {
        self.field("Subject")
    }
}

fn headers(head: &str) -> Vec<(String, String)> {
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let lines = unfolded.split("\r\n").map(|line| {
        let field = line.split_once(':');
        let (name, value) = field.unwrap_or_else(|| panic!("no header: {line}"));
        (name.to_owned(), value.trim().to_owned())
    });
    lines.collect()
}

fn value<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    let mut same = headers.iter().filter(|it| it.0.eq_ignore_ascii_case(name));
    same.next().map(|(_, value)| value.as_str())
}

/// The text of a part; `None` for what follows the last one.
fn decoded(part: &str) -> Option<String> {
    let (head, body) = part.split_once("\r\n\r\n")?;
    assert!(head.contains("quoted-printable"), "{head}");
    let joined = body.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut pieces = joined.split('=');
    bytes.extend_from_slice(pieces.next().unwrap().as_bytes());
    for piece in pieces {
        bytes.push(u8::from_str_radix(&piece[..2], 16).unwrap());
        bytes.extend_from_slice(&piece.as_bytes()[2..]);
    }
    Some(String::from_utf8(bytes).unwrap().replace("\r\n", "\n"))
}

#[test]
fn a_mail_is_read_as_it_was_meant() {
    let part = "Content-Type: text/plain; charset=utf-8\r\n\
                Content-Transfer-Encoding: quoted-printable\r\n\r\n";
    let mail = format!(
        "Subject: one\r\n two\r\nContent-Type: multipart/alternative;\r\n boundary=\"x\"\r\n\r\n\
         --x\r\n{part}a=3Db=C3=A9=\r\nc\r\n--x\r\n{part}<p>\r\n--x--\r\n"
    );
    let letter = Letter::read(&mail);
    assert_eq!(letter.subject(), "one two");
    let parts = (letter.text.as_str(), letter.html.as_str());
    assert_eq!(parts, ("a=b\u{e9}c\n", "<p>\n"));
}
