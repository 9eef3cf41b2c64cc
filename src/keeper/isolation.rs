//! Whether most hosts fail at once, so that the fault may be this monitor's own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::event::Moment;
use super::live::Live;
use super::told::Told;
use crate::domain::finding::Class;
use crate::domain::notice::Isolation;
use crate::domain::status::{EndpointStatus, Seen};

/// Fewer hosts than this may well fail together.
const FEWEST: usize = 5;

/// When most hosts can be reached again, the others are given this long at most.
const LONGEST_RECOVERY: Duration = Duration::from_mins(10);

/// What is seen of the hosts that are watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outlook {
    /// Five or more hosts, and over half of all, met nothing but outages within two intervals.
    Isolated(Isolation),
    /// Too few for that.
    Connected,
}

impl Outlook {
    fn is_isolated(self) -> bool {
        self.isolation().is_some()
    }

    fn isolation(self) -> Option<Isolation> {
        match self {
            Self::Isolated(isolation) => Some(isolation),
            Self::Connected => None,
        }
    }
}

impl Live {
    /// Looks for signs that this monitor is cut off, or that it no longer is.
    pub(super) fn look_for_isolation(&mut self, now: Moment) -> Option<Told> {
        let outlook = outlook(&self.endpoints, now.wall)?;
        if outlook.is_isolated() {
            self.rejoined = None;
        }
        if outlook.is_isolated() == self.monitor.isolated {
            return None;
        }
        if self.monitor.isolated && !self.is_back_in_order(now) {
            return None;
        }
        self.rejoined = None;
        self.monitor.isolated = outlook.is_isolated();
        self.dispatch.isolated(outlook.isolation(), now.steady);
        Some(Told::Isolated(self.monitor.isolated))
    }

    /// Whether hosts that can be reached again have had the time to recover: an outage that is about
    /// to end need not be told any more.
    fn is_back_in_order(&mut self, now: Moment) -> bool {
        let (since, begun) = *self.rejoined.get_or_insert((now.wall, now.monotonic));
        if now.monotonic.saturating_duration_since(begun) >= LONGEST_RECOVERY {
            return true;
        }
        let mut outages = self.cases.open_of(Class::Outage);
        outages.all(|incident| {
            let place = self.place(&incident.check);
            let status = place.and_then(|place| self.status(place));
            let last = status.and_then(|status| status.last.as_ref());
            last.is_some_and(|seen| seen.at > since && is_outage(seen))
        })
    }
}

/// Looks at what the hosts met lately; `None` where most of them met nothing yet, as after a start.
fn outlook(endpoints: &[Arc<EndpointStatus>], now: Timestamp) -> Option<Outlook> {
    let mut hosts: BTreeMap<&str, Host> = BTreeMap::new();
    // What is shown of a token endpoint may be older than the token that is kept.
    let watched = endpoints
        .iter()
        .filter(|status| status.endpoint.tokens_of.is_none());
    for status in watched {
        let endpoint = &status.endpoint;
        let host = endpoint.request.url.host_str().unwrap_or_default();
        let window = SignedDuration::try_from(endpoint.interval * 2).unwrap_or(SignedDuration::MAX);
        let host = hosts.entry(host).or_default();
        let recent = status.checks.iter().filter_map(|check| check.last.as_ref());
        // A probe that was not sent, as for want of a token, says nothing of the host.
        let recent = recent.filter(|seen| seen.observation.is_some());
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
