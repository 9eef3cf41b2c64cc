//! A real Prometheus scrapes a real daemon before broken doors: every query of every dashboard finds
//! something, and the rules fire.
//!
//! The target brings a label `endpoint` of its own, as those of the Prometheus Operator do.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::dashboards::{NAMES, dashboard, entries, panels};
use super::shipped;
use crate::support::certificates::{Certificate, write_authority};
use crate::support::daemon::Daemon;
use crate::support::lab::{Answer, Lab, door};
use crate::support::program::Scene;
use crate::support::prometheus::Prometheus;

/// A Prometheus, the daemon that it scrapes, and what that watches.
struct House {
    prometheus: Prometheus,
    _daemon: Daemon,
    _labs: [Lab; 2],
}

impl House {
    fn open() -> Self {
        let labs = [broken(), Lab::https(Certificate::ExpiringSoon)];
        labs[1].route("/secure", door::basic("secure", "reader", "s3cret"));
        let scene = scene(&labs);
        let daemon = Daemon::start(scene);
        daemon.until_reasons(&[
            ("open/anonymous", "anonymous_admitted"),
            ("orders/valid", "pass"),
            ("secure/valid", "pass"),
            ("ci/valid", "credential_rejected"),
            ("billing/valid", "pass"),
        ]);
        let prometheus = Prometheus::start(&scrape(&daemon));
        Self {
            prometheus,
            _daemon: daemon,
            _labs: labs,
        }
    }
}

/// A lab with a door that holds, one that is open, and one that knows no token.
fn broken() -> Lab {
    let lab = Lab::http();
    lab.route("/orders", door::basic("orders", "reader", "s3cret"));
    lab.route("/open", |_| Answer::status(200));
    lab.route("/ci", |_| Answer::unauthorized("Bearer realm=\"ci\""));
    lab.route("/token", |_| {
        Answer::status(200).json(r#"{"access_token":"t0ken","expires_in":3600}"#)
    });
    lab.route("/billing", door::bearer("billing", "t0ken"));
    lab
}

/// A token that ends in a month.
fn token() -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let ends = seconds_since_1970() + 30 * 86_400;
    let (head, claims) = (json!({"alg": "HS256"}), json!({"sub": "ci", "exp": ends}));
    format!("{}.{}.c2ln", part(head), part(claims))
}

#[expect(clippy::disallowed_methods, reason = "tokens end by the wall's clock")]
fn seconds_since_1970() -> u64 {
    let now = std::time::SystemTime::now();
    now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

fn scene(labs: &[Lab; 2]) -> Scene {
    let [plain, tls] = labs;
    let scene = Scene::of(&format!(
        "global: {{interval: 3s, refused_interval: 3s, timeout: 2900ms}}\n\
         web: {{listen: '127.0.0.1:0'}}\n\
         state: {{path: state/authvigil.db}}\n\
         credentials:\n\
         \x20 reader: {{basic_auth: {{username: reader, password_file: password}}}}\n\
         \x20 ci: {{authorization: {{type: Bearer, credentials_file: token}}}}\n\
         \x20 billing: {{oauth2: {{token_url: '{}', client_id: watch, client_secret_file: password}}}}\n\
         alerting:\n\
         \x20 receivers: [{{name: oncall, file: {{directory: mail}}}}]\n\
         \x20 route: {{receiver: oncall}}\n\
         endpoints:\n\
         \x20 - {{name: orders, url: '{}', credential: reader, labels: {{team: payments}}}}\n\
         \x20 - {{name: open, url: '{}', credential: reader, labels: {{team: payments}}}}\n\
         \x20 - {{name: ci, url: '{}', credential: ci}}\n\
         \x20 - {{name: billing, url: '{}', credential: billing}}\n\
         \x20 - {{name: secure, url: '{}', credential: reader, tls_config: {{ca_file: ca.pem}}}}\n",
        plain.url("/token"),
        plain.url("/orders"),
        plain.url("/open"),
        plain.url("/ci"),
        plain.url("/billing"),
        tls.url("/secure"),
    ));
    scene.write("password", "s3cret");
    scene.write("token", token());
    write_authority(scene.path());
    std::fs::create_dir(scene.path().join("mail")).unwrap();
    scene
}

/// Scrapes each second, with the shipped rules, and with a label that the Operator would add.
fn scrape(daemon: &Daemon) -> String {
    format!(
        "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\n\
         rule_files: ['{}/*.yml']\n\
         scrape_configs:\n\
         \x20 - job_name: authvigil\n\
         \x20   honor_labels: true\n\
         \x20   static_configs: [{{targets: ['{}']}}]\n\
         \x20   relabel_configs: [{{target_label: endpoint, replacement: web}}]\n",
        shipped("deploy/prometheus/rules").display(),
        daemon.address(),
    )
}

/// A query with the variables of a dashboard as a person would choose them.
pub(super) fn chosen(query: &str, endpoint: &str) -> String {
    let values = [
        ("$__rate_interval", "20s"),
        ("$__interval", "20s"),
        ("$__range", "5m"),
        ("$instance", ".*"),
        ("$job", ".*"),
        ("$endpoint", endpoint),
        ("$check", ".*"),
    ];
    let chosen = values
        .iter()
        .fold(query.to_owned(), |query, (variable, value)| {
            query.replace(variable, value)
        });
    assert!(
        !chosen.contains('$'),
        "a variable without a value: {chosen}"
    );
    chosen
}

/// The endpoint at which a panel of the page for one has something to show.
fn shows_at(title: &str) -> &'static str {
    match title {
        "Certificate ends in" => "secure",
        "Challenges on offer" => "orders",
        _ => "open",
    }
}

#[test]
fn every_query_of_every_panel_finds_something() {
    let house = House::open();
    let mut count = 0;
    for name in NAMES {
        let dashboard = dashboard(name);
        for panel in panels(&dashboard) {
            let endpoint = shows_at(panel["title"].as_str().unwrap());
            for target in entries(panel, "/targets") {
                let query = chosen(target["expr"].as_str().unwrap(), endpoint);
                house.prometheus.eventually(&query);
                count += 1;
            }
        }
    }
    assert!(count > 40, "only {count} queries");
}

#[test]
fn every_list_of_a_variable_and_every_note_of_an_incident_finds_something() {
    let house = House::open();
    for name in NAMES {
        let dashboard = dashboard(name);
        let variables = entries(&dashboard, "/templating/list").iter();
        for variable in variables.filter(|it| it["type"] == "query") {
            let query = variable["query"]["query"].as_str().unwrap();
            let inner = query.strip_prefix("label_values(").unwrap();
            let (metric, label) = inner.trim_end_matches(')').rsplit_once(", ").unwrap();
            let found = house.prometheus.eventually(&chosen(metric, "open"));
            assert!(found[0].labels.contains_key(label), "{query}: {found:?}");
        }
        for note in entries(&dashboard, "/annotations/list") {
            let query = chosen(note["expr"].as_str().unwrap(), "open");
            // The monitor's own troubles, of which there are none, have to be questions at least.
            match name {
                "health" => drop(house.prometheus.query(&query)),
                _ if query.contains("class=") => drop(house.prometheus.eventually(&query)),
                _ => drop(house.prometheus.query(&query)),
            }
        }
    }
}

#[test]
fn a_bypass_fires_with_the_name_of_its_endpoint_and_of_its_team() {
    let house = House::open();
    let alerts = house.prometheus.eventually(
        "ALERTS{alertname=\"AuthvigilBypass\", alertstate=\"firing\", check=\"anonymous\"}",
    );
    let labels = ["endpoint", "check", "team", "severity", "exported_endpoint"];
    let found: Vec<Vec<&str>> = alerts
        .iter()
        .map(|alert| {
            let label = |name: &&str| alert.labels.get(*name).map_or("", String::as_str);
            labels.iter().map(label).collect()
        })
        .collect();
    assert_eq!(found, [["open", "anonymous", "payments", "critical", ""]]);
}

#[test]
fn a_monitor_that_works_has_no_alert_about_itself() {
    let house = House::open();
    // Not even a pending one, once the first scrape is over.
    house.prometheus.eventually(
        "absent(ALERTS{component=\"monitor\"}) and on () ALERTS{alertname=\"AuthvigilBypass\"}",
    );
}
