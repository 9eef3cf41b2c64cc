//! The sections that hold for the whole program.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use http::HeaderValue;

use super::Context;
use super::endpoints::{refuse_short, too_long};
use super::labels::labels;
use super::ledger::{Ledger, Part};
use super::secrets::file_path;
use super::transport::host;
use super::urls::{HTTP, url};
use crate::config::place::Place;
use crate::config::raw::{self, Period};
use crate::config::settings::Global;
use crate::{store, web};

/// Reads the defaults for every endpoint.
pub(crate) fn global(ledger: &mut Ledger, place: &Place<'_>, raw: &raw::Global) -> Global {
    let refused = raw.refused_interval.get();
    refuse_short(ledger, &place.key("interval"), raw.interval);
    if let Some(refused) = refused {
        refuse_short(ledger, &place.key("refused_interval"), *refused);
    }
    if raw.timeout.0 == Duration::ZERO {
        ledger.fault(&place.key("timeout"), "a probe needs more time than none");
    }
    if raw.timeout >= raw.interval {
        let defaults = raw::Global::default();
        if raw.timeout == defaults.timeout {
            ledger
                .fault(
                    &place.key("interval"),
                    "`interval` must be longer than `timeout`",
                )
                .label(format!(
                    "{}, while `timeout` is {}",
                    raw.interval, raw.timeout
                ))
                .hint("lower `timeout` as well");
        } else {
            let draft = too_long(ledger, &place.key("timeout"), raw.timeout, raw.interval);
            if raw.interval != defaults.interval {
                draft.see(&place.key("interval"));
            }
        }
    }
    let mut all = BTreeMap::new();
    labels(ledger, &place.key("labels"), &raw.labels, &mut all);
    Global {
        interval: raw.interval.0,
        timeout: raw.timeout.0,
        explicit_refused_interval: refused.map(|Period(period)| *period),
        user_agent: user_agent(ledger, &place.key("user_agent"), &raw.user_agent),
        labels: all,
    }
}

fn user_agent(ledger: &mut Ledger, place: &Place<'_>, text: &str) -> HeaderValue {
    let value = HeaderValue::from_str(text).ok();
    let value = value.filter(|_| !text.trim().is_empty());
    value.unwrap_or_else(|| {
        ledger
            .fault(place, "this is no header value (RFC 9110, section 5.5)")
            .label("visible ASCII characters, and spaces between them");
        HeaderValue::from_static("authvigil")
    })
}

/// Reads the settings of the web port, without what its own file says.
pub(crate) fn web(
    context: &Context<'_>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &raw::Web,
) -> Option<web::Settings> {
    let listen = listen(ledger, &place.key("listen"), &raw.listen);
    let hosts = place.key("hosts");
    let all = raw.hosts.iter().enumerate();
    let read = all.filter_map(|(index, text)| {
        let (name, port) = match text.rsplit_once(':') {
            Some((name, port)) if port.parse::<u16>().is_ok() => (name, Some(port)),
            _ => (text.as_str(), None),
        };
        let name = host(ledger, &hosts.index(index), name, Part::Value)?;
        Some(port.map_or(name.clone(), |port| format!("{name}:{port}")))
    });
    let hosts = read.collect();
    let config_file = raw.config_file.get().and_then(|text| {
        let place = place.key("config_file");
        let path = file_path(context, ledger, &place, text)?;
        if let Err(error) = std::fs::metadata(&path) {
            let why = super::cannot_be_read(&error);
            ledger.fault(&place, format!("`config_file` {why}"));
            return None;
        }
        Some(path)
    });
    let external_url = raw.external_url.get();
    let external_url =
        external_url.and_then(|text| url(ledger, &place.key("external_url"), text, HTTP));
    Some(web::Settings {
        listen: listen?,
        external_url,
        hosts,
        enable_lifecycle: raw.enable_lifecycle,
        config_file,
        protection: web::Protection::default(),
    })
}

fn listen(ledger: &mut Ledger, place: &Place<'_>, text: &str) -> Option<SocketAddr> {
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let draft = ledger.fault(place, "`listen` is an IP address with a port");
    match text.strip_prefix(':') {
        Some(port) => draft.hint(format!(
            "write `0.0.0.0:{port}` for every address, or `127.0.0.1:{port}`"
        )),
        None => draft.hint("write it like `127.0.0.1:9401` or `[::1]:9401`"),
    };
    None
}

/// Younger than this, a change may go before anybody has looked.
const SHORTEST_AGE: Period = Period::secs(3_600);

/// More changes than anybody can look through.
const MOST_CHANGES: u64 = 10_000_000;

/// Reads where the state is kept, and for how long.
pub(crate) fn state(
    context: &Context<'_>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &raw::State,
) -> Option<store::Settings> {
    let retention = retention(ledger, &place.key("retention"), &raw.retention);
    let path = file_path(context, ledger, &place.key("path"), &raw.path)?;
    Some(store::Settings { path, retention })
}

fn retention(ledger: &mut Ledger, place: &Place<'_>, raw: &raw::Retention) -> store::Retention {
    if raw.max_age < SHORTEST_AGE {
        ledger
            .fault(
                &place.key("max_age"),
                format!("`max_age` is at least `{SHORTEST_AGE}`"),
            )
            .label("verdict changes would go before anybody has looked");
    }
    if !(1..=MOST_CHANGES).contains(&raw.max_changes) {
        ledger.fault(
            &place.key("max_changes"),
            format!("`max_changes` lies between 1 and {MOST_CHANGES}"),
        );
    }
    store::Retention {
        max_age: raw.max_age.0,
        max_changes: raw.max_changes,
    }
}
