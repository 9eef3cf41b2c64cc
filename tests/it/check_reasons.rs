//! Every reason that one run can give, met over real sockets.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use authvigil::clock::{Clock as _, SystemClock};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::support::certificates::{Certificate, write_authority};
use crate::support::lab::{Answer, Clients, Lab, door};
use crate::support::program::Scene;

const CREDENTIALS: &str = "credentials:\n  reader: {basic_auth: {username: reader, password: the-s3cret}}\n  \
                           gone: {authorization: {credentials_file: no-such-file}}\n  \
                           old: {authorization: {credentials: \
                           eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3MDAwMDAwMDB9.c2lnbmF0dXJl}}\n";

/// A check of one endpoint, what its server does, and the reasons that must come of it.
struct Row {
    name: &'static str,
    more: &'static str,
    check: &'static str,
    reasons: &'static [&'static str],
}

const fn row(
    name: &'static str,
    more: &'static str,
    check: &'static str,
    reasons: &'static [&'static str],
) -> Row {
    Row {
        name,
        more,
        check,
        reasons,
    }
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn rows() -> Vec<Row> {
    const READER: &str = "credential: reader";
    vec![
        row("open", READER, "anonymous", &["anonymous_admitted"]),
        row("open", READER, "invalid", &["invalid_admitted"]),
        row("open", READER, "valid", &[]),
        row("shut", READER, "valid", &["credential_rejected"]),
        row(
            "expired",
            "credential: old",
            "valid",
            &["credential_expired"],
        ),
        row("forbids", READER, "valid", &["credential_forbidden"]),
        row("forbids", READER, "anonymous", &["forbidden_instead"]),
        row("locked", READER, "valid", &["account_locked"]),
        row("redirects", READER, "valid", &["credential_redirected"]),
        row("redirects", READER, "anonymous", &["redirected"]),
        row("login", READER, "valid", &["credential_redirected"]),
        row("hides", READER, "anonymous", &["not_found"]),
        row("teapot", READER, "anonymous", &["unexpected_status"]),
        row("breaks", READER, "anonymous", &["server_error"]),
        row("slows", READER, "anonymous", &["rate_limited"]),
        row("soft", READER, "anonymous", &["login_page"]),
        row("soft", READER, "valid", &[]),
        row(
            "bare",
            "challenge: Basic",
            "anonymous",
            &["challenge_missing"],
        ),
        row("malformed", "", "anonymous", &["challenge_malformed"]),
        row(
            "basic",
            "challenge: 'Basic realm=\"other\"'",
            "anonymous",
            &["challenge_mismatch"],
        ),
        row(
            "basic2",
            "challenge: none",
            "anonymous",
            &["challenge_unexpected"],
        ),
        row(
            "both",
            "challenge: Bearer",
            "anonymous",
            &["challenge_insecure"],
        ),
        row(
            "header",
            "refused: {headers: {X-Version: '~^2'}}",
            "anonymous",
            &["header_mismatch"],
        ),
        row(
            "text",
            "refused: {body: {contains: orders}}",
            "anonymous",
            &["body_mismatch"],
        ),
        row(
            "slow",
            "refused: {max_duration: 20ms}",
            "anonymous",
            &["too_slow"],
        ),
        row("public", "credential: reader", "valid", &["cacheable"]),
        row(
            "secret",
            "credential: gone",
            "valid",
            &["secret_unavailable"],
        ),
        row(
            "long",
            "refused: {body: {contains: orders}}",
            "anonymous",
            &["response_too_large"],
        ),
        row(
            "all",
            "challenge: 'Basic realm=\"x\"', refused: {headers: {X-A: present}}",
            "anonymous",
            &["forbidden_instead", "challenge_mismatch", "header_mismatch"],
        ),
    ]
}

fn answer(lab: &Lab) {
    const BASIC: &str = "Basic realm=\"lab\"";
    let always = |path: &str, answer: fn() -> Answer| lab.route(path, move |_| answer());
    always("/open", || Answer::status(200).json("{}"));
    always("/shut", || Answer::unauthorized(BASIC));
    always("/expired", || Answer::unauthorized("Bearer realm=\"lab\""));
    always("/forbids", || Answer::status(403));
    always("/locked", || Answer::status(423));
    always("/redirects", || Answer::redirect("/login?next=%2Forders"));
    always("/login", Answer::login_page);
    always("/hides", || Answer::status(404));
    always("/teapot", || Answer::status(418));
    always("/breaks", || Answer::status(503));
    always("/slows", || Answer::status(429));
    always("/bare", || Answer::status(401));
    always("/malformed", || {
        Answer::unauthorized("Basic realm=\"a\" charset=\"UTF-8\"")
    });
    always("/basic", || Answer::unauthorized(BASIC));
    always("/basic2", || Answer::unauthorized(BASIC));
    always("/both", || {
        Answer::unauthorized("Bearer realm=\"a\"").header("WWW-Authenticate", BASIC)
    });
    always("/header", || {
        Answer::unauthorized(BASIC).header("X-Version", "1")
    });
    always("/text", || Answer::unauthorized(BASIC).body("nothing"));
    always("/slow", || {
        Answer::unauthorized(BASIC).after(Duration::from_millis(60))
    });
    always("/secret", || Answer::unauthorized("Bearer realm=\"a\""));
    always("/long", || {
        Answer::unauthorized(BASIC).body("x".repeat(70_000))
    });
    always("/all", || {
        Answer::status(403).header("WWW-Authenticate", BASIC)
    });
    lab.route("/soft", |request| match request.basic() {
        Some((_, password)) if password == "the-s3cret" => Answer::status(200).html("the orders"),
        _ => Answer::login_page(),
    });
    lab.route("/public", |request| match request.basic() {
        Some((_, password)) if password == "the-s3cret" => {
            Answer::status(200).header("Cache-Control", "public, max-age=60")
        }
        _ => Answer::unauthorized(BASIC),
    });
}

#[test]
fn each_reason_is_met_over_the_wire() {
    let lab = Lab::http();
    answer(&lab);
    let rows = rows();
    let mut told = BTreeSet::new();
    let (mut credentials, mut endpoints) = (CREDENTIALS.to_owned(), String::new());
    for row in &rows {
        if told.insert(row.name) {
            let name = row.name;
            let url = lab.url(&format!("/{name}"));
            // Many of them reject the reader, and one account would be held back after the fourth.
            let own = format!("credential: reader-{name}");
            let more = row.more.replace("credential: reader", &own);
            let reader = "{basic_auth: {username: reader, password: the-s3cret}}";
            writeln!(credentials, "  reader-{name}: {reader}").unwrap();
            writeln!(endpoints, "  - {{name: {name}, url: \"{url}\", {more}}}").unwrap();
        }
    }
    let config = format!("{credentials}endpoints:\n{endpoints}");
    // One invalid a second for each origin: most rows ask the lab's one origin, so they are many.
    let scene = Scene::of(&config.replace("http://127.0.0.1", "http://localhost"));
    let names: Vec<&str> = told.iter().copied().collect();
    let report = scene.check_with(&names);
    for row in &rows {
        let id = format!("{}/{}", row.name, row.check);
        assert_eq!(
            report.reasons(&id),
            row.reasons,
            "{id}: {}",
            report.result(&id)
        );
    }
}

#[test]
fn a_server_that_refuses_the_handshake_is_told_from_one_that_is_down() {
    let lab = Lab::builder()
        .tls(Certificate::Valid)
        .clients(Clients::Required)
        .start();
    lab.route("/", door::client_certificate());
    let scene = Scene::new();
    let ca = write_authority(scene.path());
    scene.write(
        "authvigil.yaml",
        format!(
            "credentials:\n  edge: {{client_certificate: {{cert_file: c.pem, key_file: c.key}}}}\n\
             endpoints:\n  - {{name: bare, url: \"{url}\", tls_config: {{ca_file: \"{ca}\"}}}}\n  \
             - {{name: edge, url: \"{url}\", credential: edge, tls_config: {{ca_file: \"{ca}\"}}}}\n",
            url = lab.url("/"),
            ca = ca.display(),
        ),
    );
    crate::support::certificates::ClientCertificate::Valid
        .issue()
        .write(scene.path(), "c");
    let report = scene.check();
    assert_eq!(report.reason("bare/anonymous"), "tls_refused");
    let triad = ["anonymous", "invalid", "valid"].map(|it| report.reason(&format!("edge/{it}")));
    assert_eq!(triad, ["pass"; 3], "{}", report.run.stdout);
}

/// A JWT with these claims that nobody signed.
fn jwt(claims: &str) -> String {
    let [header, claims] = [r#"{"alg":"HS256"}"#, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode("signature"))
}

/// Two endpoints that let in whoever shows any token, and a token that ends in so many days.
fn with_token(lab: &Lab, days: i64) -> Scene {
    for path in ["/a", "/b"] {
        lab.route(path, |request| match request.bearer() {
            Some(token) if token.contains('.') => Answer::status(200),
            Some(_) | None => Answer::unauthorized("Bearer realm=\"lab\""),
        });
    }
    let scene = Scene::new();
    let end = SystemClock.now().as_second() + days * 24 * 3600;
    scene.write("token", jwt(&format!("{{\"exp\":{end}}}")));
    scene.write(
        "authvigil.yaml",
        format!(
            "credentials: {{ci: {{authorization: {{credentials_file: token}}}}}}\nendpoints:\n  - {{name: \
             a, url: \"{}\", credential: ci}}\n  - {{name: b, url: \"{}\", credential: ci}}\n",
            lab.url("/a"),
            lab.url("/b")
        ),
    );
    scene
}

#[test]
fn a_credential_that_expires_soon_is_told_of_once() {
    let lab = Lab::http();
    let report = with_token(&lab, 5).check();
    assert_eq!(report.reasons("a/valid"), ["credential_expiring"]);
    assert_eq!(report.reasons("b/valid"), [""; 0]);
    assert_eq!(report.run.code, 1);
}

#[test]
fn a_credential_that_holds_for_long_is_not_told_of() {
    let lab = Lab::http();
    let report = with_token(&lab, 50).check();
    assert_eq!(report.reasons("a/valid"), [""; 0]);
}

#[test]
fn a_certificate_that_expires_soon_is_told_of_once_for_its_host_and_port() {
    let lab = Lab::https(Certificate::ExpiringSoon);
    lab.route("/a", |_| Answer::unauthorized("Basic realm=\"lab\""));
    lab.route("/b", |_| Answer::unauthorized("Basic realm=\"lab\""));
    let scene = Scene::new();
    let ca = write_authority(scene.path());
    let tls = format!("tls_config: {{ca_file: \"{}\"}}", ca.display());
    scene.write(
        "authvigil.yaml",
        format!(
            "endpoints:\n  - {{name: a, url: \"{}\", {tls}}}\n  - {{name: b, url: \"{}\", {tls}}}\n",
            lab.url("/a"),
            lab.url("/b")
        ),
    );
    let report = scene.check();
    assert_eq!(report.reasons("a/anonymous"), ["certificate_expiring"]);
    assert_eq!(report.reasons("b/anonymous"), [""; 0]);
    assert_eq!(report.run.code, 1);
}

#[test]
fn a_system_without_authorities_reaches_what_is_not_encrypted() {
    let lab = Lab::http();
    lab.route("/", |_| Answer::unauthorized("Basic realm=\"lab\""));
    let url = lab.url("/");
    let scene = Scene::of(&format!(
        "endpoints:\n  - {{name: plain, url: '{url}'}}\n  - {{name: tls, url: 'https://127.0.0.1:9/'}}\n"
    ));
    let nothing = scene.write("none.pem", "");
    let scene = scene
        .set("SSL_CERT_FILE", &nothing.display().to_string())
        .set("SSL_CERT_DIR", "/nonexistent");
    let report = scene.check();
    assert_eq!(report.reason("plain/anonymous"), "pass");
    assert_eq!(report.reason("tls/anonymous"), "probe_failed");
}
