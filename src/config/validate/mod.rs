//! What a person wrote, made valid: every fault is collected, none stops the search.
//!
//! In come the raw sections of all files; out go the parts of a [`crate::config::Config`], and
//! drafts of what is to be said. Places are paths; the lines they stand on are looked up later, and
//! only if there is something to say.
//!
//! **Invariant:** reads files of certificates and no other file; of a secret's file it looks at mode
//! and owner, and never into it.

mod alerting;
mod authorities;
mod checks;
mod command;
mod confirm;
mod context;
mod credentials;
mod endpoints;
mod expectations;
mod global;
mod labels;
mod layers;
pub(crate) mod ledger;
mod names;
mod personas;
mod policy;
mod request;
mod secrets;
mod tended;
mod tokens;
mod transport;
mod unwise;
mod urls;
mod web_file;
mod web_tls;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

pub(crate) use alerting::lone_matcher;
pub(crate) use authorities::{cannot_be_read, read as authorities};
pub(crate) use context::{Context, Memory};
pub(crate) use expectations::starts_with_parameter;
use ledger::{Draft, Ledger, Part};
pub(crate) use request::is_sensitive;

use super::alerting::Alerting;
use super::place::{FileId, Place};
use super::raw::{self, Profile};
use super::settings::Global;
use crate::credential;
use crate::domain::check::Name;
use crate::domain::endpoint::{Endpoint, Origin};

/// The raw sections of all files, the main file first.
#[derive(Debug)]
pub(crate) struct Input {
    /// The main file.
    pub(crate) main: raw::File,
    /// The files that it names, with their sections.
    pub(crate) drop_ins: Vec<raw::DropIn>,
    /// The web configuration file, where there is one.
    pub(crate) web_file: Option<(FileId, raw::WebFile)>,
    /// The directory of each file.
    pub(crate) directories: Vec<PathBuf>,
}

impl Input {
    /// The sections that any file may have, file by file.
    fn shared(&self) -> impl Iterator<Item = Shared<'_>> {
        let main = Shared {
            file: FileId::MAIN,
            credentials: &self.main.credentials,
            profiles: &self.main.profiles,
            endpoints: &self.main.endpoints,
        };
        let drop_ins = self.drop_ins.iter().enumerate();
        std::iter::once(main).chain(drop_ins.map(|(index, raw)| Shared {
            file: FileId(index + 1),
            credentials: &raw.credentials,
            profiles: &raw.profiles,
            endpoints: &raw.endpoints,
        }))
    }
}

#[derive(Clone, Copy)]
struct Shared<'a> {
    file: FileId,
    credentials: &'a raw::Entries<raw::Credential>,
    profiles: &'a raw::Entries<Profile>,
    endpoints: &'a [raw::Endpoint],
}

/// The parts of a configuration. They hold only if there is no fault.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) global: Global,
    pub(crate) web: Option<crate::web::Settings>,
    pub(crate) state: Option<crate::store::Settings>,
    pub(crate) alerting: Option<Alerting>,
    pub(crate) credentials: credential::Settings,
    pub(crate) endpoints: Vec<Endpoint>,
}

/// Makes what a person wrote valid.
pub(crate) fn validate(input: &Input) -> (Output, Vec<Draft>) {
    let mut ledger = Ledger::default();
    let ledger = &mut ledger;
    let root = Place::root(FileId::MAIN);
    let global = global::global(ledger, &root.key("global"), &input.main.global);
    let raw_confirm = input.main.alerting.as_ref();
    let raw_confirm = raw_confirm.and_then(|alerting| alerting.confirm.get());
    let built_in_confirm = raw::Confirm::built_in();
    let shared = raw_confirm.map(|raw| (raw, root.below("alerting", "confirm")));
    let layers = shared.into_iter().chain([(&built_in_confirm, root)]);
    let confirm = confirm::confirm(ledger, &layers::Layers::new(layers));
    let mut context = Context {
        directories: &input.directories,
        global,
        credentials: BTreeMap::new(),
        profiles: profiles(ledger, input),
        confirm,
        raw_confirm,
        built_in_confirm,
        memory: Memory::default(),
    };
    context.credentials = credentials(&context, ledger, input);
    let endpoints = endpoints(&context, ledger, input);
    tended::judge(&context, ledger, input, &endpoints);
    refuse_nothing_to_watch(ledger, input);
    judge_unused(&context, ledger, input);
    let protection = input.web_file.as_ref();
    let protection =
        protection.map(|(file, raw)| web_file::protection(&context, ledger, *file, raw));
    let web = global::web(&context, ledger, &root.key("web"), &input.main.web);
    let web = web.map(|web| crate::web::Settings {
        protection: protection.unwrap_or_default(),
        ..web
    });
    let state = global::state(&context, ledger, &root.key("state"), &input.main.state);
    let alerting = input.main.alerting.as_ref().and_then(|raw| {
        let labels = label_names(&context, input);
        alerting::alerting(&context, ledger, &root.key("alerting"), raw, &labels)
    });
    let drafts = std::mem::take(ledger).into_drafts();
    let credentials = context.credentials.into_iter();
    let credentials = credentials.filter_map(|(name, credential)| Some((name, credential?)));
    let user_agent = context.global.user_agent.clone();
    let output = Output {
        global: context.global,
        web,
        state,
        alerting,
        credentials: credential::Settings {
            credentials: credentials.collect(),
            origins: origins(&endpoints),
            user_agent,
        },
        endpoints,
    };
    (output, drafts)
}

/// Where each credential may be shown: at the endpoints that name it.
fn origins(endpoints: &[Endpoint]) -> BTreeMap<Name, BTreeSet<Origin>> {
    let mut origins: BTreeMap<Name, BTreeSet<Origin>> = BTreeMap::new();
    for endpoint in endpoints {
        let named = endpoint.checks.iter();
        for name in named.filter_map(|check| check.persona.credential()) {
            let home = origins.entry(name.clone()).or_default();
            home.insert(endpoint.origin());
        }
    }
    origins
}

/// The names of all labels that any endpoint may have.
fn label_names(context: &Context<'_>, input: &Input) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = context.global.labels.keys().cloned().collect();
    for shared in input.shared() {
        let profiles = shared.profiles.iter().map(|(_, Profile(raw))| raw);
        for raw in shared.endpoints.iter().chain(profiles) {
            let labels = raw.labels.get().into_iter().flat_map(raw::Entries::iter);
            for (name, _) in labels.filter(|(name, _)| !context.global.labels.contains_key(*name)) {
                names.insert(name.to_owned());
            }
        }
    }
    names
}

/// Where a name was given first.
type First<'a> = HashMap<&'a str, (FileId, usize)>;

fn profiles<'a>(
    ledger: &mut Ledger,
    input: &'a Input,
) -> BTreeMap<&'a str, (&'a raw::Endpoint, FileId)> {
    let mut profiles: BTreeMap<&str, (&raw::Endpoint, FileId)> = BTreeMap::new();
    for shared in input.shared() {
        let root = Place::root(shared.file);
        let section = root.key("profiles");
        for (text, Profile(raw)) in shared.profiles.iter() {
            let place = section.key(text);
            names::own_name(ledger, &place, text, Part::Key);
            refuse_endpoint_keys(ledger, &place, raw);
            if let Some((_, file)) = profiles.get(text) {
                let (other, root) = (*file, Place::root(*file));
                debug_assert!(other < shared.file);
                twice(ledger, &place, "profile", text).see(&root.below("profiles", text));
                continue;
            }
            profiles.insert(text, (raw, shared.file));
        }
    }
    profiles
}

/// What makes an endpoint the one it is has no place in a profile.
fn refuse_endpoint_keys(ledger: &mut Ledger, place: &Place<'_>, raw: &raw::Endpoint) {
    let present = [&raw.name, &raw.url, &raw.profile].map(|given| given.get().is_some());
    for (key, present) in Profile::NOT_HERE.iter().zip(present) {
        if present {
            ledger
                .fault(&place.key(key), format!("a profile has no `{key}`"))
                .on_key()
                .hint("give it to the endpoints that name the profile");
        }
    }
}

fn credentials(
    context: &Context<'_>,
    ledger: &mut Ledger,
    input: &Input,
) -> BTreeMap<Name, Option<credential::Credential>> {
    let mut credentials = BTreeMap::new();
    let mut first: HashMap<&str, FileId> = HashMap::new();
    for shared in input.shared() {
        let root = Place::root(shared.file);
        let section = root.key("credentials");
        for (text, raw) in shared.credentials.iter() {
            let place = section.key(text);
            let name = names::own_name(ledger, &place, text, Part::Key);
            let credential = credentials::credential(context, ledger, &place, raw);
            if let Some(file) = first.get(text) {
                let root = Place::root(*file);
                twice(ledger, &place, "credential", text).see(&root.below("credentials", text));
                continue;
            }
            first.insert(text, shared.file);
            credentials.extend(name.map(|name| (name, credential)));
        }
    }
    credentials
}

fn endpoints(context: &Context<'_>, ledger: &mut Ledger, input: &Input) -> Vec<Endpoint> {
    let mut endpoints = Vec::new();
    let mut first: First<'_> = HashMap::new();
    for shared in input.shared() {
        let root = Place::root(shared.file);
        let section = root.key("endpoints");
        for (index, raw) in shared.endpoints.iter().enumerate() {
            let place = section.index(index);
            endpoints.extend(endpoints::endpoint(context, ledger, &place, raw));
            let Some(name) = raw.name.get() else { continue };
            let known = first.insert(name, (shared.file, index));
            if let Some((file, index)) = known {
                first.insert(name, (file, index));
                let root = Place::root(file);
                let (section, key) = (root.key("endpoints"), "name");
                twice_at(ledger, &place.key(key), "endpoint", name)
                    .see(&section.index(index).key(key));
            }
        }
    }
    endpoints
}

fn twice<'l>(ledger: &'l mut Ledger, place: &Place<'_>, what: &str, name: &str) -> &'l mut Draft {
    twice_at(ledger, place, what, name).on_key()
}

fn twice_at<'l>(
    ledger: &'l mut Ledger,
    place: &Place<'_>,
    what: &str,
    name: &str,
) -> &'l mut Draft {
    let name = super::printable::printable(name);
    ledger
        .fault(place, format!("a second {what} is called `{name}`"))
        .label("the first is here")
        .hint("give one of them another name")
}

fn refuse_nothing_to_watch(ledger: &mut Ledger, input: &Input) {
    if input.shared().all(|shared| shared.endpoints.is_empty()) {
        let root = Place::root(FileId::MAIN);
        ledger
            .fault(&root.key("endpoints"), "no endpoints are configured")
            .on_key()
            .hint("name at least one under `endpoints`, with `name` and `url`");
    }
}

/// Credentials and profiles that nobody uses; a profile is still read, for its faults.
fn judge_unused(context: &Context<'_>, ledger: &mut Ledger, input: &Input) {
    for shared in input.shared() {
        let root = Place::root(shared.file);
        let section = root.key("credentials");
        for (text, _) in shared.credentials.iter() {
            let name = context.known_name(text);
            if name.is_some_and(|name| !context.is_credential_used(&name)) {
                ledger
                    .warn(
                        &section.key(text),
                        format!("nothing uses the credential `{text}`"),
                    )
                    .on_key()
                    .hint("name it with `credential` at an endpoint, or remove it");
            }
        }
        let section = root.key("profiles");
        for (text, Profile(raw)) in shared.profiles.iter() {
            if context.is_profile_used(text) {
                continue;
            }
            let place = section.key(text);
            ledger
                .warn(
                    &place,
                    format!(
                        "nothing uses the profile `{}`",
                        super::printable::printable(text)
                    ),
                )
                .on_key()
                .hint("name it with `profile` at an endpoint, or remove it");
            read_for_faults(context, ledger, &place, raw);
        }
    }
}

/// Reads a profile as if it were an endpoint, and keeps what is said of its keys.
fn read_for_faults(
    context: &Context<'_>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &raw::Endpoint,
) {
    let mut scratch = Ledger::default();
    endpoints::endpoint(context, &mut scratch, place, raw);
    let drafts = scratch.into_drafts().into_iter();
    ledger.append(drafts.filter(|draft| !matches!(draft.part, Part::Missing("name" | "url"))));
}
