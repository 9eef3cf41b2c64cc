//! The checks of token endpoints: what the daemon watches beside what somebody configured.

use crate::credential::{Settings, TokenPlace};
use crate::domain::endpoint::{Endpoint, TokenEndpoint};

/// The configured endpoints, and after them one for each credential whose tokens or sessions are
/// fetched for a holder who knocks at any of them.
pub(super) fn with_token_endpoints(
    mut endpoints: Vec<Endpoint>,
    credentials: &Settings,
) -> Vec<Endpoint> {
    let fetched = credentials.credentials.iter();
    let fetched = fetched.filter_map(|(name, it)| Some((name, it.source()?)));
    let watched = fetched.filter_map(|(credential, place)| {
        let TokenPlace {
            url,
            transport,
            timeout,
        } = place;
        TokenEndpoint {
            credential,
            url,
            transport,
            timeout,
        }
        .watched(&endpoints)
    });
    let watched: Vec<Endpoint> = watched.collect();
    endpoints.extend(watched);
    endpoints
}
