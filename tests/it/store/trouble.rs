//! Places that cannot be used, for a while.

use super::*;

#[tokio::test]
async fn directory_that_cannot_be_made_is_told_and_used_once_it_can_be() {
    let shelf = Shelf::new();
    let blocked = shelf.path("blocked");
    std::fs::write(&blocked, "").unwrap();
    let settings = Settings {
        path: blocked.join("state.db"),
        ..shelf.settings()
    };
    let Opened { store, trouble, .. } = Store::open(settings, at(0)).unwrap();
    store.commit(changes([change("orders", 1)]), at(1));
    store.settle().await.unwrap_err();
    let hindered = store.health();
    let meanwhile = seconds(&store).await;
    std::fs::remove_file(blocked).unwrap();
    store.settle().await.unwrap();
    let healed = store.health();
    assert_eq!(hindered.trouble, trouble);
    assert_eq!(
        (hindered.works, hindered.waiting, meanwhile),
        (false, 1, vec![1])
    );
    assert!(hindered.failures >= 2, "{}", hindered.failures);
    assert_eq!(
        (healed.trouble, healed.works, healed.waiting),
        (None, true, 0)
    );
    assert_eq!(seconds(&store).await, [1]);
}

#[tokio::test]
async fn more_changes_than_may_wait_are_counted_as_lost() {
    let shelf = Shelf::new();
    std::fs::create_dir(shelf.path("state.db")).unwrap();
    let store = shelf.open().store;
    for hundred in 0..101 {
        let seconds = 100 * hundred..100 * (hundred + 1);
        store.commit(
            changes(seconds.map(|second| change("orders", second))),
            at(1),
        );
    }
    let refused = store.settle().await.unwrap_err();
    let health = store.health();
    assert!(refused.to_string().contains("no regular file"), "{refused}");
    assert_eq!((health.waiting, health.lost), (10_000, 100));
}

#[tokio::test]
async fn file_that_was_removed_is_begun_anew_and_whoever_holds_the_state_is_told() {
    let shelf = Shelf::new();
    let store = shelf.open().store;
    committed(&store, changes([change("orders", 1)])).await;
    for name in shelf.names() {
        std::fs::remove_file(shelf.path(&name)).unwrap();
    }
    store.commit(changes([change("orders", 2)]), at(2));
    // The first try meets the absence: it may have been made before anybody waits for it.
    store.settle().await.ok();
    store.settle().await.unwrap();
    let health = store.health();
    let told = (health.trouble, health.failures, health.renewals);
    assert_eq!(told, (None, 1, 1));
    assert_eq!(seconds(&store).await, [2]);
}
