//! Joins the rooms: keyring, prober, schedule and judge become a run over the endpoints.
//!
//! In come a configuration and what a command asks for; out goes a report, redacted.
//!
//! **Invariant:** decides nothing about a lock: it asks [`crate::domain::judge`], and asks
//! [`crate::schedule`] when a credential may be shown. Everything that leaves here went through the
//! redactor.

mod conclusion;
mod demo;
mod doorbell;
mod report;
mod round;
mod run;
mod site;

pub use demo::{Demo, DemoError};
pub use report::{CheckResult, Report, Summary};
pub use run::{CheckError, CheckOptions, Progress, check_once, knock_once, real_time};
