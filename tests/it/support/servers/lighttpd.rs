//! lighttpd.

use super::process::{Recipe, Server};

const RECIPE: Recipe = Recipe {
    // `-D`: in the foreground.
    command: &["lighttpd", "-D", "-f", "lighttpd.conf"],
    files: &[
        (
            "lighttpd.conf",
            include_str!("../../../servers/lighttpd/lighttpd.conf"),
        ),
        ("htpasswd", include_str!("../../../servers/htpasswd")),
        (
            "htdigest",
            include_str!("../../../servers/lighttpd/htdigest"),
        ),
    ],
    ports: &["http"],
};

/// A running lighttpd.
///
/// | path | strangers | the reader |
/// | --- | --- | --- |
/// | `/basic` | 401 `Basic realm="lab basic", charset="UTF-8"` | 200 |
/// | `/digest` | 401 `Digest realm="lab digest"`, SHA-256, `qop="auth"` | 200 |
#[derive(Debug)]
pub(crate) struct Lighttpd(Server);

impl Lighttpd {
    /// Starts one.
    pub(crate) fn start() -> Self {
        Self(Server::start(&RECIPE, |_| ()))
    }

    /// The URL of a path over plain HTTP.
    pub(crate) fn http(&self, path: &str) -> String {
        format!("http://{}{path}", self.0.address("http"))
    }
}
