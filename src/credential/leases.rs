//! What is kept for each credential of a kind.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::lease::Lease;
use crate::domain::check::Name;

/// One lease for each credential of a kind, by its name.
#[derive(Debug)]
pub(super) struct Leases<T>(BTreeMap<Name, Arc<Lease<T>>>);

impl<T> Leases<T> {
    /// A lease for each of these; `former` gives those that are kept from an earlier configuration.
    pub(super) fn new<'a>(
        names: impl IntoIterator<Item = &'a Name>,
        former: impl Fn(&Name) -> Option<Arc<Lease<T>>>,
    ) -> Self {
        let leases = names.into_iter().map(|name| {
            let lease = former(name).unwrap_or_default();
            (name.clone(), lease)
        });
        Self(leases.collect())
    }

    /// The lease of a credential; `None` where it is of another kind.
    pub(super) fn of(&self, name: &Name) -> Option<Arc<Lease<T>>> {
        self.0.get(name).map(Arc::clone)
    }
}
