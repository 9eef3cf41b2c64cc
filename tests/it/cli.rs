//! The command line as an interface: help, exit codes, and what goes to which stream.
//!
//! `fixtures/help` holds what `--help` prints. After a change,
//! `AUTHVIGIL_BLESS=1 cargo nextest run --test it cli::` writes it anew.

mod codes;
mod explain;
mod help;
mod nasty;
mod notify_test;
mod routes;
mod streams;
mod terminal;

use std::fmt::Write as _;

use crate::support::lab::{Answer, Lab};
use crate::support::program::Scene;

/// A scene with one endpoint for each of these names, whose lock holds.
fn doors(lab: &Lab, names: &[&str]) -> Scene {
    lab.route("/", |_| Answer::unauthorized("Basic realm=\"lab\""));
    let mut config = String::from("endpoints:\n");
    for name in names {
        writeln!(config, "  - {{name: {name}, url: '{}'}}", lab.url("/")).unwrap();
    }
    Scene::of(&config)
}
