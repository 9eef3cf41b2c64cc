//! The tree of routes.

use super::matchers::{known_label, matcher};
use super::{Names, known};
use crate::config::place::Place;
use crate::config::raw::{self, Period};
use crate::config::validate::ledger::Ledger;
use crate::domain::check::Name;
use crate::domain::routing::Route;

/// Reads the root and, below it, every branch.
pub(super) fn root(
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &raw::Route,
    names: &Names<'_>,
) -> Option<Route> {
    if raw.receiver.get().is_none() {
        ledger
            .missing(place, "receiver")
            .hint("the root tells whomever no branch tells");
    }
    if !raw.matchers.is_empty() {
        ledger
            .fault(&place.key("matchers"), "the root matches everything")
            .on_key()
            .hint("move the matchers to a branch under `routes`");
    }
    if raw.goes_on {
        ledger
            .fault(
                &place.key("continue"),
                "the root has no siblings to go on to",
            )
            .on_key();
    }
    let built_in = raw::Route::built_in();
    let period = |given: &raw::Given<Period>| given.get().map_or_else(Default::default, |it| it.0);
    let above = Route {
        // Never seen: a root without a receiver is a fault.
        receiver: Name::parse("none")?,
        matchers: Vec::new(),
        goes_on: false,
        group_by: built_in.group_by.get().cloned().unwrap_or_default(),
        group_wait: period(&built_in.group_wait),
        group_interval: period(&built_in.group_interval),
        repeat_interval: period(&built_in.repeat_interval),
        mute_time_intervals: Vec::new(),
        active_time_intervals: Vec::new(),
        routes: Vec::new(),
    };
    let route = branch(ledger, place, raw, names, &above);
    raw.receiver.get().map(|_| route)
}

fn branch(
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &raw::Route,
    names: &Names<'_>,
    above: &Route,
) -> Route {
    let receiver = raw.receiver.get();
    let receiver = receiver.and_then(|text| {
        known(
            ledger,
            &place.key("receiver"),
            "receiver",
            text,
            &names.receivers,
        )
    });
    let all = place.key("matchers");
    let matchers = raw.matchers.iter().enumerate();
    let matchers = matchers
        .filter_map(|(index, text)| matcher(ledger, &all.index(index), text, names.labels))
        .collect();
    let group_by = raw.group_by.get().inspect(|labels| {
        let all = place.key("group_by");
        for (index, label) in labels.iter().enumerate() {
            known_label(ledger, &all.index(index), label, names.labels);
        }
    });
    let mut waits = Waits { ledger, place };
    let mut route = Route {
        receiver: receiver.unwrap_or_else(|| above.receiver.clone()),
        matchers,
        goes_on: raw.goes_on,
        group_by: group_by.unwrap_or(&above.group_by).clone(),
        group_wait: raw
            .group_wait
            .get()
            .map_or(above.group_wait, |period| period.0),
        group_interval: waits.some("group_interval", &raw.group_interval, above.group_interval),
        repeat_interval: waits.some(
            "repeat_interval",
            &raw.repeat_interval,
            above.repeat_interval,
        ),
        mute_time_intervals: Vec::new(),
        active_time_intervals: Vec::new(),
        routes: Vec::new(),
    };
    waits.repeat_after_interval(raw, &route);
    let lists = [
        (
            "mute_time_intervals",
            &raw.mute_time_intervals,
            &mut route.mute_time_intervals,
        ),
        (
            "active_time_intervals",
            &raw.active_time_intervals,
            &mut route.active_time_intervals,
        ),
    ];
    for (key, texts, into) in lists {
        let all = place.key(key);
        for (index, text) in texts.iter().enumerate() {
            into.extend(known(
                ledger,
                &all.index(index),
                "time interval",
                text,
                &names.intervals,
            ));
        }
    }
    let branches = place.key("routes");
    for (index, raw) in raw.routes.iter().enumerate() {
        let branch = branch(ledger, &branches.index(index), raw, names, &route);
        route.routes.push(branch);
    }
    route
}

struct Waits<'w> {
    ledger: &'w mut Ledger,
    place: &'w Place<'w>,
}

impl Waits<'_> {
    fn some(
        &mut self,
        key: &'static str,
        given: &raw::Given<Period>,
        above: std::time::Duration,
    ) -> std::time::Duration {
        let period = given.get().map_or(above, |period| period.0);
        if period.is_zero() {
            self.ledger.fault(
                &self.place.key(key),
                format!("`{key}` must be longer than nothing"),
            );
        }
        period
    }

    fn repeat_after_interval(&mut self, raw: &raw::Route, route: &Route) {
        if route.repeat_interval >= route.group_interval {
            return;
        }
        let key = match raw.repeat_interval.get() {
            Some(_) => "repeat_interval",
            None => "group_interval",
        };
        let (repeat, group) = (Period(route.repeat_interval), Period(route.group_interval));
        self.ledger
            .warn(
                &self.place.key(key),
                "`repeat_interval` is shorter than `group_interval`",
            )
            .label(format!(
                "{repeat} and {group}: incidents are told again every {group}"
            ))
            .hint("raise `repeat_interval`");
    }
}
