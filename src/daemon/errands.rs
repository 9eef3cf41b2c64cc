//! What the keeper has others do: knock again where a bypass was seen, and tell notices.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::house::House;
use super::reprobe::Reprober;
use super::service::Part;
use crate::keeper::{Errand, Event};

/// Does what comes, for as long as the keeper is there.
pub(super) async fn run(house: Arc<House>, mut inbox: mpsc::UnboundedReceiver<Errand>) -> Part {
    let reprober = Reprober::default();
    let mut knocks = JoinSet::new();
    while let Some(errand) = inbox.recv().await {
        match errand {
            Errand::Reprobe(reprobe) => {
                let (house, reprober) = (Arc::clone(&house), reprober.clone());
                knocks.spawn(async move {
                    let reprobed = reprober.run(house.watchlist(), reprobe).await;
                    house.keeper.tell(Event::Reprobed(reprobed)).await;
                });
            }
            Errand::Tell(owed) => house.sender.send(owed),
        }
        while knocks.try_join_next().is_some() {}
    }
    Part::Keeper
}
