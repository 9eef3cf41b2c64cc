//! From incidents to notices: once to each, over restarts, clocks and silences.

use tokio::sync::oneshot;

use super::*;
use crate::domain::incident::Resolution;
use crate::domain::notice::{Attempt, DeliveryState, Way};
use crate::domain::routing::{MatchRule, Matcher};
use crate::domain::silence::SilenceId;
use crate::keeper::Tried;
use crate::keeper::event::Wish;

/// A bypass that was told, with what re-probes came to.
fn told_bypass() -> (Play, Arc<Owed>) {
    let mut play = Play::of(TOLD);
    play.meets("orders/anonymous", answer(200));
    play.says();
    play.reprobed(&[200, 200, 200]);
    let owed = play.says().pop().unwrap();
    (play, owed)
}

/// The lock holds again, for as long as it takes.
fn mend(play: &mut Play) -> Vec<Arc<Owed>> {
    let mut owed = Vec::new();
    for _ in 0..2 {
        play.wait(60).meets("orders/anonymous", answer(401));
        owed.extend(play.says());
    }
    owed.extend(play.says_within(10));
    owed
}

#[test]
fn the_notice_of_a_bypass_waits_for_what_re_probes_find() {
    let mut play = Play::of(TOLD);
    play.meets("orders/anonymous", answer(200));
    assert_eq!(play.says(), []);
    play.reprobed(&[200, 200, 200]);
    let owed = play.says();
    let found = owed[0].notice.incidents[0].reproduced.unwrap();
    assert_eq!(found.to_string(), "reproduced 3/3");
}

#[test]
fn the_notice_of_a_bypass_goes_after_a_second_without_re_probes() {
    let mut play = Play::of(TOLD);
    play.meets("orders/anonymous", answer(200));
    assert_eq!(play.says(), []);
    let owed = play.wait(1).says();
    assert_eq!(occasions(&owed), ["opened"]);
    assert_eq!(owed[0].notice.incidents[0].reproduced, None);
}

#[test]
fn re_probes_that_come_late_make_no_notice_of_their_own() {
    let mut play = Play::of(TOLD);
    play.meets("orders/anonymous", answer(200));
    play.says_within(2);
    play.reprobed(&[200, 200, 200]);
    assert_eq!(play.says_within(30), []);
}

#[test]
fn a_notice_its_telling_and_its_incident_are_stored_in_one_batch() {
    let mut play = Play::of(TOLD);
    play.meets("orders/anonymous", answer(200));
    let now = play.wait(1).now();
    play.live.say_what_is_due(now);
    let batch = play.live.batch().unwrap();
    let incident = &batch.incidents[0].id;
    assert_eq!(&batch.tellings[0].incident, incident);
    assert_eq!(&batch.notices[0].notice.incidents[0].id, incident);
    let mails = &batch.tellings[0].mails;
    assert_eq!(
        mails[..],
        [batch.notices[0].notice.thread.message_id.clone()]
    );
}

#[test]
fn every_recipient_is_a_way_of_its_own() {
    let (_, owed) = told_bypass();
    let ways: Vec<String> = owed.deliveries.keys().map(Way::to_string).collect();
    assert_eq!(ways, ["email to a@auth.test", "email to b@auth.test"]);
}

#[test]
fn a_bypass_that_goes_on_is_told_once() {
    let (mut play, _) = told_bypass();
    for _ in 0..10 {
        play.wait(60).meets("orders/anonymous", answer(200));
        assert_eq!(play.says(), []);
    }
}

#[test]
fn a_bypass_that_goes_on_is_told_again_after_the_repeat_interval() {
    let (mut play, first) = told_bypass();
    play.wait(4 * 3600).meets("orders/anonymous", answer(200));
    let owed = play.says();
    assert_eq!(occasions(&owed), ["repeated"]);
    let first = &first.notice.thread.message_id;
    assert_eq!(owed[0].notice.thread.in_reply_to.as_ref(), Some(first));
}

#[test]
fn a_recovery_is_told_in_the_thread_of_its_incident() {
    let (mut play, first) = told_bypass();
    let owed = mend(&mut play);
    assert_eq!(occasions(&owed), ["ended"]);
    let thread = &owed[0].notice.thread;
    let first = &first.notice.thread.message_id;
    assert_eq!(thread.in_reply_to.as_ref(), Some(first));
    assert_eq!(thread.references, std::slice::from_ref(first));
}

#[test]
fn what_is_told_once_is_not_told_by_the_next_run() {
    let (play, _) = told_bypass();
    let mut play = play.restarted(TOLD);
    play.says();
    play.meets("orders/anonymous", answer(200));
    assert_eq!(play.says_within(30), []);
}

#[test]
fn the_next_run_tells_of_the_recovery_in_the_same_thread() {
    let (play, first) = told_bypass();
    let mut play = play.restarted(TOLD);
    play.says();
    let owed = mend(&mut play);
    assert_eq!(occasions(&owed), ["ended"]);
    let first = &first.notice.thread.message_id;
    assert_eq!(owed[0].notice.thread.in_reply_to.as_ref(), Some(first));
}

#[test]
fn an_incident_that_was_stored_and_not_told_is_told_by_the_next_run() {
    let mut play = Play::of(TOLD);
    play.meets("orders/anonymous", answer(200));
    assert_eq!(play.says(), []);
    let mut play = play.restarted_from_disk(TOLD);
    assert_eq!(occasions(&play.says_within(2)), ["opened"]);
}

#[test]
fn a_notice_that_was_owed_is_handed_over_again_just_as_it_was() {
    let (play, owed) = told_bypass();
    let mut play = play.restarted_from_disk(TOLD);
    assert_eq!(play.says_within(30), [owed]);
}

#[test]
fn a_notice_that_was_delivered_is_not_handed_over_again() {
    let (mut play, owed) = told_bypass();
    for way in owed.deliveries.keys() {
        play.apply(tried(&owed, way, Attempt::Delivered("250 ok".to_owned())));
    }
    play.says();
    let mut play = play.restarted_from_disk(TOLD);
    assert_eq!(play.says_within(30), []);
}

fn tried(owed: &Owed, way: &Way, attempt: Attempt) -> Event {
    Event::Tried(Tried {
        notice: owed.notice.id.clone(),
        way: way.clone(),
        attempt,
        at: start(),
    })
}

#[test]
fn every_try_is_noted_and_stored_by_its_way() {
    let (mut play, owed) = told_bypass();
    let [a, b] = ["a@auth.test", "b@auth.test"].map(|to| Way::Email(to.to_owned()));
    let states = |play: &Play| {
        let stored = play.stored.notices.iter();
        let stored = stored.map(|owed| &owed.deliveries);
        let deliveries = stored.flat_map(|all| all.values());
        deliveries
            .map(|it| (it.state, it.attempts))
            .collect::<Vec<_>>()
    };
    let pending = DeliveryState::Pending;
    assert_eq!(states(&play), [(pending, 0), (pending, 0)]);
    play.apply(tried(&owed, &a, Attempt::Retried("busy".to_owned())));
    play.apply(tried(&owed, &b, Attempt::Rejected("550 no".to_owned())));
    play.says();
    let rejected = DeliveryState::Rejected;
    assert_eq!(states(&play), [(pending, 1), (rejected, 1)]);
    play.apply(tried(&owed, &a, Attempt::Delivered("250 ok".to_owned())));
    play.says();
    let delivered = DeliveryState::Delivered;
    assert_eq!(states(&play), [(delivered, 2), (rejected, 1)]);
}

#[test]
fn the_end_of_a_delivery_does_not_wait_for_the_next_beat() {
    let (mut play, owed) = told_bypass();
    let way = owed.deliveries.keys().next().unwrap();
    play.apply(tried(&owed, way, Attempt::Retried("busy".to_owned())));
    assert!(!play.live.unsaved.is_urgent());
    play.apply(tried(&owed, way, Attempt::Delivered("250 ok".to_owned())));
    assert!(play.live.unsaved.is_urgent());
}

#[test]
fn a_check_that_is_removed_is_told_as_removed() {
    let (mut play, _) = told_bypass();
    let other = TOLD.replace("name: orders", "name: other");
    play.wait(60).apply(Event::Adopted(adoption(&other)));
    let owed = play.says_within(10);
    assert_eq!(occasions(&owed), ["ended"]);
    let ended = owed[0].notice.incidents[0].ended.unwrap();
    assert_eq!(ended.resolution, Resolution::Removed);
}

#[test]
fn a_receiver_that_was_told_hears_of_the_recovery_although_routes_changed() {
    let (mut play, _) = told_bypass();
    let rerouted = TOLD
        .replace(
            "b@auth.test]}}",
            "b@auth.test]}}, {name: other, email: {to: [c@auth.test]}}",
        )
        .replace("route: {receiver: oncall", "route: {receiver: other");
    play.wait(60).apply(Event::Adopted(adoption(&rerouted)));
    let mut owed = play.says_within(10);
    owed.extend(mend(&mut play));
    let mut told: Vec<(&str, &str)> = owed
        .iter()
        .map(|owed| (owed.notice.receiver.as_str(), owed.notice.occasion.as_str()))
        .collect();
    told.sort_unstable();
    let expected = [("oncall", "ended"), ("other", "ended"), ("other", "opened")];
    assert_eq!(told, expected);
}

#[test]
fn a_lockout_waits_for_company_before_it_is_told() {
    let mut play = Play::of(TOLD);
    for _ in 0..2 {
        play.wait(60).meets("orders/valid", answer(401));
    }
    assert_eq!(play.says_within(9), []);
    assert_eq!(occasions(&play.says_within(2)), ["opened"]);
}

#[test]
fn a_clock_that_is_set_back_holds_no_notice_up() {
    let mut play = Play::of(TOLD);
    for _ in 0..2 {
        play.wait(60).meets("orders/valid", answer(401));
    }
    play.says();
    play.set_back = SignedDuration::from_hours(5);
    assert_eq!(occasions(&play.says_within(11)), ["opened"]);
}

#[test]
fn an_incident_begins_and_opens_by_the_clock_that_was_set_back() {
    let mut play = Play::of(TOLD);
    play.set_back = SignedDuration::from_hours(5);
    for _ in 0..2 {
        play.wait(60).meets("orders/valid", answer(401));
    }
    let open = play.live.cases.open();
    let times: Vec<_> = open.map(|it| (it.since, it.opened_at)).collect();
    let now = play.now().wall;
    assert_eq!(times, [(now - SignedDuration::from_secs(60), now)]);
}

#[test]
fn lockouts_wait_for_company_although_the_clock_was_set_back() {
    let mut play = Play::of(TOLD);
    play.set_back = SignedDuration::from_hours(5);
    for _ in 0..2 {
        play.wait(60).meets("orders/valid", answer(401));
    }
    assert_eq!(play.says_within(9), []);
    assert_eq!(occasions(&play.says_within(2)), ["opened"]);
}

#[test]
fn a_recovery_is_seen_although_the_clock_was_set_back() {
    let (mut play, _) = told_bypass();
    play.set_back = SignedDuration::from_hours(5);
    assert_eq!(occasions(&mend(&mut play)), ["ended"]);
}

/// Asks for a silence of an hour.
fn silence_of(play: &mut Play, label: &str, value: &str) -> SilenceId {
    let (reply, mut answer) = oneshot::channel();
    let matcher = Matcher {
        label: label.to_owned(),
        rule: MatchRule::Is(value.to_owned()),
    };
    let wish = Wish {
        matchers: vec![matcher],
        length: Duration::from_hours(1),
        comment: "upkeep".to_owned(),
        author: "alice".to_owned(),
    };
    play.apply(Event::Silenced(wish, reply));
    answer.try_recv().unwrap()
}

/// A lockout while a silence of it holds.
fn silenced_lockout() -> (Play, SilenceId) {
    let mut play = Play::of(TOLD);
    let id = silence_of(&mut play, "class", "lockout");
    for _ in 0..2 {
        play.wait(60).meets("orders/valid", answer(401));
    }
    (play, id)
}

#[test]
fn a_silence_holds_a_lockout_back_and_no_incident_up() {
    let (mut play, _) = silenced_lockout();
    assert_eq!(play.says_within(30), []);
    assert_eq!(play.open().len(), 1);
}

#[test]
fn a_silence_that_is_over_holds_nothing_back() {
    let (mut play, _) = silenced_lockout();
    play.says_within(30);
    play.wait(3600).meets("orders/valid", answer(401));
    assert_eq!(occasions(&play.says_within(11)), ["opened"]);
}

#[test]
fn a_silence_that_is_ended_early_holds_nothing_back() {
    let (mut play, id) = silenced_lockout();
    play.says_within(30);
    let (reply, mut answer) = oneshot::channel();
    play.apply(Event::Expired(id, reply));
    assert_eq!(answer.try_recv(), Ok(true));
    assert_eq!(occasions(&play.says_within(11)), ["opened"]);
}

#[test]
fn a_silence_holds_in_the_next_run() {
    let (mut play, _) = silenced_lockout();
    play.says();
    let mut play = play.restarted(TOLD);
    assert_eq!(play.says_within(30), []);
}

#[test]
fn a_silence_that_was_ended_does_not_come_back_with_the_next_run() {
    let (mut play, id) = silenced_lockout();
    play.says();
    let (reply, _answer) = oneshot::channel();
    play.apply(Event::Expired(id, reply));
    let mut play = play.restarted(TOLD);
    assert_eq!(occasions(&play.says_within(30)), ["opened"]);
}

#[test]
fn an_incident_begins_no_later_than_it_opens_although_the_clock_was_set_back() {
    let mut play = Play::of(TOLD);
    play.wait(60).meets("orders/valid", answer(401));
    play.set_back = SignedDuration::from_hours(5);
    play.wait(60).meets("orders/valid", answer(401));
    let incident = play.newest();
    assert_eq!(incident.since, incident.opened_at);
}

/// An Alertmanager in place of the mails.
fn alertmanager(url: &str) -> String {
    let told = format!("alertmanager: {{urls: ['{url}']}}");
    TOLD.replace("email: {to: [a@auth.test, b@auth.test]}", &told)
}

#[test]
fn an_alertmanager_is_told_again_in_the_next_run_although_nothing_new_is_owed() {
    let config = alertmanager("http://127.0.0.1:9093/");
    let mut play = Play::of(&config);
    play.meets("orders/anonymous", answer(200));
    assert_eq!(play.says_within(2).len(), 1);
    let other = alertmanager("http://127.0.0.1:9094/");
    let mut play = play.restarted(&other);
    assert!(play.live.retell);
    play.says();
    let expected = (
        "http://127.0.0.1:9094/".to_owned(),
        vec!["orders/anonymous".to_owned()],
    );
    assert_eq!(play.repeated(), [expected]);
}

#[test]
fn an_incident_that_ends_without_a_word_is_not_repeated_to_alertmanagers() {
    let mut play = Play::of(&alertmanager("http://127.0.0.1:9093/"));
    play.meets("orders/anonymous", answer(200));
    play.says_within(2);
    assert_eq!(play.repeated().len(), 1);
    play.live.retell = false;
    for _ in 0..2 {
        play.wait(60).meets("orders/anonymous", answer(401));
    }
    assert!(play.live.retell);
    assert_eq!(play.repeated(), []);
}

#[test]
fn a_state_file_that_was_begun_anew_is_owed_what_was_told_and_what_is_not_over() {
    let mut play = Play::of(TOLD);
    play.meets("orders/anonymous", answer(200));
    let first = play.says_within(2);
    play.stored = Saved::default();
    let now = play.now();
    play.live.owe_all(now);
    play.says();
    let mut play = play.restarted(TOLD);
    // Nobody said that it arrived, so it is told again, and as the same notice.
    let again = play.says_within(30);
    assert_eq!((again.len(), &again[0].notice.id), (1, &first[0].notice.id));
    for _ in 0..2 {
        play.wait(60).meets("orders/anonymous", answer(401));
    }
    assert_eq!(occasions(&play.says_within(30)), ["ended"]);
}
