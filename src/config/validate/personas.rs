//! Personas: who knocks, and whether that makes sense.

use std::path::PathBuf;

use super::Context;
use super::ledger::Ledger;
use super::names::{listed, unknown};
use super::secrets::secret_file;
use crate::config::hint::nearest;
use crate::config::place::Place;
use crate::config::printable::printable;
use crate::config::raw::WordOrPair;
use crate::credential::Credential;
use crate::domain::check::{Disguise, Impostor, Name, Persona};

/// The words that take a credential or a file, in a map with one key.
const KEYS: [&str; 8] = [
    "invalid",
    "wrong_password",
    "empty",
    "tampered",
    "unsigned",
    "truncated",
    "expired",
    "token_file",
];

/// The credentials that an endpoint speaks of.
#[derive(Debug, Default)]
pub(crate) struct Parties {
    /// The endpoint's own.
    pub(crate) own: Option<Name>,
    /// Those that its checks name, each once.
    pub(crate) named: Vec<Name>,
}

impl Parties {
    /// The credential that is meant where none is named.
    pub(crate) fn only(&self) -> Option<&Name> {
        match (&self.own, self.named.as_slice()) {
            (Some(own), _) => Some(own),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }

    /// The credential whose way of presenting a token from a file borrows.
    fn bearer_of_files(&self, context: &Context<'_>) -> Option<Name> {
        let is_token = |name: &&Name| {
            context.credential(name).is_some_and(|credential| {
                matches!(
                    credential,
                    Credential::Authorization { .. }
                        | Credential::OAuth2(_)
                        | Credential::ApiKey { .. }
                        | Credential::LoginForm(_)
                        | Credential::RegistryToken(_)
                        | Credential::Command(_)
                )
            })
        };
        if let Some(own) = self.own.as_ref().filter(is_token) {
            return Some(own.clone());
        }
        let mut tokens = self.named.iter().filter(is_token);
        match (tokens.next(), tokens.next()) {
            (Some(only), None) => Some(only.clone()),
            _ => None,
        }
    }

    /// The kind that all of them share: what the defaults of `refused` go by.
    pub(crate) fn kind<'c>(&self, context: &'c Context<'_>) -> Option<&'c Credential> {
        if let Some(own) = &self.own {
            return context.credential(own);
        }
        let mut kinds = self.named.iter().map(|name| context.credential(name));
        let first = kinds.next()??;
        let same = |other: Option<&Credential>| other.is_some_and(|it| it.kind() == first.kind());
        kinds.all(same).then_some(first)
    }
}

/// The credential that a persona names, if it names one.
pub(crate) fn credential_of(raw: &WordOrPair) -> Option<&str> {
    match raw {
        WordOrPair::Word(word) if ["anonymous", "invalid"].contains(&word.as_str()) => None,
        WordOrPair::Word(word) => Some(word),
        WordOrPair::Pair(key, _) if ["expired", "token_file"].contains(&key.as_str()) => None,
        WordOrPair::Pair(_, name) => Some(name),
    }
}

/// Reads a persona.
pub(crate) fn persona(
    context: &Context<'_>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &WordOrPair,
    parties: &Parties,
) -> Option<Persona> {
    match raw {
        WordOrPair::Word(word) => match word.as_str() {
            "anonymous" => Some(Persona::Anonymous),
            "invalid" => bare_invalid(ledger, place, parties),
            name if KEYS.contains(&name) && !context.knows(name) => {
                ledger
                    .fault(place, format!("`{name}` needs a credential"))
                    .hint(format!("write `as: {{{name}: NAME}}`"));
                None
            }
            name => context
                .credential_name(ledger, place, name)
                .map(Persona::Holder),
        },
        WordOrPair::Pair(key, value) => {
            let inner = place.key(key);
            pair(context, ledger, &inner, (key, value), parties)
        }
    }
}

fn bare_invalid(ledger: &mut Ledger, place: &Place<'_>, parties: &Parties) -> Option<Persona> {
    if let Some(name) = parties.only() {
        return Some(Persona::Invalid(name.clone()));
    }
    let draft = ledger.fault(place, "it is open which credential `invalid` imitates");
    match parties.named.as_slice() {
        [] => draft.label("neither the endpoint nor its checks name one"),
        named => draft.label(format!("the checks name {} of them", named.len())),
    };
    draft.hint("write `as: {invalid: NAME}`, or give the endpoint a `credential`");
    None
}

fn pair(
    context: &Context<'_>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    (key, value): (&str, &str),
    parties: &Parties,
) -> Option<Persona> {
    let disguise = match key {
        "invalid" => {
            let name = context.credential_name(ledger, place, value)?;
            return Some(Persona::Invalid(name));
        }
        "expired" | "token_file" => {
            let path = secret_file(context, ledger, place, value)?;
            return Some(from_file(context, key, path, parties));
        }
        "wrong_password" => Disguise::WrongPassword,
        "empty" => Disguise::Empty,
        "tampered" => Disguise::Tampered,
        "unsigned" => Disguise::Unsigned,
        "truncated" => Disguise::Truncated,
        other => {
            unknown_key(ledger, place, other);
            return None;
        }
    };
    let name = context.credential_name(ledger, place, value)?;
    let credential = context.credential(&name)?;
    if !makes_sense(&disguise, credential) {
        refuse(ledger, place, &disguise, credential);
        return None;
    }
    Some(Persona::Impostor(Impostor {
        disguise,
        credential: Some(name),
    }))
}

fn from_file(context: &Context<'_>, key: &str, path: PathBuf, parties: &Parties) -> Persona {
    let disguise = match key {
        "expired" => Disguise::Expired(path),
        _ => Disguise::TokenFile(path),
    };
    Persona::Impostor(Impostor {
        disguise,
        credential: parties.bearer_of_files(context),
    })
}

fn unknown_key(ledger: &mut Ledger, place: &Place<'_>, key: &str) {
    let draft = ledger.fault(place, format!("there is no persona `{}`", printable(key)));
    draft.on_key().hint(match nearest(key, KEYS) {
        Some(known) => format!("did you mean `{known}`?"),
        None => format!("there is {}", listed(&KEYS)),
    });
}

/// Whether a credential of this kind has what the disguise alters.
fn makes_sense(disguise: &Disguise, credential: &Credential) -> bool {
    match disguise {
        Disguise::WrongPassword => credential.has_password(),
        Disguise::Empty => !matches!(credential, Credential::ClientCertificate { .. }),
        Disguise::Tampered | Disguise::Unsigned | Disguise::Truncated => matches!(
            credential,
            Credential::Authorization { .. }
                | Credential::OAuth2(_)
                | Credential::ApiKey { .. }
                | Credential::RegistryToken(_)
                | Credential::Command(_)
        ),
        Disguise::Expired(_) | Disguise::TokenFile(_) => true,
    }
}

fn refuse(ledger: &mut Ledger, place: &Place<'_>, disguise: &Disguise, credential: &Credential) {
    let (word, kind) = (disguise.as_str(), credential.kind());
    let lacks = match disguise {
        Disguise::WrongPassword => "it has no password",
        Disguise::Empty => "a certificate cannot be empty",
        Disguise::Tampered
        | Disguise::Unsigned
        | Disguise::Truncated
        | Disguise::Expired(_)
        | Disguise::TokenFile(_) => "it has no token",
    };
    ledger
        .fault(place, format!("`{word}` makes no sense for `{kind}`"))
        .label(lacks)
        .hint(match disguise {
            Disguise::WrongPassword => "use `tampered` or `truncated`, or `invalid`",
            Disguise::Empty => "use `anonymous` or `invalid`",
            Disguise::Tampered
            | Disguise::Unsigned
            | Disguise::Truncated
            | Disguise::Expired(_)
            | Disguise::TokenFile(_) => {
                if credential.has_password() {
                    "use `wrong_password`, `empty` or `invalid`"
                } else {
                    "use `invalid`"
                }
            }
        });
}

/// Says that a credential is not known.
pub(crate) fn unknown_credential<'k>(
    ledger: &mut Ledger,
    place: &Place<'_>,
    name: &str,
    known: impl IntoIterator<Item = &'k str>,
) {
    unknown(ledger, place, "credential", name, known);
}
