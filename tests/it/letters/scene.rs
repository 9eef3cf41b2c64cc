//! Notices for every occasion.

use std::collections::BTreeMap;
use std::sync::Arc;

use authvigil::domain::check::{CheckId, Name, Role};
use authvigil::domain::finding::{Class, Finding, Reason, Severity};
use authvigil::domain::incident::{Ended, Incident, IncidentId, Reproduced, Resolution};
use authvigil::domain::notice::{
    Cause, Difference, Heartbeat, Isolation, MessageId, Notice, NoticeId, Occasion, Story, Thread,
};
use authvigil::domain::routing::{MatchRule, Matcher};
use authvigil::domain::silence::{Silence, SilenceId};
use jiff::{SignedDuration, Timestamp};

/// A moment, so many seconds after the first bad verdict of the scene.
pub(super) fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    start + SignedDuration::from_secs(seconds)
}

pub(super) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

/// A notice that was decided on so many seconds after the first bad verdict.
pub(super) fn notice(occasion: Occasion, incidents: Vec<Incident>, seconds: i64) -> Notice {
    let id = NoticeId::parse("5f1d0c2ba94e7736").unwrap();
    let message_id = MessageId::of(&id, "example.com");
    Notice {
        id,
        receiver: name("oncall"),
        created_at: at(seconds),
        occasion,
        thread: Thread {
            message_id,
            in_reply_to: None,
            references: Vec::new(),
        },
        incidents: incidents.into_iter().map(Arc::new).collect(),
    }
}

pub(super) fn opened(incidents: Vec<Incident>) -> Notice {
    notice(Occasion::Opened { cause: None }, incidents, 1)
}

/// An incident of a reason, with the least that there is to say of it.
pub(super) fn incident(check: &str, reason: Reason, expected: &str, saw: &str) -> Incident {
    let (endpoint, check) = check.split_once('/').unwrap();
    let check = CheckId {
        endpoint: name(endpoint),
        check: name(check),
    };
    let story = Story {
        at: at(0),
        request: format!("GET https://api.example.com/{endpoint}"),
        persona: check.check.to_string(),
        role: Role::Refused,
        findings: vec![Finding::new(reason, expected, saw)],
        beside: Vec::new(),
        status_line: None,
        challenge_lines: Vec::new(),
        silence: None,
        remote_addr: Some("192.0.2.17:443".to_owned()),
        good_at: Some(at(-30)),
        differences: Vec::new(),
        control_failing: false,
        reproduction: Some(format!("curl -sS -i https://api.example.com/{endpoint}")),
        labels: BTreeMap::from([("team".to_owned(), "payments".to_owned())]),
        runbook_url: Some("https://wiki.example.com/runbooks/orders".parse().unwrap()),
        page_url: Some(
            format!("https://monitor.example.com/endpoints/{endpoint}")
                .parse()
                .unwrap(),
        ),
    };
    Incident {
        id: IncidentId::new(&check, reason.class(), at(0)),
        check,
        class: reason.class(),
        reason,
        severity: reason.severity(),
        since: at(0),
        opened_at: at(0),
        ended: None,
        reproduced: None,
        flapping: false,
        labels: Arc::default(),
        story: Arc::new(story),
    }
}

/// The same incident with another story.
pub(super) fn telling(mut incident: Incident, change: impl FnOnce(&mut Story)) -> Incident {
    change(Arc::make_mut(&mut incident.story));
    incident
}

fn difference(what: &str, before: Option<&str>, now: Option<&str>) -> Difference {
    Difference {
        what: what.to_owned(),
        before: before.map(ToOwned::to_owned),
        now: now.map(ToOwned::to_owned),
    }
}

/// A stranger is let in.
pub(super) fn bypass() -> Incident {
    let bypass = incident(
        "orders/anonymous",
        Reason::AnonymousAdmitted,
        "401 with Basic realm=\"orders\"",
        "200 OK",
    );
    let challenge = "Basic realm=\"orders\"";
    let mut bypass = telling(bypass, |story| {
        story.status_line = Some("HTTP/1.1 200 OK".to_owned());
        story.differences = vec![
            difference("status", Some("401"), Some("200")),
            difference("challenge", Some(challenge), None),
            difference("address", Some("192.0.2.16:443"), Some("192.0.2.17:443")),
        ];
    });
    bypass.reproduced = Some(Reproduced { again: 3, of: 3 });
    bypass
}

/// The rightful holder is rejected.
pub(super) fn lockout() -> Incident {
    let lockout = incident(
        "orders/partner",
        Reason::CredentialRejected,
        "200",
        "401 Unauthorized",
    );
    telling(lockout, |story| {
        story.role = Role::Admitted;
        story.status_line = Some("HTTP/1.1 401 Unauthorized".to_owned());
        story.challenge_lines = vec![
            "Basic realm=\"orders\", charset=\"UTF-8\"".to_owned(),
            "Bearer realm=\"orders\", error=\"invalid_token\"".to_owned(),
        ];
        story.reproduction = Some(
            "curl -sS -i -u \"partner:$PARTNER_PASSWORD\" https://api.example.com/orders"
                .to_owned(),
        );
        story.differences = vec![difference("status", Some("200"), Some("401"))];
    })
}

/// Nobody answers.
pub(super) fn outage(check: &str) -> Incident {
    let outage = incident(
        check,
        Reason::ConnectRefused,
        "200",
        "192.0.2.17:443: connection refused",
    );
    telling(outage, |story| {
        story.role = Role::Admitted;
        story.silence = Some("192.0.2.17:443: connection refused".to_owned());
        story.remote_addr = None;
    })
}

/// A refusal that was not the agreed one; by now nobody is refused, and the answer is slow.
pub(super) fn denied() -> Incident {
    let denied = incident(
        "orders/anonymous",
        Reason::ForbiddenInstead,
        "401",
        "403 Forbidden",
    );
    telling(denied, |story| {
        story.status_line = Some("HTTP/1.1 403 Forbidden".to_owned());
        story.beside = vec![slow(), let_in()];
    })
}

/// What is found where a stranger is let in.
pub(super) fn let_in() -> Finding {
    Finding::new(Reason::AnonymousAdmitted, "401", "200 OK")
}

/// What is found where an answer takes too long.
pub(super) fn slow() -> Finding {
    Finding::new(
        Reason::TooSlow,
        "an answer within 500 milliseconds",
        "one after 2.1 seconds",
    )
}

/// The notice that these incidents open and resolve too often.
pub(super) fn flapping(mut incidents: Vec<Incident>) -> Notice {
    for incident in &mut incidents {
        incident.flapping = true;
    }
    notice(Occasion::Flapping, incidents, 1800)
}

/// A challenge that was never accepted.
pub(super) fn drift() -> Incident {
    let drift = incident(
        "orders/anonymous",
        Reason::ChallengeChanged,
        "Basic realm=\"orders\"",
        "Basic realm=\"Restricted\"",
    );
    telling(drift, |story| {
        story.status_line = Some("HTTP/2 401".to_owned());
        story.challenge_lines = vec!["Basic realm=\"Restricted\"".to_owned()];
        story.control_failing = true;
        story.beside = vec![slow()];
        story.differences = vec![difference(
            "challenge",
            Some("Basic realm=\"orders\""),
            Some("Basic realm=\"Restricted\""),
        )];
    })
}

/// The incident, ended so many seconds after the first bad verdict.
pub(super) fn over(mut incident: Incident, resolution: Resolution, seconds: i64) -> Incident {
    let at = at(seconds);
    incident.ended = Some(Ended { at, resolution });
    incident
}

/// Incidents at many endpoints, the gravest first.
pub(super) fn crowd(count: usize) -> Vec<Incident> {
    let of = |at: usize| match at {
        0 => bypass(),
        1 => lockout(),
        at => outage(&format!("service-{at}/partner")),
    };
    (0..count).map(of).collect()
}

fn silence() -> Silence {
    let is = |label: &str, value: &str| Matcher {
        label: label.to_owned(),
        rule: MatchRule::Is(value.to_owned()),
    };
    Silence {
        id: SilenceId::parse("0a1b2c3d").unwrap(),
        matchers: vec![
            is("class", Class::Bypass.as_str()),
            is("endpoint", "orders"),
        ],
        starts_at: at(0),
        ends_at: at(7200),
        comment: "open on purpose while the gateway moves, CHG-4711".to_owned(),
        author: "root".to_owned(),
    }
}

fn isolation() -> Isolation {
    Isolation {
        since: at(-60),
        down: 30,
        hosts: 32,
    }
}

pub(super) fn heartbeat(open: usize, failing: (usize, usize)) -> Notice {
    let heartbeat = Heartbeat {
        since: at(-86_400),
        checks: 120,
        probes: 345_600,
        open,
        failing,
    };
    notice(Occasion::Heartbeat(heartbeat), Vec::new(), 0)
}

/// A notice for every occasion, named.
pub(super) fn all() -> Vec<(&'static str, Notice)> {
    let repeated = Occasion::Repeated { cause: None };
    let host = Cause::Host("api.example.com".to_owned());
    let five = || {
        (1..=5)
            .map(|at| outage(&format!("service-{at}/partner")))
            .collect()
    };
    let mut partial = bypass();
    partial.reproduced = Some(Reproduced { again: 0, of: 3 });
    let rename = |mut incident: Incident| {
        incident.severity = Severity::Warning;
        incident
    };
    vec![
        ("bypass", opened(vec![bypass()])),
        ("bypass-partial", opened(vec![partial])),
        ("lockout", opened(vec![lockout()])),
        (
            "lockout-repeated",
            notice(repeated, vec![lockout()], 14_400),
        ),
        ("outage", opened(vec![outage("orders/partner")])),
        ("challenge-changed", opened(vec![rename(drift())])),
        ("resolved", ended(bypass(), Resolution::Recovered)),
        (
            "resolved-beside-bypass",
            ended(denied(), Resolution::Recovered),
        ),
        ("removed", ended(bypass(), Resolution::Removed)),
        (
            "cause",
            notice(Occasion::Opened { cause: Some(host) }, five(), 15),
        ),
        ("crowd", opened(crowd(12))),
        ("flapping", flapping(vec![lockout()])),
        (
            "flapping-well",
            flapping(vec![over(lockout(), Resolution::Recovered, 1799)]),
        ),
        (
            "isolated",
            notice(Occasion::Isolated(isolation()), five(), 0),
        ),
        (
            "rejoined",
            notice(Occasion::Rejoined(isolation()), Vec::new(), 600),
        ),
        (
            "silenced",
            notice(Occasion::Silenced(Arc::new(silence())), Vec::new(), 0),
        ),
        ("heartbeat", heartbeat(0, (0, 0))),
        ("heartbeat-unwell", heartbeat(3, (4, 1))),
        ("test", notice(Occasion::Test, Vec::new(), 0)),
    ]
}

pub(super) fn ended(incident: Incident, resolution: Resolution) -> Notice {
    notice(Occasion::Ended, vec![over(incident, resolution, 240)], 241)
}
