//! Endpoints: their own keys over those of their profile over those of `global`.

use std::time::Duration;

use url::Url;

use super::checks::checks;
use super::confirm::{confirm, severity};
use super::labels::labels;
use super::layers::Layers;
use super::ledger::{Ledger, Part};
use super::names::{own_name, unknown};
use super::request::request;
use super::transport::transport;
use super::{Context, policy, urls};
use crate::config::place::{FileId, Place};
use crate::config::raw::{self, Global, Period};
use crate::domain::check::Name;
use crate::domain::endpoint::{Drift, Endpoint};

/// The shortest interval: faster is a load test.
const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);

/// Reads one endpoint.
pub(crate) fn endpoint(
    context: &Context<'_>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &raw::Endpoint,
) -> Option<Endpoint> {
    let name = endpoint_name(ledger, place, raw);
    let profile = profile(context, ledger, place, raw);
    let profile = profile.map(|(found, file)| (found, [Place::root(file)]));
    let profiles = profile.as_ref().map(|(_, [root])| root.key("profiles"));
    let (profile, profiles) = (profile.as_ref(), profiles.as_ref());
    let below = profile.zip(profiles).map(|(((name, raw), _), profiles)| {
        let raw: &raw::Endpoint = raw;
        (raw, profiles.key(name))
    });
    let layers = Layers::new([(raw, *place)].into_iter().chain(below));
    layered(context, ledger, name, &layers)
}

fn layered(
    context: &Context<'_>,
    ledger: &mut Ledger,
    name: Option<Name>,
    layers: &Layers<'_, raw::Endpoint>,
) -> Option<Endpoint> {
    let url = url(ledger, layers);
    let transport = transport(context, ledger, layers, url.as_ref());
    let request = request(context, ledger, layers, url);
    let timing = timing(context, ledger, layers);
    let checks = checks(context, ledger, layers, timing.timeout);
    let severity = severity(ledger, layers);
    let confirm = endpoint_confirm(context, ledger, layers);
    let mut all_labels = context.global.labels.clone();
    let own_first: Vec<_> = layers.all("labels", |raw| &raw.labels).collect();
    for found in own_first.iter().rev() {
        labels(ledger, &found.place, found.value, &mut all_labels);
    }
    let runbook = layers.find("runbook_url", |raw| &raw.runbook_url);
    let runbook_url =
        runbook.and_then(|found| urls::url(ledger, &found.place, found.value, urls::HTTP));
    let drift = layers.find("drift", |raw| &raw.drift);
    let allow_cleartext = layers.find("allow_cleartext", |raw| &raw.allow_cleartext);
    let endpoint = Endpoint {
        name: name?,
        request: request?,
        transport,
        checks,
        interval: timing.interval,
        refused_interval: timing.refused_interval,
        timeout: timing.timeout,
        severity,
        allow_cleartext: allow_cleartext.is_some_and(|found| *found.value),
        drift: match drift.map(|found| *found.value).unwrap_or_default() {
            raw::Drift::Record => Drift::Record,
            raw::Drift::Alert => Drift::Alert,
            raw::Drift::Ignore => Drift::Ignore,
        },
        confirm,
        labels: all_labels,
        runbook_url,
        tokens_of: None,
    };
    policy::judge(context, ledger, layers, &endpoint);
    Some(endpoint)
}

fn endpoint_name(ledger: &mut Ledger, place: &Place<'_>, raw: &raw::Endpoint) -> Option<Name> {
    if let Some(text) = raw.name.get() {
        return own_name(ledger, &place.key("name"), text, Part::Value);
    }
    ledger
        .missing(place, "name")
        .hint("metrics, mails and routes call the endpoint by its name");
    None
}

/// The profile's name, its keys, and the file that has it.
type Found<'c> = ((&'c str, &'c raw::Endpoint), FileId);

fn profile<'c>(
    context: &Context<'c>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &raw::Endpoint,
) -> Option<Found<'c>> {
    let wanted = raw.profile.get()?;
    let found = context.profile(wanted);
    if found.is_none() {
        let known = context.profile_names();
        unknown(ledger, &place.key("profile"), "profile", wanted, known);
    }
    found
}

fn url(ledger: &mut Ledger, layers: &Layers<'_, raw::Endpoint>) -> Option<Url> {
    let Some(found) = layers.find("url", |raw| &raw.url) else {
        if let Some((_, place)) = layers.iter().next() {
            ledger.missing(place, "url");
        }
        return None;
    };
    let url = urls::url(ledger, &found.place, found.value, urls::HTTP)?;
    if url.fragment().is_some() {
        ledger
            .warn(&found.place, "the part of the URL after `#` is never sent")
            .hint("remove it");
    }
    Some(url)
}

/// When an endpoint is probed, and for how long.
#[derive(Clone, Copy, Debug)]
struct Timing {
    interval: Duration,
    refused_interval: Duration,
    timeout: Duration,
}

fn timing(
    context: &Context<'_>,
    ledger: &mut Ledger,
    layers: &Layers<'_, raw::Endpoint>,
) -> Timing {
    let global = &context.global;
    let interval = layers.find("interval", |raw| &raw.interval);
    let timeout = layers.find("timeout", |raw| &raw.timeout);
    let refused = layers.find("refused_interval", |raw| &raw.refused_interval);
    let timing = Timing {
        interval: interval.map_or(global.interval, |found| found.value.0),
        timeout: timeout.map_or(global.timeout, |found| found.value.0),
        refused_interval: Duration::ZERO,
    };
    for found in interval.iter().chain(&refused) {
        refuse_short(ledger, &found.place, *found.value);
    }
    if let Some(found) = timeout.filter(|found| found.value.0.is_zero()) {
        ledger.fault(&found.place, "a probe needs more time than none");
    }
    // Where both are those of `global`, the fault stands there already.
    if timing.timeout >= timing.interval {
        let (value, other) = (Period(timing.timeout), Period(timing.interval));
        match (timeout, interval) {
            (Some(timeout), Some(interval)) => {
                too_long(ledger, &timeout.place, value, other).see(&interval.place);
            }
            (Some(timeout), None) => {
                too_long(ledger, &timeout.place, value, other);
            }
            (None, Some(interval)) => {
                ledger
                    .fault(&interval.place, "`interval` must be longer than `timeout`")
                    .label(format!(
                        "{other}, while `timeout` is {value} for every endpoint"
                    ))
                    .hint("give this endpoint a `timeout` of its own");
            }
            (None, None) => {}
        }
    }
    let refused = refused
        .map(|found| found.value.0)
        .or(global.explicit_refused_interval);
    Timing {
        refused_interval: refused
            .unwrap_or_else(|| timing.interval.max(Global::REFUSED_INTERVAL.0)),
        ..timing
    }
}

/// A timeout that outlasts its interval.
pub(crate) fn too_long<'l>(
    ledger: &'l mut Ledger,
    place: &Place<'_>,
    timeout: Period,
    interval: Period,
) -> &'l mut super::ledger::Draft {
    ledger
        .fault(place, "`timeout` must be shorter than `interval`")
        .label(format!("{timeout}, while `interval` is {interval}"))
        .hint(format!(
            "lower `timeout`, or raise `interval` above {timeout}"
        ))
}

/// An interval that is too short.
pub(crate) fn refuse_short(ledger: &mut Ledger, place: &Place<'_>, period: Period) {
    if period.0 < SHORTEST_INTERVAL {
        ledger
            .fault(place, "the shortest interval is `1s`")
            .label(period.to_string());
    }
}

fn endpoint_confirm(
    context: &Context<'_>,
    ledger: &mut Ledger,
    layers: &Layers<'_, raw::Endpoint>,
) -> crate::domain::endpoint::Confirm {
    let own = layers.block("confirm", |raw| &raw.confirm);
    if own.iter().next().is_none() {
        return context.confirm.clone();
    }
    let root = Place::root(FileId::MAIN);
    let place = root.below("alerting", "confirm");
    let shared = context.raw_confirm.map(|raw| (raw, place));
    let built_in = [(&context.built_in_confirm, root)];
    let all = own.iter().copied().chain(shared).chain(built_in);
    confirm(ledger, &Layers::new(all))
}
