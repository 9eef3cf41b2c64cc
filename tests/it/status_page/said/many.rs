//! Pages of very many endpoints.

use authvigil::domain::finding::Reason;

use super::{between, linked, overview, words};
use crate::support::snapshot::{State, certificate, seen, silence};

#[test]
fn a_certificate_that_many_endpoints_show_is_one_row() {
    let mut state = State::crowd(20);
    for at in 0..20 {
        state.certificate(
            &format!("service-{at}/anonymous"),
            certificate("CN=*.example.com", 2),
        );
    }
    let html = overview(&state);
    let table = words(between(&html, "<tbody>", "</tbody>"));
    assert_eq!(
        table,
        "in 2 days 2026-11-22 certificate CN=*.example.com service-0 service-1 service-2 and 17 more endpoints"
    );
}

#[test]
fn ten_thousand_good_endpoints_make_a_small_page_by_team() {
    let html = overview(&State::crowd(10_000));
    assert!(html.len() < 100_000, "{} bytes", html.len());
    let holds = words(between(&html, "<h2 id=\"holds\">", "</section>"));
    assert!(
        holds.starts_with("Holds 10 000 834 team-0 834 team-1"),
        "{holds}"
    );
}

#[test]
fn ten_thousand_bad_endpoints_make_a_page_that_is_still_usable() {
    let mut one = State::crowd(1);
    let long = format!("<&\"{}", "long ".repeat(200));
    for check in ["anonymous", "invalid", "valid"] {
        let outcome = silence(Reason::ConnectRefused, &format!("{check}: {long}"));
        one.sees(&format!("service-0/{check}"), seen(outcome), 5);
    }
    let state = one.times(10_000);
    let html = overview(&state);
    assert!(html.len() < 1_000_000, "{} bytes", html.len());
    assert!(
        html.contains("9\u{202f}700 more endpoints not well"),
        "no count"
    );
}

#[test]
fn two_hundred_endpoints_with_every_strip_are_listed() {
    let html = overview(&State::crowd(200));
    assert_eq!((linked(&html).len(), html.len() < 400_000), (200, true));
}
