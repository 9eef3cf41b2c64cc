//! Token endpoints that give nothing.

use std::time::Instant;

use super::*;
use crate::support::lab::{Answer, Lab};
use crate::support::program::Scene;
use crate::support::servers::free_listener;

async fn why(answer: impl Fn() -> Answer + Send + Sync + 'static) -> String {
    let lab = Lab::http();
    lab.route("/token", move |_| answer());
    let why = Holder::of(by_oauth2(&lab.url("/token"))).why().await;
    why.replace(&format!("the token endpoint `{}` ", lab.url("/token")), "")
}

#[tokio::test]
async fn whatever_an_endpoint_answers_instead_of_a_token_is_told_in_words() {
    let html = why(|| Answer::status(200).html("<h1>Welcome</h1>")).await;
    let down = why(|| Answer::status(503).header("Retry-After", "7")).await;
    let busy = why(|| Answer::status(429)).await;
    let moved = why(|| Answer::redirect("https://elsewhere.example/")).await;
    assert_eq!(
        html,
        "answered 200 with something of the type `text/html; charset=utf-8` that is no JSON object"
    );
    assert_eq!(down, "answered 503 (server_error), to retry after 7");
    assert_eq!(busy, "answered 429 (rate_limited)");
    assert_eq!(moved, "answered 302, a redirect, and none is followed");
}

#[tokio::test]
async fn words_without_an_end_are_cut_and_hold_no_part_of_the_secret() {
    let long = why(|| {
        let before = "x".repeat(260);
        let body = format!(r#"{{"error":"{before}cl13nt-secret{before}"}}"#);
        Answer::status(401).json(body)
    })
    .await;
    let expected = format!("answered 401: {}[redacted]", "x".repeat(260));
    assert!(long.starts_with(&expected), "{long}");
    assert_eq!(long.chars().count(), 301);
}

#[tokio::test]
async fn an_endpoint_that_is_down_is_counted_under_the_reason_of_its_silence() {
    let listener = free_listener();
    let url = format!("http://{}/token", listener.local_addr().unwrap());
    drop(listener);
    let client = Holder::of(by_oauth2(&url));
    let why = client.why().await;
    let begin = format!("the token endpoint `{url}` gave no answer: connect_refused: ");
    assert!(why.starts_with(&begin), "{why}");
    let reason = authvigil::domain::finding::Reason::ConnectRefused;
    assert_eq!(client.count(FetchOutcome::Failed(reason)), 1);
}

#[tokio::test]
async fn an_endpoint_that_failed_is_not_asked_again_at_once() {
    let lab = Lab::http();
    lab.route("/token", |_| {
        Answer::status(503).header("Retry-After", "60")
    });
    let client = Holder::of(by_oauth2(&lab.url("/token")));
    client.why().await;
    client.why().await;
    assert_eq!(lab.requests().len(), 1);
}

#[test]
fn a_token_endpoint_that_hangs_costs_a_run_its_timeout_and_not_more() {
    let lab = Lab::http();
    lab.route("/token", |_| {
        Answer::status(200).after(Duration::from_mins(1))
    });
    lab.route("/api", |_| Answer::unauthorized("Bearer realm=\"api\""));
    let config = format!(
        "global: {{timeout: 2s}}\n\
         credentials:\n  api:\n    oauth2:\n      token_url: {}\n      client_id: watch\n      \
         client_secret: cl13nt-secret\n\
         endpoints:\n  - {{name: api, url: \"{}\", credential: api}}\n",
        lab.url("/token"),
        lab.url("/api")
    );
    let scene = Scene::of(&config);
    let started = Instant::now();
    let report = scene.check();
    let took = started.elapsed();
    assert_eq!(report.reason("api/valid"), "token_unavailable");
    // Its own timeout is ten seconds; the rest is for a busy machine.
    assert!(
        took > Duration::from_secs(9) && took < Duration::from_secs(18),
        "{took:?}"
    );
    assert_eq!(
        lab.requests()
            .iter()
            .filter(|it| it.path == "/token")
            .count(),
        1
    );
}
