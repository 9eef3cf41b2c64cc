//! What there is to ask for, and what is answered.

use std::sync::atomic::Ordering;

use authvigil::web::{Limits, Protection, Readiness};

use super::port::{PIECE, Port, settings};

#[test]
fn every_path_has_its_kind_of_content() {
    let port = Port::open();
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/endpoints/orders", "text/html; charset=utf-8"),
        ("/style.css", "text/css; charset=utf-8"),
        ("/metrics", "text/plain; version=0.0.4; charset=utf-8"),
        ("/api/v1/status", "application/json"),
        ("/api/v1/incidents", "application/json"),
        ("/api/v1/silences", "application/json"),
        ("/-/healthy", "text/plain; charset=utf-8"),
        ("/-/ready", "text/plain; charset=utf-8"),
    ] {
        let answer = port.get(path);
        let seen = (answer.status, answer.header("content-type"), answer.whole);
        assert_eq!(seen, (200, kind, true), "{path}");
    }
}

#[test]
fn head_says_what_get_says_without_the_body() {
    let port = Port::open();
    for path in [
        "/",
        "/metrics",
        "/api/v1/status",
        "/api/v1/incidents",
        "/api/v1/silences",
        "/-/healthy",
        "/style.css",
    ] {
        let (get, head) = (port.get(path), port.ask(&format!("HEAD {path}"), &[]));
        let kinds = [&get, &head].map(|it| it.header("content-type").to_owned());
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        assert_eq!(kinds[0], kinds[1], "{path}");
    }
}

#[test]
fn another_method_is_refused_with_those_that_there_are() {
    let port = Port::open();
    for (line, allow) in [
        ("POST /", "GET,HEAD"),
        ("DELETE /metrics", "GET,HEAD"),
        ("OPTIONS /api/v1/status", "GET,HEAD"),
        ("GET /-/reload", "POST"),
        ("TRACE /-/reload", "POST"),
    ] {
        let answer = port.ask(line, &[]);
        assert_eq!(
            (answer.status, answer.header("allow")),
            (405, allow),
            "{line}"
        );
    }
}

#[test]
fn an_unknown_path_is_not_found_in_plain_text() {
    let port = Port::open();
    for path in [
        "/nowhere",
        "/endpoints",
        "/endpoints/",
        "/-/",
        "//",
        "/metrics/",
        "/..%2f",
    ] {
        let answer = port.get(path);
        let seen = (answer.status, answer.header("content-type"));
        assert_eq!(seen, (404, "text/plain; charset=utf-8"), "{path}");
    }
}

#[test]
fn an_unknown_endpoint_is_not_found_however_it_is_written() {
    let port = Port::open();
    let long = format!("/endpoints/{}", "a".repeat(5_000));
    for path in [
        "/endpoints/other",
        "/endpoints/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "/endpoints/..%2F..%2Fetc%2Fpasswd",
        long.as_str(),
    ] {
        let answer = port.get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.text().contains("<script>"), "{path}");
    }
}

#[test]
fn an_unknown_endpoint_is_named() {
    let answer = Port::open().get("/endpoints/other");
    let said = r#"There is no <span class="raw">endpoint named &#34;other&#34;</span> here."#;
    assert!(answer.text().contains(said), "{}", answer.text());
}

#[test]
fn every_link_of_a_page_leads_somewhere() {
    let port = Port::open();
    let page = port.get("/");
    let links = page.text().split("href=\"/").skip(1);
    let led: Vec<(String, u16)> = links
        .filter_map(|rest| rest.split_once('"'))
        .map(|(path, _)| format!("/{path}"))
        .map(|path| (path.clone(), port.get(&path).status))
        .collect();
    assert!(led.contains(&("/metrics".to_owned(), 200)), "{led:?}");
    assert!(led.iter().all(|(_, status)| *status == 200), "{led:?}");
}

#[test]
fn readiness_is_told_with_every_reason_against_it() {
    let port = Port::open();
    let ready = port.get("/-/ready");
    assert_eq!((ready.status, ready.text()), (200, "ready\n"));
    *port.board.readiness.lock().unwrap() = Readiness::NotReady(vec![
        "the schedule stands still".to_owned(),
        "the store is closed".to_owned(),
    ]);
    let answer = port.get("/-/ready");
    let text = "not ready\nthe schedule stands still\nthe store is closed\n";
    assert_eq!((answer.status, answer.text()), (503, text));
    assert_eq!(port.get("/-/healthy").text(), "healthy\n");
}

#[test]
fn while_nobody_knows_the_state_it_is_to_be_asked_for_later() {
    let port = Port::open();
    *port.board.snapshot.lock().unwrap() = None;
    *port.board.pieces.lock().unwrap() = None;
    for path in [
        "/",
        "/endpoints/orders",
        "/metrics",
        "/api/v1/status",
        "/api/v1/incidents",
        "/api/v1/silences",
    ] {
        assert_eq!(port.get(path).status, 503, "{path}");
    }
    assert_eq!(port.get("/-/healthy").status, 200);
}

#[test]
fn a_reload_is_refused_unless_the_configuration_allows_it() {
    let port = Port::open();
    let answer = port.ask("POST /-/reload", &[]);
    assert_eq!(answer.status, 403);
    assert_eq!(
        answer.text(),
        "reloading by HTTP is off; set `web.enable_lifecycle: true`, or send SIGHUP\n"
    );
    assert_eq!(port.board.reloads.load(Ordering::SeqCst), 0);
}

#[test]
fn a_reload_says_what_came_of_it() {
    let mut settings = settings(Protection::default());
    settings.enable_lifecycle = true;
    let port = Port::with(&settings, Limits::default());
    let good = port.ask("POST /-/reload", &[("Content-Length", "0")]);
    assert_eq!((good.status, good.text()), (200, "reloaded\n"));
    *port.board.reload.lock().unwrap() = Err("authvigil.yaml:1:1: no".to_owned());
    let bad = port.ask("POST /-/reload", &[]);
    let text = "the configuration stays as it was:\nauthvigil.yaml:1:1: no\n";
    assert_eq!((bad.status, bad.text()), (500, text));
    assert_eq!(port.board.reloads.load(Ordering::SeqCst), 2);
}

#[test]
fn the_switch_for_reloads_is_itself_reloaded() {
    let port = Port::open();
    let mut settings = settings(Protection::default());
    settings.enable_lifecycle = true;
    assert_eq!(port.access.replace(settings).unwrap(), [""; 0]);
    assert_eq!(port.ask("POST /-/reload", &[]).status, 200);
}

#[test]
fn a_changed_address_is_put_off_and_said_to_be() {
    let port = Port::open();
    let mut settings = settings(Protection::default());
    settings.listen = "127.0.0.1:9999".parse().unwrap();
    let put_off = port.access.replace(settings).unwrap();
    assert_eq!(
        put_off,
        [
            "`web.listen` was 127.0.0.1:0 and is 127.0.0.1:9999 now; it takes effect at the next start."
        ]
    );
    assert_eq!(port.get("/-/healthy").status, 200);
}

#[test]
fn the_metrics_come_whole_in_many_pieces() {
    let port = Port::open();
    *port.board.pieces.lock().unwrap() = Some(100);
    let answer = port.get("/metrics");
    assert_eq!((answer.whole, answer.body.len()), (true, 100 * PIECE));
}
