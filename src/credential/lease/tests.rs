use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::clock::Clock;
use crate::credential::tokens::samples::resting;
use crate::domain::finding::Reason;
use crate::domain::observation::{Answer, Outcome, Phases};

/// A clock that a test moves.
#[derive(Debug)]
struct Held {
    begun: Instant,
    millis: AtomicU64,
}

impl Clock for Held {
    fn now(&self) -> Timestamp {
        let gone = SignedDuration::try_from(self.gone()).unwrap();
        Timestamp::from_second(1_800_000_000).unwrap() + gone
    }

    fn monotonic(&self) -> Instant {
        self.begun + self.gone()
    }
}

impl Held {
    fn gone(&self) -> Duration {
        Duration::from_millis(self.millis.load(Ordering::Relaxed))
    }
}

/// A lease of a number, and the provider that counts up.
struct Scene {
    lease: Lease<u64>,
    clock: Arc<Held>,
    fetches: AtomicU64,
}

/// What the provider does.
#[derive(Clone)]
enum Provider {
    Gives { life: Option<u64> },
    Fails,
    Rejects,
    Swallows,
    Rests(Answer),
    Hangs,
}

#[expect(clippy::disallowed_methods, reason = "any instant will do")]
fn begin() -> Instant {
    Instant::now()
}

fn why(rejected: bool) -> Unpresentable {
    Unpresentable {
        rejected,
        ..Unpresentable::new(Reason::TokenUnavailable, "it gave none")
    }
}

impl Scene {
    fn new() -> Self {
        Self {
            lease: Lease::default(),
            clock: Arc::new(Held {
                begun: begin(),
                millis: AtomicU64::new(0),
            }),
            fetches: AtomicU64::new(0),
        }
    }

    fn pass(&self, millis: u64) {
        self.clock.millis.fetch_add(millis, Ordering::Relaxed);
    }

    fn fetches(&self) -> u64 {
        self.fetches.load(Ordering::Relaxed)
    }

    async fn get(&self, provider: Provider) -> Result<Leased<u64>, Unpresentable> {
        self.get_with(0, provider).await
    }

    async fn get_with(&self, secret: u8, provider: Provider) -> Result<Leased<u64>, Unpresentable> {
        let clock = Arc::clone(&self.clock) as SharedClock;
        let prepare = async || Ok(((), [secret; 32]));
        let fetch = async |(), _last| self.fetch(provider).await;
        self.lease.get(&clock, prepare, fetch).await
    }

    async fn fetch(&self, provider: Provider) -> Fetched<u64> {
        let at = self.fetches.fetch_add(1, Ordering::Relaxed) + 1;
        tokio::task::yield_now().await;
        let (outcome, seen) = match provider {
            Provider::Gives { life } => (Ok(self.granted(at, life)), None),
            Provider::Fails => (Err(why(false)), None),
            Provider::Rejects => (Err(why(true)), None),
            Provider::Swallows => {
                let why = Unpresentable {
                    unanswered: true,
                    ..why(false)
                };
                (Err(why), None)
            }
            Provider::Rests(answer) => (Err(why(false)), Some(seen(answer))),
            Provider::Hangs => {
                self.pass(10_000);
                (Err(why(false)), None)
            }
        };
        Fetched { outcome, seen }
    }

    fn granted(&self, value: u64, life: Option<u64>) -> Granted<u64> {
        let life = life.map(|life| SignedDuration::from_secs(life.cast_signed()));
        Granted {
            value,
            expires_at: life.map(|life| self.clock.now() + life),
        }
    }

    /// The value and where it came from.
    async fn value(&self, provider: Provider) -> (u64, Provenance) {
        let leased = self.get(provider).await.unwrap();
        (leased.granted.value, leased.provenance)
    }

    /// How often the provider is asked while this many milliseconds pass, looked at each 100 of them.
    async fn asked_within(&self, millis: u64, provider: Provider) -> u64 {
        let before = self.fetches();
        for _ in 0..millis / 100 {
            let _failed = self.get(provider.clone()).await.is_err();
            self.pass(100);
        }
        self.fetches() - before
    }
}

fn seen(answer: Answer) -> Observation {
    Observation {
        outcome: Outcome::Answer(answer),
        phases: Phases::default(),
        duration: Duration::ZERO,
        remote_addr: None,
        tls: None,
    }
}

const HOUR: Provider = Provider::Gives { life: Some(3600) };

#[test]
fn a_token_is_renewed_a_minute_or_a_tenth_of_its_life_before_its_end() {
    let lives = [0, 10, 600, 3600].map(Duration::from_secs);
    assert_eq!(
        lives.map(good_for),
        [0, 9, 540, 3540].map(Duration::from_secs)
    );
}

#[tokio::test]
async fn what_is_kept_is_handed_out_until_it_is_time_to_renew_it() {
    let scene = Scene::new();
    let first = scene.value(HOUR).await;
    scene.pass(3_539_999);
    let second = scene.value(HOUR).await;
    scene.pass(1);
    let third = scene.value(HOUR).await;
    assert_eq!(
        [first, second, third],
        [
            (1, Provenance::Fetched),
            (1, Provenance::Kept),
            (2, Provenance::Fetched)
        ]
    );
}

#[tokio::test]
async fn what_has_no_end_is_renewed_within_five_minutes() {
    let scene = Scene::new();
    scene.value(Provider::Gives { life: None }).await;
    scene.pass(269_999);
    let kept = scene.value(HOUR).await;
    scene.pass(1);
    let renewed = scene.value(HOUR).await;
    assert_eq!(
        [kept, renewed],
        [(1, Provenance::Kept), (2, Provenance::Fetched)]
    );
}

#[tokio::test]
async fn all_who_want_it_at_once_share_one_fetch_however_short_it_holds() {
    let scene = Scene::new();
    let all = (0..50).map(|_| scene.value(Provider::Gives { life: Some(0) }));
    let values = join_all(all).await;
    assert_eq!(values, vec![(1, Provenance::Fetched); 50]);
}

#[tokio::test]
async fn all_who_want_it_at_once_share_one_failure() {
    let scene = Scene::new();
    let failures = join_all((0..50).map(|_| scene.get(Provider::Fails))).await;
    assert!(failures.iter().all(Result::is_err));
    assert_eq!(scene.fetches(), 1);
}

#[tokio::test]
async fn one_rejection_is_told_once_and_not_by_all_who_waited() {
    let scene = Scene::new();
    let all = join_all((0..50).map(|_| scene.get(Provider::Rejects))).await;
    let rejected = all
        .into_iter()
        .filter(|outcome| outcome.as_ref().is_err_and(|why| why.rejected));
    assert_eq!(rejected.count(), 1);
}

#[tokio::test]
async fn a_failure_answers_for_a_second_and_each_further_one_for_twice_as_long() {
    let scene = Scene::new();
    let asked = [
        scene.asked_within(1_000, Provider::Fails).await,
        scene.asked_within(2_000, Provider::Fails).await,
        scene.asked_within(4_000, Provider::Fails).await,
        scene.asked_within(8_000, Provider::Fails).await,
        scene.asked_within(16_000, Provider::Fails).await,
        scene.asked_within(30_000, Provider::Fails).await,
        scene.asked_within(30_000, Provider::Fails).await,
    ];
    assert_eq!(asked, [1; 7]);
}

#[tokio::test]
async fn a_secret_that_was_sent_and_not_answered_is_sent_four_times_in_a_quarter_of_an_hour() {
    let scene = Scene::new();
    let quarter = 15 * 60_000;
    let asked = [
        scene.asked_within(60_000, Provider::Swallows).await,
        scene
            .asked_within(quarter - 60_000, Provider::Swallows)
            .await,
        scene.asked_within(quarter, Provider::Swallows).await,
    ];
    assert_eq!(asked, [1, 3, 2]);
}

#[tokio::test]
async fn other_secrets_are_shown_at_once_after_a_failure() {
    let scene = Scene::new();
    let failed = scene.get_with(0, Provider::Rejects).await.is_err();
    let mended = scene.get_with(1, HOUR).await.unwrap();
    assert!(failed);
    assert_eq!(mended.granted.value, 2);
}

#[tokio::test]
async fn other_secrets_begin_with_short_patience() {
    let scene = Scene::new();
    scene.asked_within(60_000, Provider::Fails).await;
    assert!(scene.get_with(1, Provider::Fails).await.is_err());
    scene.pass(1_000);
    assert!(scene.get_with(1, HOUR).await.is_ok());
}

#[tokio::test]
async fn a_provider_that_asks_for_rest_gets_it() {
    let scene = Scene::new();
    let rests = Provider::Rests(resting(503, "120"));
    assert_eq!(scene.asked_within(120_000, rests).await, 1);
    assert!(scene.get(HOUR).await.is_ok());
}

#[tokio::test]
async fn a_provider_that_asks_for_a_day_gets_five_minutes() {
    let scene = Scene::new();
    let rests = Provider::Rests(resting(429, "86400"));
    assert_eq!(scene.asked_within(300_000, rests).await, 1);
    assert!(scene.get(HOUR).await.is_ok());
}

#[tokio::test]
async fn a_provider_that_hangs_is_left_alone_for_as_long_as_it_hung() {
    let scene = Scene::new();
    assert!(scene.get(Provider::Hangs).await.is_err());
    scene.pass(9_999);
    assert!(scene.get(HOUR).await.is_err());
    scene.pass(1);
    assert!(scene.get(HOUR).await.is_ok());
}

#[tokio::test]
async fn what_cannot_be_renewed_is_handed_out_up_to_its_end_and_no_longer() {
    let scene = Scene::new();
    scene.value(HOUR).await;
    scene.pass(3_570_000);
    let late = scene.value(Provider::Fails).await;
    let failure = scene.lease.standing().failure;
    scene.pass(30_000);
    let ended = scene
        .get(Provider::Fails)
        .await
        .map(|leased| leased.granted.value);
    assert_eq!(late, (1, Provenance::Kept));
    assert_eq!((failure, ended), (Some(why(false)), Err(why(false))));
}

#[tokio::test]
async fn a_rejection_is_told_though_what_is_kept_holds_on() {
    let scene = Scene::new();
    scene.value(HOUR).await;
    scene.pass(3_570_000);
    let told = scene
        .get(Provider::Rejects)
        .await
        .map(|leased| leased.granted.value);
    assert_eq!(told, Err(why(true)));
}

#[tokio::test]
async fn whoever_gives_up_while_fetching_leaves_nothing_behind() {
    let scene = Scene::new();
    let clock = Arc::clone(&scene.clock) as SharedClock;
    let hanging = scene.lease.get(
        &clock,
        async || Ok(((), [0; 32])),
        async |(), _last| pending::<Fetched<u64>>().await,
    );
    assert!(hanging.now_or_never().is_none());
    assert_eq!(scene.value(HOUR).await, (1, Provenance::Fetched));
}

#[tokio::test]
async fn a_refusal_has_another_one_fetched() {
    let scene = Scene::new();
    scene.value(HOUR).await;
    let another = scene
        .lease
        .refuse(|value| *value == 1, scene.clock.monotonic());
    assert!(another);
    assert_eq!(scene.value(HOUR).await, (2, Provenance::Fetched));
}

#[tokio::test]
async fn a_refusal_of_an_older_one_does_not_cost_the_newer_one() {
    let scene = Scene::new();
    scene.value(HOUR).await;
    let another = scene
        .lease
        .refuse(|value| *value == 9, scene.clock.monotonic());
    assert!(another);
    assert_eq!(scene.value(HOUR).await, (1, Provenance::Kept));
}

#[tokio::test]
async fn whoever_refuses_whatever_it_is_shown_costs_one_fetch_a_minute() {
    let scene = Scene::new();
    let mut let_go = 0;
    for _ in 0..180 {
        let (value, _) = scene.value(HOUR).await;
        let now = scene.clock.monotonic();
        let_go += u64::from(scene.lease.refuse(|kept| *kept == value, now));
        scene.pass(1_000);
    }
    // The first one, and one for each minute.
    assert_eq!((let_go, scene.fetches()), (3, 4));
}

#[tokio::test]
async fn everything_that_fetching_comes_to_is_counted() {
    let scene = Scene::new();
    for (provider, millis) in [
        (Provider::Fails, 1_000),
        (Provider::Rests(resting(503, "0")), 2_000),
        (Provider::Rejects, 4_000),
        (HOUR, 0),
        (HOUR, 0),
    ] {
        let _known = scene.get(provider).await.is_ok();
        scene.pass(millis);
    }
    scene.lease.refuse(|_| true, scene.clock.monotonic());
    let counts = [
        (FetchOutcome::Fetched, 1),
        (FetchOutcome::Rejected, 1),
        (FetchOutcome::Failed(Reason::TokenUnavailable), 1),
        (FetchOutcome::Failed(Reason::ServerError), 1),
        (FetchOutcome::Refused, 1),
    ];
    assert_eq!(scene.lease.counts(), counts.into());
}

#[tokio::test]
async fn what_was_seen_is_kept_without_its_body() {
    let scene = Scene::new();
    let mut answer = resting(503, "1");
    answer.body.bytes = b"t0ken".to_vec();
    assert!(scene.get(Provider::Rests(answer)).await.is_err());
    let seen = scene.lease.standing().seen.unwrap();
    assert_eq!(seen, self::seen(resting(503, "1")));
}
