//! What the tests stand on: servers that behave, servers that do not, and real ones.
//!
//! - [`alertmanager`]: a real Alertmanager.
//! - [`browser`]: headless Chromium.
//! - [`certificates`]: a test authority and the certificates it would rather not have issued.
//! - [`daemon`]: `authvigil run` as a process, its log, its port and signals to it.
//! - [`exposition`]: reads what Prometheus scrapes, strictly.
//! - [`incidents`]: incidents, notices and silences, made by hand.
//! - [`lab`]: a well-formed HTTP server described by a table of routes; it records what it met.
//! - [`hostile`]: servers that hang, drip, flood, lie and break off.
//! - [`letter`]: reads mails as a mail program does.
//! - [`postfix`]: a real Postfix, with Dovecot.
//! - [`program`]: the program as its users meet it.
//! - [`prometheus`]: a real Prometheus.
//! - [`proxy`]: HTTP proxies that work and that refuse.
//! - [`schema`]: holds JUnit reports against their schema.
//! - [`servers`]: nginx, Apache httpd, lighttpd and Django, as tests need them.
//! - [`snapshot`]: live states, judged by the judge.
//! - [`smtp`]: a mail relay that does as a table says.
//! - [`socks`]: a SOCKS5 proxy.
//! - [`status`]: live states made by hand, one verdict at a time.
//! - [`wire`]: a client of a few lines, to test all of these with.
//!
//! Everything here starts without an async context, listens on loopback on a port that nobody else
//! has, and ends when its handle is dropped.

pub(crate) mod alertmanager;
pub(crate) mod background;
pub(crate) mod browser;
pub(crate) mod certificates;
pub(crate) mod daemon;
pub(crate) mod exposition;
pub(crate) mod hostile;
pub(crate) mod incidents;
pub(crate) mod lab;
pub(crate) mod letter;
pub(crate) mod postfix;
pub(crate) mod program;
pub(crate) mod prometheus;
pub(crate) mod proxy;
pub(crate) mod schema;
pub(crate) mod servers;
pub(crate) mod smtp;
pub(crate) mod snapshot;
pub(crate) mod socks;
pub(crate) mod status;
pub(crate) mod wire;
