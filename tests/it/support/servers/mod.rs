//! Real servers: nginx, Apache httpd, lighttpd, Django, a container registry and a token provider,
//! from the configurations in `tests/servers/`.
//!
//! ```ignore
//! let nginx = Nginx::start();
//! // … probe `nginx.http("/basic")` as `READER` with `PASSWORD` …
//! // … probe `nginx.https("/basic")` with `ca_file: nginx.authority()` …
//! ```
//!
//! Each test starts its own: that takes some 30 ms, needs no user of its own, and one test cannot
//! disturb another. A server runs as a single process in the foreground, with all of its files in a
//! directory of its own, and is stopped by its process id when the handle is dropped.

mod apache;
mod django;
mod lighttpd;
mod nginx;
mod oidc;
mod process;
mod registry;

pub(crate) use apache::Apache;
pub(crate) use django::Django;
pub(crate) use lighttpd::Lighttpd;
pub(crate) use nginx::Nginx;
pub(crate) use oidc::Oidc;
pub(crate) use process::free_listener;
pub(crate) use registry::Registry;

/// Whom the real servers know.
pub(crate) const READER: &str = "reader";

/// The reader's password at every real server.
pub(crate) const PASSWORD: &str = "correct horse";

/// A user beyond ASCII, with a password that holds a colon, where Digest is asked for.
pub(crate) const FOREIGN: (&str, &str) = ("j\u{fc}rgen", "p\u{e4}ss:w\u{f6}rd");

/// A user with a quote and a backslash and the reader's password, where Apache asks for Digest.
pub(crate) const QUOTED: &str = "we\"ird\\";

/// The token that nginx's `/bearer` admits.
pub(crate) const TOKEN: &str = "good-token";

/// The value of `X-Api-Key` that nginx's `/apikey` admits.
pub(crate) const API_KEY: &str = "good-key";
