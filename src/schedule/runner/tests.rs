use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

use super::*;
use crate::clock::SystemClock;
use crate::domain::check::Name;
use crate::domain::endpoint::Origin;
use crate::schedule::{Kind, Limits};

/// Long enough for a busy machine; what is waited for comes in milliseconds.
const PATIENCE: Duration = Duration::from_mins(1);

/// Counts what it sees, and rings at each sight.
#[derive(Default)]
struct Counts {
    started: AtomicUsize,
    ended: AtomicUsize,
    panicked: AtomicUsize,
    still_running: AtomicUsize,
    turned: AtomicUsize,
    seen: Notify,
}

impl Counts {
    fn count(&self, counter: &AtomicUsize) {
        counter.fetch_add(1, Ordering::SeqCst);
        self.seen.notify_one();
    }

    async fn until(&self, what: impl Fn(&Self) -> usize, least: usize) {
        let seen = async {
            while what(self) < least {
                self.seen.notified().await;
            }
        };
        tokio::time::timeout(PATIENCE, seen).await.unwrap();
    }
}

impl Witness for Counts {
    fn started(&self, _: &CheckId, _: Duration) {
        self.count(&self.started);
    }

    fn ended(&self, _: &CheckId) {
        self.count(&self.ended);
    }

    fn panicked(&self, _: &CheckId) {
        self.count(&self.panicked);
    }

    fn skipped(&self, _: &CheckId, cause: Skip, _: u64) {
        if cause == Skip::StillRunning {
            self.count(&self.still_running);
        }
    }

    fn turned(&self) {
        self.count(&self.turned);
    }
}

fn seen(counter: impl Fn(&Counts) -> &AtomicUsize) -> impl Fn(&Counts) -> usize {
    move |counts| counter(counts).load(Ordering::SeqCst)
}

/// One check that is probed every 20 ms.
fn entries() -> Vec<Entry> {
    let name = |text| Name::parse(text).unwrap();
    vec![Entry {
        id: CheckId {
            endpoint: name("orders"),
            check: name("anonymous"),
        },
        origin: Origin {
            scheme: "https".into(),
            host: "orders".into(),
            port: 443,
        },
        kind: Kind::Stranger,
        cadence: Duration::from_millis(20),
        definition: 1,
        rested: None,
        held: None,
        span: None,
    }]
}

/// Runs one check beside a script that ends by stopping it, and says what was seen.
async fn played<F, S>(
    knock: impl Fn(Start) -> F + Send + Sync + 'static,
    script: impl FnOnce(Arc<Counts>, mpsc::Sender<Command>) -> S,
) -> Arc<Counts>
where
    F: Future<Output = End> + Send + 'static,
    S: Future<Output = ()>,
{
    let counts = Arc::new(Counts::default());
    let agenda = SharedAgenda::new(Mutex::new(Agenda::new(Limits::default())));
    let clock: SharedClock = Arc::new(SystemClock);
    let (commands, received) = mpsc::channel(8);
    commands.send(Command::Adopt(entries())).await.unwrap();
    let both = async {
        tokio::join!(
            run(&agenda, &clock, knock, &*counts, received),
            script(Arc::clone(&counts), commands),
        )
    };
    tokio::time::timeout(PATIENCE * 2, both).await.unwrap();
    counts
}

async fn quick(_: Start) -> End {
    End::default()
}

#[tokio::test]
async fn a_check_is_probed_again_and_again_and_each_end_is_told() {
    let counts = played(quick, |counts, commands| async move {
        counts.until(seen(|counts| &counts.ended), 5).await;
        drop(commands);
    })
    .await;
    let [started, ended] = [&counts.started, &counts.ended];
    assert_eq!(started.load(Ordering::SeqCst), ended.load(Ordering::SeqCst));
}

#[tokio::test]
async fn a_probe_that_panics_has_ended_and_the_check_is_probed_again() {
    let broken = |_: Start| async { panic!("this probe is broken on purpose") };
    let counts = played(broken, |counts, commands| async move {
        counts.until(seen(|counts| &counts.panicked), 3).await;
        drop(commands);
    })
    .await;
    let [panicked, ended] = [&counts.panicked, &counts.ended];
    assert_eq!(
        panicked.load(Ordering::SeqCst),
        ended.load(Ordering::SeqCst)
    );
}

#[tokio::test]
async fn a_knock_that_panics_before_its_probe_is_no_end_of_the_schedule() {
    #[expect(unreachable_code, reason = "gives the broken knock a type")]
    let broken = |_: Start| {
        panic!("this knock is broken on purpose");
        std::future::ready(End::default())
    };
    let counts = played(broken, |counts, commands| async move {
        counts.until(seen(|counts| &counts.panicked), 3).await;
        drop(commands);
    })
    .await;
    assert!(counts.started.load(Ordering::SeqCst) >= 3);
}

#[tokio::test]
async fn a_probe_that_waits_for_leave_is_told_as_started_and_ended_once() {
    let asked = AtomicUsize::new(0);
    let knock = move |_: Start| {
        let postponed = asked.fetch_add(1, Ordering::SeqCst) < 3;
        let end = if postponed {
            End::postponed()
        } else {
            End::default()
        };
        std::future::ready(end)
    };
    let counts = played(knock, |counts, commands| async move {
        counts.until(seen(|counts| &counts.ended), 1).await;
        drop(commands);
    })
    .await;
    let [started, ended] = [&counts.started, &counts.ended];
    assert_eq!(started.load(Ordering::SeqCst), ended.load(Ordering::SeqCst));
}

#[tokio::test]
async fn a_probe_that_never_had_leave_has_ended_with_the_schedule() {
    let asked = Arc::new(Notify::new());
    let told = Arc::clone(&asked);
    let knock = move |_: Start| {
        told.notify_one();
        std::future::ready(End::postponed())
    };
    let counts = played(knock, |_, commands| async move {
        for _ in 0..3 {
            asked.notified().await;
        }
        drop(commands);
    })
    .await;
    let [started, ended] = [&counts.started, &counts.ended];
    assert_eq!(
        [started, ended].map(|count| count.load(Ordering::SeqCst)),
        [1, 1]
    );
}

#[tokio::test]
async fn turns_of_a_probe_that_hangs_are_counted() {
    let hang = |_: Start| std::future::pending();
    let counts = played(hang, |counts, commands| async move {
        counts.until(seen(|counts| &counts.still_running), 3).await;
        commands.send(Command::Abandon).await.unwrap();
    })
    .await;
    assert_eq!(counts.started.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_stop_waits_for_the_probe_under_way_and_starts_no_other() {
    let door = Arc::new(Notify::new());
    let opened = Arc::clone(&door);
    let knock = move |_: Start| {
        let door = Arc::clone(&door);
        async move {
            door.notified().await;
            End::default()
        }
    };
    let counts = played(knock, |counts, commands| async move {
        counts.until(seen(|counts| &counts.started), 1).await;
        let (ended, mut told) = oneshot::channel();
        commands.send(Command::Stop { ended }).await.unwrap();
        let turned = counts.turned.load(Ordering::SeqCst);
        counts
            .until(seen(|counts| &counts.turned), turned + 2)
            .await;
        assert_eq!(told.try_recv(), Err(oneshot::error::TryRecvError::Empty));
        opened.notify_one();
        assert_eq!(told.await, Ok(()));
    })
    .await;
    let [started, ended] = [&counts.started, &counts.ended];
    assert_eq!(
        [started, ended].map(|count| count.load(Ordering::SeqCst)),
        [1, 1]
    );
}

#[tokio::test]
async fn a_stop_is_cut_short_when_told_so() {
    let hang = |_: Start| std::future::pending();
    let counts = played(hang, |counts, commands| async move {
        counts.until(seen(|counts| &counts.started), 1).await;
        let (ended, told) = oneshot::channel();
        commands.send(Command::Stop { ended }).await.unwrap();
        commands.send(Command::Abandon).await.unwrap();
        assert!(told.await.is_err());
    })
    .await;
    assert_eq!(counts.ended.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_agenda_is_looked_at_where_nothing_is_due_too() {
    let counts = played(quick, |counts, commands| async move {
        commands.send(Command::Adopt(Vec::new())).await.unwrap();
        let turned = counts.turned.load(Ordering::SeqCst);
        counts
            .until(seen(|counts| &counts.turned), turned + 4)
            .await;
    })
    .await;
    assert!(counts.turned.load(Ordering::SeqCst) >= 4);
}
