use super::*;
use crate::domain::notice::{MessageId, NoticeId, Thread};

fn mailbox(name: Option<&str>, address: &str) -> Mailbox {
    Mailbox {
        name: name.map(str::to_owned),
        address: address.to_owned(),
    }
}

fn id(number: usize) -> MessageId {
    MessageId::of(
        &NoticeId::parse(&format!("{number:016}")).unwrap(),
        "example.com",
    )
}

fn letter() -> Letter {
    Letter {
        subject: "[authvigil] CRITICAL bypass orders".to_owned(),
        date: "2026-11-22T21:22:42Z".parse().unwrap(),
        thread: Thread {
            message_id: id(1),
            in_reply_to: None,
            references: Vec::new(),
        },
        text: "Let in.\n".to_owned(),
        html: "<p>Let in.</p>\n".to_owned(),
    }
}

fn mail(letter: &Letter) -> String {
    let from = mailbox(Some("Auth Vigil"), "watch@example.com");
    let to = mailbox(None, "oncall@example.com");
    String::from_utf8(compose(letter, &from, Some(&to)).unwrap()).unwrap()
}

/// The header section, unfolded.
fn headers(mail: &str) -> String {
    mail.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ")
}

#[test]
fn a_letter_has_every_header_that_it_needs() {
    let mail = mail(&letter());
    let headers = headers(&mail);
    let boundary = mail.split("boundary=\"").nth(1).unwrap();
    let boundary = boundary.split('"').next().unwrap();
    let expected = [
        "From: \"Auth Vigil\" <watch@example.com>",
        "To: oncall@example.com",
        "Subject: [authvigil] CRITICAL bypass orders",
        "Date: Sun, 22 Nov 2026 21:22:42 +0000",
        "Message-ID: <0000000000000001@example.com>",
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All",
        "MIME-Version: 1.0",
        &format!("Content-Type: multipart/alternative; boundary=\"{boundary}\""),
    ];
    let lines: Vec<String> = headers
        .lines()
        .map(|line| line.replace("  ", " "))
        .collect();
    assert_eq!(lines, expected);
}

#[test]
fn the_same_letter_gives_the_same_bytes() {
    assert_eq!(mail(&letter()), mail(&letter()));
}

#[test]
fn an_answer_names_the_thread() {
    let mut letter = letter();
    letter.thread.in_reply_to = Some(id(7));
    letter.thread.references = vec![id(7), id(8)];
    let mail = mail(&letter);
    let headers = headers(&mail);
    assert!(
        headers.contains("\r\nIn-Reply-To: <0000000000000007@example.com>\r\n"),
        "{headers}"
    );
    let references = "References: <0000000000000007@example.com> <0000000000000008@example.com>";
    assert!(headers.contains(references), "{headers}");
}

#[test]
fn a_long_thread_names_its_first_mail_and_its_latest_ones_on_short_lines() {
    let mut letter = letter();
    letter.thread.references = (1..=500).map(id).collect();
    let mail = mail(&letter);
    assert!(mail.lines().all(|line| line.len() <= 200), "{mail}");
    let named = headers(&mail);
    let named = named.split("References:").nth(1).unwrap();
    let named: Vec<&str> = named.lines().next().unwrap().split_whitespace().collect();
    let expected: Vec<String> = std::iter::once(1)
        .chain(482..=500)
        .map(|at| id(at).to_string())
        .collect();
    assert_eq!(named, expected);
}

#[test]
fn no_server_can_write_a_header() {
    for breaks in ["\r\n", "\n", "\r", "\r\n ", "\u{85}", "\u{2028}", "\0"] {
        let mut letter = letter();
        letter.subject = format!("401{breaks}Bcc: thief@example.com{breaks}{breaks}<script>");
        let mail = mail(&letter);
        let lines = mail
            .lines()
            .filter(|line| line.to_ascii_lowercase().starts_with("bcc"));
        assert_eq!(lines.count(), 0, "{breaks:?}: {mail}");
        assert_eq!(
            headers(&mail).matches("Content-Type:").count(),
            1,
            "{breaks:?}: {mail}"
        );
    }
}

#[test]
fn whatever_a_text_holds_its_lines_are_short_and_in_ascii() {
    let mut letter = letter();
    letter.subject = "é".repeat(3000);
    letter.text = format!(
        "{}\n{}\n.\nFrom x\n\0\u{1b}",
        "x".repeat(5000),
        "ü".repeat(5000)
    );
    letter.html = "<b>&amp;</b>".repeat(2000);
    let mail = mail(&letter);
    assert!(mail.is_ascii());
    assert!(
        mail.split("\r\n")
            .all(|line| line.len() <= 998 && !line.contains(['\r', '\n']))
    );
}

#[test]
fn a_subject_in_any_script_is_an_encoded_word() {
    let mut letter = letter();
    letter.subject = "Tür offen".to_owned();
    let mail = mail(&letter);
    assert!(
        mail.contains("Subject: =?utf-8?b?VMO8cg==?= offen"),
        "{mail}"
    );
}

#[test]
fn a_domain_in_any_script_travels_in_ascii() {
    let reached = address(&mailbox(None, "post@bücher.example")).unwrap();
    assert_eq!(reached.to_string(), "post@xn--bcher-kva.example");
}

#[test]
fn an_address_that_the_configuration_takes_can_be_written_to() {
    for text in [
        "root@localhost",
        "a+x@b.example",
        "o'neil=x@b-c.example",
        "jürgen@b.example",
    ] {
        assert_eq!(
            address(&mailbox(None, text)).map(|it| it.to_string()),
            Ok(text.to_owned())
        );
    }
}

#[test]
fn the_text_comes_back_as_it_was() {
    let mut letter = letter();
    letter.text = "Größe = 5 \n\n.\n".to_owned();
    let mail = mail(&letter);
    assert!(
        mail.contains("Gr=C3=B6=C3=9Fe =3D 5=20\r\n\r\n.\r\n"),
        "{mail}"
    );
}

#[test]
fn what_looks_encoded_already_is_shown_as_it_is() {
    let mut letter = letter();
    letter.subject = "=?utf-8?b?UkVTT0xWRUQ=?=".to_owned();
    let mail = mail(&letter);
    assert!(
        mail.contains("Subject: = ?utf-8?b?UkVTT0xWRUQ= ?="),
        "{mail}"
    );
}
