//! Whatever happens in whatever order: nothing is lost, told twice, or overtaken.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::clock::{Clock as _, SystemClock};
use crate::domain::notice::Attempt;
use crate::notify::carrier::{Carried, Outlook};
use crate::notify::sender::Limits;
use crate::notify::sender::queue::{Queue, Ticket};

/// What somebody says to a try.
#[derive(Clone, Copy, Debug)]
enum Word {
    Yes,
    Never,
    Later,
    Nobody,
    Busy(u64),
}

fn word() -> impl Strategy<Value = Word> {
    prop_oneof![
        4 => Just(Word::Yes),
        1 => Just(Word::Never),
        2 => Just(Word::Later),
        2 => Just(Word::Nobody),
        1 => (0_u64..2000).prop_map(Word::Busy),
    ]
}

fn carried(word: Word) -> Carried {
    let why = String::new();
    match word {
        Word::Yes => Attempt::Delivered(why).into(),
        Word::Never => Attempt::Rejected(why).into(),
        Word::Later => Attempt::Retried(why).into(),
        Word::Nobody => Carried::unreachable(why),
        Word::Busy(seconds) => Carried {
            attempt: Attempt::Retried(why),
            outlook: Outlook::Busy(Duration::from_secs(seconds)),
        },
    }
}

/// A notice about some of four endpoints, to some of three recipients.
fn about(number: usize, endpoints: u8, ways: u8) -> Arc<Owed> {
    let chosen = |from: &[&'static str], bits: u8| -> Vec<&'static str> {
        let from = from.iter().enumerate();
        from.filter(|(index, _)| bits & (1 << index) != 0)
            .map(|(_, it)| *it)
            .collect()
    };
    let endpoints = chosen(&["orders", "bills", "users", "files"], endpoints);
    let mut ways: Vec<Way> = chosen(&["a", "b"], ways).into_iter().map(mail).collect();
    ways.push(Way::Webhook);
    owed(
        notice(i64::try_from(number).unwrap(), Class::Outage, &endpoints),
        &ways,
    )
}

/// What is under way or behind, by recipient and incident: numbers in order.
type Told = BTreeMap<(Way, IncidentId), Vec<u64>>;

fn note(told: &mut Told, ticket: &Ticket) {
    let number: u64 = ticket.notice.id.as_str().parse().unwrap();
    for incident in &ticket.notice.incidents {
        let key = (ticket.way().clone(), incident.id.clone());
        told.entry(key).or_default().push(number);
    }
}

proptest! {
    #[test]
    fn each_notice_is_over_once_on_each_way_and_in_order(
        notices in prop::collection::vec((0_u8..16, 0_u8..4), 1..30),
        words in prop::collection::vec(word(), 1..60),
    ) {
        let (started, mut passed) = (SystemClock.monotonic(), Duration::ZERO);
        let mut queue = Queue::new(Limits::default(), 3);
        let mut wanted = BTreeSet::new();
        for (number, (endpoints, ways)) in notices.into_iter().enumerate() {
            let owed = about(number, endpoints, ways);
            let ways = owed.deliveries.keys();
            wanted.extend(ways.map(|way| (owed.notice.id.clone(), way.clone())));
            queue.add(&owed, started);
        }
        let (mut told, mut over) = (Told::new(), BTreeSet::new());
        // In the end everybody says yes.
        let mut words = words.into_iter().chain(std::iter::repeat(Word::Yes));
        while over.len() < wanted.len() {
            let tickets = queue.take(started + passed);
            if tickets.is_empty() {
                let due = queue.due();
                prop_assert!(due.is_some(), "{} of {} are stuck", over.len(), wanted.len());
                passed = due.unwrap().saturating_duration_since(started).max(passed);
                continue;
            }
            for ticket in tickets {
                let carried = carried(words.next().unwrap());
                let flown = ticket.clone();
                let report = queue.ended(ticket, carried, (started + passed, begin() + passed));
                if !matches!(report.attempt, Attempt::Retried(_)) {
                    note(&mut told, &flown);
                    prop_assert!(over.insert((report.notice, report.way)), "told twice");
                }
            }
        }
        prop_assert_eq!(over, wanted);
        prop_assert_eq!(queue.due(), None);
        for (_, numbers) in told {
            prop_assert!(numbers.is_sorted(), "overtaken: {numbers:?}");
        }
    }
}
