//! How a probe travels: addresses, proxies, names, versions, phases, redirects.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value;

use crate::support::certificates::{Certificate, write_authority};
use crate::support::hostile::nobody::ClosedPort;
use crate::support::lab::{Answer, Lab, Versions};
use crate::support::program::{Report, Scene};
use crate::support::proxy::{Policy, Proxy};
use crate::support::socks::Socks;

const BASIC: &str = "Basic realm=\"lab\"";

fn locked(lab: &Lab) {
    lab.route("/", |_| Answer::unauthorized(BASIC));
}

/// Checks endpoints, each given as its name, its URL and more keys, with the lab's authority in
/// `ca.pem`.
fn check(endpoints: &[(&str, &str, &str)]) -> Report {
    let mut config = String::from("global: {timeout: 8s}\nendpoints:\n");
    for (name, url, more) in endpoints {
        writeln!(config, "  - {{name: {name}, url: \"{url}\", {more}}}").unwrap();
    }
    let scene = Scene::of(&config);
    write_authority(scene.path());
    scene.check()
}

fn observation<'a>(report: &'a Report, name: &str) -> &'a Value {
    &report.result(&format!("{name}/anonymous"))["observation"]
}

#[test]
fn a_family_of_addresses_is_dialled_and_no_other() {
    let lab = Lab::http();
    locked(&lab);
    let url = lab.url_at("localhost", "/");
    let report = check(&[
        ("ip4", &url, "ip_protocol: ip4"),
        ("ip6", &url, "ip_protocol: ip6"),
    ]);
    assert_eq!(report.reason("ip4/anonymous"), "pass");
    assert_ne!(report.reason("ip6/anonymous"), "pass");
}

#[test]
fn a_name_is_dialled_at_the_address_that_it_is_mapped_to() {
    let lab = Lab::https(Certificate::Valid);
    locked(&lab);
    let url = lab.url_at("a.lab.test", "/");
    let more = "resolve: {a.lab.test: 127.0.0.1}, tls_config: {ca_file: ca.pem}";
    let report = check(&[("mapped", &url, more)]);
    assert_eq!(
        report.reason("mapped/anonymous"),
        "pass",
        "{}",
        report.run.stdout
    );
    let host = format!("a.lab.test:{}", lab.address().port());
    assert_eq!(lab.requests()[0].header("host"), Some(host.as_str()));
}

#[test]
fn an_expected_server_name_is_sent_and_held_against_the_certificate() {
    let lab = Lab::builder().tls(Certificate::Valid).http2().start();
    locked(&lab);
    let url = lab.url("/");
    let report = check(&[
        (
            "right",
            &url,
            "tls_config: {ca_file: ca.pem, server_name: b.lab.test}",
        ),
        (
            "wrong",
            &url,
            "tls_config: {ca_file: ca.pem, server_name: elsewhere.test}",
        ),
    ]);
    assert_eq!(
        report.reason("right/anonymous"),
        "pass",
        "{}",
        report.run.stdout
    );
    assert_eq!(report.reason("wrong/anonymous"), "certificate_invalid");
    let requests = lab.requests();
    let host = lab.address().to_string();
    assert_eq!(requests[0].header("host"), Some(host.as_str()));
}

#[test]
fn the_http_version_is_the_configured_one() {
    let tls = Lab::builder().tls(Certificate::Valid).http2().start();
    let plain = Lab::builder().http2().start();
    for lab in [&tls, &plain] {
        locked(lab);
    }
    let ca = "tls_config: {ca_file: ca.pem}";
    let report = check(&[
        ("any", &tls.url("/"), ca),
        ("one", &tls.url("/"), &format!("{ca}, http_version: '1.1'")),
        ("two", &tls.url("/"), &format!("{ca}, http_version: '2'")),
        ("clear", &plain.url("/"), ""),
    ]);
    let versions = ["any", "one", "two", "clear"].map(|name| {
        observation(&report, name)["http_version"]
            .as_str()
            .unwrap_or("none")
    });
    assert_eq!(versions, ["HTTP/2", "HTTP/1.1", "HTTP/2", "HTTP/1.1"]);
}

#[test]
fn the_tls_version_is_told_and_the_oldest_is_configured() {
    let old = Lab::builder()
        .tls(Certificate::Valid)
        .versions(Versions::Tls12)
        .start();
    let new = Lab::builder()
        .tls(Certificate::Valid)
        .versions(Versions::Tls13)
        .start();
    for lab in [&old, &new] {
        locked(lab);
    }
    let ca = "tls_config: {ca_file: ca.pem}";
    let report = check(&[
        ("old", &old.url("/"), ca),
        ("new", &new.url("/"), ca),
        (
            "refused",
            &old.url("/"),
            "tls_config: {ca_file: ca.pem, min_version: TLS13}",
        ),
    ]);
    assert_eq!(observation(&report, "old")["tls"]["version"], "TLS 1.2");
    assert_eq!(observation(&report, "new")["tls"]["version"], "TLS 1.3");
    assert_eq!(
        report.reason("refused/anonymous"),
        "tls_failure",
        "{}",
        report.run.stdout
    );
}

#[test]
fn a_certificate_that_does_not_hold_is_named_and_its_expiry_told() {
    let flawed = [
        Certificate::Expired,
        Certificate::NotYetValid,
        Certificate::WrongName,
        Certificate::SelfSigned,
        Certificate::UnknownAuthority,
    ];
    let labs = flawed.map(Lab::https);
    let urls = labs.each_ref().map(|lab| lab.url("/"));
    let names = ["expired", "early", "name", "self", "unknown"];
    let rows: Vec<_> = names
        .iter()
        .zip(&urls)
        .map(|(name, url)| (*name, url.as_str(), "tls_config: {ca_file: ca.pem}"))
        .collect();
    let report = check(&rows);
    for name in names {
        assert_eq!(
            report.reason(&format!("{name}/anonymous")),
            "certificate_invalid",
            "{name}"
        );
        let observation = observation(&report, name);
        assert!(observation["tls"]["not_after"].is_string(), "{observation}");
    }
}

#[test]
fn a_swapped_certificate_is_seen_although_the_server_offers_to_resume() {
    let lab = Lab::https(Certificate::Valid);
    locked(&lab);
    let url = lab.url("/");
    let scene = Scene::of(&format!(
        "endpoints:\n  - {{name: lab, url: \"{url}\", tls_config: {{ca_file: ca.pem}}, checks: \
         [{{as: anonymous, expect: {{status: 401}}}}]}}\n"
    ));
    write_authority(scene.path());
    assert_eq!(scene.check().reason("lab/anonymous"), "pass");
    lab.present(Certificate::Expired);
    assert_eq!(scene.check().reason("lab/anonymous"), "certificate_invalid");
}

#[test]
fn a_proxy_carries_both_schemes_and_its_refusals_are_its_own() {
    let (plain, tls) = (Lab::http(), Lab::https(Certificate::Valid));
    for lab in [&plain, &tls] {
        locked(lab);
    }
    let open = Proxy::start(Policy::Open);
    let refusing = [
        Policy::Forbidden,
        Policy::BadGateway,
        Policy::Garbage,
        Policy::Close,
        Policy::Hang,
    ]
    .map(Proxy::start);
    let locked_proxy = Proxy::start(Policy::Locked("u", "p"));
    let closed = ClosedPort::take();
    let by = |proxy: &str| format!("proxy_url: \"{proxy}\", tls_config: {{ca_file: ca.pem}}");
    let mut rows = vec![
        ("http".to_owned(), plain.url("/"), by(&open.url())),
        ("connect".to_owned(), tls.url("/"), by(&open.url())),
        ("asks".to_owned(), plain.url("/"), by(&locked_proxy.url())),
        (
            "closed".to_owned(),
            tls.url("/"),
            by(&format!("http://{}", closed.address())),
        ),
    ];
    for (at, proxy) in refusing.iter().enumerate() {
        rows.push((format!("refuses{at}"), tls.url("/"), by(&proxy.url())));
    }
    let rows: Vec<_> = rows
        .iter()
        .map(|(name, url, more)| (name.as_str(), url.as_str(), more.as_str()))
        .collect();
    let report = check(&rows);
    for (name, _, _) in &rows {
        let wanted = if ["http", "connect"].contains(name) {
            "pass"
        } else {
            "proxy_failure"
        };
        let id = format!("{name}/anonymous");
        assert_eq!(report.reason(&id), wanted, "{name}: {}", report.result(&id));
    }
    assert_eq!(open.seen().len(), 2, "{:?}", open.seen());
}

#[test]
fn a_socks_proxy_carries_a_probe() {
    let lab = Lab::http();
    locked(&lab);
    let socks = Socks::start();
    let report = check(&[(
        "socks",
        &lab.url("/"),
        &format!("proxy_url: \"{}\"", socks.url()),
    )]);
    assert_eq!(
        report.reason("socks/anonymous"),
        "pass",
        "{}",
        report.run.stdout
    );
    assert_eq!(socks.seen().len(), 1);
}

#[test]
fn proxies_of_the_environment_are_not_used() {
    let lab = Lab::http();
    locked(&lab);
    let config = format!("endpoints: [{{name: lab, url: \"{}\"}}]\n", lab.url("/"));
    let scene = Scene::of(&config)
        .set("HTTP_PROXY", "http://127.0.0.1:1")
        .set("http_proxy", "http://127.0.0.1:1")
        .set("ALL_PROXY", "http://127.0.0.1:1");
    assert_eq!(scene.check().reason("lab/anonymous"), "pass");
}

#[test]
fn each_phase_is_measured_where_it_happens() {
    // The client may note a mark late on a busy machine, which shortens the phase behind it and
    // lengthens the one before, so each phase has half of the delay to spare on either side.
    let slow = Duration::from_millis(1500);
    let lab = Lab::builder()
        .tls(Certificate::Valid)
        .handshake_after(slow)
        .start();
    lab.route("/", move |_| {
        Answer::unauthorized(BASIC)
            .body("late")
            .after(slow)
            .body_after(slow)
    });
    let url = lab.url_at("localhost", "/");
    let report = check(&[("lab", &url, "tls_config: {ca_file: ca.pem}")]);
    let phases = &observation(&report, "lab")["phases"];
    let seconds = |name: &str| phases[name].as_f64().unwrap_or(-1.0);
    for name in ["tls", "processing", "transfer"] {
        assert!(
            seconds(name) >= 0.75 && seconds(name) < 2.25,
            "{name}: {phases}"
        );
    }
    assert!((0.0..0.75).contains(&seconds("connect")), "{phases}");
    assert!(seconds("resolve") >= 0.0, "{phases}");
}

#[test]
fn hundreds_of_probes_at_once_keep_their_phases_apart() {
    let quick = Lab::http();
    let slow = Lab::http();
    // Twice what tells the slow from the quick: a busy client notes marks late, see above.
    let wait = Duration::from_secs(2);
    quick.route("/", |_| Answer::unauthorized(BASIC));
    slow.route("/", move |_| Answer::unauthorized(BASIC).after(wait));
    let mut config = String::from("endpoints:\n");
    for at in 0..300 {
        let lab = if at % 2 == 0 { &quick } else { &slow };
        writeln!(
            config,
            "  - {{name: e{at}, url: \"{}\"}}",
            lab.url_at("localhost", "/")
        )
        .unwrap();
    }
    let report = Scene::of(&config).check();
    assert_eq!(report.run.code, 0, "{}", report.run.stdout);
    for (at, result) in report.results().iter().enumerate() {
        let phases = &result["observation"]["phases"];
        let processing = phases["processing"].as_f64().unwrap();
        let waited = processing >= 1.0;
        assert_eq!(waited, at % 2 == 1, "{at}: {phases}");
        assert!(
            phases["resolve"].is_f64() && phases["connect"].is_f64(),
            "{phases}"
        );
    }
    assert_eq!(quick.connections() + slow.connections(), 300);
}

#[test]
fn a_redirect_is_an_answer_unless_it_stays_within_the_origin_and_is_to_be_followed() {
    let (lab, elsewhere) = (Lab::http(), Lab::http());
    let away = elsewhere.url("/");
    lab.route("/hop", |_| Answer::redirect("/end"));
    lab.route("/end", |_| Answer::unauthorized(BASIC));
    lab.route("/away", move |_| Answer::redirect(&away));
    Lab::redirect_in_a_ring(&[&lab], "/ring");
    locked(&elsewhere);
    let follow = "follow_redirects: same_origin";
    let report = check(&[
        ("stays", &lab.url("/hop"), ""),
        (
            "follows",
            &lab.url("/hop"),
            &format!("{follow}, refused: {{location: /end}}"),
        ),
        ("away", &lab.url("/away"), follow),
        ("ring", &lab.url("/ring"), follow),
    ]);
    let reasons = ["stays", "follows", "away", "ring"]
        .map(|name| report.reason(&format!("{name}/anonymous")));
    assert_eq!(
        reasons,
        ["redirected", "pass", "redirected", "redirected"],
        "{}",
        report.run.stdout
    );
    assert_eq!(elsewhere.requests().len(), 0);
    let hops = lab
        .requests()
        .iter()
        .filter(|request| request.path == "/ring")
        .count();
    assert_eq!(hops, 6);
}

#[test]
fn what_is_configured_to_be_sent_is_sent() {
    let lab = Lab::http();
    lab.route("/", |_| Answer::unauthorized(BASIC));
    let scene = Scene::of(&format!(
        "endpoints:\n  - name: lab\n    url: {}\n    method: POST\n    headers:\n      \
         Content-Type: application/json\n      X-Tenant: {{value_file: tenant}}\n    body: '{{}}'\n",
        lab.url("/?a=b")
    ));
    scene.write("tenant", "blue\n");
    assert_eq!(scene.check().reason("lab/anonymous"), "pass");
    let requests = lab.requests();
    let request = &requests[0];
    assert_eq!(request.method, "POST");
    assert_eq!(request.body, "{}");
    assert_eq!(request.header("x-tenant"), Some("blue"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert!(
        request
            .header("user-agent")
            .unwrap()
            .starts_with("authvigil/")
    );
    assert_eq!(request.header("authorization"), None);
}
