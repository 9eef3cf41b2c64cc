//! A few more probes right after one that saw a bypass: they say whether every replica lets
//! strangers in, or one of several.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::watchlist::Watchlist;
use crate::clock::SharedClock;
use crate::domain::check::CheckId;
use crate::domain::endpoint::{Endpoint, Origin};
use crate::keeper::{Observed, Reprobe, Reprobed};

/// How many there are at most.
const TIMES: u32 = 3;

/// All of them have this long.
const WITHIN: Duration = Duration::from_millis(900);

/// One begins this long after the one before, so that whoever spreads the load has moved on.
const APART: Duration = Duration::from_millis(100);

/// One origin is shown credentials again that it must refuse no oftener than this.
const BETWEEN: Duration = Duration::from_secs(5);

/// How many may be under way: a thousand doors may open at once, and the others are watched still.
const ABREAST: usize = 96;

/// Knocks again, as often as there is time for.
#[derive(Clone, Debug)]
pub(super) struct Reprober {
    clock: SharedClock,
    places: Arc<Semaphore>,
    /// When each origin was last shown credentials again that it must refuse.
    shown: Arc<Mutex<HashMap<Origin, Instant>>>,
}

impl Reprober {
    pub(super) fn new(clock: SharedClock) -> Self {
        Self {
            clock,
            places: Arc::new(Semaphore::new(ABREAST)),
            shown: Arc::default(),
        }
    }

    /// Whether there is leave to knock again: not where an origin was shown made-up credentials a
    /// moment ago, because a hundred doors behind one gateway may open at once, and who shows it so
    /// many is shut out.
    fn may_run(&self, errand: &Reprobe, now: Instant) -> bool {
        let mut checks = errand.endpoint.checks.iter();
        let check = checks.find(|check| check.name == errand.check.check);
        if !check.is_some_and(|check| check.persona.shows_refused_credential()) {
            return true;
        }
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.retain(|_, at| now.saturating_duration_since(*at) < BETWEEN);
        shown.insert(errand.endpoint.origin(), now).is_none()
    }

    /// What re-probes see; those that get no place in time are not made.
    pub(super) async fn run(&self, watchlist: Arc<Watchlist>, errand: Reprobe) -> Reprobed {
        let begun = Instant::from_std(self.clock.monotonic());
        let times = if self.may_run(&errand, begun) {
            TIMES
        } else {
            0
        };
        let mut knocks = JoinSet::new();
        for number in 0..times {
            let endpoint = match errand.address.filter(|_| number == 0) {
                Some(address) => pinned(&errand.endpoint, address),
                None => Arc::clone(&errand.endpoint),
            };
            let knock = Knock {
                clock: SharedClock::clone(&self.clock),
                places: Arc::clone(&self.places),
                watchlist: Arc::clone(&watchlist),
                check: errand.check.clone(),
                endpoint,
                starts: begun + APART * number,
                ends: begun + WITHIN,
            };
            knocks.spawn(knock.run());
        }
        let mut observed = Vec::new();
        while let Some(ended) = knocks.join_next().await {
            observed.extend(ended.ok().flatten());
        }
        for one in &mut observed {
            // The keeper knows it by the endpoint that it handed out.
            one.endpoint = Arc::clone(&errand.endpoint);
        }
        Reprobed {
            incident: errand.incident,
            observed,
        }
    }
}

struct Knock {
    clock: SharedClock,
    places: Arc<Semaphore>,
    watchlist: Arc<Watchlist>,
    check: CheckId,
    endpoint: Arc<Endpoint>,
    starts: Instant,
    ends: Instant,
}

impl Knock {
    async fn run(self) -> Option<Observed> {
        sleep_until(self.starts).await;
        let place = timeout_at(self.ends, self.places.acquire()).await;
        let _place = place.ok()?.ok()?;
        let now = Instant::from_std(self.clock.monotonic());
        let left = self.ends.saturating_duration_since(now);
        let knocking = self
            .watchlist
            .knock_again(&self.check, &self.endpoint, left);
        timeout_at(self.ends, knocking).await.ok().flatten()
    }
}

/// The same endpoint at the address that answered, whatever its name resolves to by now.
fn pinned(endpoint: &Arc<Endpoint>, address: SocketAddr) -> Arc<Endpoint> {
    let Some(host) = endpoint.request.url.host_str() else {
        return Arc::clone(endpoint);
    };
    // The address that was dialled is the proxy's.
    if endpoint.transport.proxy.is_some() {
        return Arc::clone(endpoint);
    }
    let mut pinned = Endpoint::clone(endpoint);
    pinned
        .transport
        .resolve
        .insert(host.to_owned(), address.ip());
    Arc::new(pinned)
}
