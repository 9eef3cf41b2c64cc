//! What the parts of a configuration know of each other while they are read.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use regex::Regex;

use super::authorities;
use super::ledger::Ledger;
use super::personas::unknown_credential;
use crate::config::place::{FileId, Place};
use crate::config::raw;
use crate::config::settings::Global;
use crate::credential::Credential;
use crate::domain::check::Name;
use crate::domain::endpoint::{Authorities, Confirm};

/// What the parts of a configuration know of each other.
#[derive(Debug)]
pub(crate) struct Context<'c> {
    /// The directory of each file, by [`FileId`].
    pub(crate) directories: &'c [PathBuf],
    /// The valid defaults.
    pub(crate) global: Global,
    /// The credentials by name; `None` for those with faults of their own.
    pub(crate) credentials: BTreeMap<Name, Option<Credential>>,
    /// The profiles by name, and the file of each.
    pub(crate) profiles: BTreeMap<&'c str, (&'c raw::Endpoint, FileId)>,
    /// How verdicts are confirmed where an endpoint says nothing.
    pub(crate) confirm: Confirm,
    /// `alerting.confirm` as it was written.
    pub(crate) raw_confirm: Option<&'c raw::Confirm>,
    /// What holds below it.
    pub(crate) built_in_confirm: raw::Confirm,
    /// What was used, read or compiled once already.
    pub(crate) memory: Memory,
}

/// What many endpoints share.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    used_credentials: RefCell<HashSet<Name>>,
    used_profiles: RefCell<HashSet<String>>,
    authorities: RefCell<HashMap<PathBuf, Result<Authorities, String>>>,
    regexes: RefCell<HashMap<String, Result<Regex, String>>>,
}

impl<'c> Context<'c> {
    /// The directory that paths in a file are relative to.
    pub(crate) fn directory(&self, file: FileId) -> &'c Path {
        self.directories
            .get(file.0)
            .map_or(Path::new(""), PathBuf::as_path)
    }

    /// The credential of this name; `None` where it is unknown or has faults of its own.
    pub(crate) fn credential(&self, name: &Name) -> Option<&Credential> {
        self.credentials.get(name)?.as_ref()
    }

    /// Whether a credential has this name, valid or not.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.known_name(name).is_some()
    }

    /// The name of a credential, valid or not.
    pub(crate) fn known_name(&self, name: &str) -> Option<Name> {
        let name = Name::parse(name)?;
        let (known, _) = self.credentials.get_key_value(&name)?;
        Some(known.clone())
    }

    /// Looks up a credential's name, and remembers that it is in use.
    pub(crate) fn credential_name(
        &self,
        ledger: &mut Ledger,
        place: &Place<'_>,
        name: &str,
    ) -> Option<Name> {
        let Some(known) = self.known_name(name) else {
            let all = self.credentials.keys().map(Name::as_str);
            unknown_credential(ledger, place, name, all);
            return None;
        };
        self.memory
            .used_credentials
            .borrow_mut()
            .insert(known.clone());
        Some(known)
    }

    /// Whether an endpoint uses a credential.
    pub(crate) fn is_credential_used(&self, name: &Name) -> bool {
        self.memory.used_credentials.borrow().contains(name)
    }

    /// The profile of this name, and its file; it is in use from now on.
    pub(crate) fn profile(&self, name: &str) -> Option<((&'c str, &'c raw::Endpoint), FileId)> {
        let (name, (profile, file)) = self.profiles.get_key_value(name)?;
        if !self.memory.used_profiles.borrow().contains(*name) {
            self.memory
                .used_profiles
                .borrow_mut()
                .insert((*name).to_owned());
        }
        Some(((*name, *profile), *file))
    }

    /// Whether an endpoint uses a profile.
    pub(crate) fn is_profile_used(&self, name: &str) -> bool {
        self.memory.used_profiles.borrow().contains(name)
    }

    /// The names of all profiles.
    pub(crate) fn profile_names(&self) -> impl Iterator<Item = &'c str> {
        self.profiles.keys().copied()
    }

    /// Reads a file of certificate authorities, once.
    pub(crate) fn authorities(&self, path: &Path) -> Result<Authorities, String> {
        let mut known = self.memory.authorities.borrow_mut();
        if let Some(read) = known.get(path) {
            return read.clone();
        }
        let read = authorities::read(path);
        known.insert(path.to_owned(), read.clone());
        read
    }

    /// Compiles a regular expression, once.
    pub(crate) fn regex(&self, pattern: &str) -> Result<Regex, String> {
        let mut known = self.memory.regexes.borrow_mut();
        if let Some(compiled) = known.get(pattern) {
            return compiled.clone();
        }
        let compiled = Regex::new(pattern).map_err(|error| summary(&error));
        known.insert(pattern.to_owned(), compiled.clone());
        compiled
    }
}

/// The last line of what the compiler says; the lines before it draw the pattern once more.
pub(crate) fn summary(error: &regex::Error) -> String {
    if let regex::Error::CompiledTooBig(limit) = error {
        return format!("compiled, it is larger than {limit} bytes");
    }
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default().trim();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}
