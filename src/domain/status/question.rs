//! What a check asks, named so that another question under the same name is told apart.

use sha2::{Digest as _, Sha256};

use crate::domain::check::Check;
use crate::domain::endpoint::{Endpoint, HeaderText};
use crate::domain::observation::without_query_values;

/// Names what a check asks: whom, how, as whom, and for which status.
///
/// What is known of a check holds for its question alone, over reloads, restarts and upgrades; so
/// this is made of what a person wrote, and of nothing that a later version may write otherwise.
/// Values of the query and of headers that are secret are left out.
pub fn question(endpoint: &Endpoint, check: &Check) -> u64 {
    let (request, transport) = (&endpoint.request, &endpoint.transport);
    let mut hash = Hash::default();
    hash.add(request.method.as_str());
    hash.add(without_query_values(request.url.as_str()));
    for (name, text) in &request.headers {
        hash.add(name.as_str());
        if let HeaderText::Plain(value) = text {
            hash.add(value.as_bytes());
        }
    }
    hash.add(request.body.as_deref().unwrap_or_default());
    hash.add(transport.proxy.as_ref().map_or("", |proxy| proxy.as_str()));
    hash.add(transport.server_name.as_deref().unwrap_or_default());
    for (name, address) in &transport.resolve {
        hash.add(name);
        hash.add(address.to_string());
    }
    hash.add(check.persona.to_string());
    let credential = check.persona.credential();
    hash.add(credential.map_or("", |name| name.as_str()));
    hash.add(check.expectation.status.to_string());
    hash.name()
}

/// Gathers texts, each told apart from the next.
#[derive(Default)]
struct Hash(Sha256);

impl Hash {
    fn add(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        self.0.update(bytes.len().to_be_bytes());
        self.0.update(bytes);
    }

    fn name(self) -> u64 {
        let digest: [u8; 32] = self.0.finalize().into();
        u64::from_be_bytes(digest.first_chunk().copied().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn of(endpoint: &str) -> Vec<u64> {
        let text = format!("endpoints: [{{name: orders, {endpoint}}}]");
        let config = crate::config::parse(Path::new("test.yaml"), text).unwrap();
        let endpoint = &config.endpoints[0];
        let checks = endpoint.checks.iter();
        checks.map(|check| question(endpoint, check)).collect()
    }

    #[test]
    fn whom_how_and_what_for_make_the_question_and_nothing_else() {
        let plain = of("url: 'https://a.example.com/'");
        for same in [
            "url: 'https://a.example.com/', interval: 30s, timeout: 5s",
            "url: 'https://a.example.com/', labels: {team: pay}",
            "url: 'https://a.example.com/', challenge: Basic",
        ] {
            assert_eq!(of(same), plain, "{same}");
        }
        for other in [
            "url: 'https://a.example.com/b'",
            "url: 'http://a.example.com/'",
            "url: 'https://a.example.com/', method: POST",
            "url: 'https://a.example.com/', headers: {Accept: text/plain}",
            "url: 'https://a.example.com/', resolve: {a.example.com: 127.0.0.1}",
            "url: 'https://a.example.com/', refused: {status: 403}",
        ] {
            assert_ne!(of(other), plain, "{other}");
        }
    }
}
