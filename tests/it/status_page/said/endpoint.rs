//! What the page of one endpoint says.

use std::sync::Arc;

use authvigil::domain::advice::AdviceCode;
use authvigil::domain::finding::Verdict;
use authvigil::web::page;

use super::{TWO, between, of, words};
use crate::support::snapshot::{State, answer, bad_day, name, seen};

#[test]
fn an_endpoint_page_lays_the_last_good_answer_beside_the_one_of_now() {
    let mut state = State::of(TWO);
    state.sees("first/anonymous", seen(answer(200, &[])), 5);
    let html = of(&state, "first");
    let evidence = between(&html, "<summary>Evidence</summary>", "<table");
    assert_eq!(
        words(evidence),
        "What came back HTTP/1.1 200 OK \
         2026-11-20 09:29:40 UTC, 20 seconds ago, 101 ms, from 192.0.2.17:443 \
         When all was last well HTTP/1.1 401 Unauthorized \
         WWW-Authenticate: Basic realm=&#34;first&#34; \
         2026-11-20 09:24:00 UTC, 6 minutes ago, 101 ms, from 192.0.2.17:443"
    );
    assert_eq!(evidence.matches("<mark").count(), 3);
}

#[test]
fn a_holder_is_told_of_its_credential() {
    let html = of(&bad_day(), "invoices");
    let check = words(between(&html, "id=\"check-valid\"", "<figure"));
    assert!(
        check.ends_with("Credential billing: last accepted 1 minute ago, expires in 9 days."),
        "{check}"
    );
}

#[test]
fn a_refusal_that_proves_little_says_so_without_a_click() {
    let mut state = State::of(TWO);
    let said = "the rightful holder is not admitted either";
    state.advise("first/anonymous", AdviceCode::ControlFailing, said);
    let html = of(&state, "first");
    let check = between(&html, "id=\"check-anonymous\"", "</section>");
    let advice = words(between(
        check,
        "<details class=\"advice\" open>",
        "</details>",
    ));
    assert!(advice.contains(said), "{advice}");
}

#[test]
fn a_token_endpoint_is_said_to_be_one_and_is_not_asked_by_hand() {
    let mut state = State::of(TWO);
    let endpoint = Arc::make_mut(&mut state.snapshot.endpoints[0]);
    Arc::make_mut(&mut endpoint.endpoint).tokens_of = Some(name("c"));
    let html = of(&state, "first");
    assert!(
        html.contains("where the tokens of <b>c</b> come from"),
        "{html}"
    );
    assert!(!html.contains("The same by hand"), "{html}");
}

#[test]
fn an_endpoint_page_says_how_to_ask_by_hand() {
    let html = of(&bad_day(), "orders");
    let line = words(between(&html, "The same by hand</summary>", "</pre>"));
    assert_eq!(
        line,
        "curl -sS -i -m 10 -A authvigil/0.1.0 &#39;https://orders.example.com/v1/orders?page=1&#39;"
    );
}

#[test]
fn an_endpoint_page_explains_its_worst_reason() {
    let html = of(&bad_day(), "orders");
    let details = words(between(&html, "<details open>", "</details>"));
    assert!(
        details.starts_with(
            "What it means and where to look first A request that carried no credential at all"
        ),
        "{details}"
    );
    assert!(
        html.contains("<code>authvigil explain anonymous_admitted</code>"),
        "{html}"
    );
    assert!(
        details.contains("with curl -si URL, without -u, cookie"),
        "{details}"
    );
}

#[test]
fn changes_of_other_endpoints_are_left_out() {
    let state = bad_day();
    let changes = [
        state.change(
            "orders/anonymous",
            Some(Verdict::Pass),
            seen(answer(200, &[])),
            12,
        ),
        state.change("invoices/valid", None, seen(answer(401, &[])), 20),
    ];
    let html = page::endpoint(&state.snapshot, &name("orders"), &changes).unwrap();
    let table = words(between(&html, "<table class=\"rows changes\">", "</table>"));
    assert_eq!(
        table,
        "Changes of a verdict or its reasons, the newest first \
         When Check Before → after Reasons Status Challenge \
         2026-11-20 09:18:00 UTC 12 minutes ago anonymous pass → bypass anonymous_admitted 200 OK"
    );
}

#[test]
fn an_endpoint_that_is_not_watched_has_no_page() {
    let state = State::of(TWO);
    assert_eq!(page::endpoint(&state.snapshot, &name("third"), &[]), None);
}

#[test]
fn what_is_not_here_is_named_and_escaped() {
    let html = page::not_found(&State::of(TWO).snapshot, "endpoint named <b>\u{202e}");
    let said = words(between(&html, "<main", "</main>"));
    assert!(
        said.contains("There is no endpoint named &#60;b&#62;\\u{202e} here."),
        "{said}"
    );
}
