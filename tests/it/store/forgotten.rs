//! Incidents and notices that are too old or too many; never one that is open or owed.

use std::sync::Arc;

use authvigil::domain::notice::DeliveryState::{Delivered, Pending, Rejected};
use authvigil::domain::notice::{DeliveryState, Owed, Said};

use super::sample::{ended, incident, incidents, notices, owed, silence, telling};
use super::*;

const DAY: i64 = 86_400;

/// What is left of each table, once all that is beyond the retention is gone.
async fn left(shelf: &Shelf, batch: Batch, expected: [&str; 5]) {
    // The time is believed, as the file has something of it.
    let seen = vec![(id("orders", "anonymous"), at(0))];
    let store = shelf.open().store;
    committed(&store, Batch { seen, ..batch }).await;
    store.close(LONG).await.unwrap();
    // What is too old goes at the start.
    let store = shelf.open().store;
    let connection = rusqlite::Connection::open(shelf.path("state.db")).unwrap();
    let count = || {
        let column = |sql| connection.query_row(sql, [], |row| row.get::<_, String>(0));
        [
            "SELECT coalesce(group_concat(opened_at / 1000000 - 1790000000), '') FROM \
                (SELECT opened_at FROM incidents ORDER BY opened_at)",
            "SELECT coalesce(group_concat(said), '') FROM (SELECT said FROM tellings ORDER BY said)",
            "SELECT coalesce(group_concat(id + 0), '') FROM (SELECT id FROM notices ORDER BY id)",
            "SELECT coalesce(group_concat(notice + 0), '') FROM \
                (SELECT DISTINCT notice FROM deliveries ORDER BY notice)",
            "SELECT coalesce(group_concat(id + 0), '') FROM (SELECT id FROM silences ORDER BY id)",
        ]
        .map(|sql| column(sql).unwrap())
    };
    let settled = async {
        while count() != expected {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let waited = tokio::time::timeout(LONG, settled).await;
    assert!(waited.is_ok(), "left: {:?}", count());
    // Whatever is cleaned after that changes nothing.
    store.settle().await.unwrap();
    store.settle().await.unwrap();
    assert_eq!(count(), expected);
}

#[tokio::test]
async fn incident_that_ended_goes_with_what_was_said_of_it_and_an_open_one_stays() {
    let shelf = Shelf::new();
    let all = [
        incident(-90 * DAY),
        ended(-4 * DAY, -2 * DAY),
        ended(-3 * DAY, 0),
    ];
    let batch = Batch {
        tellings: vec![
            telling(&all[0], Said::Opened),
            telling(&all[1], Said::Flapping),
            telling(&all[2], Said::Ended),
        ],
        ..incidents(all)
    };
    let expected = ["-7776000,-259200", "ended,opened", "", "", ""];
    left(&shelf, batch, expected).await;
}

/// Notices of some age in days, each with its number.
fn aged(days: i64, states: [[DeliveryState; 2]; 3], first: i64) -> impl Iterator<Item = Arc<Owed>> {
    (first..).zip(states).map(move |(number, states)| {
        let mut one = Owed::clone(&owed(number, incident(1), states));
        Arc::make_mut(&mut one.notice).created_at = at(-days * DAY);
        Arc::new(one)
    })
}

const STATES: [[DeliveryState; 2]; 3] = [
    [Delivered, Delivered],
    [Rejected, Delivered],
    [Rejected, Pending],
];

#[tokio::test]
async fn notice_that_is_too_old_goes_unless_something_of_it_is_owed() {
    let shelf = Shelf::new();
    let batch = notices(aged(2, STATES, 1).chain(aged(0, STATES, 4)));
    left(&shelf, batch, ["", "", "3,4,5,6", "3,4,5,6", ""]).await;
}

#[tokio::test]
async fn of_too_many_the_newest_stay_and_all_that_is_open_or_owed() {
    let mut shelf = Shelf::new();
    shelf.retention.max_changes = 2;
    let over = (1..=4).map(|number| ended(number, -number));
    let told = (1..=1_200).map(|number| owed(number, incident(1), [Delivered; 2]));
    let open = (9..=11).map(incident);
    let due = (2_001..=2_003).map(|number| owed(number, incident(1), [Pending; 2]));
    let batch = Batch {
        notices: due.chain(told).collect(),
        ..incidents(over.chain(open))
    };
    let kept = "1199,1200,2001,2002,2003";
    left(&shelf, batch, ["1,2,9,10,11", "", kept, kept, ""]).await;
}

#[tokio::test]
async fn silence_goes_a_day_after_its_end() {
    let shelf = Shelf::new();
    let batch = Batch {
        silences: vec![silence(1, -DAY - 1), silence(2, -DAY + 1), silence(3, 60)],
        ..Batch::default()
    };
    left(&shelf, batch, ["", "", "", "", "2,3"]).await;
}

#[tokio::test]
async fn clock_that_leaps_ahead_makes_no_notice_old() {
    let shelf = Shelf::new();
    let store = shelf.open().store;
    let told = owed(1, incident(1), [Delivered; 2]);
    committed(&store, notices([Arc::clone(&told)])).await;
    for leapt in [100_000_000, 100_003_601, 2] {
        store.commit(Batch::default(), at(leapt));
        store.settle().await.unwrap();
        store.settle().await.unwrap();
    }
    store.close(LONG).await.unwrap();
    assert_eq!(shelf.open().saved.notices, [told]);
}
