//! Incidents as a real Alertmanager sees them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use authvigil::clock::{Clock as _, SystemClock};
use authvigil::domain::incident::{Ended, Incident, Resolution};
use authvigil::domain::notice::{Attempt, Isolation, Notice, Occasion};
use authvigil::notify::{Resender, Told};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::scene::{self, alertmanagers, incident, notice, opened, patience, tell};
use crate::support::alertmanager::Alertmanager;
use crate::support::lab::{Answer, Lab};

fn taken() -> Attempt {
    Attempt::Delivered("HTTP 200".to_owned())
}

fn ended(incident: Incident) -> Incident {
    let ended = Ended {
        at: SystemClock.now(),
        resolution: Resolution::Recovered,
    };
    Incident {
        ended: Some(ended),
        ..incident
    }
}

fn moment(alert: &Value, key: &str) -> Timestamp {
    alert[key].as_str().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_incident_fires_with_its_labels() {
    let alertmanager = Alertmanager::start();
    let carried = tell(&alertmanagers(patience()), &alertmanager.url(), &opened()).await;
    assert_eq!(carried.attempt, taken());
    let alerts = alertmanager.until(|alerts| !alerts.is_empty());
    let shown: Vec<Value> = alerts.iter().map(shown).collect();
    let expected = json!({
        "labels": {
            "alertname": "AuthvigilIncident",
            "endpoint": "orders",
            "check": "anonymous",
            "class": "bypass",
            "severity": "critical",
            "team": "payments",
        },
        "annotations": {
            "reason": "anonymous_admitted",
            "summary": "bypass orders/anonymous: expected 401, saw 200 [2J",
        },
        "generatorURL": "https://monitor.example.com/endpoints/orders",
    });
    assert_eq!(shown, [expected]);
}

fn shown(alert: &Value) -> Value {
    let keys = ["labels", "annotations", "generatorURL"];
    let shown = keys.map(|key| (key.to_owned(), alert[key].clone()));
    json!(BTreeMap::from(shown))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_good_for_five_minutes() {
    let alertmanager = Alertmanager::start();
    let before = SystemClock.now();
    tell(&alertmanagers(patience()), &alertmanager.url(), &opened()).await;
    let after = SystemClock.now();
    let alerts = alertmanager.until(|alerts| !alerts.is_empty());
    let (ahead, ends) = (Duration::from_mins(5), moment(&alerts[0], "endsAt"));
    let rounding = Duration::from_millis(1);
    assert!(
        (before + ahead - rounding..=after + ahead + rounding).contains(&ends),
        "{ends}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_incident_fires_no_more() {
    let alertmanager = Alertmanager::start();
    let (url, alertmanagers) = (alertmanager.url(), alertmanagers(patience()));
    let orders = incident("orders");
    let both = vec![Arc::new(orders.clone()), Arc::new(incident("bills"))];
    tell(
        &alertmanagers,
        &url,
        &notice(Occasion::Opened { cause: None }, both),
    )
    .await;
    alertmanager.until(|alerts| alerts.len() == 2);
    let recovery = notice(Occasion::Ended, vec![Arc::new(ended(orders))]);
    let carried = tell(&alertmanagers, &url, &recovery).await;
    assert_eq!(carried.attempt, taken());
    let left = alertmanager.until(|alerts| alerts.len() == 1);
    assert_eq!(left[0]["labels"]["endpoint"], "bills");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_before_the_beginning_is_taken_as_well_because_clocks_are_set() {
    let alertmanager = Alertmanager::start();
    let mut early = ended(incident("orders"));
    early.opened_at = SystemClock.now() + Duration::from_hours(1);
    let early = notice(Occasion::Ended, vec![Arc::new(early)]);
    let carried = tell(&alertmanagers(patience()), &alertmanager.url(), &early).await;
    assert_eq!(carried.attempt, taken());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repetition_keeps_what_is_open_firing() {
    let alertmanager = Alertmanager::start();
    let told: Told = vec![(alertmanager.url(), vec![Arc::new(incident("orders"))])];
    let (publish, published) = watch::channel(told);
    let resender = Resender::new(alertmanagers(patience()), published);
    let work = tokio::spawn(resender.every(Duration::from_millis(50)).run());
    let first = alertmanager.until(|alerts| !alerts.is_empty());
    let ends = moment(&first[0], "endsAt");
    alertmanager.until(|alerts| alerts.first().is_some_and(|it| moment(it, "endsAt") > ends));
    drop(publish);
    tokio::time::timeout(Duration::from_mins(1), work)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn more_incidents_than_fit_into_a_post_arrive_all() {
    let alertmanager = Alertmanager::start();
    let many = (0..1201).map(|number| Arc::new(incident(&format!("e{number}"))));
    let many = notice(Occasion::Opened { cause: None }, many.collect());
    let carried = tell(&alertmanagers(patience()), &alertmanager.url(), &many).await;
    assert_eq!(carried.attempt, taken());
    alertmanager.until(|alerts| alerts.len() == 1201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_monitor_that_is_cut_off_is_an_alert_until_it_is_back() {
    let alertmanager = Alertmanager::start();
    let (url, alertmanagers) = (alertmanager.url(), alertmanagers(patience()));
    let isolation = Isolation {
        since: scene::moment(),
        down: 7,
        hosts: 9,
    };
    let isolated = notice(Occasion::Isolated(isolation), Vec::new());
    tell(&alertmanagers, &url, &isolated).await;
    let alerts = alertmanager.until(|alerts| !alerts.is_empty());
    assert_eq!(alerts[0]["labels"]["alertname"], "AuthvigilIsolated");
    let rejoined = notice(Occasion::Rejoined(isolation), Vec::new());
    tell(&alertmanagers, &url, &rejoined).await;
    alertmanager.until(<[Value]>::is_empty);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_is_an_alert_of_its_own() {
    let alertmanager = Alertmanager::start();
    let test = notice(Occasion::Test, Vec::new());
    tell(&alertmanagers(patience()), &alertmanager.url(), &test).await;
    let alerts = alertmanager.until(|alerts| !alerts.is_empty());
    let expected =
        json!({"alertname": "AuthvigilTest", "receiver": "oncall", "severity": "warning"});
    assert_eq!(alerts[0]["labels"], expected);
}

#[tokio::test]
async fn a_word_of_the_end_is_not_overtaken_by_a_repetition_that_is_under_way() {
    let lab = Lab::http();
    let slow = Duration::from_millis(300);
    lab.route("/api/v2/alerts", move |_| Answer::status(200).after(slow));
    let (url, shared) = (lab.url("/"), alertmanagers(patience()));
    let told: Told = vec![(url.clone(), vec![Arc::new(incident("orders"))])];
    let (publish, published) = watch::channel(told);
    let work = tokio::spawn(Resender::new(shared.clone(), published).run());
    let arrived = async {
        while lab.requests().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), arrived)
        .await
        .unwrap();
    publish.send_replace(Told::new());
    let recovery = notice(Occasion::Ended, vec![Arc::new(ended(incident("orders")))]);
    tell(&shared, &url, &recovery).await;
    let [repetition, end] = lab.requests().try_into().unwrap();
    assert!(end.at - repetition.at >= slow);
    work.abort();
}

#[tokio::test]
async fn a_repetition_that_fails_is_counted_and_repeated_the_next_time() {
    let lab = Lab::http();
    lab.route("/api/v2/alerts", |_| Answer::status(500));
    let told: Told = vec![(lab.url(""), vec![Arc::new(incident("orders"))])];
    let (_publish, published) = watch::channel(told);
    let resender = Resender::new(alertmanagers(patience()), published);
    let failures = resender.failures();
    let work = tokio::spawn(resender.every(Duration::from_millis(10)).run());
    let several = async {
        while failures.load(Ordering::Relaxed) < 3 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), several)
        .await
        .unwrap();
    assert!(lab.requests().len() >= 3);
    work.abort();
}

/// A lab that takes alerts, and an incident with the one that followed it on the same check.
fn with_successor() -> (Lab, Incident, Incident) {
    let lab = Lab::http();
    lab.route("/api/v2/alerts", |_| Answer::status(200));
    let first = incident("orders");
    let second = Incident {
        opened_at: first.opened_at + Duration::from_secs(30),
        ..incident("orders")
    };
    (lab, ended(first), second)
}

fn opening(incident: &Incident) -> Notice {
    let occasion = Occasion::Opened { cause: None };
    notice(occasion, vec![Arc::new(incident.clone())])
}

fn ending(incident: &Incident) -> Notice {
    notice(Occasion::Ended, vec![Arc::new(incident.clone())])
}

#[tokio::test]
async fn an_end_that_comes_late_does_not_end_the_next_incident() {
    let (lab, first, second) = with_successor();
    let (url, alertmanagers) = (lab.url(""), alertmanagers(patience()));
    tell(&alertmanagers, &url, &opening(&second)).await;
    let late = tell(&alertmanagers, &url, &ending(&first)).await;
    assert_eq!(
        late.attempt,
        Attempt::Delivered("nothing to say".to_owned())
    );
    assert_eq!(lab.requests().len(), 1);
}

#[tokio::test]
async fn an_end_that_comes_late_is_told_once_the_next_incident_is_over_too() {
    let (lab, first, second) = with_successor();
    let (url, alertmanagers) = (lab.url(""), alertmanagers(patience()));
    tell(&alertmanagers, &url, &opening(&second)).await;
    tell(&alertmanagers, &url, &ending(&ended(second))).await;
    let late = tell(&alertmanagers, &url, &ending(&first)).await;
    assert_eq!(late.attempt, taken());
}

#[tokio::test]
async fn an_end_that_comes_late_after_a_restart_does_not_end_what_is_repeated() {
    let (lab, first, second) = with_successor();
    let (url, alertmanagers) = (lab.url(""), alertmanagers(patience()));
    let told: Told = vec![(url.clone(), vec![Arc::new(second)])];
    let (publish, published) = watch::channel(told);
    let resender = Resender::new(alertmanagers.clone(), published);
    let work = tokio::spawn(resender.run());
    let repeated = async {
        while lab.requests().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), repeated)
        .await
        .unwrap();
    tell(&alertmanagers, &url, &ending(&first)).await;
    assert_eq!(lab.requests().len(), 1);
    drop(publish);
    tokio::time::timeout(Duration::from_mins(1), work)
        .await
        .unwrap()
        .unwrap();
}
