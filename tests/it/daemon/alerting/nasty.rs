//! A door whose realm is made to break whatever shows it.

use super::{BOTH, ROUTE, brisk, by_mail, incidents, mails_to};
use crate::daemon::{LOCKED, changed, locked_lab, scene};
use crate::support::daemon::{Daemon, Stopped};
use crate::support::lab::Answer;
use crate::support::letter::Letter;
use crate::support::smtp::{Relay, Script};

/// Markup, control sequences of eight bits, an encoded word, words of a shell and of a format; latin-1.
const REALM: &[u8] = b"Basic realm=\"<script>alert(1)</script> \x9b31m \x9b2J \
    =?utf-8?B?aGVsbG8=?= $(id) `id` {{7*7}} %0d%0aBcc: <x@y.test> \xe9\"";

/// What shows the incident: the mails, then everything else by name.
struct Shown {
    mails: Vec<Letter>,
    file: String,
    said: Vec<(&'static str, String)>,
}

fn shown() -> Shown {
    let (lab, relay) = (locked_lab(), Relay::start(Script::default()));
    let alerting =
        by_mail(&relay).replace("{name: oncall,", "{name: oncall, file: {directory: mail},");
    assert!(alerting.contains(ROUTE));
    let text = changed(
        &brisk(&lab, &alerting),
        "{name: orders,",
        "{drift: alert, name: orders,",
    );
    let daemon = Daemon::start(scene(&text));
    daemon.until_reasons(&LOCKED);
    lab.route("/orders", |_| {
        Answer::status(401).header_bytes("WWW-Authenticate", REALM)
    });
    let about = ["challenge", "lockout"];
    daemon.until("both are mailed", || {
        let mails = mails_to(&relay, BOTH[0]);
        let is_there = |word: &str| mails.iter().any(|mail| mail.subject().contains(word));
        about.iter().all(|word| is_there(word)) && !incidents(&daemon).is_empty()
    });
    let file = daemon.until_some("a file", || {
        let mut files = std::fs::read_dir(daemon.path("mail")).ok()?;
        let path = files.find_map(|file| {
            let path = file.unwrap().path();
            (path.extension()? == "eml").then_some(path)
        })?;
        std::fs::read_to_string(path).ok()
    });
    let mut said = Vec::new();
    for path in ["/", "/endpoints/orders", "/api/v1/incidents", "/metrics"] {
        said.push((path, daemon.get(path).body));
    }
    let Stopped { log, .. } = daemon.stop();
    said.push(("the log", log));
    Shown {
        mails: mails_to(&relay, BOTH[0]),
        file,
        said,
    }
}

/// A character that steers a terminal.
fn steers(character: char) -> bool {
    character.is_control() && character != '\n'
}

#[test]
fn a_nasty_realm_breaks_no_mail_page_document_or_log() {
    let Shown { mails, file, said } = shown();
    let told = mails.iter().any(|mail| mail.text.contains("alert(1)"));
    assert!(told, "{mails:?}");
    for mail in mails.iter().chain([&Letter::read(&file)]) {
        let names: Vec<&str> = mail.headers.iter().map(|it| it.0.as_str()).collect();
        assert!(!names.contains(&"Bcc"), "{names:?}");
        assert!(!mail.subject().contains("=?"), "{}", mail.subject());
        assert!(!mail.html.contains("<script"), "{}", mail.html);
        for text in [mail.subject(), &mail.text, &mail.html] {
            assert!(!text.contains(steers), "{text:?}");
        }
    }
    for (place, text) in &said {
        assert!(!text.contains(steers), "{place}: {text:?}");
        let is_page = *place == "/" || place.starts_with("/endpoints");
        assert!(!(is_page && text.contains("<script")), "{place}: {text}");
        if *place == "the log" {
            let broken = text
                .lines()
                .find(|line| serde_json::from_str::<serde_json::Value>(line).is_err());
            assert_eq!(broken, None);
        }
    }
    let endpoint = &said[1].1;
    assert!(
        endpoint.contains("&#60;script&#62;") || endpoint.contains("&lt;script&gt;"),
        "{endpoint}"
    );
}
