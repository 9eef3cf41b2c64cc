//! A certified provider of tokens: `oidc-provider` of npm.

use std::path::{Path, PathBuf};

use super::process::{Recipe, Server};

const RECIPE: Recipe = Recipe {
    command: &["node", "provider.mjs"],
    files: &[(
        "provider.mjs",
        include_str!("../../../servers/oidc/provider.mjs"),
    )],
    ports: &["http"],
};

/// A running provider, with a resource that validates its tokens.
///
/// | path | what it is |
/// | --- | --- |
/// | `/token` | gives tokens for half a minute: opaque ones, and RS256 JWTs for a `resource` |
/// | `/opaque` | admits opaque tokens |
/// | `/jwt` | admits JWTs for `https://api.example/` |
#[derive(Debug)]
pub(crate) struct Oidc(Server);

impl Oidc {
    /// Starts one.
    pub(crate) fn start() -> Self {
        Self(Server::start(&RECIPE, |directory| {
            let link = directory.join("node_modules");
            std::os::unix::fs::symlink(modules(), link).unwrap();
        }))
    }

    /// The URL of a path over plain HTTP.
    pub(crate) fn http(&self, path: &str) -> String {
        format!("http://{}{path}", self.0.address("http"))
    }
}

/// Where `tests/run` installs what npm has.
fn modules() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache =
        cache.unwrap_or_else(|| Path::new(&std::env::var_os("HOME").unwrap()).join(".cache"));
    let modules = cache.join("authvigil-tests/oidc/node_modules");
    let is_there = modules.join("oidc-provider").is_dir();
    assert!(
        is_there,
        "`oidc-provider` is not installed; `tests/run` installs it"
    );
    modules
}
