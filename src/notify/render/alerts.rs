//! Alerts as Alertmanager's API v2 takes them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::domain::incident::Incident;
use crate::domain::notice::{Isolation, Notice, Occasion};

/// How long an open incident is good for without another word: several of the minutes after which
/// it is sent again.
const AHEAD: Duration = Duration::from_mins(5);

/// How long an alert is good for that is not sent again.
const A_DAY: Duration = Duration::from_hours(24);

/// How long a summary may be, in characters.
const LONGEST_SUMMARY: usize = 500;

/// What a notice says to an Alertmanager, with these of its incidents; an empty list where that is
/// nothing.
pub(crate) fn of_notice(notice: &Notice, incidents: &[Arc<Incident>], now: Timestamp) -> Value {
    match &notice.occasion {
        Occasion::Opened { .. }
        | Occasion::Repeated { .. }
        | Occasion::Ended
        | Occasion::Flapping => alerts(incidents, now),
        Occasion::Isolated(isolation) => json!([isolated(isolation, after(now, A_DAY))]),
        Occasion::Rejoined(isolation) => json!([isolated(isolation, now)]),
        Occasion::Test => json!([test(notice, now)]),
        // Nothing that fires and resolves.
        Occasion::Silenced(_) | Occasion::Heartbeat(_) => json!([]),
    }
}

/// The incidents as alerts: those that are open fire for five minutes more, the others are resolved.
pub(crate) fn alerts(incidents: &[Arc<Incident>], now: Timestamp) -> Value {
    let incidents = incidents.iter();
    incidents.map(|incident| alert(incident, now)).collect()
}

fn alert(incident: &Incident, now: Timestamp) -> Value {
    let until = match incident.ended {
        Some(ended) => ended.at,
        None => after(now.max(incident.opened_at), AHEAD),
    };
    let page = incident.story.page_url.as_ref();
    let runbook = incident.story.runbook_url.as_ref();
    let mut alert = json!({
        "labels": labels(incident),
        "annotations": {
            "reason": incident.reason.as_str(),
            "summary": summary(incident),
        },
        "startsAt": incident.opened_at.to_string(),
        // An end before the beginning is refused, and clocks are set.
        "endsAt": until.max(incident.opened_at).to_string(),
    });
    if let Some(page) = page {
        alert["generatorURL"] = json!(page.as_str());
    }
    if let Some(runbook) = runbook {
        alert["annotations"]["runbook_url"] = json!(runbook.as_str());
    }
    alert
}

/// What an Alertmanager knows an incident by: those of one check and class may be the same to it.
pub(crate) fn labels(incident: &Incident) -> BTreeMap<&str, &str> {
    let mut labels: BTreeMap<_, _> = incident.configured_labels().collect();
    labels.extend([
        ("alertname", "AuthvigilIncident"),
        ("endpoint", incident.check.endpoint.as_str()),
        ("check", incident.check.check.as_str()),
        ("class", incident.class.as_str()),
        ("severity", incident.severity.as_str()),
    ]);
    labels
}

/// `bypass orders/anonymous: expected 401, saw 200`.
fn summary(incident: &Incident) -> String {
    let what = format!("{} {}", incident.class.as_str(), incident.check);
    match incident.story.findings.first() {
        Some(finding) => {
            let (expected, saw) = (&finding.expected, &finding.saw);
            clean(&format!("{what}: expected {expected}, saw {saw}"))
        }
        None => what,
    }
}

/// Text with what a server sent in it, without control characters, and not without end.
fn clean(text: &str) -> String {
    let plain = text.replace(char::is_control, " ");
    match plain.char_indices().nth(LONGEST_SUMMARY) {
        Some((end, _)) => format!("{}…", &plain[..end]),
        None => plain,
    }
}

fn isolated(isolation: &Isolation, until: Timestamp) -> Value {
    let (down, hosts) = (isolation.down, isolation.hosts);
    json!({
        "labels": {"alertname": "AuthvigilIsolated", "severity": "critical"},
        "annotations": {
            "summary": format!("this monitor may be cut off: {down} of {hosts} hosts in outage"),
        },
        "startsAt": isolation.since.to_string(),
        "endsAt": until.max(isolation.since).to_string(),
    })
}

fn test(notice: &Notice, now: Timestamp) -> Value {
    let (created_at, receiver) = (notice.created_at, notice.receiver.as_str());
    json!({
        "labels": {"alertname": "AuthvigilTest", "receiver": receiver, "severity": "warning"},
        "annotations": {"summary": "somebody tries whether alerts get here"},
        "startsAt": created_at.to_string(),
        "endsAt": after(now.max(created_at), AHEAD).to_string(),
    })
}

fn after(now: Timestamp, wait: Duration) -> Timestamp {
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}
