//! What the daemon does for those who ask over the control socket.
//!
//! The keeper does it; here is read what was asked for, against the configuration in force.

mod acceptance;
mod silences;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::control::{Reply, Request};
use super::house::House;
use crate::config::nearest;
use crate::domain::check::Check;
use crate::domain::endpoint::Endpoint;
use crate::domain::status::Snapshot;
use crate::keeper::Event;

/// How long the keeper may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why something is not done.
#[derive(Debug)]
enum No {
    /// It makes no sense.
    Refused(String),
    /// It cannot be done now.
    Failed(String),
}

impl House {
    pub(super) async fn answer(&self, request: Request) -> Reply {
        let done = match request {
            Request::Reload => match self.reload().await {
                Ok(()) => Ok(Reply::Done),
                Err(faults) => Err(No::Refused(faults)),
            },
            Request::SilenceAdd {
                matchers,
                seconds,
                comment,
                author,
            } => {
                let length = Duration::from_secs(seconds);
                let author = author.unwrap_or_default();
                self.silence(&matchers, length, (comment, author)).await
            }
            Request::SilenceList => self.list_silences().await,
            Request::SilenceExpire { id } => self.expire_silence(&id).await,
            Request::Accept { endpoint, check } => self.accept(&endpoint, check.as_deref()).await,
        };
        match done {
            Ok(reply) => reply,
            Err(No::Refused(why)) => Reply::Refused { why },
            Err(No::Failed(why)) => Reply::Failed { why },
        }
    }

    /// Tells the keeper something that it answers.
    async fn have_done<T>(&self, event: impl FnOnce(oneshot::Sender<T>) -> Event) -> Result<T, No> {
        let asked = async {
            let (reply, answer) = oneshot::channel();
            self.keeper.tell(event(reply)).await;
            answer.await
        };
        match timeout(PATIENCE, asked).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_gone)) => Err(No::Failed("the daemon is about to stop".to_owned())),
            Err(_late) => Err(too_busy()),
        }
    }

    /// Everything that the keeper knows.
    async fn seen(&self) -> Result<Arc<Snapshot>, No> {
        let snapshot = self.keeper.snapshot(PATIENCE).await;
        snapshot.ok_or_else(too_busy)
    }

    /// The endpoint of this name in the configuration in force.
    fn endpoint(&self, name: &str) -> Result<Arc<Endpoint>, No> {
        let watchlist = self.watchlist();
        let mut endpoints = watchlist.endpoints.iter();
        let found = endpoints.find(|it| it.name.as_str() == name);
        found.map(Arc::clone).ok_or_else(|| {
            let known = watchlist.endpoints.iter().map(|it| it.name.as_str());
            No::Refused(format!(
                "no endpoint is named `{name}`{}",
                hint(name, known)
            ))
        })
    }
}

/// The check of this name.
fn check<'e>(endpoint: &'e Endpoint, name: &str) -> Result<&'e Check, No> {
    let mut checks = endpoint.checks.iter();
    let found = checks.find(|it| it.name.as_str() == name);
    found.ok_or_else(|| {
        let known = endpoint.checks.iter().map(|it| it.name.as_str());
        let hint = hint(name, known);
        No::Refused(format!("`{}` has no check `{name}`{hint}", endpoint.name))
    })
}

/// The name that was most likely meant.
fn hint<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let near = nearest(written, known);
    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

/// What was told may still be done, so nobody should ask twice without a look.
fn too_busy() -> No {
    No::Failed(format!(
        "the daemon did not answer within {} s; see what it did before you ask again",
        PATIENCE.as_secs()
    ))
}
