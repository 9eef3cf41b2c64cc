//! Safety for accounts, within one run.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::support::lab::{Answer, Lab, Request, door};
use crate::support::program::Scene;

const BASIC: &str = "Basic realm=\"lab\"";

fn with_reader(endpoints: &str) -> Scene {
    let scene = Scene::of(&format!(
        "credentials:\n  reader: {{basic_auth: {{username: reader, password_file: pw}}}}\n\
         endpoints:\n{endpoints}"
    ));
    scene.write("pw", "the-s3cret\n");
    scene
}

fn endpoint(lab: &Lab, path: &str) -> String {
    let name = path.trim_start_matches('/');
    format!(
        "  - {{name: {name}, url: \"{}\", credential: reader}}\n",
        lab.url(path)
    )
}

/// Who knocked, by the user that was shown.
fn users(requests: &[Request]) -> Vec<String> {
    let user = |request: &Request| {
        request
            .basic()
            .map_or_else(|| "-".to_owned(), |(user, _)| user)
    };
    requests.iter().map(user).collect()
}

#[test]
fn the_holder_knocks_first_then_nobody_then_the_made_up_user() {
    let lab = Lab::http();
    lab.route("/orders", door::basic("lab", "reader", "the-s3cret"));
    let report = with_reader(&endpoint(&lab, "/orders")).check();
    assert_eq!(report.run.code, 0, "{}", report.run.stdout);
    let users = users(&lab.requests());
    assert_eq!(users[..2], ["reader", "-"]);
    let digits = users[2].strip_prefix("authvigil-nobody-").unwrap();
    assert!(digits.len() == 8 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
}

#[test]
fn made_up_users_reach_an_origin_once_a_second() {
    let lab = Lab::http();
    let paths = ["/a", "/b", "/c"];
    for path in paths {
        lab.route(path, door::basic("lab", "reader", "the-s3cret"));
    }
    let endpoints: String = paths.map(|path| endpoint(&lab, path)).concat();
    let report = with_reader(&endpoints).check();
    assert_eq!(report.run.code, 0, "{}", report.run.stdout);
    assert!(
        report.run.took >= Duration::from_secs(2),
        "{:?}",
        report.run.took
    );
    assert!(
        report.run.took < Duration::from_secs(10),
        "{:?}",
        report.run.took
    );
}

#[test]
fn a_rejected_password_is_shown_four_times_and_no_fifth() {
    let lab = Lab::http();
    let shown = Arc::new(AtomicUsize::new(0));
    let paths: Vec<String> = (0..12).map(|at| format!("/e{at}")).collect();
    for path in &paths {
        let shown = Arc::clone(&shown);
        lab.route(path, move |request| {
            if request.basic().is_some_and(|(user, _)| user == "reader") {
                shown.fetch_add(1, Ordering::Relaxed);
            }
            Answer::unauthorized(BASIC)
        });
    }
    let mut endpoints = String::new();
    for path in &paths {
        let name = path.trim_start_matches('/');
        writeln!(
            endpoints,
            "  - {{name: {name}, url: \"{}\", checks: [{{as: reader}}]}}",
            lab.url(path)
        )
        .unwrap();
    }
    let report = with_reader(&endpoints).check();
    assert_eq!(shown.load(Ordering::Relaxed), 4);
    let reasons: Vec<&str> = report
        .results()
        .iter()
        .map(|result| result["reason"].as_str().unwrap())
        .collect();
    let count = |wanted| reasons.iter().filter(|reason| **reason == wanted).count();
    assert_eq!(
        (count("credential_rejected"), count("not_probed")),
        (4, 8),
        "{reasons:?}"
    );
    let held = report
        .results()
        .iter()
        .find(|it| it["reason"] == "not_probed")
        .unwrap();
    assert!(held["observation"].is_null(), "{held}");
}

#[test]
fn a_429_to_anybody_holds_the_made_up_user_back_and_not_nobody() {
    for status in [423, 429] {
        let lab = Lab::http();
        lab.route("/orders", move |request| {
            if request.header("authorization").is_some() {
                Answer::status(status)
            } else {
                Answer::unauthorized(BASIC)
            }
        });
        let report = with_reader(&endpoint(&lab, "/orders")).check();
        assert_eq!(report.reason("orders/invalid"), "not_probed");
        assert_eq!(report.reason("orders/anonymous"), "pass");
        assert_eq!(users(&lab.requests()), ["reader", "-"]);
    }
}

#[test]
fn a_wrong_password_counts_against_the_account_and_forgives_nothing() {
    let lab = Lab::http();
    let shown = Arc::new(AtomicUsize::new(0));
    let mut endpoints = String::new();
    for at in 0..8 {
        let (path, shown) = (format!("/e{at}"), Arc::clone(&shown));
        lab.route(&path, move |request| {
            if request.basic().is_some_and(|(user, _)| user == "reader") {
                shown.fetch_add(1, Ordering::Relaxed);
            }
            Answer::unauthorized(BASIC)
        });
        writeln!(
            endpoints,
            "  - {{name: e{at}, url: \"{}\", checks: [{{as: reader}}, {{as: {{wrong_password: \
             reader}}}}]}}",
            lab.url(&path)
        )
        .unwrap();
    }
    let report = with_reader(&endpoints).check_with(&["--include", "wrong_password"]);
    assert!(shown.load(Ordering::Relaxed) <= 4, "{}", report.run.stdout);
}

#[test]
fn a_slow_429_to_anybody_still_holds_the_made_up_user_back() {
    let lab = Lab::http();
    let wait = Duration::from_secs(1);
    lab.route("/orders", move |request| {
        if request.header("authorization").is_some() {
            Answer::status(429).after(wait)
        } else {
            Answer::unauthorized(BASIC)
        }
    });
    let report = with_reader(&endpoint(&lab, "/orders")).check();
    assert_eq!(report.reason("orders/invalid"), "not_probed");
}

#[test]
fn a_login_page_is_no_acceptance_of_a_password() {
    let lab = Lab::http();
    let rejected = Arc::new(AtomicUsize::new(0));
    let mut endpoints = String::new();
    for at in 0..16 {
        let (path, rejected) = (format!("/e{at}"), Arc::clone(&rejected));
        lab.route(&path, move |_| {
            if at % 2 == 0 {
                return Answer::login_page();
            }
            rejected.fetch_add(1, Ordering::Relaxed);
            Answer::unauthorized(BASIC)
        });
        writeln!(
            endpoints,
            "  - {{name: e{at}, url: \"{}\", checks: [{{as: reader}}]}}",
            lab.url(&path)
        )
        .unwrap();
    }
    let report = with_reader(&endpoints).check();
    assert!(
        rejected.load(Ordering::Relaxed) <= 4,
        "{}",
        report.run.stdout
    );
}

#[test]
fn a_missing_secret_is_not_sent_and_neither_is_anything_in_its_place() {
    let lab = Lab::http();
    lab.route("/orders", door::basic("lab", "reader", "the-s3cret"));
    let scene = with_reader(&endpoint(&lab, "/orders"));
    std::fs::remove_file(scene.path().join("pw")).unwrap();
    let report = scene.check();
    let result = report.result("orders/valid");
    assert_eq!(
        (&result["reason"], &result["verdict"]),
        (&"secret_unavailable".into(), &"unknown".into())
    );
    assert!(result["observation"].is_null());
    assert_eq!(users(&lab.requests()).len(), 2);
    assert_eq!(report.advice("orders/anonymous"), ["control_failing"]);
    assert_eq!(report.run.code, 3);
}

#[test]
fn a_secret_that_rotates_under_a_401_is_read_again_and_the_first_verdict_dropped() {
    let lab = Lab::http();
    let scene = with_reader(&endpoint(&lab, "/orders"));
    let file = scene.path().join("pw");
    lab.route("/orders", move |request| match request.basic() {
        Some((_, password)) if password == "rotated" => Answer::status(200),
        Some((user, _)) if user == "reader" => {
            std::fs::write(&file, "rotated\n").unwrap();
            Answer::unauthorized(BASIC)
        }
        _ => Answer::unauthorized(BASIC),
    });
    let report = scene.check();
    assert_eq!(
        report.reason("orders/valid"),
        "pass",
        "{}",
        report.run.stdout
    );
    assert_eq!(users(&lab.requests())[..2], ["reader", "reader"]);
}

#[test]
fn a_wrong_password_is_shown_only_when_it_is_asked_for() {
    let lab = Lab::http();
    lab.route("/orders", door::basic("lab", "reader", "the-s3cret"));
    let scene = with_reader(&format!(
        "  - {{name: orders, url: \"{}\", checks: [{{as: reader}}, {{as: {{wrong_password: reader}}}}]}}\n",
        lab.url("/orders")
    ));
    let report = scene.check();
    assert_eq!(report.results().len(), 1, "{}", report.run.stdout);
    let report = scene.check_with(&["--include", "wrong_password"]);
    assert_eq!(report.reason("orders/wrong_password-reader"), "pass");
    assert_eq!(users(&lab.requests()), ["reader", "reader", "reader"]);
}

#[test]
fn what_an_impostor_shows_is_not_quoted_either() {
    const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjaSJ9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg";
    let lab = Lab::http();
    lab.route("/orders", |request| {
        let shown = request.bearer().unwrap_or_default().to_owned();
        Answer::unauthorized(&format!("Bearer realm=\"{shown}\"")).header("X-Echo", &shown)
    });
    let scene = Scene::of(&format!(
        "credentials:\n  ci: {{authorization: {{credentials_file: token}}}}\nendpoints:\n  - name: \
         orders\n    url: {}\n    checks:\n      - as: {{tampered: ci}}\n      - as: {{unsigned: \
         ci}}\n      - as: {{truncated: ci}}\n",
        lab.url("/orders")
    ));
    scene.write("token", TOKEN);
    let report = scene.check();
    assert_eq!(report.results().len(), 3);
    let (claims, signature) = TOKEN.rsplit_once('.').unwrap();
    for secret in [claims, "eyJzdWIiOiJjaSJ9", &signature[..12]] {
        assert!(
            !report.run.stdout.contains(secret),
            "{secret}: {}",
            report.run.stdout
        );
    }
}

#[test]
fn impostors_of_a_token_are_each_what_they_are_named_for() {
    const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjaSJ9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg";
    let lab = Lab::http();
    lab.route("/orders", door::bearer("lab", TOKEN));
    let scene = Scene::of(&format!(
        "credentials:\n  ci: {{authorization: {{credentials_file: token}}}}\nendpoints:\n  - name: \
         orders\n    url: {}\n    checks:\n      - as: ci\n      - as: {{tampered: ci}}\n      - as: \
         {{unsigned: ci}}\n      - as: {{token_file: other}}\n",
        lab.url("/orders")
    ));
    scene.write("token", TOKEN);
    scene.write("other", "a-token-for-another-audience");
    let report = scene.check();
    for check in ["ci", "tampered-ci", "unsigned-ci", "token_file"] {
        assert_eq!(
            report.reason(&format!("orders/{check}")),
            "pass",
            "{}",
            report.run.stdout
        );
    }
    let tokens: Vec<String> = lab
        .requests()
        .iter()
        .filter_map(|it| it.bearer().map(str::to_owned))
        .collect();
    assert_eq!(tokens[0], TOKEN);
    assert!(
        tokens[1].starts_with("eyJhbGciOiJIUzI1NiJ9.") && tokens[1] != TOKEN,
        "{tokens:?}"
    );
    assert!(tokens[2].ends_with('.'), "{tokens:?}");
    assert_eq!(tokens[3], "a-token-for-another-audience");
}
