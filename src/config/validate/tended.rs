//! Credentials that get tokens, each of which has an endpoint of the daemon's making.

use std::collections::BTreeMap;

use super::ledger::Ledger;
use super::{Context, Input};
use crate::config::place::Place;
use crate::domain::check::{Name, Persona};
use crate::domain::endpoint::Endpoint;

/// Refuses names that collide with those of the daemon's own endpoints.
pub(super) fn judge(
    context: &Context<'_>,
    ledger: &mut Ledger,
    input: &Input,
    endpoints: &[Endpoint],
) {
    let tended = tended(context, endpoints);
    for shared in input.shared() {
        let root = Place::root(shared.file);
        let section = root.key("endpoints");
        for (index, raw) in shared.endpoints.iter().enumerate() {
            let name = raw.name.get().and_then(|text| Name::parse(text));
            let taken = name.and_then(|name| tended.iter().find(|(_, own)| **own == name));
            if let Some((credential, _)) = taken {
                ledger
                    .fault(
                        &section.index(index).key("name"),
                        "an endpoint has this name already",
                    )
                    .label(format!(
                        "by it the daemon watches where `{credential}` gets its tokens"
                    ))
                    .hint("choose another name");
            }
        }
    }
}

/// The credentials that holders show and that get tokens, each with the name of its endpoint.
fn tended(context: &Context<'_>, endpoints: &[Endpoint]) -> BTreeMap<Name, Name> {
    let checks = endpoints.iter().flat_map(|endpoint| &endpoint.checks);
    let holders = checks.filter_map(|check| match &check.persona {
        Persona::Holder(name) => Some(name),
        Persona::Anonymous | Persona::Invalid(_) | Persona::Impostor(_) => None,
    });
    let fetched = holders.filter(|name| {
        let credential = context.credential(name);
        credential.is_some_and(|credential| credential.source().is_some())
    });
    fetched
        .map(|name| (name.clone(), name.of_its_tokens()))
        .collect()
}
