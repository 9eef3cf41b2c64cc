//! Apache httpd.

use std::path::PathBuf;

use super::process::{Recipe, Server};

const RECIPE: Recipe = Recipe {
    // `-X`: one process, in the foreground.
    command: &["apache2", "-X", "-d", "@directory@", "-f", "httpd.conf"],
    files: &[
        (
            "httpd.conf",
            include_str!("../../../servers/apache/httpd.conf"),
        ),
        ("htpasswd", include_str!("../../../servers/htpasswd")),
        (
            "www/sign-in.html",
            include_str!("../../../servers/apache/sign-in.html"),
        ),
        ("htdigest", include_str!("../../../servers/apache/htdigest")),
    ],
    ports: &["http", "tls"],
};

/// A running Apache httpd.
///
/// | path | strangers | the reader |
/// | --- | --- | --- |
/// | `/basic` | 401 `Basic realm="lab \"basic\""` | 200 |
/// | `/digest` | 401 `Digest realm="lab digest"`, MD5, `qop="auth"` | 200 |
/// | `/form` | 302 to `/sign-in.html` | 200, once logged in |
/// | `/mutual`, over TLS | 403 | 403 |
///
/// `/mutual` asks for a client certificate once it knows the path. That takes renegotiation (TLS
/// 1.2) or authentication after the handshake (TLS 1.3), and rustls has neither: a client that is
/// built on it is refused, whatever certificate it holds.
#[derive(Debug)]
pub(crate) struct Apache(Server);

impl Apache {
    /// Starts one.
    pub(crate) fn start() -> Self {
        Self(Server::start(&RECIPE, |_| ()))
    }

    /// The URL of a path over plain HTTP.
    pub(crate) fn http(&self, path: &str) -> String {
        format!("http://{}{path}", self.0.address("http"))
    }

    /// The URL of a path over TLS, with HTTP/2 on offer.
    pub(crate) fn https(&self, path: &str) -> String {
        format!("https://{}{path}", self.0.address("tls"))
    }

    /// The `ca_file` that vouches for it.
    pub(crate) fn authority(&self) -> PathBuf {
        self.0.authority()
    }
}
