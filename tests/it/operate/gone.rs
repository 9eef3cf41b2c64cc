//! What the wall shows while nobody watches: a dash and a monitor that is gone, not zero open doors.

use super::dashboards::{dashboard, entries, panels};
use super::live::chosen;
use crate::support::prometheus::Prometheus;
use crate::support::servers::free_listener;

/// The queries of a panel of the overview.
fn asked(title: &str) -> Vec<String> {
    let overview = dashboard("overview");
    let panels = panels(&overview);
    let panel = panels.iter().find(|panel| panel["title"] == title).unwrap();
    let targets = entries(panel, "/targets").iter();
    let queries = targets.map(|target| chosen(target["expr"].as_str().unwrap(), "orders"));
    queries.collect()
}

#[test]
fn a_monitor_that_does_not_answer_is_gone_and_nothing_is_counted_without_it() {
    // It takes connections and never says a word.
    let silent = free_listener();
    let prometheus = Prometheus::start(&format!(
        "global: {{scrape_interval: 1s}}\n\
         scrape_configs: [{{job_name: authvigil, static_configs: [{{targets: ['{}']}}]}}]\n",
        silent.local_addr().unwrap(),
    ));
    let monitor = asked("Monitor").concat();
    let shown = prometheus.eventually(&monitor);
    let values: Vec<String> = shown.iter().map(|it| it.value.to_string()).collect();
    assert_eq!(values, ["4"], "4 reads as gone");
    for title in [
        "Locks",
        "Open doors",
        "Locked out",
        "No answer",
        "To be mended",
    ] {
        for query in asked(title) {
            let found = prometheus.query(&query);
            assert!(found.is_empty(), "{title}: {found:?}");
        }
    }
}
