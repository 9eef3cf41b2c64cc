//! Django, with its admin site.

use super::process::{Recipe, Server};

const RECIPE: Recipe = Recipe {
    // `-B`: it writes nothing.
    command: &["python3", "-B", "site.py"],
    files: &[("site.py", include_str!("../../../servers/django/site.py"))],
    ports: &["http"],
};

/// A running Django.
///
/// | path | strangers | the reader, once logged in |
/// | --- | --- | --- |
/// | `/admin/` | 302 to `/admin/login/` | 200 |
///
/// The form's fields are `username` and `password`, beside a token against forgery.
#[derive(Debug)]
pub(crate) struct Django(Server);

impl Django {
    /// Starts one.
    pub(crate) fn start() -> Self {
        Self(Server::start(&RECIPE, |_| ()))
    }

    /// The URL of a path.
    pub(crate) fn http(&self, path: &str) -> String {
        format!("http://{}{path}", self.0.address("http"))
    }
}
