//! The whole exposition, made piece by piece while it is sent.

use std::sync::Arc;

use bytes::Bytes;

use super::families::{FAMILIES, Family, configured_labels};
use super::health::Metrics;
use super::lines::Lines;
use super::outbox::open_incidents;
use crate::domain::status::Snapshot;

impl Metrics {
    /// The whole exposition in chunks of some 64 KiB, each made when it is asked for.
    ///
    /// What is known of checks is that of the snapshot; our own health is that at the last chunk.
    pub fn encode(
        self: &Arc<Self>,
        snapshot: Arc<Snapshot>,
    ) -> impl Iterator<Item = Bytes> + Send + use<> + 'static {
        self.receivers(&snapshot.receivers);
        Exposition {
            configured_labels: configured_labels(&snapshot),
            family: 0,
            health: Some(Arc::clone(self)),
            lines: Lines::new(),
            next: 0,
            open_incidents: open_incidents(&snapshot),
            snapshot,
        }
    }
}

/// Where the writing of one exposition stands.
struct Exposition {
    snapshot: Arc<Snapshot>,
    configured_labels: Vec<String>,
    /// Where those incidents stand in the snapshot that have a series.
    open_incidents: Vec<usize>,
    /// Which of [`FAMILIES`] is being written.
    family: usize,
    /// The next endpoint, or open incident, of that family.
    next: usize,
    /// Our own health, until it is written.
    health: Option<Arc<Metrics>>,
    lines: Lines,
}

impl Iterator for Exposition {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        while !self.lines.are_a_chunk() && self.step() {}
        self.lines.take()
    }
}

impl Exposition {
    /// Goes one step on; says whether there was one.
    fn step(&mut self) -> bool {
        let Some(family) = FAMILIES.get(self.family) else {
            let health = self.health.take();
            return health.is_some_and(|health| health.write(&mut self.lines));
        };
        if self.write_piece(*family) {
            self.next += 1;
        } else {
            self.family += 1;
            self.next = 0;
        }
        true
    }

    /// Writes what one endpoint or incident has of a family; says whether more may come.
    fn write_piece(&mut self, family: Family) -> bool {
        let (snapshot, lines) = (&self.snapshot, &mut self.lines);
        let endpoint = snapshot.endpoints.get(self.next);
        match (family, endpoint) {
            (Family::Check(write), Some(status)) => {
                for (check, of) in status.pairs() {
                    write(&status.named(check), of, lines);
                }
                true
            }
            (Family::Endpoint(write), Some(status)) => {
                write(status, &self.configured_labels, lines);
                true
            }
            (Family::Incident(write), _) => {
                let place = self.open_incidents.get(self.next);
                let incident = place.and_then(|at| snapshot.incidents.get(*at));
                if let Some(incident) = incident {
                    write(incident, lines);
                }
                incident.is_some()
            }
            (Family::Whole(write), _) => {
                write(snapshot, lines);
                false
            }
            (Family::Check(_) | Family::Endpoint(_), None) => false,
        }
    }
}
