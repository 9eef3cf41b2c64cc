//! A real Prometheus, and its linter, over a running daemon.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{LOCKED, OPEN, alone, config, locked_lab, open, scene, scene_of, triad};
use crate::support::certificates::{Certificate, write_authority};
use crate::support::daemon::Daemon;
use crate::support::prometheus::Prometheus;

/// Scrapes the address each second as `authvigil`, with more keys of the scrape configuration.
fn scrape(address: SocketAddr, more: &str) -> Prometheus {
    Prometheus::start(&format!(
        "global: {{scrape_interval: 1s}}\nscrape_configs:\n  - job_name: authvigil\n    \
         honor_labels: true\n    static_configs: [{{targets: ['{address}']}}]\n{more}"
    ))
}

#[test]
fn prometheus_sees_the_lock_hold_and_the_door_open() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    daemon.until_reasons(&LOCKED);
    let prometheus = scrape(daemon.address(), "");
    prometheus.eventually("count(authvigil_check_success == 1) == 3");
    open(&lab);
    let broken = prometheus
        .eventually("authvigil_check_success{endpoint=\"orders\", check=\"anonymous\"} == 0");
    assert_eq!(broken[0].labels["job"], "authvigil");
    prometheus.eventually("authvigil_check_success{check=\"valid\"} == 1");
}

#[test]
fn the_series_of_a_removed_endpoint_are_gone_after_the_reload() {
    let lab = locked_lab();
    let (orders, other) = (
        triad("orders", &lab.url("/orders")),
        alone("other", &lab.url("/orders")),
    );
    let daemon = Daemon::start(scene(&config("", &[orders.clone(), other])));
    daemon.until_reasons(&[("other/anonymous", "pass")]);
    daemon.scene.write("authvigil.yaml", config("", &[orders]));
    daemon.until("the endpoint is gone", || {
        daemon.reason("other/anonymous") == "not there"
    });
    let left = daemon.get("/metrics").body;
    assert!(!left.contains("endpoint=\"other\""), "{left}");
    assert!(left.contains("endpoint=\"orders\""), "{left}");
}

#[test]
fn promtool_is_silent_about_a_running_daemon() {
    let lab = locked_lab();
    let daemon = Daemon::start(scene_of(&lab));
    daemon.until_reasons(&LOCKED);
    open(&lab);
    daemon.until_reasons(&OPEN);
    let exposition = daemon
        .scene
        .write("exposition", daemon.get("/metrics").body);
    let output = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::from(std::fs::File::open(exposition).unwrap()))
        .output()
        .expect("`promtool` is not installed; `tests/run` installs it");
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap());
    assert_eq!(
        (output.status.code(), said),
        (Some(0), [String::new(), String::new()])
    );
}

/// Writes certificate, key and users as exporter-toolkit has them.
fn protect(directory: &Path) {
    Certificate::Valid.issue().write(directory, "web");
    let hash = bcrypt::hash("word-of-prometheus", 4).unwrap();
    let text = format!(
        "tls_server_config: {{cert_file: web.pem, key_file: web.key}}\n\
         basic_auth_users: {{prometheus: '{hash}'}}\n"
    );
    std::fs::write(directory.join("web.yaml"), text).unwrap();
}

#[test]
fn prometheus_scrapes_a_protected_port_with_its_own_words() {
    let lab = locked_lab();
    let config = config("", &[triad("orders", &lab.url("/orders"))]);
    let config = config.replace("web: {", "web: {config_file: web.yaml, ");
    let scene = scene(&config);
    protect(scene.path());
    let authority = write_authority(scene.path());
    let daemon = Daemon::begin(scene, &[]);
    let more = format!(
        "    scheme: https\n    tls_config: {{ca_file: '{}'}}\n    basic_auth: {{username: \
         prometheus, password: word-of-prometheus}}\n",
        authority.display()
    );
    let prometheus = scrape(daemon.address(), &more);
    let up = prometheus.eventually("up == 1");
    assert_eq!(up[0].labels["instance"], daemon.address().to_string());
    prometheus.eventually("count(authvigil_check_success == 1) == 3");
}
