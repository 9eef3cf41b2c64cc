//! What the pages say.

use std::sync::Arc;

use authvigil::domain::finding::{Reason, Verdict};
use authvigil::domain::observation::Certificate;
use authvigil::web::page;

use crate::support::snapshot::{
    State, answer, bad_day, certificate, name, now, seen, silence, troubled,
};

const TWO: &str = "
credentials:
  c:
    basic_auth: {username: u, password_env: C}
endpoints:
  - {name: first, url: 'https://first.example.com/?token=hunter2', credential: c}
  - {name: second, url: 'https://second.example.com/', credential: c}
";

fn overview(state: &State) -> String {
    page::overview(&state.snapshot)
}

fn of(state: &State, endpoint: &str) -> String {
    page::endpoint(&state.snapshot, &name(endpoint), &[]).unwrap()
}

/// The text between the first `from` and the next `to`.
fn between<'a>(html: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = html
        .split_once(from)
        .unwrap_or_else(|| panic!("no {from} in {html}"));
    rest.split_once(to).unwrap().0
}

fn title(html: &str) -> &str {
    between(html, "<title>", "</title>")
}

/// The words of a piece of markup, in one line.
fn words(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        // What stands in cells of their own is words of their own.
        if ["/td", "/th", "/dt", "/dd"].contains(&tag) {
            text.push(' ');
        }
        rest = after;
    }
    text.push_str(rest);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn headline(html: &str) -> String {
    words(between(html, "<h1>", "</h1>"))
}

/// The endpoints that an overview links to, in its order, each once.
fn linked(html: &str) -> Vec<&str> {
    let links = html.split("href=\"/endpoints/").skip(1);
    let mut names: Vec<&str> = Vec::new();
    for link in links {
        let name = link.split('"').next().unwrap();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

#[test]
fn a_good_day_is_one_calm_sentence() {
    let html = overview(&State::of(TWO));
    assert_eq!(
        (title(&html), headline(&html)),
        (
            "All 2 locks hold · authvigil",
            "All 2 locks hold.".to_owned()
        )
    );
}

#[test]
fn an_open_door_is_the_first_thing_said() {
    let html = overview(&bad_day());
    assert_eq!(headline(&html), "1 door stands open. 20 of 26 locks hold.");
}

#[test]
fn the_title_counts_what_is_wrong() {
    assert_eq!(
        title(&overview(&bad_day())),
        "4 failing, 1 unknown, 1 pending · authvigil"
    );
}

#[test]
fn a_lockout_is_said_where_no_door_is_open() {
    let mut state = State::of(TWO);
    state.sees("second/valid", seen(answer(401, &[])), 5);
    let html = overview(&state);
    assert_eq!(
        headline(&html),
        "1 rightful caller is locked out. 1 of 2 locks holds."
    );
}

#[test]
fn the_worst_comes_first_and_the_newest_trouble_among_equals() {
    let html = overview(&bad_day());
    let expected = [
        "orders",
        "invoices",
        "archive",
        "warehouse-stock-levels-of-the-northern-region-v2.internal.api",
        "reports",
    ];
    assert_eq!(linked(&html)[..5], expected);
}

#[test]
fn a_problem_says_since_when_what_was_expected_and_what_was_seen() {
    let html = overview(&bad_day());
    let card = between(&html, "/endpoints/invoices", "</article>");
    let problem = words(between(card, "<div class=\"wrong", "<svg class=\"strip"));
    let said = problem
        .split_once('>')
        .map_or(problem.as_str(), |(_, said)| said)
        .trim()
        .to_owned();
    assert_eq!(
        said,
        "critical The rightful credential met a 401 \
         for 2 hours 7 minutes, since 2026-11-20 07:23 UTC \
         credential_rejected lockout, critical \
         expected 2xx saw 401 Unauthorized before 200 OK \
         now 401 Unauthorized · Bearer realm=&#34;billing&#34;, error=&#34;invalid_token&#34;, \
         error_description=&#34;The access token expired&#34; \
         valid the rightful holder of billing"
    );
}

#[test]
fn checks_that_met_the_same_are_told_once() {
    let html = overview(&bad_day());
    let card = between(&html, "/endpoints/reports", "</article>");
    assert_eq!(card.matches("No TCP connection in time").count(), 1);
    assert!(
        words(card).contains("expected 401 or 2xx saw no connection"),
        "{card}"
    );
}

#[test]
fn pending_is_calm() {
    let html = overview(&State::pending(TWO));
    assert_eq!(
        (
            title(&html),
            headline(&html),
            html.contains("What is wrong")
        ),
        (
            "2 pending · authvigil",
            "2 locks wait for their first verdict.".to_owned(),
            false
        )
    );
    assert!(
        html.contains("<section class=\"headline pending\">"),
        "{html}"
    );
}

#[test]
fn what_is_held_back_says_until_when_and_why() {
    let html = overview(&bad_day());
    let waiting = words(between(&html, "id=\"waiting\"", "</section>"));
    assert!(
        waiting.contains(
            "held back partner-feed until 2026-11-20 09:55 UTC: 429 with Retry-After: 1800"
        ),
        "{waiting}"
    );
}

#[test]
fn a_strip_says_in_words_what_it_shows() {
    let html = overview(&bad_day());
    assert!(
        html.contains(
            "<title>anonymous: last 60 probes: 12 critical, 48 pass; newest: critical</title>"
        ),
        "{html}"
    );
}

#[test]
fn what_expires_soon_is_listed_with_the_first_first() {
    let html = overview(&bad_day());
    let table = words(between(
        &html,
        "<table class=\"rows expiries\">",
        "</table>",
    ));
    assert_eq!(
        table,
        "When What Where \
         expired 24 hours ago 2026-11-19 certificate CN=tickets.example.com tickets \
         in 6 days 2026-11-26 certificate CN=wiki.example.com wiki \
         in 9 days 2026-11-29 credential billing"
    );
}

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
fn the_monitors_own_troubles_stand_above_everything() {
    let html = overview(&troubled(bad_day()));
    let notices = words(between(&html, "<section class=\"notices\"", "<main"));
    assert_eq!(
        notices.split_once('>').unwrap().1.trim(),
        "This monitor may be cut off. Most hosts fail at once, so the fault may lie between here and them. \
         The state file is in trouble. The disk of the state file is full; incidents are kept in memory. \
         For 3 minutes, since 2026-11-20 09:27:00 UTC. \
         The configuration on disk has faults. The one before is still in force. \
         authvigil.yaml:14:12: `timeout` must be shorter than `interval`"
    );
}

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

#[test]
fn the_time_of_the_state_stands_on_every_page() {
    let state = State::of(TWO);
    let expected = format!(
        "<time datetime=\"{}\">2026-11-20 09:30:00 UTC</time>",
        now()
    );
    for html in [overview(&state), of(&state, "first")] {
        assert!(html.contains(&expected), "{html}");
    }
}
