//! `authvigil routes`: who would be told of an incident with these labels, and why.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use jiff::Timestamp;

use super::arguments::Routes;
use super::exit::Failure;
use super::terminal::{HEADING, QUIET, WARN, stdout};
use super::validate::read;
use crate::config::Config;
use crate::daemon::real_time;
use crate::domain::finding::{Class, Reason, Severity};
use crate::domain::incident::Incident;
use crate::domain::routing::{Policy, Route, RouteMatch};

type Labels = BTreeMap<String, String>;

/// Reads the configuration and says who would be told now.
pub(super) fn run(path: &Path, routes: &Routes) -> Result<u8, Failure> {
    let config = read(path)?;
    let given = given(&config, &routes.labels).map_err(Failure::Usage)?;
    let derived = derived(&config, &given);
    let mut out = BufWriter::new(stdout());
    labels(&mut out, &given, &derived)?;
    let mut all = derived;
    all.extend(given);
    let policy = config.alerting.map(|alerting| alerting.policy);
    tell(&mut out, &policy.unwrap_or_default(), &all)?;
    out.flush()?;
    Ok(0)
}

/// The labels as they were written, if there are such labels.
fn given(config: &Config, texts: &[String]) -> Result<Labels, String> {
    let mut known: Vec<&str> = Incident::BUILT_IN.to_vec();
    let endpoints = config.endpoints.iter();
    known.extend(endpoints.flat_map(|it| it.labels.keys().map(String::as_str)));
    let mut given = Labels::new();
    for text in texts {
        let Some((name, value)) = text.split_once('=') else {
            return Err(format!(
                "`{text}` is no label; write it like `class=bypass`"
            ));
        };
        if !known.contains(&name) {
            let hint = nearest(name, &known);
            return Err(format!("no incident has a label `{name}`; {hint}"));
        }
        check_value(config, name, value)?;
        if given.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(format!("the label `{name}` is given twice"));
        }
    }
    Ok(given)
}

/// Refuses a value that the label never has.
fn check_value(config: &Config, name: &str, value: &str) -> Result<(), String> {
    let known: Vec<&str> = match name {
        "class" => Class::ALL.map(Class::as_str).to_vec(),
        "reason" => Reason::ALL.iter().map(|reason| reason.as_str()).collect(),
        "severity" => [Severity::Warning, Severity::Critical]
            .map(Severity::as_str)
            .to_vec(),
        "endpoint" => {
            let endpoints = config.endpoints.iter();
            endpoints.map(|endpoint| endpoint.name.as_str()).collect()
        }
        _ => return Ok(()),
    };
    if known.contains(&value) {
        return Ok(());
    }
    Err(format!(
        "the label `{name}` is never `{value}`; {}",
        nearest(value, &known)
    ))
}

fn nearest(text: &str, known: &[&str]) -> String {
    let likeness = known.iter().map(|it| (strsim::jaro_winkler(it, text), it));
    let near = likeness.filter(|(likeness, _)| *likeness > 0.8);
    match near.max_by(|(a, _), (b, _)| a.total_cmp(b)) {
        Some((_, near)) => format!("did you mean `{near}`?"),
        None if known.len() <= 12 => format!("there is {}", known.join(", ")),
        None => "see `authvigil explain` and the configuration".to_owned(),
    }
}

/// What follows from the labels that were given.
fn derived(config: &Config, given: &Labels) -> Labels {
    let mut derived = Labels::new();
    let mut derive = |name: &str, value: &str| {
        if !given.contains_key(name) && !value.is_empty() {
            derived.insert(name.to_owned(), value.to_owned());
        }
    };
    let value = |name: &str| given.get(name).map(String::as_str);
    let endpoint = value("endpoint");
    let mut endpoints = config.endpoints.iter();
    let endpoint = endpoint.and_then(|name| endpoints.find(|it| it.name.as_str() == name));
    let reason = value("reason").and_then(Reason::from_name);
    let class = Class::ALL
        .into_iter()
        .find(|class| value("class") == Some(class.as_str()))
        .or_else(|| reason.map(Reason::class));
    if let Some(class) = class {
        derive("class", class.as_str());
        let configured = endpoint.and_then(|endpoint| endpoint.severity.get(&class).copied());
        let of_class = || Reason::ALL.iter().find(|reason| reason.class() == class);
        let own = reason.or_else(|| of_class().copied()).map(Reason::severity);
        if let Some(severity) = configured.or(own) {
            derive("severity", severity.as_str());
        }
    }
    let Some(endpoint) = endpoint else {
        return derived;
    };
    derive("host", endpoint.request.url.host_str().unwrap_or_default());
    for (name, value) in &endpoint.labels {
        derive(name, value);
    }
    let mut checks = endpoint.checks.iter();
    let check = value("check").and_then(|name| checks.find(|it| it.name.as_str() == name));
    if let Some(check) = check {
        derive("persona", &check.persona.to_string());
        let credential = check.persona.credential();
        derive("credential", credential.map_or("", |name| name.as_str()));
    }
    derived
}

fn labels(out: &mut impl Write, given: &Labels, derived: &Labels) -> io::Result<()> {
    writeln!(out, "{HEADING}labels{HEADING:#}")?;
    for (name, value) in given {
        writeln!(out, "  {name}={value:?}")?;
    }
    for (name, value) in derived {
        writeln!(out, "  {name}={value:?} {QUIET}(derived){QUIET:#}")?;
    }
    if given.is_empty() && derived.is_empty() {
        writeln!(out, "  {QUIET}none{QUIET:#}")?;
    }
    writeln!(out)
}

fn tell(out: &mut impl Write, policy: &Policy, labels: &Labels) -> io::Result<()> {
    // Whether a route is muted is asked about now.
    let now = real_time().now();
    let found = policy.routes_of(labels);
    if found.is_empty() {
        return writeln!(out, "{WARN}nobody would be told: there is no route{WARN:#}");
    }
    for found in &found {
        route(out, policy, found, now)?;
    }
    let is_bypass = labels.get("class").map(String::as_str) == Some(Class::Bypass.as_str());
    let text = if is_bypass {
        "A bypass is told at once: it waits for no group, ignores muted times, and further ones are \
         collected for five seconds."
    } else {
        "A bypass on the same way would be told at once, muted or not."
    };
    writeln!(out, "{QUIET}{text}{QUIET:#}")
}

fn route(
    out: &mut impl Write,
    policy: &Policy,
    found: &RouteMatch<'_>,
    now: Timestamp,
) -> io::Result<()> {
    let Route {
        receiver,
        matchers,
        group_by,
        ..
    } = found.route;
    writeln!(out, "{HEADING}{receiver}{HEADING:#}")?;
    let ways = policy.receivers.get(receiver);
    for way in ways.into_iter().flatten() {
        writeln!(out, "  {way}")?;
    }
    let because: Vec<String> = matchers.iter().map(ToString::to_string).collect();
    let because = if !because.is_empty() {
        because.join(", ")
    } else if found.path == "0" {
        "no branch matches".to_owned()
    } else {
        "it matches everything".to_owned()
    };
    writeln!(out, "  route {}: {because}", found.path)?;
    let groups = if group_by.is_empty() {
        "all in one".to_owned()
    } else {
        group_by.join(", ")
    };
    writeln!(out, "  group_by: {groups}")?;
    writeln!(
        out,
        "  group_wait {:?}, group_interval {:?}, repeat_interval {:?}",
        found.route.group_wait, found.route.group_interval, found.route.repeat_interval
    )?;
    if policy.is_muted(found.route, now) {
        writeln!(out, "  {WARN}muted now{WARN:#}")?;
    }
    writeln!(out)
}
