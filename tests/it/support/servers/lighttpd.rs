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
        (
            "htdigest-512",
            include_str!("../../../servers/lighttpd/htdigest-512"),
        ),
        (
            "htdigest-md5",
            include_str!("../../../servers/lighttpd/htdigest-md5"),
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
/// | `/digest-512`, `/digest-md5` | the same with SHA-512-256, with MD5 | 200 |
/// | `/digest-hashed` | the same with SHA-256 and `userhash=true` | 200 |
/// | `/digest-several` | two of them, with SHA-256 and with MD5 | 200 by SHA-256 |
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
