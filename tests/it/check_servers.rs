//! `check` against nginx, Apache httpd and lighttpd, as their users meet them.

use crate::support::certificates::{Certificate, ClientCertificate};
use crate::support::program::{Report, Scene};
use crate::support::servers::{API_KEY, Apache, Lighttpd, Nginx, PASSWORD, READER, TOKEN};

fn credentials() -> String {
    format!(
        "credentials:\n  reader: {{basic_auth: {{username: {READER}, password_file: pw}}}}\n  \
         token: {{authorization: {{credentials_file: token}}}}\n  key: {{api_key: {{header: \
         X-API-Key, value_file: key}}}}\n  edge: {{client_certificate: {{cert_file: edge.pem, \
         key_file: edge.key}}}}\n"
    )
}

fn check(endpoints: &str) -> Report {
    let config = format!("{}endpoints:\n{endpoints}", credentials());
    let scene = Scene::of(&config);
    scene.write("pw", format!("{PASSWORD}\n"));
    scene.write("token", TOKEN);
    scene.write("key", format!("{API_KEY}\r\n"));
    ClientCertificate::Valid.issue().write(scene.path(), "edge");
    scene.check()
}

fn endpoint(name: &str, url: &str, more: &str) -> String {
    format!("  - {{name: {name}, url: \"{url}\", {more}}}\n")
}

fn triad(report: &Report, name: &str) -> [String; 3] {
    ["anonymous", "invalid", "valid"].map(|check| report.reason(&format!("{name}/{check}")).into())
}

#[test]
fn nginx_with_working_locks_passes_for_every_kind_of_credential() {
    let nginx = Nginx::start();
    let ca = format!(
        "tls_config: {{ca_file: \"{}\"}}",
        nginx.authority().display()
    );
    let report = check(
        &[
            endpoint(
                "basic",
                &nginx.http("/basic"),
                "credential: reader, challenge: 'Basic realm=\"lab basic\"'",
            ),
            endpoint(
                "tls",
                &nginx.https("/basic"),
                &format!("credential: reader, {ca}"),
            ),
            endpoint(
                "bearer",
                &nginx.http("/bearer"),
                "credential: token, challenge: Bearer",
            ),
            endpoint("apikey", &nginx.http("/apikey"), "credential: key"),
            endpoint(
                "mtls",
                &nginx.mutual_required(),
                &format!("credential: edge, {ca}"),
            ),
            endpoint(
                "optional",
                &nginx.mutual_optional(),
                &format!("credential: edge, {ca}"),
            ),
        ]
        .concat(),
    );
    for name in ["basic", "tls", "bearer", "apikey", "mtls", "optional"] {
        assert_eq!(
            triad(&report, name),
            ["pass"; 3],
            "{name}: {}",
            report.run.stdout
        );
    }
    assert_eq!(report.run.code, 0);
}

#[test]
fn nginx_with_a_door_open_is_a_bypass() {
    let nginx = Nginx::start();
    let report = check(
        &[
            endpoint("open", &nginx.http("/open"), "credential: reader"),
            endpoint("satisfy", &nginx.http("/satisfy-any"), "credential: reader"),
        ]
        .concat(),
    );
    for name in ["open", "satisfy"] {
        let reasons = triad(&report, name);
        assert_eq!(
            reasons,
            ["anonymous_admitted", "invalid_admitted", "pass"],
            "{name}"
        );
    }
    assert_eq!(report.run.code, 2);
}

#[test]
fn nginx_refusing_in_other_ways_is_told_apart() {
    let nginx = Nginx::start();
    let pages = [
        "forbidden",
        "redirect-login",
        "nochallenge",
        "authdown",
        "multi",
        "multi-one",
        "malformed",
    ];
    let endpoints = pages.map(|page| endpoint(page, &nginx.http(&format!("/{page}")), ""));
    let report = check(&endpoints.concat());
    let reasons = pages.map(|page| report.reason(&format!("{page}/anonymous")));
    let wanted = [
        "forbidden_instead",
        "redirected",
        "challenge_missing",
        "server_error",
        "pass",
        "pass",
        "challenge_malformed",
    ];
    assert_eq!(reasons, wanted);
    let challenges = &report.result("multi/anonymous")["observation"]["challenges"];
    let schemes: Vec<_> = challenges
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["scheme"])
        .collect();
    assert_eq!(schemes, ["negotiate", "bearer", "basic"]);
}

#[test]
fn nginx_with_a_certificate_that_does_not_hold_is_an_outage_that_names_the_fault() {
    let nginx = Nginx::start();
    let ca = format!(
        "tls_config: {{ca_file: \"{}\"}}",
        nginx.authority().display()
    );
    let of = |name, certificate| endpoint(name, &nginx.flawed(certificate), &ca);
    let report = check(
        &[
            of("expired", Certificate::Expired),
            of("wrong", Certificate::WrongName),
            of("self", Certificate::SelfSigned),
        ]
        .concat(),
    );
    for (name, words) in [
        ("expired", "expired on"),
        ("wrong", "is not for"),
        ("self", "self-signed"),
    ] {
        let result = report.result(&format!("{name}/anonymous"));
        assert_eq!(result["reason"], "certificate_invalid", "{name}");
        let observation = &result["observation"];
        assert!(
            observation["error"].as_str().unwrap().contains(words),
            "{observation}"
        );
        assert!(observation["tls"]["not_after"].is_string(), "{observation}");
        assert!(observation["status"].is_null(), "{observation}");
    }
}

#[test]
fn apache_and_lighttpd_pass_with_basic_and_show_their_digest_challenges() {
    let (apache, lighttpd) = (Apache::start(), Lighttpd::start());
    let report = check(
        &[
            endpoint(
                "apache",
                &apache.http("/basic"),
                "credential: reader, challenge: 'Basic realm=\"lab \\\"basic\\\"\"'",
            ),
            endpoint(
                "apache-digest",
                &apache.http("/digest"),
                "challenge: 'Digest realm=\"lab digest\", qop=auth, nonce=*'",
            ),
            endpoint("lighttpd", &lighttpd.http("/basic"), "credential: reader"),
            endpoint(
                "lighttpd-digest",
                &lighttpd.http("/digest"),
                "challenge: Digest algorithm=sha-256",
            ),
        ]
        .concat(),
    );
    assert_eq!(
        triad(&report, "apache"),
        ["pass"; 3],
        "{}",
        report.run.stdout
    );
    assert_eq!(
        triad(&report, "lighttpd"),
        ["pass"; 3],
        "{}",
        report.run.stdout
    );
    assert_eq!(
        report.reason("apache-digest/anonymous"),
        "pass",
        "{}",
        report.run.stdout
    );
    assert_eq!(
        report.reason("lighttpd-digest/anonymous"),
        "pass",
        "{}",
        report.run.stdout
    );
}
