//! What is kept, and what is not.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use authvigil::domain::status::Hold;
use authvigil::store::{Saved, SavedAccount, StoreError};

use super::*;

#[tokio::test]
async fn what_was_committed_is_there_at_the_next_start() {
    let shelf = Shelf::new();
    let check = SavedCheck {
        good: Some(Arc::new(seen(1, 1))),
        held: Some(Hold {
            until: at(90),
            why: "the endpoint rests".to_owned(),
            span: Some(Duration::from_mins(20)),
        }),
        ..saved(id("orders", "valid"), 2)
    };
    let account = SavedAccount {
        rejected_at: vec![at(1), at(2)],
        is_counted_out: true,
        wronged_at: Some(at(3)),
    };
    let batch = Batch {
        checks: vec![check.clone()],
        credentials: vec![(id("ci", "a").endpoint, at(3))],
        accounts: vec![(id("ci", "a").endpoint, account.clone())],
        changes: vec![change("orders", 1), change("orders", 2)],
        ..Batch::default()
    };
    let first = shelf.open();
    assert_eq!((first.saved, first.trouble), (Saved::default(), None));
    first.store.commit(batch, at(3));
    first.store.close(LONG).await.unwrap();
    let second = shelf.open();
    let expected = Saved {
        checks: [(check.id.clone(), check)].into(),
        credentials: [(id("ci", "a").endpoint, at(3))].into(),
        accounts: [(id("ci", "a").endpoint, account)].into(),
        ..Saved::default()
    };
    assert_eq!((second.saved, second.trouble), (expected, None));
    let kept = second.store.changes(&id("orders", "a").endpoint, 9).await;
    assert_eq!(kept, [change("orders", 2), change("orders", 1)]);
}

#[tokio::test]
async fn account_of_which_nothing_is_counted_any_more_is_forgotten() {
    let shelf = Shelf::new();
    let store = shelf.open().store;
    let name = id("ci", "a").endpoint;
    let rejected = SavedAccount {
        rejected_at: vec![at(1)],
        ..SavedAccount::default()
    };
    for account in [rejected, SavedAccount::default()] {
        let batch = Batch {
            accounts: vec![(name.clone(), account)],
            ..Batch::default()
        };
        committed(&store, batch).await;
    }
    store.close(LONG).await.unwrap();
    assert_eq!(shelf.open().saved, Saved::default());
}

#[tokio::test]
async fn check_that_came_to_the_same_again_is_as_young_as_its_last_probe() {
    let shelf = Shelf::new();
    let store = shelf.open().store;
    let orders = id("orders", "valid");
    let batch = Batch {
        checks: vec![saved(orders.clone(), 1)],
        ..Batch::default()
    };
    committed(&store, batch).await;
    let batch = Batch {
        seen: vec![(orders.clone(), at(60))],
        ..Batch::default()
    };
    committed(&store, batch).await;
    store.close(LONG).await.unwrap();
    let mut expected = saved(orders.clone(), 1);
    expected.last.as_mut().unwrap().at = at(60);
    assert_eq!(shelf.open().saved.checks.remove(&orders), Some(expected));
}

#[tokio::test]
async fn removed_check_is_forgotten_and_its_changes_stay() {
    let shelf = Shelf::new();
    let store = shelf.open().store;
    let orders = id("orders", "anonymous");
    let batch = Batch {
        checks: vec![saved(orders.clone(), 1), saved(id("bills", "valid"), 1)],
        changes: vec![change("orders", 1)],
        ..Batch::default()
    };
    committed(&store, batch).await;
    let batch = Batch {
        removed: vec![orders],
        ..Batch::default()
    };
    committed(&store, batch).await;
    store.close(LONG).await.unwrap();
    let again = shelf.open();
    let checks: Vec<CheckId> = again.saved.checks.into_keys().collect();
    assert_eq!(checks, [id("bills", "valid")]);
    assert_eq!(seconds(&again.store).await, [1]);
}

#[tokio::test]
async fn changes_are_those_of_the_endpoint_the_newest_first_and_no_more_than_asked_for() {
    let shelf = Shelf::new();
    let store = shelf.open().store;
    let all = [
        change("orders", 1),
        change("bills", 2),
        change("orders", 3),
        change("orders", 4),
    ];
    committed(&store, changes(all)).await;
    let newest = store.changes(&id("orders", "a").endpoint, 2).await;
    assert_eq!(newest, [change("orders", 4), change("orders", 3)]);
}

#[tokio::test]
async fn second_authvigil_is_kept_off_until_the_first_has_closed() {
    let shelf = Shelf::new();
    let store = shelf.open().store;
    let refused = Store::open(shelf.settings(), at(0));
    let path = shelf.path("state.db");
    assert!(matches!(refused, Err(StoreError::InUse { path: of }) if of == path));
    store.close(LONG).await.unwrap();
    assert_eq!(shelf.open().trouble, None);
}

#[tokio::test]
async fn directory_is_made_and_nobody_else_may_read_the_file() {
    let shelf = Shelf::new();
    let settings = Settings {
        path: shelf.path("lib/authvigil/state.db"),
        ..shelf.settings()
    };
    let store = Store::open(settings, at(0)).unwrap().store;
    committed(&store, changes([change("orders", 1)])).await;
    let too_open = |path: PathBuf, most: u32| {
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        (mode & 0o777 & !most != 0).then_some((path, mode))
    };
    let files = ["", "-wal", "-shm", ".lock"];
    let files = files.map(|end| shelf.path(&format!("lib/authvigil/state.db{end}")));
    let mut open: Vec<_> = files
        .into_iter()
        .filter_map(|path| too_open(path, 0o640))
        .collect();
    open.extend(too_open(shelf.path("lib/authvigil"), 0o750));
    assert_eq!(open, []);
}

#[tokio::test]
async fn file_that_everybody_may_write_is_made_private() {
    let shelf = Shelf::new();
    std::fs::write(shelf.path("state.db"), "").unwrap();
    let everybody = std::fs::Permissions::from_mode(0o666);
    std::fs::set_permissions(shelf.path("state.db"), everybody).unwrap();
    let _opened = shelf.open();
    let found = std::fs::metadata(shelf.path("state.db")).unwrap();
    assert_eq!(found.permissions().mode() & 0o777, 0o640);
}

#[tokio::test]
async fn after_the_close_nothing_hangs() {
    let shelf = Shelf::new();
    let store = shelf.open().store;
    store.close(LONG).await.unwrap();
    store.commit(changes([change("orders", 1)]), at(1));
    assert!(store.settle().await.is_err());
    assert_eq!(seconds(&store).await, [0; 0]);
    assert!(store.close(LONG).await.is_err());
}

#[tokio::test]
async fn dropped_without_a_close_still_commits_what_waits() {
    let shelf = Shelf::new();
    let store = shelf.open().store;
    store.commit(changes([change("orders", 1)]), at(1));
    drop(store);
    let opened = async {
        loop {
            match Store::open(shelf.settings(), at(2)) {
                Ok(opened) => return opened,
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    };
    let opened = tokio::time::timeout(LONG, opened).await.unwrap();
    assert_eq!(seconds(&opened.store).await, [1]);
}
