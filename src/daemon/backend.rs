//! What the web port looks through: snapshots, metrics and readiness of a running daemon.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;

use super::house::House;
use crate::domain::check::Name;
use crate::domain::status::{Change, Snapshot};
use crate::web::{Backend, Readiness};

/// A keeper that does not answer within this time is not well.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many changes of an endpoint are shown.
const MOST_CHANGES: usize = 50;

/// The running daemon, seen from outside.
#[derive(Debug)]
pub(super) struct Window(Arc<House>);

impl Window {
    /// A window into this house.
    pub(super) fn new(house: Arc<House>) -> Self {
        Self(house)
    }

    async fn look(&self) -> Option<Arc<Snapshot>> {
        let mut seen = self.0.keeper.snapshot(PATIENCE).await?;
        Arc::make_mut(&mut seen).fetches = self.0.watchlist().fetches();
        Some(seen)
    }
}

impl Backend for Window {
    fn snapshot(&self) -> BoxFuture<'_, Option<Arc<Snapshot>>> {
        Box::pin(self.look())
    }

    fn readiness(&self) -> BoxFuture<'_, Readiness> {
        Box::pin(async {
            let mut why_not = Vec::new();
            if self.0.stopping.load(Ordering::Relaxed) {
                why_not.push("The daemon is stopping.".to_owned());
            }
            if !self.0.pulse.is_felt() {
                why_not.push("The schedule stands still.".to_owned());
            }
            if self.look().await.is_none() {
                why_not.push("The keeper of live state does not answer.".to_owned());
            }
            let store = self.0.store.health();
            if !store.works {
                let what = store.trouble.map(|trouble| trouble.what);
                why_not.push(what.unwrap_or_else(|| "The state file is closed.".to_owned()));
            }
            if why_not.is_empty() {
                Readiness::Ready
            } else {
                Readiness::NotReady(why_not)
            }
        })
    }

    fn exposition(&self) -> BoxFuture<'_, Option<Box<dyn Iterator<Item = Bytes> + Send>>> {
        Box::pin(async {
            let snapshot = self.look().await?;
            let chunks: Box<dyn Iterator<Item = Bytes> + Send> =
                Box::new(self.0.metrics.encode(snapshot));
            Some(chunks)
        })
    }

    fn changes<'a>(&'a self, endpoint: &'a Name) -> BoxFuture<'a, Vec<Change>> {
        Box::pin(self.0.store.changes(endpoint, MOST_CHANGES))
    }

    fn reload(&self) -> BoxFuture<'_, Result<(), String>> {
        let house = Arc::clone(&self.0);
        Box::pin(async move {
            // A reload goes on although whoever asked for it may leave.
            let reloading = tokio::spawn(async move { house.reload().await });
            match reloading.await {
                Ok(outcome) => outcome,
                Err(broke) => Err(format!("the reload broke off: {broke}")),
            }
        })
    }
}
