//! nginx.

use std::path::{Path, PathBuf};

use super::process::{Recipe, Server};
use crate::support::certificates::Certificate;

const RECIPE: Recipe = Recipe {
    command: &[
        "nginx",
        "-p",
        "@directory@",
        "-c",
        "nginx.conf",
        "-e",
        "error.log",
    ],
    files: &[
        (
            "nginx.conf",
            include_str!("../../../servers/nginx/nginx.conf"),
        ),
        (
            "locations.conf",
            include_str!("../../../servers/nginx/locations.conf"),
        ),
        ("htpasswd", include_str!("../../../servers/htpasswd")),
    ],
    ports: &[
        "http",
        "tls",
        "mutual_required",
        "mutual_optional",
        "expired",
        "wrong_name",
        "self_signed",
    ],
};

/// A running nginx.
///
/// | path | strangers | the reader |
/// | --- | --- | --- |
/// | `/basic` | 401 `Basic realm="lab basic"` | 200 |
/// | `/bearer` | 401 `Bearer realm="lab bearer"`, with `error` for a wrong token | 200 |
/// | `/apikey` | 401 without challenge | 200 |
/// | `/open`, `/satisfy-any` | 200 | 200 |
/// | `/soft401` | 200 with a login page | the same |
/// | `/nochallenge` | 401 without challenge | the same |
/// | `/forbidden`, `/redirect-login` | 403, 302 | the same |
/// | `/multi`, `/multi-one` | 401 with three lines, with two challenges on one line | the same |
/// | `/malformed` | 401 `Basic realm="Login to "apps""` | the same |
/// | `/limited` | as `/basic`, but 429 from the second request on | likewise |
/// | `/authdown` | 500 | 500 |
#[derive(Debug)]
pub(crate) struct Nginx(Server);

impl Nginx {
    /// Starts one.
    pub(crate) fn start() -> Self {
        Self(Server::start(&RECIPE, issue_flawed))
    }

    /// The URL of a path over plain HTTP.
    pub(crate) fn http(&self, path: &str) -> String {
        format!("http://{}{path}", self.0.address("http"))
    }

    /// The URL of a path over TLS, with HTTP/2 on offer.
    pub(crate) fn https(&self, path: &str) -> String {
        format!("https://{}{path}", self.0.address("tls"))
    }

    /// A URL that needs a client certificate: without a good one nginx answers 400.
    pub(crate) fn mutual_required(&self) -> String {
        format!("https://{}/", self.0.address("mutual_required"))
    }

    /// A URL that answers 403 without a client certificate and 200 with one.
    pub(crate) fn mutual_optional(&self) -> String {
        format!("https://{}/", self.0.address("mutual_optional"))
    }

    /// A URL behind a certificate that is expired, for another name, or signed by itself.
    pub(crate) fn flawed(&self, certificate: Certificate) -> String {
        format!("https://{}/", self.0.address(flaw(certificate)))
    }

    /// The `ca_file` that vouches for it.
    pub(crate) fn authority(&self) -> PathBuf {
        self.0.authority()
    }
}

fn flaw(certificate: Certificate) -> &'static str {
    match certificate {
        Certificate::Expired => "expired",
        Certificate::WrongName => "wrong_name",
        Certificate::SelfSigned => "self_signed",
        Certificate::Valid
        | Certificate::NotYetValid
        | Certificate::UnknownAuthority
        | Certificate::ExpiringSoon => panic!("nginx has no port for {certificate:?}"),
    }
}

fn issue_flawed(directory: &Path) {
    for certificate in [
        Certificate::Expired,
        Certificate::WrongName,
        Certificate::SelfSigned,
    ] {
        certificate.issue().write(directory, flaw(certificate));
    }
}
