//! What others wrote, and what becomes of it.

use std::sync::Arc;

use authvigil::domain::finding::Reason;
use authvigil::domain::observation::Certificate;
use authvigil::web::page;

use super::{TWO, of, overview};
use crate::support::snapshot::{State, answer, bad_day, certificate, seen, silence, troubled};

#[test]
fn markup_that_a_server_sent_stays_text() {
    let mut state = State::of(TWO);
    let challenge = "Basic realm=\"</pre><script>alert(1)</script>&\u{202e}\"";
    let mut fields = vec![("www-authenticate", challenge)];
    fields.push(("location", "javascript:alert(1)"));
    state.sees("first/anonymous", seen(answer(302, &fields)), 5);
    state.sees(
        "first/valid",
        seen(silence(
            Reason::ProtocolError,
            "<img src=x onerror=alert(1)>\u{1b}[2J",
        )),
        5,
    );
    let mut evil: Certificate = certificate("CN=<b>bold</b>\u{200b}", 3);
    evil.names = vec!["<i>".to_owned()];
    state.certificate("first/anonymous", evil);
    for html in [overview(&state), of(&state, "first")] {
        let bad = [
            "<script",
            "<img",
            "<b>bold",
            "<i>",
            "\u{1b}",
            "\u{202e}",
            "\u{200b}",
            "href=\"javascript",
        ];
        let found: Vec<&str> = bad.into_iter().filter(|bad| html.contains(bad)).collect();
        assert_eq!(found, Vec::<&str>::new());
    }
}

#[test]
fn what_hides_in_a_challenge_is_shown() {
    let mut state = State::of(TWO);
    state.sees(
        "first/anonymous",
        seen(answer(
            401,
            &[("www-authenticate", "Basic realm=\"a\u{9b}b\"")],
        )),
        5,
    );
    let html = of(&state, "first");
    // U+009B takes two bytes in UTF-8, and a header is read byte by byte.
    assert!(html.contains("Basic realm=&#34;aÂ\\u{9b}b&#34;"), "{html}");
}

#[test]
fn a_long_text_is_cut() {
    let mut state = State::of(TWO);
    let long = format!("Basic realm=\"{}\"", "a".repeat(60_000));
    state.sees(
        "first/anonymous",
        seen(answer(200, &[("www-authenticate", &long)])),
        5,
    );
    assert!(of(&state, "first").len() < 60_000);
}

#[test]
fn values_of_a_query_are_not_shown() {
    let mut state = State::of(TWO);
    state.sees(
        "first/anonymous",
        seen(answer(302, &[("location", "/login?next=hunter2")])),
        5,
    );
    for html in [overview(&state), of(&state, "first")] {
        assert!(!html.contains("hunter2"), "{html}");
    }
}

#[test]
fn a_runbook_is_linked_on_the_web_alone() {
    let config = TWO.replace(
        "credential: c}",
        "credential: c, runbook_url: 'https://runbooks.example.com/x'}",
    );
    let mut state = State::of(&config);
    assert!(of(&state, "first").contains("href=\"https://runbooks.example.com/x\""));
    let status = Arc::make_mut(&mut state.snapshot.endpoints[0]);
    Arc::make_mut(&mut status.endpoint).runbook_url = Some("javascript:alert(1)".parse().unwrap());
    assert!(!of(&state, "first").contains("javascript:"));
}

#[test]
fn nothing_on_a_page_needs_more_than_the_policy_allows() {
    let state = troubled(bad_day());
    for html in [
        overview(&state),
        of(&state, "orders"),
        page::not_found(&state.snapshot, "page"),
    ] {
        let bad = [
            "<script", "<style", " style=", "<img", "src=", "url(", "@import", " onload",
        ];
        let found: Vec<&str> = bad
            .into_iter()
            .filter(|bad| html.contains(bad) || page::STYLE.contains(bad))
            .collect();
        assert_eq!(found, Vec::<&str>::new());
    }
}
