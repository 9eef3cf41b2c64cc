//! What a later version, or another hand, wrote of incidents and notices.

use std::sync::Arc;

use authvigil::domain::notice::DeliveryState::{Delivered, Pending};
use authvigil::domain::notice::Memo;

use super::outbox::{again, found, ids, shelf};
use super::sample::{by_another_hand, incident, notices, opened, owed, silence};
use super::*;

#[tokio::test]
async fn rows_that_are_not_understood_are_left_out_and_the_others_found() {
    let shelf = shelf();
    let batch = Batch {
        silences: vec![silence(1, 60), silence(2, 60)],
        ..opened(1)
    };
    found(&shelf, batch.clone()).await;
    found(&shelf, opened(2)).await;
    by_another_hand(
        &shelf,
        "UPDATE incidents SET body = '{}' WHERE opened_at = (SELECT max(opened_at) FROM incidents);
         UPDATE silences SET body = CAST(x'ff' AS TEXT) WHERE id = '00000002';
         INSERT INTO tellings SELECT incident, 'tickets', 'sung', 0, '{}' FROM tellings;
         INSERT INTO memo VALUES (1, '[');",
    );
    let saved = again(&shelf).await;
    assert_eq!(
        (saved.incidents, saved.tellings, saved.silences),
        (batch.incidents, batch.tellings, vec![silence(1, 60)])
    );
    assert_eq!(saved.memo, Memo::default());
}

#[tokio::test]
async fn notice_that_is_owed_and_cannot_be_read_is_counted_and_stays() {
    let shelf = shelf();
    let told = owed(3, incident(3), [Delivered; 2]);
    for batch in [opened(1), opened(2), notices([told])] {
        found(&shelf, batch).await;
    }
    by_another_hand(
        &shelf,
        "UPDATE notices SET body = '{}' WHERE id <> '0000000000000002'",
    );
    let first = again(&shelf).await;
    let second = again(&shelf).await;
    assert_eq!(
        (ids(&first.notices), first.illegible),
        (ids(&opened(2).notices), 1)
    );
    assert_eq!(second.illegible, 1);
}

#[tokio::test]
async fn way_that_is_owed_and_unknown_is_counted_and_outlives_what_becomes_of_the_others() {
    let shelf = shelf();
    found(&shelf, opened(1)).await;
    let pigeon = "INSERT INTO deliveries VALUES ('0000000000000001', 'pigeon', '', 'pending', 0, \
        NULL, NULL)";
    by_another_hand(&shelf, pigeon);
    let first = again(&shelf).await;
    let told = owed(1, incident(1), [Delivered; 2]);
    let second = found(&shelf, notices([Arc::clone(&told)])).await;
    assert_eq!((first.notices, first.illegible), (opened(1).notices, 1));
    assert_eq!((second.notices, second.illegible), (vec![told], 1));
}

#[tokio::test]
async fn delivery_in_an_unknown_state_is_still_owed() {
    let shelf = shelf();
    found(&shelf, notices([owed(1, incident(1), [Delivered; 2])])).await;
    by_another_hand(
        &shelf,
        "UPDATE deliveries SET state = 'lost in the post' WHERE way = 'email'",
    );
    let saved = again(&shelf).await;
    let expected = owed(1, incident(1), [Pending, Delivered]);
    assert_eq!((saved.notices, saved.illegible), (vec![expected], 0));
}
