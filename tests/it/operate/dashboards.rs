//! Dashboards as JSON: what Grafana takes for granted, and that they are those of the script.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{read, succeeds};

/// The dashboards, by the names of their files.
pub(super) const NAMES: [&str; 3] = ["overview", "endpoint", "health"];

/// A dashboard.
pub(super) fn dashboard(name: &str) -> Value {
    serde_json::from_str(&read(&format!("grafana/dashboards/{name}.json"))).unwrap()
}

/// The panels of a dashboard that show something.
pub(super) fn panels(dashboard: &Value) -> Vec<&Value> {
    let panels = dashboard["panels"].as_array().unwrap().iter();
    panels.filter(|panel| panel["type"] != "row").collect()
}

/// The entries of a list at a pointer.
pub(super) fn entries<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).unwrap()
}

#[test]
fn the_dashboards_are_those_that_the_script_writes() {
    succeeds("python3", &["grafana/dashboards.py", "--check"]);
}

#[test]
fn each_panel_has_an_id_of_its_own_a_title_and_a_place_of_its_own() {
    for name in NAMES {
        let dashboard = dashboard(name);
        let (mut ids, mut cells) = (BTreeSet::new(), BTreeSet::new());
        for panel in entries(&dashboard, "/panels") {
            let title = panel["title"].as_str().unwrap();
            assert!(!title.is_empty(), "{name}: {panel}");
            assert!(ids.insert(panel["id"].as_u64().unwrap()), "{name}: {title}");
            let place = |key: &str| panel["gridPos"][key].as_u64().unwrap();
            assert!(place("x") + place("w") <= 24, "{name}: {title}");
            for x in place("x")..place("x") + place("w") {
                for y in place("y")..place("y") + place("h") {
                    assert!(cells.insert((x, y)), "{name}: {title} covers another panel");
                }
            }
        }
    }
}

#[test]
fn each_panel_says_what_it_shows() {
    for name in NAMES {
        for panel in panels(&dashboard(name)) {
            let description = panel["description"].as_str().unwrap();
            assert!(description.ends_with('.'), "{name}: {}", panel["title"]);
        }
    }
}

#[test]
fn all_monitors_are_those_of_the_list_and_not_whatever_prometheus_scrapes() {
    for name in NAMES {
        let dashboard = dashboard(name);
        let variables = entries(&dashboard, "/templating/list").iter();
        for variable in variables.filter(|it| it["type"] == "query") {
            assert_eq!(variable.get("allValue"), None, "{name}: {variable}");
        }
    }
}

#[test]
fn whatever_asks_asks_the_data_source_that_was_chosen() {
    for name in NAMES {
        let dashboard = dashboard(name);
        let panels = panels(&dashboard);
        let targets = panels.iter().flat_map(|panel| entries(panel, "/targets"));
        let variables = entries(&dashboard, "/templating/list");
        let asking = variables.iter().filter(|it| it["type"] == "query");
        let notes = entries(&dashboard, "/annotations/list");
        let all = panels.iter().copied().chain(targets).chain(asking);
        for it in all.chain(notes) {
            assert_eq!(it["datasource"]["uid"], "${datasource}", "{name}: {it}");
        }
    }
}

#[test]
fn the_dashboards_have_names_that_links_may_hold() {
    let dashboards = NAMES.map(dashboard);
    let names = dashboards
        .iter()
        .map(|it| it["uid"].as_str().unwrap_or_default());
    assert_eq!(
        names.collect::<Vec<_>>(),
        [
            "authvigil-overview",
            "authvigil-endpoint",
            "authvigil-health"
        ]
    );
}

#[test]
fn what_is_open_leads_to_the_endpoint_in_depth_and_to_its_status_page() {
    let text = read("grafana/dashboards/overview.json");
    for url in [
        "/d/authvigil-endpoint?var-endpoint=${__data.fields.endpoint}",
        "${status_page}/endpoints/${__data.fields.endpoint}",
        "${runbook}#${__data.fields.reason}",
    ] {
        assert!(text.contains(url), "{url}");
    }
}

#[test]
fn what_grafana_is_given_at_its_start_is_yaml_with_a_source_and_a_place_for_dashboards() {
    let source = read("grafana/provisioning/datasources/authvigil.yml");
    let source: serde_yaml::Value = serde_yaml::from_str(&source).unwrap();
    assert_eq!(
        source["datasources"][0]["type"].as_str(),
        Some("prometheus")
    );
    let place = read("grafana/provisioning/dashboards/authvigil.yml");
    let place: serde_yaml::Value = serde_yaml::from_str(&place).unwrap();
    assert_eq!(place["providers"][0]["type"].as_str(), Some("file"));
}
