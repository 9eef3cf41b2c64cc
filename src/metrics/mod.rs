//! What Prometheus reads: verdicts and this program's own health in its text format.
//!
//! In come a [`Snapshot`](crate::domain::status::Snapshot) of all checks, and events of our own
//! work; out goes the exposition, in chunks that are made while they are asked for, because that
//! of 30,000 checks is larger than this program.
//! `table` names every metric once: headings, reference page and tests are made from it.
//! What is known of checks is written from the snapshot (`families`, `outbox`, `lines`), so that the series
//! of a removed check are gone with it; our own health is kept in a registry of its own.
//!
//! A new metric is a row of `table`, and either an entry of `families` or a handle in `health`.
//!
//! **Invariant:** describes and never decides: no alert is made from what stands here, and no label
//! holds a URL, the text of an error, or anything that a server sent.

mod exposition;
mod families;
mod health;
mod lines;
mod outbox;
mod reference;
mod scheme;
mod table;

pub use health::{Metrics, MetricsError, StoreHealth};
pub use reference::reference;
pub use table::{Kind, Metric, SECTIONS, Section};

/// The `Content-Type` of an exposition.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";
