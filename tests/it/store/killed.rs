//! What a program that is killed leaves: the file with its log, as they are at that moment.

use std::path::Path;
use std::sync::Arc;

use authvigil::domain::incident::IncidentId;
use authvigil::domain::notice::DeliveryState::Delivered;

use super::sample::{ended, incident, notices, opened, owed};
use super::*;

/// The files as they are while a store has them open.
fn copied(from: &Shelf, to: &Path, log: &[u8]) -> Settings {
    std::fs::copy(from.path("state.db"), to.join("state.db")).unwrap();
    std::fs::write(to.join("state.db-wal"), log).unwrap();
    Settings {
        path: to.join("state.db"),
        ..from.settings()
    }
}

/// A store with twenty changes, each acknowledged, and nothing folded into the file.
async fn busy(shelf: &Shelf) -> Store {
    let store = shelf.open().store;
    for second in 0..20 {
        committed(&store, changes([change("orders", second)])).await;
    }
    store
}

#[tokio::test]
async fn no_acknowledged_change_is_lost() {
    let shelf = Shelf::new();
    let _store = busy(&shelf).await;
    let log = std::fs::read(shelf.path("state.db-wal")).unwrap();
    let copy = tempfile::tempdir().unwrap();
    let opened = Store::open(copied(&shelf, copy.path(), &log), at(0)).unwrap();
    assert_eq!(opened.trouble, None);
    assert_eq!(
        seconds(&opened.store).await,
        (0..20).rev().collect::<Vec<_>>()
    );
}

/// A power cut may take the end of a log, and never what was committed before.
#[tokio::test]
async fn log_that_was_cut_anywhere_starts_with_the_oldest_changes() {
    let shelf = Shelf::new();
    let _store = busy(&shelf).await;
    let log = std::fs::read(shelf.path("state.db-wal")).unwrap();
    let mut counts = Vec::new();
    for cut in (0..=16).map(|part| log.len() * part / 16) {
        let copy = tempfile::tempdir().unwrap();
        let opened = Store::open(copied(&shelf, copy.path(), &log[..cut]), at(0)).unwrap();
        assert_eq!(opened.trouble, None, "cut at {cut}");
        let mut kept = seconds(&opened.store).await;
        kept.reverse();
        let oldest: Vec<i64> = (0..).take(kept.len()).collect();
        assert_eq!(kept, oldest, "cut at {cut}");
        counts.push(kept.len());
    }
    assert!(
        counts.is_sorted() && counts.last() == Some(&20),
        "{counts:?}"
    );
}

/// A store with six incidents and what is owed of each, all handed over in one batch each.
async fn alarmed(shelf: &Shelf) -> Store {
    let store = shelf.open().store;
    for number in 1..=6 {
        committed(&store, opened(number)).await;
    }
    store
}

/// The incidents that are there, those that were told of, and those of which something is owed.
fn present(opened: &Opened) -> [Vec<IncidentId>; 3] {
    let saved = &opened.saved;
    let incidents = saved.incidents.iter().map(|incident| incident.id.clone());
    let told = saved.tellings.iter().map(|told| told.incident.clone());
    let owed = saved.notices.iter();
    let owed = owed.flat_map(|owed| &owed.notice.incidents);
    [
        incidents.collect(),
        told.collect(),
        owed.map(|incident| incident.id.clone()).collect(),
    ]
}

#[tokio::test]
async fn no_incident_is_ever_there_without_its_notice() {
    let shelf = Shelf::new();
    let _store = alarmed(&shelf).await;
    let log = std::fs::read(shelf.path("state.db-wal")).unwrap();
    let mut counts = Vec::new();
    for cut in (0..=64).map(|part| log.len() * part / 64) {
        let copy = tempfile::tempdir().unwrap();
        let opened = Store::open(copied(&shelf, copy.path(), &log[..cut]), at(0)).unwrap();
        assert_eq!(opened.trouble, None, "cut at {cut}");
        let [incidents, told, owed] = present(&opened);
        let oldest = (1..).map(|number| incident(number).id);
        let oldest: Vec<_> = oldest.take(incidents.len()).collect();
        assert_eq!(incidents, oldest, "cut at {cut}");
        assert_eq!((&told, &owed), (&incidents, &incidents), "cut at {cut}");
        counts.push(incidents.len());
    }
    assert!(
        counts.is_sorted() && counts.last() == Some(&6),
        "{counts:?}"
    );
}

#[tokio::test]
async fn what_became_of_a_notice_is_never_there_by_half() {
    let shelf = Shelf::new();
    let store = shelf.open().store;
    committed(&store, opened(1)).await;
    let before = std::fs::read(shelf.path("state.db-wal")).unwrap().len();
    let told = Batch {
        incidents: vec![Arc::new(ended(1, 60))],
        ..notices([owed(1, incident(1), [Delivered; 2])])
    };
    committed(&store, told.clone()).await;
    let log = std::fs::read(shelf.path("state.db-wal")).unwrap();
    let mut states = Vec::new();
    for cut in (0..=16).map(|part| before + (log.len() - before) * part / 16) {
        let copy = tempfile::tempdir().unwrap();
        let saved = Store::open(copied(&shelf, copy.path(), &log[..cut]), at(0))
            .unwrap()
            .saved;
        let batch = if saved.incidents[0].is_open() {
            opened(1)
        } else {
            told.clone()
        };
        assert_eq!(
            (saved.incidents, saved.notices),
            (batch.incidents, batch.notices)
        );
        states.push(batch.tellings.is_empty());
    }
    assert_eq!((states[0], states[16]), (false, true), "{states:?}");
}
