//! Every silence that has not ended.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;

use super::pieces::{Pieces, write_json};
use crate::document::{SilenceDocument, VERSION};
use crate::domain::status::Snapshot;

#[derive(Serialize)]
struct Head {
    version: u32,
    started_at: Timestamp,
    taken_at: Timestamp,
}

/// The document of `/api/v1/silences`, piece by piece.
pub(in crate::web) fn silences(snapshot: Arc<Snapshot>) -> impl Iterator<Item = Bytes> + Send {
    let head = Head {
        version: VERSION,
        started_at: snapshot.started_at,
        taken_at: snapshot.taken_at,
    };
    let mut next = 0;
    Pieces::new(&head, "silences", move |out| {
        let Some(silence) = snapshot.silences.get(next) else {
            return false;
        };
        next += 1;
        write_json(out, &SilenceDocument::of(silence));
        true
    })
}
