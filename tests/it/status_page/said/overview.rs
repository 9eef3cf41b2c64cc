//! What the overview says.

use super::{TWO, between, headline, linked, of, overview, title, words};
use crate::support::snapshot::{State, answer, bad_day, now, seen, troubled};

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

#[test]
fn a_failing_check_that_is_held_back_still_fails() {
    let mut state = State::of(TWO);
    state.sees("first/valid", seen(answer(423, &[])), 5);
    state.hold("first/valid", 10, "the account is locked");
    let html = overview(&state);
    let card = words(between(
        &html,
        "<article class=\"card critical",
        "</article>",
    ));
    assert!(
        card.contains("valid the rightful holder of c, held back until 2026-11-20 09:40 UTC"),
        "{card}"
    );
}

#[test]
fn a_check_that_is_held_back_after_a_pass_counts_among_the_locks_that_hold() {
    let mut state = State::of(TWO);
    state.hold("first/invalid", 10, "429");
    let html = overview(&state);
    assert_eq!(headline(&html), "All 2 locks hold.");
}

#[test]
fn an_endpoint_that_rates_a_class_lower_is_listed_lower() {
    let config = TWO.replacen(
        "credential: c}",
        "credential: c, severity: {lockout: warning}}",
        1,
    );
    let mut state = State::of(&config);
    state.sees("first/valid", seen(answer(403, &[])), 1);
    state.sees("second/valid", seen(answer(403, &[])), 9);
    assert_eq!(linked(&overview(&state)), ["second", "first"]);
}
