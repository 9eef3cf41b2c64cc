//! What works, and what somebody will regret: accounts that are locked, lockouts that are told late.

use std::time::Duration;

use super::Context;
use super::layers::Layers;
use super::ledger::Ledger;
use crate::config::place::{FileId, Place};
use crate::config::raw::{self, Period, WordOrPair};
use crate::credential::PasswordUse;
use crate::domain::check::{Check, Disguise, Name, Persona, Role};
use crate::domain::endpoint::{Endpoint, is_loopback};
use crate::domain::finding::Class;
use crate::domain::status::cadence;

/// Below this, made-up credentials come as fast as those of somebody who guesses.
const SHORTEST_REFUSED: Duration = Duration::from_mins(1);
/// What a rejected password is shown in [`WINDOW`], before it is held back.
const SHOWN_IN_WINDOW: u32 = 4;
const WINDOW: Duration = Duration::from_mins(15);
/// Later than this, people have found out for themselves.
const LATE: Duration = Duration::from_hours(1);

/// Says what is unwise about an endpoint whose parts are valid.
pub(super) fn judge(
    context: &Context<'_>,
    ledger: &mut Ledger,
    layers: &Layers<'_, raw::Endpoint>,
    endpoint: &Endpoint,
) {
    warn_of_wrong_passwords(ledger, layers, endpoint);
    warn_of_haste(context, ledger, layers, endpoint);
    warn_of_late_lockouts(context, ledger, layers, endpoint);
}

/// `wrong_password` is shown in the name of somebody real.
fn warn_of_wrong_passwords(
    ledger: &mut Ledger,
    layers: &Layers<'_, raw::Endpoint>,
    endpoint: &Endpoint,
) {
    let Some(list) = layers.find("checks", |raw| &raw.checks) else {
        return;
    };
    let of = |name: &str, check: &&Check| match &check.persona {
        Persona::Impostor(it) => {
            it.disguise == Disguise::WrongPassword
                && it.credential.as_ref().is_some_and(|it| it.as_str() == name)
        }
        Persona::Anonymous | Persona::Holder(_) | Persona::Invalid(_) => false,
    };
    for (index, entry) in list.value.iter().enumerate() {
        let Some(WordOrPair::Pair(key, name)) = entry.persona.get() else {
            continue;
        };
        if key != "wrong_password" {
            continue;
        }
        let Some(check) = endpoint.checks.iter().find(|check| of(name, check)) else {
            continue;
        };
        let every = Period(cadence(endpoint, check));
        ledger
            .warn(
                &list.place.index(index).key("as"),
                format!("`wrong_password` can lock the account of `{name}`"),
            )
            .label(format!("its user meets a wrong password every {every}"))
            .hint("raise `refused_interval`, take an account that may be locked, or use `invalid`");
    }
}

/// Credentials that must be refused, sent as if somebody were guessing.
fn warn_of_haste(
    context: &Context<'_>,
    ledger: &mut Ledger,
    layers: &Layers<'_, raw::Endpoint>,
    endpoint: &Endpoint,
) {
    let mut personas = endpoint.checks.iter().map(|check| &check.persona);
    // On loopback somebody tries things out.
    let hasty = endpoint.refused_interval < SHORTEST_REFUSED
        && !is_loopback(&endpoint.request.url)
        && personas.any(Persona::shows_refused_credential);
    if !hasty {
        return;
    }
    let root = Place::root(FileId::MAIN);
    let own = layers.find("refused_interval", |raw| &raw.refused_interval);
    let shared = context.global.explicit_refused_interval;
    let place = match (own, shared) {
        (Some(own), _) => own.place,
        (None, Some(_)) => root.below("global", "refused_interval"),
        (None, None) => return,
    };
    let every = Period(endpoint.refused_interval);
    ledger
        .warn(&place, "credentials that must be refused are sent fast")
        .label(format!(
            "one of each every {every}: to the server, somebody is guessing"
        ))
        .hint("make it `1m` or more, or allow-list the probes' address at whatever bans guessers");
}

/// An incident that waits for more rejections than an account is shown, or than anybody waits for.
fn warn_of_late_lockouts(
    context: &Context<'_>,
    ledger: &mut Ledger,
    layers: &Layers<'_, raw::Endpoint>,
    endpoint: &Endpoint,
) {
    let strikes = endpoint.confirm.classes.get(&Class::Lockout);
    let failures = strikes.unwrap_or(&endpoint.confirm.default).failures;
    let holders = endpoint.checks.iter().filter_map(holder_to_be_admitted);
    let late = holders.map(|name| told_after(context, endpoint, name, failures));
    let Some((after, held)) = late.max().filter(|(after, held)| *held || *after >= LATE) else {
        return;
    };
    // What was never tuned is not unwise.
    if failures
        <= context
            .built_in_confirm
            .failures
            .get()
            .copied()
            .unwrap_or(1)
    {
        return;
    }
    let root = Place::root(FileId::MAIN);
    let own = layers.block("confirm", |raw| &raw.confirm);
    let place = own.iter().next().map(|(_, place)| *place);
    let after = Period(Duration::from_secs(after.as_secs()));
    ledger
        .warn(
            &place.unwrap_or(root.below("alerting", "confirm")),
            "a lockout would be told late",
        )
        .on_key()
        .label(if held {
            format!("{failures} rejections take {after}: a rejected password is shown four times in 15 minutes, then once")
        } else {
            format!("{failures} rejections take {after}")
        })
        .hint("lower `failures`, for all or in `classes: {lockout: {failures: 2}}`");
}

fn holder_to_be_admitted(check: &Check) -> Option<&Name> {
    match &check.persona {
        Persona::Holder(name) if check.role() == Role::Admitted => Some(name),
        Persona::Anonymous | Persona::Holder(_) | Persona::Impostor(_) | Persona::Invalid(_) => {
            None
        }
    }
}

/// How long after the first rejection so many have come together, and whether the account's guard is
/// what it waits for.
fn told_after(
    context: &Context<'_>,
    endpoint: &Endpoint,
    name: &Name,
    failures: u32,
) -> (Duration, bool) {
    let credential = context.credential(name);
    let guarded = credential.is_some_and(|it| it.shows_password() == PasswordUse::EachProbe);
    let gaps = failures.saturating_sub(1);
    let held = failures.saturating_sub(SHOWN_IN_WINDOW);
    if guarded && held > 0 && endpoint.interval < WINDOW {
        let free = endpoint.interval * (gaps - held);
        return (free + WINDOW * held, true);
    }
    (endpoint.interval * gaps, false)
}

/// A holder who is to be refused has a password that counts as wrong each time.
pub(super) fn warn_of_refused_holder(
    context: &Context<'_>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    check: &Check,
) {
    let Persona::Holder(name) = &check.persona else {
        return;
    };
    let credential = context.credential(name);
    let guarded = credential.is_some_and(|it| it.shows_password() == PasswordUse::EachProbe);
    let rejected = check.role() == Role::Refused && check.expectation.status.contains(401);
    if guarded && rejected {
        ledger
            .warn(
                &place.key("expect").key("status"),
                format!(
                    "the rejections that are agreed here count against the account of `{name}`"
                ),
            )
            .label("after four of them within 15 minutes its password is held back everywhere")
            .hint("give this check a credential of its own, whose account may be locked");
    }
}
