//! Where mails belong.

use super::play::Play;
use crate::domain::finding::Reason::{CredentialRejected, NotFound, TooSlow};
use crate::domain::notice::MessageId;

fn ids(play: &Play) -> Vec<MessageId> {
    let drafts = play.drafts.iter();
    drafts.map(|(_, it)| it.thread.message_id.clone()).collect()
}

fn parents(play: &Play) -> Vec<Option<MessageId>> {
    let drafts = play.drafts.iter();
    drafts
        .map(|(_, it)| it.thread.in_reply_to.clone())
        .collect()
}

#[test]
fn every_later_mail_of_an_incident_answers_its_first() {
    let mut play = Play::plain();
    let id = play.open("orders/valid", NotFound);
    play.pass(5 * 3600);
    play.end(&id);
    play.pass(600);
    let ids = ids(&play);
    assert_eq!(
        parents(&play),
        [None, Some(ids[0].clone()), Some(ids[0].clone())]
    );
    let last = &play.drafts[2].1.thread.references;
    assert_eq!(last[..], ids[..2]);
}

#[test]
fn a_graver_class_on_the_same_check_opens_in_the_thread_of_the_first() {
    let mut play = Play::plain();
    play.open("orders/valid", TooSlow);
    play.pass(1000);
    let graver = play.open("orders/valid", CredentialRejected);
    play.pass(1000);
    play.end(&graver);
    play.pass(1000);
    let ids = ids(&play);
    assert_eq!(
        parents(&play),
        [None, Some(ids[0].clone()), Some(ids[1].clone())]
    );
    assert_eq!(play.drafts[2].1.thread.references[..], ids[..2]);
}

#[test]
fn another_check_begins_a_thread_of_its_own() {
    let mut play = Play::plain();
    play.open("orders/valid", TooSlow);
    play.pass(1000);
    play.open("orders/invalid", NotFound);
    play.pass(1000);
    assert_eq!(parents(&play), [None, None]);
}

#[test]
fn ends_are_told_apart_where_they_belong_to_different_threads() {
    let mut play = Play::plain();
    let first = play.open("orders/valid", NotFound);
    play.pass(1000);
    let second = play.open("orders/invalid", NotFound);
    play.pass(1000);
    play.end(&first);
    play.end(&second);
    play.pass(1000);
    let ids = ids(&play);
    let mut answered = parents(&play)[2..].to_vec();
    answered.sort();
    let mut expected = vec![Some(ids[0].clone()), Some(ids[1].clone())];
    expected.sort();
    assert_eq!(answered, expected);
}

#[test]
fn a_thread_remembers_its_first_and_its_last_mails() {
    let mut play = Play::plain();
    play.open("orders/valid", NotFound);
    play.pass(30 * 4 * 3600 + 3600);
    let ids = ids(&play);
    assert_eq!(ids.len(), 31);
    let references = &play.drafts[30].1.thread.references;
    let mut expected = vec![ids[0].clone()];
    expected.extend(ids[11..30].iter().cloned());
    assert_eq!(references, &expected);
}

#[test]
fn the_ids_of_mails_never_come_twice() {
    let mut play = Play::plain();
    for round in 0..50 {
        play.open(&format!("orders-{round}/valid"), NotFound);
        play.pass(20);
        play.restart(1);
    }
    let mut ids = ids(&play);
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), count), (50, 50));
}
