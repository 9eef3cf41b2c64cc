//! Incidents, what was said of them and what is owed: what the next start finds.

use std::collections::BTreeMap;
use std::sync::Arc;

use authvigil::domain::drift::{Fingerprint, Strange};
use authvigil::domain::incident::{Incident, IncidentId};
use authvigil::domain::notice::DeliveryState::{Delivered, Pending, Rejected};
use authvigil::domain::notice::{Isolation, Memo, MessageId, NoticeId, Owed, Said};
use authvigil::store::Saved;

use super::sample::{
    by_another_hand, ended, incident, incidents, notices, oncall, opened, owed, silence, telling,
};
use super::*;

const DAY: i64 = 86_400;

/// A file that forgets nothing that is of interest here.
pub(super) fn shelf() -> Shelf {
    let mut shelf = Shelf::new();
    shelf.retention.max_age = Duration::from_hours(365 * 24);
    shelf
}

/// What the next start finds of a batch.
pub(super) async fn found(shelf: &Shelf, batch: Batch) -> Saved {
    let store = shelf.open().store;
    committed(&store, batch).await;
    store.close(LONG).await.unwrap();
    again(shelf).await
}

/// What is found there, and nothing else is done.
pub(super) async fn again(shelf: &Shelf) -> Saved {
    let opened = shelf.open();
    assert_eq!(opened.trouble, None);
    opened.store.close(LONG).await.unwrap();
    opened.saved
}

fn names(incidents: &[Arc<Incident>]) -> Vec<IncidentId> {
    incidents
        .iter()
        .map(|incident| incident.id.clone())
        .collect()
}

pub(super) fn ids(notices: &[Arc<Owed>]) -> Vec<NoticeId> {
    notices.iter().map(|owed| owed.notice.id.clone()).collect()
}

#[tokio::test]
async fn everything_is_there_at_the_next_start_as_it_was_handed_over() {
    let shelf = shelf();
    let isolation = Isolation {
        since: at(7),
        down: 8,
        hosts: 9,
    };
    let mail = MessageId::parse("<cut-off@example.com>").unwrap();
    let batch = Batch {
        silences: vec![silence(1, 60)],
        memo: Some(Memo {
            heartbeat_at: Some(at(5)),
            isolation: Some((isolation, BTreeMap::from([(oncall(), mail)]))),
        }),
        ..opened(1)
    };
    let expected = Saved {
        incidents: batch.incidents.clone(),
        tellings: batch.tellings.clone(),
        notices: batch.notices.clone(),
        silences: batch.silences.clone(),
        memo: batch.memo.clone().unwrap(),
        ..Saved::default()
    };
    assert_eq!(found(&shelf, batch).await, expected);
}

#[tokio::test]
async fn what_is_handed_over_again_takes_the_place_of_what_was_before() {
    let shelf = shelf();
    let store = shelf.open().store;
    committed(&store, opened(1)).await;
    let over = ended(1, 60);
    let newer = Batch {
        tellings: vec![telling(&over, Said::Ended)],
        notices: vec![owed(1, incident(1), [Delivered, Rejected])],
        incidents: vec![Arc::new(over)],
        ..Batch::default()
    };
    committed(&store, newer.clone()).await;
    store.close(LONG).await.unwrap();
    let saved = again(&shelf).await;
    assert_eq!(
        (saved.incidents, saved.tellings, saved.notices),
        (newer.incidents, newer.tellings, newer.notices)
    );
}

#[tokio::test]
async fn try_to_deliver_writes_the_words_of_the_notice_no_second_time() {
    let shelf = shelf();
    let store = shelf.open().store;
    committed(&store, opened(1)).await;
    by_another_hand(&shelf, "UPDATE notices SET body = 'untouched'");
    let tried = owed(1, incident(1), [Delivered, Pending]);
    committed(&store, notices([tried])).await;
    store.close(LONG).await.unwrap();
    let connection = rusqlite::Connection::open(shelf.path("state.db")).unwrap();
    let body = connection.query_row("SELECT body FROM notices", [], |row| row.get(0));
    let states = "SELECT group_concat(state) FROM (SELECT state FROM deliveries ORDER BY way)";
    let states = connection.query_row(states, [], |row| row.get(0));
    let told: (String, String) = (body.unwrap(), states.unwrap());
    assert_eq!(
        told,
        ("untouched".to_owned(), "delivered,pending".to_owned())
    );
}

#[tokio::test]
async fn way_that_is_no_longer_handed_over_is_owed_no_longer() {
    let shelf = shelf();
    let store = shelf.open().store;
    committed(&store, opened(1)).await;
    let mut fewer = Owed::clone(&owed(1, incident(1), [Delivered, Pending]));
    fewer.deliveries.pop_last();
    let fewer = Arc::new(fewer);
    committed(&store, notices([Arc::clone(&fewer)])).await;
    store.close(LONG).await.unwrap();
    assert_eq!(again(&shelf).await.notices, [fewer]);
}

#[tokio::test]
async fn baseline_of_a_check_is_kept() {
    let shelf = shelf();
    let known = Fingerprint::stored("basic realm=\"\u{0}\"");
    let check = SavedCheck {
        baseline: Baseline {
            accepted: [known.clone()].into(),
            strange: vec![Strange {
                fingerprint: known,
                since: at(1),
                at: at(2),
            }],
        },
        ..saved(id("orders", "valid"), 2)
    };
    let batch = Batch {
        checks: vec![check.clone()],
        ..Batch::default()
    };
    let checks: Vec<_> = found(&shelf, batch).await.checks.into_values().collect();
    assert_eq!(checks, [check]);
}

#[tokio::test]
async fn of_incidents_the_open_ones_are_found_and_those_that_ended_in_the_last_days() {
    let shelf = shelf();
    let all = [
        incident(-90 * DAY),
        ended(-40 * DAY, -8 * DAY),
        ended(-30 * DAY, -6 * DAY),
    ];
    let expected = [all[0].id.clone(), all[2].id.clone()];
    let saved = found(&shelf, incidents(all)).await;
    assert_eq!(names(&saved.incidents), expected);
}

#[tokio::test]
async fn of_more_incidents_that_ended_than_are_of_interest_the_newest_are_found() {
    let shelf = shelf();
    let all: Vec<Incident> = (0..1_003)
        .map(|number| ended(-2_000 + number, -number))
        .collect();
    let newest: Vec<IncidentId> = all.iter().take(1_000).map(|one| one.id.clone()).collect();
    let saved = found(&shelf, incidents(all)).await;
    assert_eq!(names(&saved.incidents), newest);
}

#[tokio::test]
async fn incident_whose_end_somebody_was_not_told_of_is_found_however_old() {
    let shelf = shelf();
    let [untold, told] = [1, 2].map(|number| ended(number - 40 * DAY, number - 20 * DAY));
    let batch = Batch {
        tellings: vec![telling(&untold, Said::Opened), telling(&told, Said::Ended)],
        ..incidents([untold.clone(), told.clone()])
    };
    let saved = found(&shelf, batch).await;
    assert_eq!(saved.tellings, [telling(&untold, Said::Opened)]);
    assert_eq!(saved.incidents, [Arc::new(untold)]);
}

#[tokio::test]
async fn notice_that_is_owed_is_found_however_many_and_old() {
    let shelf = shelf();
    let old = |number: i64| {
        let mut one = Owed::clone(&owed(number, incident(1), [Delivered, Pending]));
        Arc::make_mut(&mut one.notice).created_at = at(number - 80 * DAY);
        Arc::new(one)
    };
    let all: Vec<_> = (0..500).map(old).collect();
    let saved = found(&shelf, notices(all.clone())).await;
    assert_eq!(saved.notices, all);
}

#[tokio::test]
async fn of_notices_of_which_nothing_is_owed_the_newest_are_found() {
    let shelf = shelf();
    let told = (1..=503).map(|number| owed(number, incident(1), [Delivered; 2]));
    let refused = (1_001..=1_203).map(|number| owed(number, incident(1), [Delivered, Rejected]));
    let all: Vec<_> = told.chain(refused).collect();
    let expected = [&all[3..503], &all[506..]].concat();
    let saved = found(&shelf, notices(all)).await;
    assert_eq!(ids(&saved.notices), ids(&expected));
}

#[tokio::test]
async fn silence_that_has_ended_is_not_found() {
    let shelf = shelf();
    let batch = Batch {
        silences: vec![silence(1, 60), silence(2, 0), silence(3, 30)],
        ..Batch::default()
    };
    let saved = found(&shelf, batch).await;
    assert_eq!(saved.silences, [silence(3, 30), silence(1, 60)]);
}

#[tokio::test]
async fn all_that_is_handed_over_after_a_file_was_begun_anew_is_in_it() {
    let shelf = shelf();
    let store = shelf.open().store;
    committed(&store, opened(1)).await;
    for name in shelf.names() {
        std::fs::remove_file(shelf.path(&name)).unwrap();
    }
    // Of a notice that the new file has never heard of, only what became of it has changed.
    let batch = Batch {
        notices: vec![owed(1, incident(1), [Delivered, Pending])],
        ..opened(1)
    };
    store.commit(batch.clone(), at(2));
    store.settle().await.ok();
    store.settle().await.unwrap();
    store.close(LONG).await.unwrap();
    let saved = again(&shelf).await;
    assert_eq!(
        (saved.incidents, saved.notices),
        (batch.incidents, batch.notices)
    );
}

#[tokio::test]
async fn thousand_incidents_with_their_notices_are_kept_in_seconds() {
    let shelf = shelf();
    let mut batch = Batch::default();
    for one in (1..=1_000).map(opened) {
        batch.incidents.extend(one.incidents);
        batch.tellings.extend(one.tellings);
        batch.notices.extend(one.notices);
    }
    let store = shelf.open().store;
    store.commit(batch.clone(), at(0));
    store.settle().await.unwrap();
    store.close(LONG).await.unwrap();
    let saved = again(&shelf).await;
    assert_eq!(
        (saved.incidents, saved.tellings.len(), saved.notices),
        (batch.incidents, 1_000, batch.notices)
    );
}
