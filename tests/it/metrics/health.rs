//! What is told of this program itself.

use std::time::Duration;

use authvigil::domain::finding::Verdict;
use authvigil::domain::status::Skip;
use authvigil::metrics::StoreHealth;

use super::{CONFIGURATION, lines_of, metrics};
use crate::support::status::{now, snapshot};

#[test]
fn every_verdict_and_every_cause_is_there_from_0() {
    let (metrics, all) = (metrics(), snapshot(CONFIGURATION));
    let counts = lines_of(&metrics, &all, "authvigil_probe_duration_seconds_count");
    assert_eq!(
        counts,
        [
            r#"{verdict="fail"} 0"#,
            r#"{verdict="pass"} 0"#,
            r#"{verdict="unknown"} 0"#
        ]
    );
    let mut causes = Skip::ALL.map(|cause| format!(r#"{{cause="{}"}} 0"#, cause.as_str()));
    causes.sort();
    assert_eq!(
        lines_of(&metrics, &all, "authvigil_probes_skipped_total"),
        causes
    );
}

#[test]
fn a_probe_is_timed_by_its_verdict() {
    let (metrics, all) = (metrics(), snapshot(CONFIGURATION));
    metrics.probed(Verdict::Unknown, Duration::from_millis(20));
    let buckets = lines_of(&metrics, &all, "authvigil_probe_duration_seconds_bucket");
    assert!(buckets.contains(&r#"{verdict="unknown",le="0.01"} 0"#.to_owned()));
    assert!(buckets.contains(&r#"{verdict="unknown",le="0.025"} 1"#.to_owned()));
    assert!(buckets.contains(&r#"{verdict="pass",le="+Inf"} 0"#.to_owned()));
}

#[test]
fn probes_in_flight_are_those_started_and_not_ended() {
    let (metrics, all) = (metrics(), snapshot(CONFIGURATION));
    let in_flight = || lines_of(&metrics, &all, "authvigil_probes_in_flight");
    metrics.started(Duration::from_millis(3));
    metrics.started(Duration::from_secs(20));
    assert_eq!(in_flight(), ["2"]);
    metrics.ended();
    assert_eq!(in_flight(), ["1"]);
    let lag = lines_of(&metrics, &all, "authvigil_schedule_lag_seconds_bucket");
    assert!(lag.contains(&r#"{le="0.005"} 1"#.to_owned()), "{lag:?}");
    assert!(lag.contains(&r#"{le="60"} 2"#.to_owned()), "{lag:?}");
}

#[test]
fn turns_without_a_probe_are_counted_by_cause() {
    let (metrics, all) = (metrics(), snapshot(CONFIGURATION));
    metrics.skipped(Skip::HeldBack, 1);
    metrics.skipped(Skip::HeldBack, 1);
    let skipped = lines_of(&metrics, &all, "authvigil_probes_skipped_total");
    assert!(
        skipped.contains(&r#"{cause="held_back"} 2"#.to_owned()),
        "{skipped:?}"
    );
}

#[test]
fn a_reload_that_failed_keeps_the_time_of_the_one_before() {
    let (metrics, all) = (metrics(), snapshot(CONFIGURATION));
    let successful = || lines_of(&metrics, &all, "authvigil_config_last_reload_successful");
    metrics.reloaded(now());
    assert_eq!(successful(), ["1"]);
    metrics.reload_failed();
    assert_eq!(successful(), ["0"]);
    assert_eq!(
        lines_of(
            &metrics,
            &all,
            "authvigil_config_last_reload_success_timestamp_seconds"
        ),
        ["1795348800.25"]
    );
}

#[test]
fn a_store_that_cannot_write_is_told_of_and_its_counters_never_go_back() {
    let (metrics, all) = (metrics(), snapshot(CONFIGURATION));
    let told = || {
        ["up", "failures_total"]
            .map(|name| lines_of(&metrics, &all, &format!("authvigil_store_{name}")).concat())
    };
    let lost = || lines_of(&metrics, &all, "authvigil_changes_lost_total");
    let health = |up, failures| StoreHealth {
        up,
        failures,
        changes_lost: failures,
    };
    assert_eq!(told(), ["1", "0"]);
    metrics.stored(health(false, 3));
    metrics.stored(health(false, 5));
    assert_eq!(told(), ["0", "5"]);
    metrics.stored(health(true, 2));
    assert_eq!(told(), ["1", "5"]);
    assert_eq!(lost(), ["5"]);
}

#[test]
fn the_version_is_told_whatever_it_holds() {
    let metrics = std::sync::Arc::new(authvigil::metrics::Metrics::new("1\"\n").unwrap());
    assert_eq!(
        lines_of(&metrics, &snapshot(CONFIGURATION), "authvigil_build_info"),
        [r#"{version="1\"\n"} 1"#]
    );
}
