//! The work against carriers that hang, panic and come back. What is waited for comes in a second or
//! two; deadlines are generous.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

use super::*;
use crate::clock::{Clock as _, SystemClock};
use crate::domain::notice::Attempt;
use crate::notify::carrier::{Carrier, Carrying};
use crate::notify::sender::{Limits, Report, Reports, Sender};

/// Long enough for a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a carrier does with a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    Deliver,
    Retry,
    Hang,
    Panic,
    /// Waits for the test's leave, then delivers.
    Wait,
}

/// Does with each way what a function says, and notes what it was asked.
struct Fake {
    does: fn(&Way) -> Does,
    asked: Mutex<Vec<Way>>,
    leave: Notify,
    seen: Notify,
    at_once: AtomicUsize,
    most: AtomicUsize,
    left: AtomicBool,
}

impl Fake {
    fn new(does: fn(&Way) -> Does) -> Arc<Self> {
        Arc::new(Self {
            does,
            asked: Mutex::default(),
            leave: Notify::new(),
            seen: Notify::new(),
            at_once: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            left: AtomicBool::new(false),
        })
    }

    async fn until_asked(&self, times: usize) {
        let asked = async {
            while self.asked.lock().unwrap().len() < times {
                self.seen.notified().await;
            }
        };
        tokio::time::timeout(PATIENCE, asked).await.unwrap();
    }
}

/// Notes that a try was dropped.
struct Guard<'a>(&'a Fake);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.at_once.fetch_sub(1, Ordering::SeqCst);
        self.0.left.store(true, Ordering::SeqCst);
    }
}

impl Carrier for Fake {
    fn carry<'a>(&'a self, _: &'a Notice, way: &'a Way) -> Carrying<'a> {
        Box::pin(async move {
            let at_once = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
            let _guard = Guard(self);
            self.most.fetch_max(at_once, Ordering::SeqCst);
            self.asked.lock().unwrap().push(way.clone());
            self.seen.notify_one();
            match (self.does)(way) {
                Does::Deliver => {}
                Does::Retry => return Attempt::Retried("451 later".to_owned()).into(),
                Does::Hang => std::future::pending().await,
                Does::Panic => panic!("this carrier is broken on purpose"),
                Does::Wait => self.leave.notified().await,
            }
            Attempt::Delivered("250 ok".to_owned()).into()
        })
    }
}

fn start(carrier: &Arc<Fake>, longest_try: Duration) -> (Sender, Reports) {
    let carrier: Arc<dyn Carrier> = Arc::<Fake>::clone(carrier);
    let limits = Limits {
        longest_try,
        ..Limits::default()
    };
    let (sender, reports, work) = Sender::new(carrier, Arc::new(SystemClock), 5, limits);
    tokio::spawn(work);
    (sender, reports)
}

async fn next(reports: &mut Reports) -> Report {
    let report = tokio::time::timeout(PATIENCE, reports.recv()).await;
    report.unwrap().unwrap()
}

fn one(way: Way) -> Arc<Owed> {
    owed(notice(1, Class::Bypass, &["orders"]), &[way])
}

#[tokio::test]
async fn each_try_is_reported_with_what_it_came_to() {
    let carrier = Fake::new(|_| Does::Deliver);
    let (sender, mut reports) = start(&carrier, PATIENCE);
    sender.send(one(mail("a")));
    let report = next(&mut reports).await;
    let expected = Report {
        notice: NoticeId::parse("0000000000000001").unwrap(),
        receiver: name("oncall"),
        way: mail("a"),
        attempt: Attempt::Delivered("250 ok".to_owned()),
        at: report.at,
    };
    assert_eq!(report, expected);
}

#[tokio::test]
async fn what_failed_is_tried_again() {
    let carrier = Fake::new(|_| Does::Retry);
    let (sender, mut reports) = start(&carrier, PATIENCE);
    sender.send(one(mail("a")));
    let outcomes = [next(&mut reports).await, next(&mut reports).await];
    assert_eq!(
        outcomes.map(|it| it.attempt.as_str().to_owned()),
        ["retried"; 2]
    );
}

#[tokio::test]
async fn a_carrier_that_hangs_is_cut_off_and_said_to_have_given_no_answer() {
    let carrier = Fake::new(|_| Does::Hang);
    let (sender, mut reports) = start(&carrier, Duration::from_millis(20));
    sender.send(one(mail("a")));
    let report = next(&mut reports).await;
    let expected = Attempt::Retried("no answer within 0 s".to_owned());
    assert_eq!(report.attempt, expected);
    assert!(carrier.left.load(Ordering::SeqCst));
}

#[tokio::test]
async fn a_carrier_that_panics_has_failed_for_now() {
    let carrier = Fake::new(|_| Does::Panic);
    let (sender, mut reports) = start(&carrier, PATIENCE);
    sender.send(one(mail("a")));
    assert_eq!(next(&mut reports).await.attempt.as_str(), "retried");
}

#[tokio::test]
async fn one_who_hangs_holds_up_nobody_elsewhere() {
    let carrier = Fake::new(|way| match way {
        Way::Email(_) => Does::Hang,
        Way::Alertmanager(_) | Way::Webhook | Way::File => Does::Deliver,
    });
    let (sender, mut reports) = start(&carrier, PATIENCE * 10);
    for number in 0..50 {
        let about = format!("e{number}");
        let owed = owed(notice(number, Class::Denial, &[&about]), &[mail(&about)]);
        sender.send(owed);
    }
    sender.send(one(Way::Webhook));
    assert_eq!(next(&mut reports).await.way, Way::Webhook);
    assert!(carrier.most.load(Ordering::SeqCst) <= 9);
}

#[tokio::test]
async fn another_carrier_takes_over_and_tries_at_once() {
    let broken = Fake::new(|_| Does::Retry);
    let (sender, mut reports) = start(&broken, PATIENCE);
    sender.send(one(mail("a")));
    next(&mut reports).await;
    let mended = Fake::new(|_| Does::Deliver);
    sender.replace(Arc::<Fake>::clone(&mended) as Arc<dyn Carrier>);
    let mut report = next(&mut reports).await;
    if report.attempt.as_str() == "retried" {
        // The second try had set off before.
        report = next(&mut reports).await;
    }
    assert_eq!(report.attempt.as_str(), "delivered");
}

#[tokio::test]
async fn the_end_waits_for_a_last_try() {
    let carrier = Fake::new(|_| Does::Wait);
    let (sender, mut reports) = start(&carrier, PATIENCE);
    sender.send(one(mail("a")));
    carrier.until_asked(1).await;
    let finishing = tokio::spawn(async move { sender.finish(PATIENCE).await });
    carrier.leave.notify_one();
    assert_eq!(next(&mut reports).await.attempt.as_str(), "delivered");
    tokio::time::timeout(PATIENCE, finishing)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(reports.recv().await, None);
}

#[tokio::test]
async fn what_has_not_been_sent_yet_gets_its_try_before_the_end() {
    let carrier = Fake::new(|_| Does::Deliver);
    let (sender, mut reports) = start(&carrier, PATIENCE);
    for number in 0..100 {
        let about = format!("e{number}");
        sender.send(owed(
            notice(number, Class::Denial, &[&about]),
            &[mail(&about)],
        ));
    }
    sender.finish(PATIENCE).await;
    let mut told = 0;
    while reports.recv().await.is_some() {
        told += 1;
    }
    assert_eq!(told, 100);
}

#[tokio::test]
async fn nothing_holds_up_the_end_for_longer_than_it_is_given() {
    let carrier = Fake::new(|_| Does::Hang);
    let (sender, _reports) = start(&carrier, PATIENCE * 10);
    sender.send(one(mail("a")));
    carrier.until_asked(1).await;
    let before = SystemClock.monotonic();
    sender.finish(Duration::from_millis(50)).await;
    assert!(SystemClock.monotonic() - before < PATIENCE);
}

#[tokio::test]
async fn a_sender_whose_work_is_gone_comes_to_an_end_at_once() {
    let carrier = Fake::new(|_| Does::Deliver);
    let limits = Limits::default();
    let (sender, _, work) = Sender::new(carrier, Arc::new(SystemClock), 5, limits);
    drop(work);
    let finish = sender.finish(PATIENCE * 10);
    tokio::time::timeout(PATIENCE, finish).await.unwrap();
}
