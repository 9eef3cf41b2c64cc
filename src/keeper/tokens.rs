//! What hangs on a token: the checks that cannot be made without it, and where that is told.
//!
//! A provider that gives no token is one regression, however many checks wait for the token: it is
//! told at the check of the token endpoint. What depends on it shows it, and opens no incident.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::check::{Check, CheckId, Name};
use crate::domain::endpoint::Endpoint;
use crate::domain::finding::Reason;
use crate::domain::judge::Judgement;
use crate::domain::wording::counted;

/// How many of those that wait for a token are named.
const NAMED: usize = 8;

/// Every credential whose token endpoint has a check of its own, with the checks that wait for its
/// tokens.
#[derive(Debug, Default)]
pub(super) struct Tokens(BTreeMap<Name, Vec<CheckId>>);

impl Tokens {
    /// What hangs on which token.
    pub(super) fn of(endpoints: &[Arc<Endpoint>]) -> Self {
        let watched = endpoints.iter().filter_map(|it| it.tokens_of.clone());
        let mut all: BTreeMap<Name, Vec<CheckId>> =
            watched.map(|name| (name, Vec::new())).collect();
        for endpoint in endpoints.iter().filter(|it| it.tokens_of.is_none()) {
            let holders = endpoint.checks.iter().filter(|it| it.persona.is_holder());
            for check in holders {
                let credential = check.persona.credential();
                if let Some(waiting) = credential.and_then(|name| all.get_mut(name)) {
                    waiting.push(endpoint.check_id(check));
                }
            }
        }
        Self(all)
    }

    /// Whether what is wrong with a check is told at the token endpoint's own.
    pub(super) fn tells_of(&self, endpoint: &Endpoint, check: &Check, of: &Judgement) -> bool {
        let credential = check.persona.credential();
        let is_watched = credential.is_some_and(|name| self.0.contains_key(name));
        let mut findings = of.findings.iter();
        endpoint.tokens_of.is_none()
            && is_watched
            && !of.findings.is_empty()
            && findings.all(|finding| finding.reason == Reason::TokenUnavailable)
    }

    /// The judgement of a token endpoint's check, with those who depend on its tokens. They may show
    /// one that was kept for a while yet.
    pub(super) fn with_dependents(
        &self,
        endpoint: &Endpoint,
        mut judgement: Judgement,
    ) -> Judgement {
        let credential = endpoint.tokens_of.as_ref();
        let Some(waiting) = credential.and_then(|name| self.0.get(name)) else {
            return judgement;
        };
        for finding in &mut judgement.findings {
            if finding.reason == Reason::TokenUnavailable {
                finding.saw.push_str(&who_depend(waiting));
            }
        }
        judgement
    }
}

fn who_depend(waiting: &[CheckId]) -> String {
    let named = waiting.iter().take(NAMED).map(ToString::to_string);
    let named: Vec<String> = named.collect();
    let more = match waiting.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let (all, named) = (counted(waiting.len(), "check"), named.join(", "));
    let verb = if waiting.len() == 1 {
        "depends"
    } else {
        "depend"
    };
    format!("; {all} {verb} on it: {named}{more}")
}
