//! What the queue does as time goes by.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::*;
use crate::clock::{Clock as _, SystemClock};
use crate::domain::notice::Attempt;
use crate::notify::carrier::{Carried, Outlook};
use crate::notify::sender::queue::{Queue, Ticket};
use crate::notify::sender::{Limits, Report};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// A queue and the time at which it is looked at.
struct Play {
    queue: Queue,
    started: Instant,
    passed: Duration,
    /// How far the time of day is ahead of the time that passed.
    ahead: Duration,
}

impl Play {
    fn new() -> Self {
        Self {
            queue: Queue::new(Limits::default(), 7),
            started: SystemClock.monotonic(),
            passed: Duration::ZERO,
            ahead: Duration::ZERO,
        }
    }

    fn now(&self) -> Instant {
        self.started + self.passed
    }

    fn wall(&self) -> Timestamp {
        begin() + self.passed + self.ahead
    }

    fn add(&mut self, owed: &Arc<Owed>) {
        self.queue.add(owed, self.now());
    }

    fn take(&mut self) -> Vec<Ticket> {
        self.queue.take(self.now())
    }

    /// The numbers of the notices that go now.
    fn numbers(&mut self) -> Vec<i64> {
        self.take().iter().map(number).collect()
    }

    fn ended(&mut self, ticket: Ticket, carried: impl Into<Carried>) -> Report {
        let time = (self.now(), self.wall());
        self.queue.ended(ticket, carried.into(), time)
    }

    /// Waits until the queue wants to be looked at; says how long that took.
    fn wait(&mut self) -> Duration {
        let due = self.queue.due().expect("something is to come");
        let wait = due.saturating_duration_since(self.now());
        self.passed += wait;
        wait
    }
}

fn number(ticket: &Ticket) -> i64 {
    ticket.notice.id.as_str().parse().unwrap()
}

fn delivered() -> Attempt {
    Attempt::Delivered("250 ok".to_owned())
}

fn retried() -> Attempt {
    Attempt::Retried("451 later".to_owned())
}

fn rejected() -> Attempt {
    Attempt::Rejected("550 no".to_owned())
}

fn nobody() -> Carried {
    Carried::unreachable("connection refused")
}

#[test]
fn what_is_owed_is_tried_at_once_on_every_pending_way_and_on_no_other() {
    let mut play = Play::new();
    let mut half = Arc::unwrap_or_clone(owed(
        notice(1, Class::Denial, &["orders"]),
        &[mail("a"), mail("b"), Way::Webhook],
    ));
    let told = half.deliveries.get_mut(&mail("b")).unwrap();
    told.note(delivered(), begin());
    play.add(&Arc::new(half));
    let ways: Vec<Way> = play.take().iter().map(|it| it.way().clone()).collect();
    assert_eq!(ways, [mail("a"), Way::Webhook]);
}

#[test]
fn what_is_sent_twice_is_tried_once() {
    let mut play = Play::new();
    let twice = owed(notice(1, Class::Denial, &["orders"]), &[mail("a")]);
    play.add(&twice);
    play.add(&twice);
    assert_eq!(play.numbers(), [1]);
}

#[test]
fn what_is_told_is_not_told_again() {
    let mut play = Play::new();
    play.add(&owed(notice(1, Class::Denial, &["orders"]), &[mail("a")]));
    let ticket = play.take().remove(0);
    let report = play.ended(ticket, delivered());
    assert_eq!(report.attempt, delivered());
    assert_eq!(play.queue.due(), None);
    assert_eq!(play.numbers(), [0_i64; 0]);
}

#[test]
fn what_fails_is_tried_again_after_one_two_four_seconds() {
    let mut play = Play::new();
    play.add(&owed(notice(1, Class::Denial, &["orders"]), &[mail("a")]));
    for plain in [1, 2, 4, 8, 16] {
        let ticket = play.take().remove(0);
        play.ended(ticket, retried());
        let (wait, plain) = (play.wait(), SECOND * plain);
        assert!((plain * 4 / 5..=plain * 6 / 5).contains(&wait), "{wait:?}");
    }
}

#[test]
fn within_the_first_hour_a_failure_is_repeated_within_half_a_minute() {
    let mut play = Play::new();
    play.add(&owed(notice(1, Class::Denial, &["orders"]), &[mail("a")]));
    while play.passed < HOUR {
        let ticket = play.take().remove(0);
        play.ended(ticket, retried());
        assert!(play.wait() <= SECOND * 30);
    }
}

#[test]
fn after_five_days_it_is_given_up_with_the_last_words() {
    let mut play = Play::new();
    play.add(&owed(notice(1, Class::Denial, &["orders"]), &[mail("a")]));
    let given_up = loop {
        let ticket = play.take().remove(0);
        match play.ended(ticket, retried()).attempt {
            Attempt::Retried(_) => play.wait(),
            other @ (Attempt::Rejected(_) | Attempt::Delivered(_)) => break other,
        };
    };
    let expected = "given up after 5 days: 451 later".to_owned();
    assert_eq!(given_up, Attempt::Rejected(expected));
    assert!(
        (DAY * 5..DAY * 5 + HOUR).contains(&play.passed),
        "{:?}",
        play.passed
    );
}

#[test]
fn a_clock_that_is_set_forward_by_days_gives_nothing_up() {
    let mut play = Play::new();
    play.add(&owed(notice(1, Class::Denial, &["orders"]), &[mail("a")]));
    play.ahead = DAY * 300;
    let ticket = play.take().remove(0);
    assert_eq!(play.ended(ticket, retried()).attempt, retried());
    assert_eq!(play.queue.give_up(play.now(), play.wall()), []);
    assert!(play.wait() < SECOND * 2);
    assert_eq!(play.numbers(), [1]);
}

#[test]
fn a_recovery_never_overtakes_its_incident() {
    let mut play = Play::new();
    play.add(&owed(notice(1, Class::Outage, &["orders"]), &[mail("a")]));
    play.add(&owed(notice(2, Class::Outage, &["orders"]), &[mail("a")]));
    let first = play.take();
    assert_eq!(first.iter().map(number).collect::<Vec<_>>(), [1]);
    for ticket in first {
        play.ended(ticket, retried());
    }
    assert_eq!(play.numbers(), [0_i64; 0]);
    play.wait();
    let again = play.take().remove(0);
    assert_eq!(number(&again), 1);
    play.ended(again, delivered());
    assert_eq!(play.numbers(), [2]);
}

#[test]
fn a_recovery_goes_where_its_incident_was_refused() {
    let mut play = Play::new();
    play.add(&owed(notice(1, Class::Outage, &["orders"]), &[mail("a")]));
    play.add(&owed(notice(2, Class::Outage, &["orders"]), &[mail("a")]));
    let ticket = play.take().remove(0);
    play.ended(ticket, rejected());
    assert_eq!(play.numbers(), [2]);
}

#[test]
fn order_goes_by_creation_and_not_by_arrival() {
    let mut play = Play::new();
    play.add(&owed(notice(2, Class::Outage, &["orders"]), &[mail("a")]));
    play.add(&owed(notice(1, Class::Outage, &["orders"]), &[mail("a")]));
    assert_eq!(play.numbers(), [1]);
}

#[test]
fn a_notice_of_several_incidents_waits_for_each_of_them() {
    let mut play = Play::new();
    play.add(&owed(notice(1, Class::Outage, &["orders"]), &[mail("a")]));
    play.add(&owed(notice(2, Class::Outage, &["bills"]), &[mail("a")]));
    play.add(&owed(
        notice(3, Class::Outage, &["orders", "bills"]),
        &[mail("a")],
    ));
    let [first, second] = play.take().try_into().unwrap();
    play.ended(first, delivered());
    assert_eq!(play.numbers(), [0_i64; 0]);
    play.ended(second, delivered());
    assert_eq!(play.numbers(), [3]);
}

#[test]
fn one_recipient_does_not_wait_for_another_ones_order() {
    let mut play = Play::new();
    let ways = [mail("a"), mail("b")];
    play.add(&owed(notice(1, Class::Outage, &["orders"]), &ways));
    play.add(&owed(notice(2, Class::Outage, &["orders"]), &ways));
    let [to_a, to_b] = play.take().try_into().unwrap();
    play.ended(to_a, retried());
    play.ended(to_b, delivered());
    let next = play.take();
    let next: Vec<_> = next
        .iter()
        .map(|it| (number(it), it.way().clone()))
        .collect();
    assert_eq!(next, [(2, mail("b"))]);
}

#[test]
fn eight_mails_are_under_way_and_no_more_than_two_to_one_recipient() {
    let mut play = Play::new();
    for number in 0..100 {
        let (to, about) = (mail(&format!("m{}", number % 10)), format!("e{number}"));
        play.add(&owed(notice(number, Class::Denial, &[&about]), &[to]));
    }
    let dawdler = mail("dawdler");
    for number in 100..200 {
        let about = format!("e{number}");
        play.add(&owed(
            notice(number, Class::Denial, &[&about]),
            std::slice::from_ref(&dawdler),
        ));
    }
    let tickets = play.take();
    let ways: BTreeSet<_> = tickets.iter().map(|it| it.way().clone()).collect();
    assert_eq!((tickets.len(), ways.len()), (8, 8));
    for ticket in tickets {
        play.ended(ticket, delivered());
    }
    let mut play = Play::new();
    for number in 0..9 {
        let about = format!("e{number}");
        play.add(&owed(
            notice(number, Class::Denial, &[&about]),
            std::slice::from_ref(&dawdler),
        ));
    }
    assert_eq!(play.numbers(), [0, 1]);
}

#[test]
fn a_relay_full_of_hanging_mails_holds_up_neither_alertmanager_nor_webhook_nor_file() {
    let mut play = Play::new();
    for number in 0..20 {
        let (about, to) = (format!("e{number}"), mail(&format!("m{number}")));
        play.add(&owed(notice(number, Class::Denial, &[&about]), &[to]));
    }
    play.take();
    let others = [
        Way::Alertmanager("http://127.0.0.1:9093/".to_owned()),
        Way::Webhook,
        Way::File,
    ];
    play.add(&owed(notice(50, Class::Denial, &["orders"]), &others));
    let ways: BTreeSet<Way> = play.take().iter().map(|it| it.way().clone()).collect();
    assert_eq!(ways, BTreeSet::from(others));
}

#[test]
fn a_bypass_goes_before_all_who_wait() {
    let mut play = Play::new();
    for number in 0..20 {
        let (about, to) = (format!("e{number}"), mail(&format!("m{number}")));
        play.add(&owed(notice(number, Class::Denial, &[&about]), &[to]));
    }
    let mut tickets = play.take();
    play.add(&owed(notice(99, Class::Bypass, &["orders"]), &[mail("m0")]));
    play.ended(tickets.remove(3), delivered());
    assert_eq!(play.numbers(), [99]);
}

/// A play whose relay has just met nobody, with so many mails that wait.
fn outage(mails: i64) -> Play {
    let mut play = Play::new();
    for number in 0..mails {
        let (about, to) = (format!("e{number}"), mail(&format!("m{number}")));
        play.add(&owed(notice(number, Class::Denial, &[&about]), &[to]));
    }
    for ticket in play.take() {
        play.ended(ticket, nobody());
    }
    play
}

#[test]
fn while_the_relay_is_down_one_mail_at_a_time_tries_it() {
    let mut play = outage(100);
    let mut tries = 0;
    while play.passed < HOUR {
        assert!(play.wait() <= SECOND * 30);
        let mut tickets = play.take();
        assert_eq!(tickets.len(), 1);
        play.ended(tickets.remove(0), nobody());
        tries += 1;
    }
    assert!((120..200).contains(&tries), "{tries}");
}

#[test]
fn once_the_relay_is_back_all_go_at_once() {
    let mut play = outage(20);
    for _ in 0..10 {
        play.wait();
        let ticket = play.take().remove(0);
        play.ended(ticket, nobody());
    }
    play.wait();
    let probe = play.take().remove(0);
    play.ended(probe, delivered());
    let mut told = 1;
    loop {
        let tickets = play.take();
        if tickets.is_empty() {
            break;
        }
        for ticket in tickets {
            play.ended(ticket, delivered());
            told += 1;
        }
    }
    assert_eq!(told, 20);
}

#[test]
fn a_mail_that_never_meets_anybody_does_not_bar_the_others() {
    let mut play = outage(2);
    play.wait();
    let first = play.take().remove(0);
    let poisoned = number(&first);
    play.ended(first, nobody());
    play.wait();
    assert_ne!(play.numbers(), [poisoned]);
}

#[test]
fn a_new_bypass_does_not_pay_for_the_patience_of_an_old_outage() {
    let mut play = outage(3);
    while play.passed < DAY {
        play.wait();
        let ticket = play.take().remove(0);
        play.ended(ticket, nobody());
    }
    play.passed += SECOND * 2;
    play.add(&owed(notice(9, Class::Bypass, &["orders"]), &[mail("a")]));
    assert_eq!(play.numbers(), [9]);
}

#[test]
fn what_waits_behind_an_outage_is_given_up_after_five_days_too() {
    let mut play = outage(30);
    let mut gone = BTreeSet::new();
    while play.passed < DAY * 5 + HOUR {
        play.wait();
        for report in play.queue.give_up(play.now(), play.wall()) {
            gone.insert((report.notice.to_string(), report.attempt.as_str()));
        }
        for ticket in play.take() {
            let report = play.ended(ticket, nobody());
            if report.attempt.as_str() == "rejected" {
                gone.insert((report.notice.to_string(), "rejected"));
            }
        }
        if play.queue.due().is_none() {
            break;
        }
    }
    assert_eq!(gone.len(), 30);
    assert_eq!(play.queue.due(), None);
}

#[test]
fn who_asks_to_be_left_alone_is_left_alone() {
    let mut play = Play::new();
    for number in 0..5 {
        let about = format!("e{number}");
        play.add(&owed(
            notice(number, Class::Denial, &[&about]),
            &[Way::Webhook],
        ));
    }
    let mut tickets = play.take();
    let busy = Carried {
        attempt: retried(),
        outlook: Outlook::Busy(SECOND * 90),
    };
    play.ended(tickets.remove(0), busy);
    assert_eq!(play.wait(), SECOND * 90);
    // Those that were under way have not come back yet, and one more goes.
    assert_eq!(play.take().len(), 1);
}

#[test]
fn a_bypass_waits_for_half_a_minute_where_somebody_asks_for_ten() {
    let busy = Carried {
        attempt: retried(),
        outlook: Outlook::Busy(SECOND * 600),
    };
    let mut play = Play::new();
    let warning = notice(1, Class::Denial, &["orders"]);
    play.add(&owed(warning, &[Way::Webhook]));
    let ticket = play.take().remove(0);
    play.ended(ticket, busy.clone());
    let bypass = notice(2, Class::Bypass, &["bills"]);
    play.add(&owed(bypass, &[Way::Webhook]));
    assert_eq!(play.wait(), SECOND * 30);
    let ticket = play.take().remove(0);
    assert_eq!(ticket.notice.id.as_str(), "0000000000000002");
    play.ended(ticket, busy);
    assert_eq!(play.wait(), SECOND * 30);
}

#[test]
fn nobody_is_left_alone_for_more_than_ten_minutes() {
    let mut play = Play::new();
    play.add(&owed(
        notice(1, Class::Denial, &["orders"]),
        &[Way::Webhook],
    ));
    let ticket = play.take().remove(0);
    let for_ever = Carried {
        attempt: retried(),
        outlook: Outlook::Busy(Duration::MAX),
    };
    play.ended(ticket, for_ever);
    assert_eq!(play.wait(), SECOND * 600);
}

#[test]
fn a_changed_configuration_has_everything_tried_at_once() {
    let mut play = outage(3);
    play.queue.rouse();
    assert_eq!(play.take().len(), 3);
}

#[test]
fn the_last_try_is_one_for_each_and_none_for_what_is_behind_a_failure() {
    let mut play = Play::new();
    play.add(&owed(notice(1, Class::Outage, &["orders"]), &[mail("a")]));
    play.add(&owed(notice(2, Class::Outage, &["orders"]), &[mail("a")]));
    play.add(&owed(notice(3, Class::Outage, &["bills"]), &[mail("a")]));
    let tickets = play.take();
    assert_eq!(tickets.len(), 2);
    for ticket in tickets {
        play.ended(ticket, retried());
    }
    play.queue.finish();
    let tickets = play.take();
    assert_eq!(tickets.iter().map(number).collect::<Vec<_>>(), [1, 3]);
    for ticket in tickets {
        assert!(!play.queue.is_finished());
        play.ended(ticket, retried());
    }
    assert_eq!(play.numbers(), [0_i64; 0]);
    assert!(play.queue.is_finished());
}

#[test]
fn the_last_try_at_a_relay_that_is_down_is_one_for_all() {
    let mut play = outage(100);
    play.queue.finish();
    for ticket in play.take() {
        play.ended(ticket, nobody());
    }
    assert!(play.queue.is_finished());
}

#[test]
fn ten_thousand_mails_are_played_through_in_no_time() {
    let mut play = Play::new();
    let started = SystemClock.monotonic();
    for number in 0..10_000 {
        let (about, to) = (
            format!("e{}", number % 500),
            mail(&format!("m{}", number % 50)),
        );
        play.add(&owed(notice(number, Class::Denial, &[&about]), &[to]));
    }
    let mut told = 0;
    loop {
        let tickets = play.take();
        if tickets.is_empty() {
            break;
        }
        for ticket in tickets {
            play.ended(ticket, delivered());
            told += 1;
        }
    }
    assert_eq!(told, 10_000);
    // A second is what it takes at most on a slow machine; minutes would be a wrong algorithm.
    assert!(SystemClock.monotonic() - started < Duration::from_secs(30));
}
