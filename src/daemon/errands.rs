//! What the keeper has others do: knock again where a bypass was seen, and tell notices.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use super::house::House;
use super::reprobe::Reprober;
use super::service::Part;
use crate::clock::SharedClock;
use crate::keeper::{Errand, Event, Tried};
use crate::notify::{Report, Reports, Resender};

/// Does what comes, for as long as the keeper is there.
pub(super) async fn run(house: Arc<House>, mut inbox: mpsc::UnboundedReceiver<Errand>) -> Part {
    let reprober = Reprober::new(SharedClock::clone(&house.clock));
    let mut knocks = JoinSet::new();
    while let Some(errand) = inbox.recv().await {
        match errand {
            Errand::Reprobe(reprobe) => {
                let (house, reprober) = (Arc::clone(&house), reprober.clone());
                knocks.spawn(async move {
                    let came_back = reprober.run(house.watchlist(), reprobe).await;
                    house.keeper.tell(Event::Reprobed(came_back)).await;
                });
            }
            Errand::Tell(owed) => house.sender.send(owed),
        }
        while knocks.try_join_next().is_some() {}
    }
    Part::Keeper
}

/// Tells the keeper what became of notices, and in the end that this was all.
pub(super) async fn report(
    house: Arc<House>,
    mut reports: Reports,
    ended: oneshot::Sender<()>,
) -> Part {
    while let Some(report) = reports.recv().await {
        let Report {
            notice,
            way,
            attempt,
            at,
            ..
        } = report;
        let tried = Tried {
            notice,
            way,
            attempt,
            at,
        };
        house.keeper.tell(Event::Tried(tried)).await;
    }
    let _heard = ended.send(()).is_ok();
    std::future::pending().await
}

/// Has Alertmanagers be told again of what is open: they forget what nobody repeats.
pub(super) async fn repeat(resender: Resender) -> Part {
    resender.run().await;
    std::future::pending().await
}

/// Sends what is owed. It ends where it is told to, and then waits for nobody.
pub(super) async fn send(sending: impl Future<Output = ()>) -> Part {
    sending.await;
    std::future::pending().await
}
