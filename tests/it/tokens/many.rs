//! Ten thousand checks over a hundred credentials.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use authvigil::clock::Clock;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::support::lab::{Answer, Lab};

/// The system's time, and some more.
#[derive(Debug, Default)]
struct Ahead(AtomicU64);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        SystemClock.now() + SignedDuration::from_secs(self.0.load(Ordering::Relaxed).cast_signed())
    }

    fn monotonic(&self) -> Instant {
        SystemClock.monotonic() + Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_checks_over_a_hundred_credentials_cost_a_hundred_tokens_a_lifetime() {
    let lab = Lab::http();
    let count = AtomicU64::new(0);
    lab.route("/token", move |_| {
        let at = count.fetch_add(1, Ordering::Relaxed);
        let token = format!("{at:04}").repeat(10);
        Answer::status(200).json(format!(r#"{{"access_token":"{token}","expires_in":3600}}"#))
    });
    let clock = Arc::new(Ahead::default());
    let shared = Arc::clone(&clock) as SharedClock;
    let prober = Arc::new(Prober::new(Arc::clone(&shared)));
    let names: Vec<Name> = (0..100).map(|at| name(&format!("client-{at}"))).collect();
    let credentials = names
        .iter()
        .map(|name| (name.clone(), by_oauth2(&lab.url("/token"))));
    let settings = Settings {
        credentials: credentials.collect(),
        ..Settings::default()
    };
    let keyring = Keyring::new(settings, shared, prober);
    let url = lab.url("/").parse().unwrap();
    let mut fetched = Vec::new();
    for _lifetime in 0..3 {
        let personas: Vec<Persona> = names.iter().cloned().map(Persona::Holder).collect();
        let checks = (0..10_000).map(|at| keyring.present(&personas[at % 100], &url));
        let shown = join_all(checks).await;
        assert!(shown.iter().all(Result::is_ok));
        fetched.push(lab.requests().len());
        clock.0.fetch_add(3_550, Ordering::Relaxed);
    }
    assert_eq!(fetched, [100, 200, 300]);
}
