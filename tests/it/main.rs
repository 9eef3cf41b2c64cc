//! The integration tests: one binary, so that it links once. This is its table of contents.
//!
//! Each module's name says what it claims about; `support` holds what they stand on.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot set its scene is to stop at once and say where"
)]

mod support;

mod accounts;
mod architecture;
mod canary;
mod challenge_corpus;
mod check_hostile;
mod check_reasons;
mod check_safety;
mod check_servers;
mod cli;
mod config;
mod contracts;
mod daemon;
mod digest;
mod impostors;
mod letters;
mod login;
mod mail;
mod metrics;
mod operate;
mod origin;
mod probe;
mod receivers;
mod report_json;
mod status_page;
mod store;
mod support_hostile;
mod support_lab;
mod support_proxy;
mod support_schema;
mod support_servers;
mod support_tls;
mod tokens;
mod transport;
mod web;
