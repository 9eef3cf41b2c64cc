//! What a server sends steers no terminal, breaks no line and turns no direction.

use std::fmt::Write as _;

use crate::support::lab::{Answer, Lab};
use crate::support::program::Scene;
use crate::support::schema::check_junit;

/// Bytes that a header may hold and a terminal must not see, with what is shown in their place.
const NASTY: [(&str, &[u8], &str); 4] = [
    ("C1 control sequence", b"a\x9b2Jb", "a\\u{9b}2Jb"),
    ("C1 string", b"a\x90q\x9cb", "a\\u{90}q\\u{9c}b"),
    ("next line", b"a\x85b", "a\\u{85}b"),
    ("tabulator", b"a\tb", "a\\u{9}b"),
];

/// Whether a text holds what only a nasty server would want there.
fn steers(text: &str) -> bool {
    text.chars().any(|it| {
        let turns = matches!(it, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        turns || (it.is_control() && it != '\n')
    })
}

fn nasty(bytes: &[u8]) -> Lab {
    let lab = Lab::http();
    let challenge = [b"Basic realm=\"", bytes, b"\", x=\"", bytes, b"\""].concat();
    let location = [b"/login/", bytes].concat();
    let bytes = bytes.to_vec();
    for (path, status) in [("/401", 401), ("/302", 302), ("/200", 200)] {
        let (challenge, location, bytes) = (challenge.clone(), location.clone(), bytes.clone());
        lab.route(path, move |_| {
            Answer::status(status)
                .header_bytes("WWW-Authenticate", &challenge)
                .header_bytes("WWW-Authenticate", &bytes)
                .header_bytes("Location", &location)
                .header_bytes("X-Echo", &bytes)
        });
    }
    lab
}

fn scene(lab: &Lab) -> Scene {
    let mut config = String::from("endpoints:\n");
    for path in ["401", "302", "200"] {
        let url = lab.url(&format!("/{path}"));
        writeln!(
            config,
            "  - {{name: e{path}, url: '{url}', challenge: Digest, refused: {{headers: {{X-Echo: \
             none}}, location: /x}}}}"
        )
        .unwrap();
    }
    Scene::of(&config)
}

#[test]
fn what_steers_a_terminal_is_shown_and_not_sent_to_it() {
    for (name, bytes, shown) in NASTY {
        let lab = nasty(bytes);
        let scene = scene(&lab);
        for format in ["text", "junit"] {
            let run = scene.run(&["check", "--format", format]);
            assert_eq!(run.code, 2, "{name}: {}", run.stderr);
            assert!(!steers(&run.stdout), "{name}, {format}: {:?}", run.stdout);
            assert!(
                run.stdout.contains(shown),
                "{name}, {format}: {}",
                run.stdout
            );
            if format == "junit" {
                assert_eq!(check_junit(&run.stdout), Ok(()), "{name}");
            }
        }
        for path in ["/401", "/302"] {
            let run = scene.run(&["probe", &lab.url(path)]);
            assert!(!steers(&run.stdout), "{name}: {:?}", run.stdout);
            assert!(run.stdout.contains(shown), "{name}: {}", run.stdout);
        }
    }
}

#[test]
fn bytes_of_other_encodings_turn_no_direction() {
    // As latin-1, the bytes of these characters are three harmless ones, or controls.
    for text in ["a\u{202e}b", "a\u{2066}b", "a\u{feff}b", "a\u{2028}b"] {
        let lab = nasty(text.as_bytes());
        for format in ["text", "junit"] {
            let run = scene(&lab).run(&["check", "--format", format]);
            assert!(!steers(&run.stdout), "{format}: {:?}", run.stdout);
        }
    }
}

#[test]
fn json_gives_back_every_byte_as_it_came() {
    for (name, bytes, _) in NASTY {
        let report = scene(&nasty(bytes)).check();
        let line = &report.result("e401/anonymous")["observation"]["www_authenticate"][1];
        let latin1: String = bytes.iter().map(|byte| char::from(*byte)).collect();
        assert_eq!(line, &latin1, "{name}");
    }
}

#[test]
fn an_argument_that_steers_a_terminal_is_made_visible_too() {
    let lab = Lab::http();
    let scene = super::doors(&lab, &["a"]);
    for arguments in [
        &["check", "a\u{1b}[2J"][..],
        &["explain", "a\u{1b}[2J"],
        &["probe", &lab.url("/"), "--resolve", "\u{1b}[2J"],
    ] {
        let run = scene.run(arguments);
        assert_eq!(run.code, 64, "{arguments:?}");
        assert!(!steers(&run.stderr), "{:?}", run.stderr);
    }
}
