//! Every incident that is open or ended lately, with what was told of it.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;

use super::pieces::{Pieces, write_json};
use crate::document::{IncidentDocument, VERSION};
use crate::domain::incident::IncidentId;
use crate::domain::notice::Owed;
use crate::domain::status::Snapshot;

#[derive(Serialize)]
struct Head {
    version: u32,
    started_at: Timestamp,
    taken_at: Timestamp,
    summary: Summary,
}

#[derive(Serialize)]
struct Summary {
    open: usize,
    resolved: usize,
}

impl Summary {
    fn of(snapshot: &Snapshot) -> Self {
        let incidents = snapshot.incidents.iter();
        let open = incidents.filter(|incident| incident.is_open()).count();
        Self {
            open,
            resolved: snapshot.incidents.len() - open,
        }
    }
}

/// The document of `/api/v1/incidents`, piece by piece.
pub(in crate::web) fn incidents(snapshot: Arc<Snapshot>) -> impl Iterator<Item = Bytes> + Send {
    let head = Head {
        version: VERSION,
        started_at: snapshot.started_at,
        taken_at: snapshot.taken_at,
        summary: Summary::of(&snapshot),
    };
    let notices = by_incident(&snapshot.notices);
    let mut next = 0;
    Pieces::new(&head, "incidents", move |out| {
        let Some(incident) = snapshot.incidents.get(next) else {
            return false;
        };
        next += 1;
        let told = notices.get(&incident.id).into_iter().flatten();
        let told = told.filter_map(|at| snapshot.notices.get(*at));
        let document = IncidentDocument::of(incident, told.map(AsRef::as_ref));
        write_json(out, &document);
        true
    })
}

/// Where the notices of each incident stand: a list of many incidents is not searched for each.
fn by_incident(notices: &[Arc<Owed>]) -> HashMap<IncidentId, Vec<usize>> {
    let mut places: HashMap<IncidentId, Vec<usize>> = HashMap::new();
    for (at, owed) in notices.iter().enumerate() {
        for incident in &owed.notice.incidents {
            let of_incident = places.entry(incident.id.clone()).or_default();
            if of_incident.last() != Some(&at) {
                of_incident.push(at);
            }
        }
    }
    places
}
