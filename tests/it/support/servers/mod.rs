//! Real servers: nginx, Apache httpd, lighttpd and Django, from the configurations in `tests/servers/`.
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
mod process;

pub(crate) use apache::Apache;
pub(crate) use django::Django;
pub(crate) use lighttpd::Lighttpd;
pub(crate) use nginx::Nginx;
pub(crate) use process::free_listener;

/// Whom the real servers know.
pub(crate) const READER: &str = "reader";

/// The reader's password at every real server.
pub(crate) const PASSWORD: &str = "correct horse";

/// The token that nginx's `/bearer` admits.
pub(crate) const TOKEN: &str = "good-token";

/// The value of `X-Api-Key` that nginx's `/apikey` admits.
pub(crate) const API_KEY: &str = "good-key";
