//! Files that are no state file, or none any more.

use std::os::unix::fs::FileExt;

use super::*;

/// Opens what lies there, commits a change, and gives the trouble and what lies there then.
async fn opened_and_used(shelf: &Shelf) -> (String, Vec<String>, Vec<i64>) {
    let opened = shelf.open();
    let trouble = opened.trouble.unwrap().what;
    committed(&opened.store, changes([change("orders", 5)])).await;
    let kept = seconds(&opened.store).await;
    opened.store.close(LONG).await.unwrap();
    (trouble, shelf.names(), kept)
}

const ASIDE: &str = "state.db.damaged-20260921T141320Z";

#[tokio::test]
async fn file_that_is_no_database_is_set_aside_whole() {
    let shelf = Shelf::new();
    let letter = "Dear operator, this is no database. ".repeat(100);
    std::fs::write(shelf.path("state.db"), &letter).unwrap();
    let (trouble, names, kept) = opened_and_used(&shelf).await;
    for word in [shelf.path("state.db"), shelf.path(ASIDE)] {
        assert!(trouble.contains(word.to_str().unwrap()), "{trouble}");
    }
    assert_eq!(names, ["state.db", ASIDE, "state.db.lock"]);
    assert_eq!(kept, [5]);
    assert_eq!(std::fs::read_to_string(shelf.path(ASIDE)).unwrap(), letter);
}

#[tokio::test]
async fn file_with_a_spoilt_page_is_set_aside() {
    let shelf = Shelf::new();
    filled(&shelf).await;
    spoil(&shelf);
    let (trouble, names, kept) = opened_and_used(&shelf).await;
    assert!(
        trouble.contains("was damaged") && !trouble.contains('\n'),
        "{trouble}"
    );
    assert_eq!(names, ["state.db", ASIDE, "state.db.lock"]);
    assert_eq!(kept, [5]);
}

/// A file of some megabytes, closed.
async fn filled(shelf: &Shelf) {
    let store = shelf.open().store;
    let large = |second| Change {
        seen: seen(second, 3_000),
        ..change("orders", second)
    };
    committed(&store, changes((0..3_000).map(large))).await;
    store.close(LONG).await.unwrap();
}

/// Spoils all pages but the first ones.
fn spoil(shelf: &Shelf) {
    let path = shelf.path("state.db");
    let file = std::fs::File::options().write(true).open(path).unwrap();
    let (start, length) = (16 * 4_096, file.metadata().unwrap().len());
    let noise = vec![0xA5; usize::try_from(length - start).unwrap()];
    file.write_all_at(&noise, start).unwrap();
}

#[tokio::test]
async fn damage_that_is_met_later_is_set_aside_and_what_is_new_is_kept() {
    let shelf = Shelf::new();
    filled(&shelf).await;
    let Opened { store, trouble, .. } = shelf.open();
    assert_eq!(trouble, None);
    store.settle().await.unwrap();
    spoil(&shelf);
    // Whoever asks first meets the damage; afterwards there is a new file.
    store.changes(&id("orders", "a").endpoint, usize::MAX).await;
    committed(&store, changes([change("orders", 5)])).await;
    let health = store.health();
    assert!(health.trouble.unwrap().what.contains(ASIDE));
    assert_eq!(
        (health.works, health.waiting, health.renewals),
        (true, 0, 1)
    );
    assert_eq!(seconds(&store).await, [5]);
}

#[tokio::test]
async fn disk_that_spoils_every_file_is_not_filled_with_them() {
    let shelf = Shelf::new();
    for number in 0..5 {
        std::fs::write(shelf.path(&format!("state.db.damaged-{number}")), "").unwrap();
    }
    std::fs::write(shelf.path("state.db"), "noise".repeat(1_000)).unwrap();
    let opened = shelf.open();
    let trouble = opened.trouble.unwrap().what;
    opened.store.commit(changes([change("orders", 5)]), at(5));
    opened.store.settle().await.unwrap_err();
    assert!(
        trouble.contains("5 damaged ones were set aside"),
        "{trouble}"
    );
    assert_eq!(seconds(&opened.store).await, [5]);
    let found = std::fs::read_to_string(shelf.path("state.db")).unwrap();
    assert_eq!(found, "noise".repeat(1_000));
}

/// The bytes of a file, and what is told of it when it is opened and something committed.
async fn left_alone(shelf: &Shelf) -> String {
    let before = std::fs::read(shelf.path("state.db")).unwrap();
    let opened = shelf.open();
    opened.store.commit(changes([change("orders", 5)]), at(5));
    opened.store.settle().await.unwrap_err();
    opened.store.close(LONG).await.unwrap_err();
    assert_eq!(std::fs::read(shelf.path("state.db")).unwrap(), before);
    opened.trouble.unwrap().what
}

#[tokio::test]
async fn file_of_a_later_version_is_left_untouched() {
    let shelf = Shelf::new();
    shelf.open().store.close(LONG).await.unwrap();
    let connection = rusqlite::Connection::open(shelf.path("state.db")).unwrap();
    connection.pragma_update(None, "user_version", 999).unwrap();
    connection.close().unwrap();
    let trouble = left_alone(&shelf).await;
    assert!(trouble.contains("schema version 999"), "{trouble}");
}

#[tokio::test]
async fn database_of_another_program_is_left_untouched() {
    let shelf = Shelf::new();
    let connection = rusqlite::Connection::open(shelf.path("state.db")).unwrap();
    connection.execute_batch("CREATE TABLE theirs (x)").unwrap();
    connection.close().unwrap();
    let trouble = left_alone(&shelf).await;
    assert!(trouble.contains("another program"), "{trouble}");
}

#[tokio::test]
async fn row_that_is_not_understood_is_left_out_and_stops_nothing() {
    let shelf = Shelf::new();
    let store = shelf.open().store;
    let batch = Batch {
        checks: vec![
            saved(id("orders", "valid"), 1),
            saved(id("bills", "valid"), 1),
        ],
        changes: vec![change("orders", 1), change("orders", 2)],
        ..Batch::default()
    };
    committed(&store, batch).await;
    store.close(LONG).await.unwrap();
    let connection = rusqlite::Connection::open(shelf.path("state.db")).unwrap();
    connection
        .execute_batch(
            "UPDATE saved SET last = CAST(x'FFFE' AS TEXT), history = 'p?' WHERE check_id =
                (SELECT id FROM checks WHERE endpoint = 'orders' AND name = 'valid');
             UPDATE checks SET name = 'no name' WHERE endpoint = 'bills';
             UPDATE changes SET seen = '{' WHERE id = 1;",
        )
        .unwrap();
    connection.close().unwrap();
    let opened = shelf.open();
    let half = SavedCheck {
        last: None,
        history: "p".parse().unwrap(),
        ..saved(id("orders", "valid"), 1)
    };
    let kept: Vec<SavedCheck> = opened.saved.checks.into_values().collect();
    assert_eq!((kept, opened.trouble), (vec![half], None));
    assert_eq!(seconds(&opened.store).await, [2]);
}
