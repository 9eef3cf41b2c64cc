//! What is too old or too much goes, and the file does not grow for ever.

use super::*;

/// The seconds of the changes that are left, once no more go.
async fn left(store: &Store, expected: &[i64]) {
    let settled = async {
        while seconds(store).await != expected {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let waited = tokio::time::timeout(LONG, settled).await;
    assert!(waited.is_ok(), "left: {:?}", seconds(store).await);
}

#[tokio::test]
async fn change_that_is_too_old_goes_within_the_hour() {
    let shelf = Shelf::new();
    let store = shelf.open().store;
    let day = 86_400;
    committed(
        &store,
        changes([change("orders", 0), change("orders", day)]),
    )
    .await;
    left(&store, &[day, 0]).await;
    store.commit(Batch::default(), at(day / 2));
    store.settle().await.unwrap();
    store.commit(changes([change("orders", day + 1)]), at(day + 1));
    left(&store, &[day + 1, day]).await;
}

#[tokio::test]
async fn the_oldest_of_too_many_changes_go_at_the_start() {
    let mut shelf = Shelf::new();
    let store = shelf.open().store;
    let many = (0..2_000).map(|second| change("orders", second));
    committed(&store, changes(many)).await;
    store.close(LONG).await.unwrap();
    shelf.retention.max_changes = 3;
    let store = shelf.open().store;
    left(&store, &[1_999, 1_998, 1_997]).await;
}

#[tokio::test]
async fn clock_that_was_put_back_does_not_end_the_cleaning() {
    let shelf = Shelf::new();
    let store = shelf.open().store;
    let years = 100_000_000;
    store.commit(Batch::default(), at(years));
    store.settle().await.unwrap();
    committed(
        &store,
        changes([change("orders", -90_000), change("orders", 0)]),
    )
    .await;
    let day = 86_400;
    store.commit(Batch::default(), at(day));
    left(&store, &[0]).await;
}

#[tokio::test]
async fn clock_that_leaps_ahead_makes_nothing_old() {
    let shelf = Shelf::new();
    let store = shelf.open().store;
    let kept = [change("orders", 0), change("orders", 1)];
    committed(&store, changes(kept)).await;
    let years = 100_000_000;
    for leapt in [years, years + 3_601, 2] {
        store.commit(Batch::default(), at(leapt));
        // The second waits for what the first has cleaned.
        store.settle().await.unwrap();
        store.settle().await.unwrap();
    }
    assert_eq!(seconds(&store).await, [1, 0]);
}

#[tokio::test]
async fn clock_that_leaps_ahead_over_a_restart_makes_nothing_old() {
    let shelf = Shelf::new();
    let store = shelf.open().store;
    committed(&store, changes([change("orders", 0)])).await;
    store.close(LONG).await.unwrap();
    let settings = shelf.settings();
    let years = 100_000_000;
    let store = Store::open(settings, at(years)).unwrap().store;
    store.settle().await.unwrap();
    store.settle().await.unwrap();
    assert_eq!(seconds(&store).await, [0]);
}

#[tokio::test]
async fn file_shrinks_where_less_is_to_be_kept() {
    let mut shelf = Shelf::new();
    let store = shelf.open().store;
    let large = |second| Change {
        seen: seen(second, 10_000),
        ..change("orders", second)
    };
    committed(&store, changes((0..2_000).map(large))).await;
    store.close(LONG).await.unwrap();
    let size = || std::fs::metadata(shelf.path("state.db")).unwrap().len();
    let before = size();
    shelf.retention.max_changes = 1;
    let store = Store::open(
        Settings {
            path: shelf.path("state.db"),
            retention: shelf.retention,
        },
        at(0),
    )
    .unwrap()
    .store;
    left(&store, &[1_999]).await;
    store.close(LONG).await.unwrap();
    let after = std::fs::metadata(shelf.path("state.db")).unwrap().len();
    assert!(
        before > 20_000_000 && after < 8_000_000,
        "{before} → {after}"
    );
}
