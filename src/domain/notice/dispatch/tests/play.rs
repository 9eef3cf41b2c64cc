//! A stage: a policy, a clock, what was committed, and the lines that were spoken.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::domain::check::{CheckId, Name, Role};
use crate::domain::finding::{Class, Finding, Reason};
use crate::domain::incident::{Ended, Incident, IncidentId, Resolution};
use crate::domain::notice::{Dispatch, Draft, Memo, Restored, Story, Telling, Way};
use crate::domain::routing::{MatchRule, Matcher, Policy, Route};
use crate::domain::silence::{Silence, SilenceId};

/// The second at which every play begins: a full hour of a Monday.
const START: i64 = 1_767_600_000;

/// A daemon as far as it tells: the dispatch, and what it would find at its next start.
pub(super) struct Play {
    pub(super) dispatch: Dispatch,
    pub(super) policy: Arc<Policy>,
    pub(super) now: Timestamp,
    /// How far somebody has set the clock back by which incidents open and end.
    pub(super) set_back: SignedDuration,
    pub(super) drafts: Vec<(Timestamp, Draft)>,
    pub(super) incidents: BTreeMap<IncidentId, Arc<Incident>>,
    pub(super) tellings: BTreeMap<(IncidentId, Name), Telling>,
    silences: BTreeMap<SilenceId, Arc<Silence>>,
    pub(super) memo: Memo,
    starts: u64,
    told: usize,
}

impl Play {
    /// A play under one route, which tells `oncall`.
    pub(super) fn plain() -> Self {
        Self::of(route("oncall"))
    }

    pub(super) fn of(route: Route) -> Self {
        Self::under(policy(Some(route)))
    }

    pub(super) fn under(policy: Policy) -> Self {
        let now = Timestamp::from_second(START).unwrap();
        let policy = Arc::new(policy);
        let mut play = Self {
            dispatch: Dispatch::new(Arc::clone(&policy), Restored::default(), 1, now),
            policy,
            now,
            set_back: SignedDuration::ZERO,
            drafts: Vec::new(),
            incidents: BTreeMap::new(),
            tellings: BTreeMap::new(),
            silences: BTreeMap::new(),
            memo: Memo::default(),
            starts: 1,
            told: 0,
        };
        play.settle();
        play
    }

    /// Opens an incident of a check such as `orders/valid`, at a host named for its endpoint.
    pub(super) fn open(&mut self, check: &str, reason: Reason) -> IncidentId {
        self.open_with(check, reason, &[])
    }

    pub(super) fn open_with(
        &mut self,
        check: &str,
        reason: Reason,
        labels: &[(&str, &str)],
    ) -> IncidentId {
        let incident = incident(check, reason, labels, self.now - self.set_back);
        self.take(incident)
    }

    pub(super) fn take(&mut self, incident: Incident) -> IncidentId {
        let incident = Arc::new(incident);
        self.incidents
            .insert(incident.id.clone(), Arc::clone(&incident));
        self.dispatch.take(&incident, self.now);
        self.settle();
        incident.id.clone()
    }

    pub(super) fn change(&mut self, id: &IncidentId, change: impl FnOnce(&mut Incident)) {
        let mut incident = Incident::clone(&self.incidents[id]);
        change(&mut incident);
        self.take(incident);
    }

    pub(super) fn end(&mut self, id: &IncidentId) {
        let at = self.now - self.set_back;
        self.change(id, |incident| {
            incident.ended = Some(Ended {
                at,
                resolution: Resolution::Recovered,
            });
        });
    }

    pub(super) fn flap(&mut self, id: &IncidentId) {
        self.change(id, |incident| incident.flapping = true);
    }

    pub(super) fn calm(&mut self, id: &IncidentId) {
        self.change(id, |incident| incident.flapping = false);
    }

    /// Silences what these matchers say, from now on.
    pub(super) fn silence(&mut self, labels: &[(&str, &str)], seconds: i64) -> SilenceId {
        let silence = silence(labels, self.now, seconds);
        self.add_silence(silence)
    }

    pub(super) fn add_silence(&mut self, silence: Silence) -> SilenceId {
        let silence = Arc::new(silence);
        self.silences
            .insert(silence.id.clone(), Arc::clone(&silence));
        self.dispatch.add_silence(Arc::clone(&silence), self.now);
        self.settle();
        silence.id.clone()
    }

    pub(super) fn expire(&mut self, id: &SilenceId) {
        let over = self.dispatch.expire_silence(id, self.now);
        self.silences.remove(id);
        assert!(over.is_some_and(|silence| silence.ends_at <= self.now));
        self.settle();
    }

    /// Lets time pass, from one moment of decision to the next.
    pub(super) fn pass(&mut self, seconds: i64) {
        self.pass_milliseconds(seconds * 1000);
    }

    pub(super) fn pass_milliseconds(&mut self, milliseconds: i64) {
        let end = self.now + SignedDuration::from_millis(milliseconds);
        while let Some(next) = self.dispatch.wake_at().filter(|next| *next <= end) {
            assert!(next > self.now, "decides at {next} what it decided before");
            self.now = next;
            self.settle();
        }
        self.now = end;
    }

    /// Decides what is due, and commits it.
    pub(super) fn settle(&mut self) {
        let decided = self.dispatch.due(self.now);
        let now = self.now;
        self.drafts
            .extend(decided.drafts.into_iter().map(|draft| (now, draft)));
        for telling in decided.tellings {
            let key = (telling.incident.clone(), telling.receiver.clone());
            self.tellings.insert(key, telling);
        }
        if let Some(memo) = decided.memo {
            self.memo = memo;
        }
    }

    pub(super) fn reload(&mut self, policy: Policy) {
        self.policy = Arc::new(policy);
        self.dispatch.adopt(Arc::clone(&self.policy), self.now);
        self.settle();
    }

    /// Stops, and starts again from what was committed, this many seconds later.
    pub(super) fn restart(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
        self.starts += 1;
        let now = self.now;
        let silences = self.silences.values();
        let silences = silences.filter(|silence| now < silence.ends_at);
        let restored = Restored {
            incidents: self.incidents.values().cloned().collect(),
            tellings: self.tellings.values().cloned().collect(),
            silences: silences.cloned().collect(),
            memo: self.memo.clone(),
        };
        self.dispatch = Dispatch::new(Arc::clone(&self.policy), restored, self.starts, now);
        self.settle();
    }

    /// What was said since this was last asked: seconds since the beginning, who, what, of which.
    pub(super) fn said(&mut self) -> Vec<String> {
        let lines = self.drafts.iter().skip(self.told).map(line).collect();
        self.told = self.drafts.len();
        lines
    }
}

fn line((at, draft): &(Timestamp, Draft)) -> String {
    use crate::domain::notice::Occasion;
    let cause = if let Occasion::Opened { cause: Some(cause) }
    | Occasion::Repeated { cause: Some(cause) } = &draft.occasion
    {
        format!(" {cause:?}")
    } else {
        String::new()
    };
    let incidents = draft.incidents.iter();
    let incidents: Vec<String> = incidents.map(|it| it.check.to_string()).collect();
    let line = format!(
        "{} {} {}{cause} {}",
        at.as_second() - START,
        draft.receiver,
        draft.occasion.as_str(),
        incidents.join(" ")
    );
    line.trim_end().to_owned()
}

pub(super) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub(super) fn policy(route: Option<Route>) -> Policy {
    let receivers = ["oncall", "security", "tickets"];
    let receivers = receivers.map(|text| (name(text), vec![Way::File]));
    Policy {
        route,
        receivers: receivers.into(),
        message_domain: "example.com".into(),
        ..Policy::default()
    }
}

/// A route with the times that hold where nothing is configured.
pub(super) fn route(receiver: &str) -> Route {
    Route {
        receiver: name(receiver),
        matchers: Vec::new(),
        goes_on: false,
        group_by: vec!["endpoint".into()],
        group_wait: Duration::from_secs(10),
        group_interval: Duration::from_mins(5),
        repeat_interval: Duration::from_hours(4),
        mute_time_intervals: Vec::new(),
        active_time_intervals: Vec::new(),
        routes: Vec::new(),
    }
}

pub(super) fn branch(receiver: &str, label: &str, value: &str) -> Route {
    Route {
        matchers: vec![is(label, value)],
        ..route(receiver)
    }
}

pub(super) fn is(label: &str, value: &str) -> Matcher {
    Matcher {
        label: label.into(),
        rule: MatchRule::Is(value.into()),
    }
}

pub(super) fn silence(labels: &[(&str, &str)], from: Timestamp, seconds: i64) -> Silence {
    let text = format!("{labels:?}{from}");
    let digits: u32 = text.bytes().fold(7, |sum: u32, byte| {
        sum.wrapping_mul(31).wrapping_add(byte.into())
    });
    Silence {
        id: SilenceId::parse(&format!("{digits:08x}")).unwrap(),
        matchers: labels
            .iter()
            .map(|(label, value)| is(label, value))
            .collect(),
        starts_at: from,
        ends_at: from + SignedDuration::from_secs(seconds),
        comment: "known".into(),
        author: "root".into(),
    }
}

pub(super) fn incident(
    check: &str,
    reason: Reason,
    more: &[(&str, &str)],
    at: Timestamp,
) -> Incident {
    let (endpoint, check) = check.split_once('/').unwrap();
    let id = CheckId {
        endpoint: name(endpoint),
        check: name(check),
    };
    let class = reason.class();
    let host = format!("{endpoint}.example.com");
    let labels = [
        ("endpoint", endpoint),
        ("check", check),
        ("class", class.as_str()),
        ("reason", reason.as_str()),
        ("severity", reason.severity().as_str()),
        ("host", &host),
    ];
    let labels = labels.iter().chain(more);
    let labels = labels.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Incident {
        id: IncidentId::new(&id, class, at),
        check: id,
        class,
        reason,
        severity: reason.severity(),
        since: at,
        opened_at: at,
        ended: None,
        reproduced: None,
        flapping: false,
        labels: Arc::new(labels.collect()),
        story: Arc::new(story(reason, at)),
    }
}

fn story(reason: Reason, at: Timestamp) -> Story {
    Story {
        at,
        request: "GET https://orders.example.com/".into(),
        persona: "anonymous".into(),
        role: Role::Refused,
        findings: vec![Finding::new(reason, "401", "200")],
        beside: Vec::new(),
        status_line: None,
        challenge_lines: Vec::new(),
        silence: None,
        remote_addr: None,
        good_at: None,
        differences: Vec::new(),
        control_failing: reason.class() == Class::Lockout,
        reproduction: None,
        labels: BTreeMap::new(),
        runbook_url: None,
        page_url: None,
    }
}
