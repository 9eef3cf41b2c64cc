//! Checks: the triad that a credential stands for, or the list that replaces it.

use std::time::Duration;

use super::Context;
use super::expectations::{Base, Source, expectation};
use super::layers::{Found, Layers};
use super::ledger::{Ledger, Part};
use super::names::{RESERVED, name};
use super::personas::{Parties, credential_of, persona};
use super::unwise::warn_of_refused_holder;
use crate::config::place::Place;
use crate::config::raw::{self, CheckEntry, Endpoint, OneOrMany};
use crate::domain::check::{Check, Disguise, Impostor, Name, Persona, Role};

/// Reads the checks of an endpoint whose probes are cut off after `timeout`.
pub(crate) fn checks(
    context: &Context<'_>,
    ledger: &mut Ledger,
    layers: &Layers<'_, Endpoint>,
    timeout: Duration,
) -> Vec<Check> {
    let own = layers.find("credential", |raw| &raw.credential);
    let own = own.and_then(|found| context.credential_name(ledger, &found.place, found.value));
    refuse_two_challenges(ledger, layers);
    let mut maker = Maker {
        context,
        layers,
        timeout,
        parties: Parties {
            own,
            named: Vec::new(),
        },
    };
    match layers.find("checks", |raw| &raw.checks) {
        Some(found) => {
            maker.parties.named = named(context, found.value);
            maker.listed(ledger, &found)
        }
        None => maker.triad(ledger),
    }
}

/// Makes the checks of one endpoint.
struct Maker<'m, 'c> {
    context: &'m Context<'c>,
    layers: &'m Layers<'m, Endpoint>,
    timeout: Duration,
    parties: Parties,
}

impl Maker<'_, '_> {
    /// The checks that a credential stands for, or `anonymous` alone.
    fn triad(&self, ledger: &mut Ledger) -> Vec<Check> {
        let mut personas = vec![("anonymous", Persona::Anonymous)];
        if let Some(own) = &self.parties.own {
            personas.push(("invalid", Persona::Invalid(own.clone())));
            personas.push(("valid", Persona::Holder(own.clone())));
        }
        let named = personas.into_iter();
        let named = named.filter_map(|(name, persona)| Some((Name::parse(name)?, persona)));
        let checks: Vec<Check> = named
            .map(|(name, persona)| self.check(ledger, None, name, persona))
            .collect();
        refuse_wrong_role(ledger, self.layers, &checks);
        checks
    }

    /// The checks of `checks:`.
    fn listed(&self, ledger: &mut Ledger, list: &Found<'_, Vec<CheckEntry>>) -> Vec<Check> {
        if list.value.is_empty() {
            ledger
                .fault(&list.place, "the list names no check")
                .hint("remove the key for the usual checks, or name at least one");
        }
        let mut checks: Vec<(usize, Check)> = Vec::new();
        for (index, entry) in list.value.iter().enumerate() {
            let place = list.place.index(index);
            let Some(check) = self.entry(ledger, &place, entry) else {
                continue;
            };
            let twin = checks.iter().find(|(_, other)| other.name == check.name);
            if let Some((first, _)) = twin {
                refuse_twin(ledger, &list.place, (*first, index), entry, &check.name);
                continue;
            }
            checks.push((index, check));
        }
        checks.into_iter().map(|(_, check)| check).collect()
    }

    fn entry(&self, ledger: &mut Ledger, place: &Place<'_>, entry: &CheckEntry) -> Option<Check> {
        let Some(raw) = entry.persona.get() else {
            ledger
                .missing(place, "as")
                .hint("say who knocks: `as: anonymous`");
            return None;
        };
        let persona = persona(self.context, ledger, &place.key("as"), raw, &self.parties);
        let written = match entry.name.get() {
            Some(text) => Some(name(ledger, &place.key("name"), text, Part::Value)?),
            None => None,
        };
        let persona = persona?;
        if let Some(name) = &written {
            refuse_misnomer(ledger, &place.key("name"), name, &persona);
        }
        let name = written.or_else(|| default_name(ledger, place, &persona))?;
        let expect = entry.expect.get().map(|raw| (raw, place.key("expect")));
        let check = self.check(ledger, expect, name, persona);
        warn_of_blindness(ledger, place, &check);
        warn_of_refused_holder(self.context, ledger, place, &check);
        Some(check)
    }

    /// One check with its expectation.
    fn check(
        &self,
        ledger: &mut Ledger,
        expect: Option<(&raw::Expectation, Place<'_>)>,
        name: Name,
        persona: Persona,
    ) -> Check {
        let base = base(&persona);
        let block = match base {
            Base::Admitted => self.layers.block("admitted", |raw| &raw.admitted),
            Base::Refused | Base::ForeignToken => self.layers.block("refused", |raw| &raw.refused),
        };
        let source = Source {
            challenge: challenge(self.layers, expect.as_ref(), base),
            layers: Layers::new(expect.into_iter().chain(block.iter().copied())),
            base,
            timeout: self.timeout,
        };
        let kind = match persona.credential() {
            Some(name) => self.context.credential(name),
            None => self.parties.kind(self.context),
        };
        Check {
            name,
            persona,
            expectation: expectation(self.context, ledger, &source, kind),
        }
    }
}

/// The credentials that checks name, each once.
fn named(context: &Context<'_>, entries: &[CheckEntry]) -> Vec<Name> {
    let mut named = Vec::new();
    let personas = entries.iter().filter_map(|entry| entry.persona.get());
    for text in personas.filter_map(credential_of) {
        let name = context.known_name(text);
        named.extend(name.filter(|name| !named.contains(name)));
    }
    named
}

fn default_name(ledger: &mut Ledger, place: &Place<'_>, persona: &Persona) -> Option<Name> {
    let name = Name::parse(&persona.to_string());
    if name.is_none() {
        ledger
            .missing(place, "name")
            .hint("the default name would be longer than 63 characters");
    }
    name
}

/// A check may not be called after another persona than its own.
fn refuse_misnomer(ledger: &mut Ledger, place: &Place<'_>, name: &Name, persona: &Persona) {
    let own = match persona {
        Persona::Anonymous => "anonymous",
        Persona::Invalid(_) => "invalid",
        Persona::Holder(_) | Persona::Impostor(_) => "",
    };
    if RESERVED.contains(&name.as_str()) && name.as_str() != own {
        ledger
            .fault(place, format!("the name `{name}` is reserved"))
            .label(format!("this check is made as {persona}"))
            .hint("choose another name");
    }
}

fn refuse_twin(
    ledger: &mut Ledger,
    list: &Place<'_>,
    (first, second): (usize, usize),
    entry: &CheckEntry,
    name: &Name,
) {
    let (first, second) = (list.index(first), list.index(second));
    let key = if entry.name.get().is_some() {
        "name"
    } else {
        "as"
    };
    ledger
        .fault(
            &second.key(key),
            format!("a second check is called `{name}`"),
        )
        .label("the first is here")
        .see(&first)
        .hint("give one of them another `name`");
}

fn base(persona: &Persona) -> Base {
    match persona {
        Persona::Holder(_) => Base::Admitted,
        Persona::Impostor(Impostor {
            disguise: Disguise::TokenFile(_),
            ..
        }) => Base::ForeignToken,
        Persona::Anonymous | Persona::Invalid(_) | Persona::Impostor(_) => Base::Refused,
    }
}

/// The challenge that holds: the check's own, else that of the endpoint, else that of its profile,
/// each in its block or in the short form.
fn challenge<'s>(
    layers: &'s Layers<'_, Endpoint>,
    expect: Option<&'s (&'s raw::Expectation, Place<'s>)>,
    base: Base,
) -> Option<Found<'s, OneOrMany>> {
    if let Some((raw, place)) = expect
        && let Some(value) = raw.challenge.get()
    {
        let place = place.key("challenge");
        return Some(Found { value, place });
    }
    outer_challenge(layers, base)
}

fn outer_challenge<'s>(
    layers: &'s Layers<'_, Endpoint>,
    base: Base,
) -> Option<Found<'s, OneOrMany>> {
    layers.iter().find_map(|(raw, place)| {
        let (key, block, short) = match base {
            Base::Admitted => ("admitted", &raw.admitted, None),
            Base::Refused | Base::ForeignToken => ("refused", &raw.refused, raw.challenge.get()),
        };
        let nested = block.get().and_then(|block| block.challenge.get());
        let (value, place) = match (short, nested) {
            (Some(value), _) => (value, place.key("challenge")),
            (None, nested) => (nested?, place.below(key, "challenge")),
        };
        Some(Found { value, place })
    })
}

/// `challenge` and `refused: {challenge: …}` say the same thing.
fn refuse_two_challenges(ledger: &mut Ledger, layers: &Layers<'_, Endpoint>) {
    for (raw, place) in layers.iter() {
        let nested = raw.refused.get().and_then(|raw| raw.challenge.get());
        if raw.challenge.get().is_some() && nested.is_some() {
            let refused = place.key("refused");
            ledger
                .fault(
                    &place.key("challenge"),
                    "`challenge` is short for `refused: {challenge: …}`",
                )
                .on_key()
                .label("and that is given as well")
                .see(&refused.key("challenge"))
                .hint("keep one of them");
        }
    }
}

/// `refused` cannot name a success, nor `admitted` only failures.
fn refuse_wrong_role(ledger: &mut Ledger, layers: &Layers<'_, Endpoint>, checks: &[Check]) {
    for check in checks {
        let holder = check.persona.is_holder();
        let (key, wanted) = if holder {
            ("admitted", Role::Admitted)
        } else {
            ("refused", Role::Refused)
        };
        if check.role() == wanted {
            continue;
        }
        let block = match wanted {
            Role::Admitted => layers.block(key, |raw| &raw.admitted),
            Role::Refused => layers.block(key, |raw| &raw.refused),
        };
        let Some(found) = block.find("status", |raw| &raw.status) else {
            continue;
        };
        let (message, hint) = match wanted {
            Role::Admitted => (
                "`admitted` must name a 2xx status",
                "an answer that is no 2xx does not show that the caller was let in",
            ),
            Role::Refused => (
                "`refused` must not name a 2xx status",
                "a stranger who meets a 2xx was let in; list such a check under `checks`",
            ),
        };
        ledger.fault(&found.place, message).hint(hint);
        return;
    }
}

/// A check that takes both a refusal and a success for an answer sees no bypass.
fn warn_of_blindness(ledger: &mut Ledger, place: &Place<'_>, check: &Check) {
    if check.role() == Role::Refused || check.persona.is_holder() {
        return;
    }
    let status = &check.expectation.status;
    let mixed = (100..=599).any(|code| !(200..=299).contains(&code) && status.contains(code));
    let expect = place.key("expect");
    if mixed || check.persona != Persona::Anonymous {
        ledger
            .warn(&expect.key("status"), "this check cannot see a bypass")
            .label(format!("a 2xx is agreed for {}", who(&check.persona)))
            .hint("name only the statuses of a refusal, such as `401`");
    }
}

fn who(persona: &Persona) -> &'static str {
    match persona {
        Persona::Anonymous => "a caller without credentials",
        Persona::Invalid(_) => "a made-up credential",
        Persona::Holder(_) => "the holder",
        Persona::Impostor(_) => "an impostor",
    }
}
