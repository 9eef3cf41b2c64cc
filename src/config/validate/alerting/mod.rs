//! Alerting: receivers, the tree of routes, times, and the relay.

mod matchers;
mod receivers;
mod routes;
mod smtp;
mod times;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub(crate) use matchers::lone_matcher;

use super::Context;
use super::ledger::{Ledger, Part};
use super::names::{name, unknown};
use crate::config::alerting::Alerting;
use crate::config::place::Place;
use crate::config::raw;
use crate::domain::check::Name;
use crate::domain::routing::{Policy, Regularly, Route};
use crate::notify::{Receiver, Settings};

/// More often, and the mailbox is full before anything happens.
const SHORTEST_HEARTBEAT: Duration = Duration::from_mins(1);

/// Reads who is told about incidents, and how. `labels` are the names of all configured labels.
pub(crate) fn alerting(
    context: &Context<'_>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &raw::Alerting,
    labels: &BTreeSet<String>,
) -> Option<Alerting> {
    let smtp = raw.smtp.get();
    let smtp = smtp.map(|raw| smtp::smtp(context, ledger, &place.key("smtp"), raw));
    let names = Names {
        receivers: names(ledger, &place.key("receivers"), "receiver", &raw.receivers),
        intervals: names(
            ledger,
            &place.key("time_intervals"),
            "time interval",
            &raw.time_intervals,
        ),
        labels,
    };
    let intervals = times::intervals(ledger, &place.key("time_intervals"), &raw.time_intervals);
    let receivers = receivers::receivers(context, ledger, place, raw);
    let route = root(ledger, place, raw, &names);
    judge_unused(ledger, place, raw, &names, route.as_ref());
    let heartbeat = heartbeat(ledger, place, raw, (&names, &receivers, route.as_ref()));
    let smtp = match smtp {
        Some(smtp) => Some(smtp?),
        None => None,
    };
    let sender = smtp.as_ref().map(|smtp| smtp.from.address.as_str());
    Some(Alerting {
        confirm: context.confirm.clone(),
        policy: Policy {
            route,
            time_intervals: intervals,
            receivers: receivers.iter().map(Receiver::ways).collect(),
            heartbeat,
            page: None,
            message_domain: message_domain(sender),
        },
        notify: Settings { smtp, receivers },
    })
}

/// What stands behind the `@` of a `Message-ID`: the sender's domain, which is the world's for ever.
fn message_domain(sender: Option<&str>) -> String {
    let domain = sender.and_then(|address| address.rsplit_once('@'));
    domain
        .map_or("authvigil.invalid", |(_, domain)| domain)
        .to_owned()
}

/// What routes refer to, by name; where each was given first.
struct Names<'a> {
    receivers: BTreeMap<Name, usize>,
    intervals: BTreeMap<Name, usize>,
    labels: &'a BTreeSet<String>,
}

/// Something of a list that has a name.
trait Named {
    fn name(&self) -> Option<&String>;
}

impl Named for raw::Receiver {
    fn name(&self) -> Option<&String> {
        self.name.get()
    }
}

impl Named for raw::TimeInterval {
    fn name(&self) -> Option<&String> {
        self.name.get()
    }
}

/// Reads the names of a list, each once.
fn names<T: Named>(
    ledger: &mut Ledger,
    list: &Place<'_>,
    what: &str,
    all: &[T],
) -> BTreeMap<Name, usize> {
    let mut names = BTreeMap::new();
    for (index, item) in all.iter().enumerate() {
        let item_place = list.index(index);
        let Some(text) = item.name() else {
            ledger.missing(&item_place, "name");
            continue;
        };
        let place = item_place.key("name");
        let Some(name) = name(ledger, &place, text, Part::Value) else {
            continue;
        };
        if let Some(first) = names.get(&name) {
            super::twice_at(ledger, &place, what, text).see(&list.index(*first).key("name"));
            continue;
        }
        names.insert(name, index);
    }
    names
}

fn root(
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &raw::Alerting,
    names: &Names<'_>,
) -> Option<Route> {
    match raw.route.get() {
        Some(route) => routes::root(ledger, &place.key("route"), route, names),
        None if raw.receivers.is_empty() => None,
        None => {
            ledger
                .missing(place, "route")
                .hint("say who is told: `route: {receiver: NAME}`");
            None
        }
    }
}

/// Receivers and times that no route names.
fn judge_unused(
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &raw::Alerting,
    names: &Names<'_>,
    route: Option<&Route>,
) {
    let Some(route) = route else { return };
    let mut used = Used::default();
    used.collect(route);
    if let Some(text) = raw.heartbeat.get().and_then(|raw| raw.receiver.get()) {
        used.receivers.extend(Name::parse(text));
    }
    let receivers = place.key("receivers");
    for (name, index) in &names.receivers {
        if !used.receivers.contains(name) {
            ledger
                .warn(
                    &receivers.index(*index).key("name"),
                    format!("no route tells `{name}`"),
                )
                .hint("name it with `receiver` in a route, or remove it");
        }
    }
    let intervals = place.key("time_intervals");
    for (name, index) in &names.intervals {
        if !used.intervals.contains(name) {
            ledger
                .warn(
                    &intervals.index(*index).key("name"),
                    format!("no route uses the times `{name}`"),
                )
                .hint("name them with `mute_time_intervals` in a route, or remove them");
        }
    }
}

#[derive(Default)]
struct Used {
    receivers: BTreeSet<Name>,
    intervals: BTreeSet<Name>,
}

impl Used {
    fn collect(&mut self, route: &Route) {
        self.receivers.insert(route.receiver.clone());
        let intervals = route
            .mute_time_intervals
            .iter()
            .chain(&route.active_time_intervals);
        self.intervals.extend(intervals.cloned());
        for branch in &route.routes {
            self.collect(branch);
        }
    }
}

fn heartbeat(
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &raw::Alerting,
    (names, receivers, route): (&Names<'_>, &[Receiver], Option<&Route>),
) -> Option<Regularly> {
    let heartbeat = raw.heartbeat.get()?;
    let place = place.key("heartbeat");
    let Some(every) = heartbeat.every.get() else {
        ledger.missing(&place, "every").hint("write `every: 24h`");
        return None;
    };
    if every.0 < SHORTEST_HEARTBEAT {
        ledger
            .fault(
                &place.key("every"),
                "the shortest time between two heartbeats is `1m`",
            )
            .label(every.to_string());
    }
    let receiver = match heartbeat.receiver.get() {
        Some(text) => known(
            ledger,
            &place.key("receiver"),
            "receiver",
            text,
            &names.receivers,
        )?,
        None => route?.receiver.clone(),
    };
    let has_mail = receivers.iter().find(|it| it.name == receiver);
    if has_mail.is_some_and(|it| it.email.is_empty() && it.directory.is_none()) {
        ledger
            .fault(&place, format!("the receiver `{receiver}` gets no mail"))
            .on_key()
            .label("a heartbeat is a mail")
            .hint("name one with `email`");
    }
    Some(Regularly {
        every: every.0,
        receiver,
    })
}

/// Looks a name up among those that are known.
fn known(
    ledger: &mut Ledger,
    place: &Place<'_>,
    what: &str,
    text: &str,
    names: &BTreeMap<Name, usize>,
) -> Option<Name> {
    let found = Name::parse(text).filter(|name| names.contains_key(name));
    if found.is_none() {
        unknown(ledger, place, what, text, names.keys().map(Name::as_str));
    }
    found
}
