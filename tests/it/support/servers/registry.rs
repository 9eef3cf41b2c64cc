//! The container registry of the distribution project.

use super::process::{Recipe, Server};

const RECIPE: Recipe = Recipe {
    command: &["docker-registry", "serve", "config.yml"],
    files: &[(
        "config.yml",
        include_str!("../../../servers/registry/config.yml"),
    )],
    ports: &["http"],
};

/// A running registry. It admits tokens of the issuer `lab issuer` for the service `lab registry`
/// whose key the test authority vouches for, and meets strangers with 401 `Bearer`.
#[derive(Debug)]
pub(crate) struct Registry(Server);

impl Registry {
    /// Starts one.
    pub(crate) fn start() -> Self {
        // Its challenge names the realm, and that its own name.
        Self(Server::start_at(&RECIPE, "/v2/", |_| ()))
    }

    /// The URL of a path over plain HTTP.
    pub(crate) fn http(&self, path: &str) -> String {
        format!("http://{}{path}", self.0.address("http"))
    }
}
