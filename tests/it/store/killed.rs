//! What a program that is killed leaves: the file with its log, as they are at that moment.

use std::path::Path;

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
