//! Disks that do not take what they are given, as SQLite meets them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use super::samples::{at, change, id, owed};
use super::{Batch, Opened, Retention, Settings, Store, StoreError, place};
use crate::domain::check::CheckId;
use crate::domain::status::Change;

/// Longer than anything here takes on a busy machine.
const LONG: Duration = Duration::from_mins(1);

fn settings(path: PathBuf) -> Settings {
    let retention = Retention {
        max_age: Duration::from_hours(24),
        max_changes: 100_000,
    };
    Settings { path, retention }
}

fn path_in(directory: &TempDir) -> PathBuf {
    directory.path().join("state.db")
}

/// A batch of a hundred changes, each a second after the other.
fn hundred(number: i64) -> Batch {
    let changes = (0..100).map(|second| change(number, 100 * number + second));
    Batch {
        changes: changes.collect(),
        ..Batch::default()
    }
}

/// What is told of all changes, the oldest first: which check, and when.
async fn all(store: &Store) -> Vec<(CheckId, Timestamp)> {
    let mut changes = store.changes(&id(0).endpoint, usize::MAX).await;
    changes.reverse();
    told(changes)
}

fn told(changes: Vec<Change>) -> Vec<(CheckId, Timestamp)> {
    let tell = |change: Change| (change.id, change.seen.at);
    changes.into_iter().map(tell).collect()
}

fn expected(hundreds: i64) -> Vec<(CheckId, Timestamp)> {
    (0..hundreds)
        .flat_map(|number| told(hundred(number).changes))
        .collect()
}

/// A disk with room for so many pages, as long as the number stays.
fn disk(pages: &Arc<AtomicI64>) -> place::Connect {
    let pages = Arc::clone(pages);
    let connect = place::connect();
    Box::new(move |path| {
        let connection = connect(path)?;
        let most = pages.load(Ordering::SeqCst);
        connection.query_row(&format!("PRAGMA max_page_count({most})"), [], |_| Ok(()))?;
        Ok(connection)
    })
}

#[tokio::test]
async fn full_disk_loses_no_change_and_is_told_until_there_is_room() {
    let directory = tempfile::tempdir().unwrap();
    let pages = Arc::new(AtomicI64::new(60));
    let opened = Store::open_through(disk(&pages), settings(path_in(&directory)), at(0)).unwrap();
    let (store, before) = (opened.store, opened.trouble);
    store.commit(hundred(0), at(100));
    store.settle().await.unwrap();
    store.commit(hundred(1), at(200));
    let full = store.settle().await.unwrap_err();
    let hindered = store.health();
    let meanwhile = all(&store).await;
    pages.store(10_000, Ordering::SeqCst);
    store.settle().await.unwrap();
    let healed = store.health();
    assert_eq!(before, None);
    assert!(
        full.to_string().contains("database or disk is full"),
        "{full}"
    );
    assert_eq!(hindered.trouble.map(|trouble| trouble.since), Some(at(200)));
    assert_eq!((hindered.works, hindered.waiting), (false, 100));
    assert_eq!(meanwhile, expected(2));
    assert_eq!(
        (healed.trouble, healed.works, healed.waiting),
        (None, true, 0)
    );
    store.close(LONG).await.unwrap();
    let again = Store::open(settings(path_in(&directory)), at(300)).unwrap();
    assert_eq!(all(&again.store).await, expected(2));
}

#[tokio::test]
async fn full_disk_loses_nothing_that_is_owed_and_takes_all_of_it_once_there_is_room() {
    let directory = tempfile::tempdir().unwrap();
    let pages = Arc::new(AtomicI64::new(60));
    let store = Store::open_through(disk(&pages), settings(path_in(&directory)), at(0));
    let store = store.unwrap().store;
    let both = |number: i64| Batch {
        notices: vec![owed(number, 0)],
        ..hundred(number)
    };
    store.commit(both(0), at(100));
    store.settle().await.unwrap();
    for number in 1..4 {
        store.commit(both(number), at(100 * number));
        store.settle().await.unwrap_err();
    }
    // Tried meanwhile, over the network, which does not wait for the disk.
    let tried = Batch {
        notices: vec![owed(2, 7)],
        ..Batch::default()
    };
    store.commit(tried, at(400));
    pages.store(10_000, Ordering::SeqCst);
    store.close(LONG).await.unwrap();
    let again = Store::open(settings(path_in(&directory)), at(500)).unwrap();
    let expected = [owed(0, 0), owed(1, 0), owed(2, 7), owed(3, 0)];
    assert_eq!(again.saved.notices, expected);
    assert_eq!(all(&again.store).await, self::expected(4));
}

/// Makes read-only connections while the file `read-only` lies beside.
fn fickle() -> place::Connect {
    let connect = place::connect();
    Box::new(move |path: &Path| {
        if path.with_file_name("read-only").exists() {
            return Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
        }
        connect(path)
    })
}

#[tokio::test]
async fn file_that_is_read_only_at_the_start_is_used_once_it_can_be_written() {
    let directory = tempfile::tempdir().unwrap();
    let mark = directory.path().join("read-only");
    std::fs::write(&mark, "").unwrap();
    let Opened { store, trouble, .. } =
        Store::open_through(fickle(), settings(path_in(&directory)), at(0)).unwrap();
    let what = trouble.unwrap().what;
    store.commit(hundred(0), at(100));
    let refused = store.settle().await;
    std::fs::remove_file(mark).unwrap();
    store.settle().await.unwrap();
    let health = store.health();
    assert!(
        what.contains("attempt to write a readonly database"),
        "{what}"
    );
    assert!(matches!(refused, Err(StoreError::NotWritten { .. })));
    assert_eq!(
        (health.trouble, health.waiting, health.renewals),
        (None, 0, 1)
    );
    assert_eq!(all(&store).await, expected(1));
}

#[tokio::test]
async fn trouble_clears_without_anybody_asking() {
    let directory = tempfile::tempdir().unwrap();
    let mark = directory.path().join("read-only");
    std::fs::write(&mark, "").unwrap();
    let Opened { store, .. } =
        Store::open_through(fickle(), settings(path_in(&directory)), at(0)).unwrap();
    std::fs::remove_file(mark).unwrap();
    let works = async {
        while !store.health().works {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(LONG, works).await.unwrap();
    assert_eq!(store.health().trouble, None);
}

#[tokio::test]
async fn reader_from_outside_that_holds_the_file_delays_and_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = path_in(&directory);
    let store = Store::open(settings(path.clone()), at(0)).unwrap().store;
    store.settle().await.unwrap();
    let other = Connection::open(&path).unwrap();
    other.busy_timeout(LONG).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    store.commit(hundred(0), at(100));
    let held = store.settle().await.unwrap_err();
    other.execute_batch("ROLLBACK").unwrap();
    store.settle().await.unwrap();
    assert!(held.to_string().contains("database is locked"), "{held}");
    assert_eq!(all(&store).await, expected(1));
}

/// Makes no connection at first, and then meets a fault of the program.
fn faulty() -> place::Connect {
    let tried = AtomicBool::new(false);
    Box::new(move |_: &Path| {
        let again = tried.swap(true, Ordering::SeqCst);
        assert!(!again, "a fault of the program");
        Err(rusqlite::Error::InvalidQuery)
    })
}

#[tokio::test]
async fn thread_that_ends_by_a_fault_of_the_program_is_trouble() {
    let directory = tempfile::tempdir().unwrap();
    let opened = Store::open_through(faulty(), settings(path_in(&directory)), at(0)).unwrap();
    let store = opened.store;
    store.commit(hundred(0), at(100));
    let settled = store.settle().await.unwrap_err().to_string();
    let closed = store.close(LONG).await.unwrap_err().to_string();
    let health = store.health();
    let what = health.trouble.unwrap().what;
    assert!(what.contains("ended by a fault of this program"), "{what}");
    assert!(settled.contains(&what) && closed.contains(&what));
    assert_eq!((health.works, health.lost), (false, 100));
}
