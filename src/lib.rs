//! `authvigil` proves, again and again, that the lock on an HTTP endpoint still works: strangers
//! meet `401` with the right challenge, and the rightful caller meets `200`.
//!
//! The rooms, in reading order:
//!
//! - [`domain`]: the words and the decisions; pure.
//! - [`clock`]: time as an argument.
//! - [`config`]: text that a person wrote → a valid [`config::Config`], or all its faults.
//! - [`credential`]: a credential → what a request carries.
//! - [`probe`]: one check in, one observation out.
//! - [`schedule`]: who knocks when.
//! - [`store`]: the state file.
//! - [`metrics`]: verdicts and our own health, for Prometheus.
//! - [`keeper`]: the one owner of live state.
//! - [`notify`]: notices that are owed → mail, files, Alertmanagers, webhooks.
//! - [`document`]: the JSON that machines read.
//! - [`web`]: status page, metrics, JSON and health, over HTTP.
//! - [`daemon`]: joins the rooms.
//! - [`cli`]: the commands; the only room that prints.

pub mod cli;
pub mod clock;
pub mod config;
pub mod credential;
pub mod daemon;
pub mod document;
pub mod domain;
pub mod keeper;
pub mod metrics;
pub mod notify;
pub mod probe;
pub mod schedule;
pub mod store;
pub mod web;
