//! Whether most hosts fail at once, so that the fault may be this monitor's own.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::domain::finding::Class;
use crate::domain::notice::Isolation;
use crate::domain::status::{EndpointStatus, Seen};

/// Fewer hosts than this may well fail together.
const FEWEST: usize = 5;

/// What is seen of the hosts that are watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outlook {
    /// Five or more hosts, and over half of all, met nothing but outages within two intervals.
    Isolated(Isolation),
    /// Too few for that.
    Connected,
}

impl Outlook {
    pub(super) fn is_isolated(self) -> bool {
        self.isolation().is_some()
    }

    pub(super) fn isolation(self) -> Option<Isolation> {
        match self {
            Self::Isolated(isolation) => Some(isolation),
            Self::Connected => None,
        }
    }
}

/// Looks at what the hosts met lately; `None` where most of them met nothing yet, as after a start.
pub(super) fn outlook(endpoints: &[Arc<EndpointStatus>], now: Timestamp) -> Option<Outlook> {
    let mut hosts: BTreeMap<&str, Host> = BTreeMap::new();
    for status in endpoints {
        let endpoint = &status.endpoint;
        let host = endpoint.request.url.host_str().unwrap_or_default();
        let window = SignedDuration::try_from(endpoint.interval * 2).unwrap_or(SignedDuration::MAX);
        let host = hosts.entry(host).or_default();
        let recent = status.checks.iter().filter_map(|check| check.last.as_ref());
        for seen in recent.filter(|seen| now.duration_since(seen.at) <= window) {
            if is_outage(seen) {
                host.outages += 1;
            } else {
                host.answers += 1;
            }
        }
    }
    let down = hosts.values().filter(|host| host.is_down()).count();
    let known = hosts.values().filter(|host| host.is_known()).count();
    let hosts = hosts.len();
    if down >= FEWEST && down * 2 > hosts {
        return Some(Outlook::Isolated(Isolation {
            since: now,
            down,
            hosts,
        }));
    }
    (known * 2 > hosts).then_some(Outlook::Connected)
}

/// What one host met lately.
#[derive(Clone, Copy, Debug, Default)]
struct Host {
    outages: usize,
    answers: usize,
}

impl Host {
    fn is_known(self) -> bool {
        self.outages + self.answers > 0
    }

    fn is_down(self) -> bool {
        self.outages > 0 && self.answers == 0
    }
}

/// A server that answers with 5xx or 429 was reached, so the way to it is whole.
fn is_outage(seen: &Seen) -> bool {
    let answered = seen
        .observation
        .as_ref()
        .is_some_and(|it| it.answer().is_some());
    let worst = seen.judgement.worst();
    !answered && worst.is_some_and(|worst| worst.reason.class() == Class::Outage)
}
