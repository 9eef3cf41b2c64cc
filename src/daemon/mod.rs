//! Joins the rooms: keyring, prober, schedule and judge become a run over the endpoints.
//!
//! In come a configuration and what a command asks for; out goes a report, redacted.
//!
//! **Invariant:** decides nothing about a lock: it asks [`crate::domain::judge`], and asks
//! [`crate::schedule`] when a credential may be shown. Everything that leaves here went through the
//! redactor.

mod answers;
mod backend;
mod conclusion;
mod control;
mod demo;
mod doorbell;
mod entries;
mod errands;
mod expiries;
mod house;
mod memory;
mod notify_test;
mod places;
mod post;
mod pulse;
mod reader;
mod report;
mod reprobe;
mod round;
mod run;
mod serve;
mod service;
mod site;
mod systemd;
mod tokens;
mod watch;
mod watchlist;

pub use control::{AcceptedCheck, ControlError, Reply, Request, ask};
pub use demo::{DemoError, DemoOptions, Mail, Scene, demo};
pub use memory::keep_to_itself;
pub use notify_test::{NotifyTestError, TestResult, notify_test};
pub use report::{CheckResult, Report, Summary};
pub use run::{CheckError, CheckOptions, Progress, check_once, knock_once, real_time};
pub use serve::{Ending, serve};
pub use service::{Part, ServeError, causes};
