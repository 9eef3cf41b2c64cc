//! Letters on their way: to the relay, or into a directory.

use std::collections::BTreeMap;

use super::carrier::{Carried, Carrier, Carrying};
use super::file::Folder;
use super::render;
use super::settings::{Mailbox, Receiver};
use super::smtp::{Relay, Stage, Trial};
use crate::domain::check::Name;
use crate::domain::notice::{Attempt, Notice, Way};

/// Sends mails through a relay.
#[derive(Clone, Debug)]
pub struct Mails {
    relay: Relay,
    mailboxes: BTreeMap<(Name, String), Mailbox>,
}

impl Mails {
    /// Mails to these receivers, those of them that have an address.
    pub fn new<'a>(relay: Relay, receivers: impl IntoIterator<Item = &'a Receiver>) -> Self {
        let receivers = receivers.into_iter();
        let mailboxes = receivers.flat_map(|receiver| {
            let mailboxes = receiver.email.iter();
            mailboxes.map(|mailbox| {
                let key = (receiver.name.clone(), mailbox.address.clone());
                (key, mailbox.clone())
            })
        });
        Self {
            relay,
            mailboxes: mailboxes.collect(),
        }
    }

    /// Tells one notice to one address, and every step on the way.
    pub async fn try_out(&self, notice: &Notice, address: &str) -> Trial {
        let key = (notice.receiver.clone(), address.to_owned());
        // An address that left the configuration is still owed what was owed to it.
        let named = self.mailboxes.get(&key).cloned();
        let mailbox = named.unwrap_or(Mailbox {
            name: None,
            address: key.1,
        });
        self.relay.try_out(&render::letter(notice), &mailbox).await
    }

    async fn tell(&self, notice: &Notice, address: &str) -> Carried {
        let Trial { steps, attempt } = self.try_out(notice, address).await;
        let last = steps.last().map(|step| step.stage);
        match (attempt, last) {
            (Attempt::Retried(why), Some(stage)) if stage < Stage::Sender => {
                Carried::unreachable(why)
            }
            (attempt, _) => attempt.into(),
        }
    }
}

impl Carrier for Mails {
    fn carry<'a>(&'a self, notice: &'a Notice, way: &'a Way) -> Carrying<'a> {
        let address = way.address().unwrap_or_default();
        Box::pin(self.tell(notice, address))
    }
}

/// Writes mails into directories.
#[derive(Clone, Debug)]
pub struct Folders(BTreeMap<Name, Folder>);

impl Folders {
    /// The directories of these receivers, those of them that have one. The sender is the relay's.
    pub fn new<'a>(
        receivers: impl IntoIterator<Item = &'a Receiver>,
        from: Option<&Mailbox>,
    ) -> Self {
        let receivers = receivers.into_iter();
        let folders = receivers.filter_map(|receiver| {
            let folder = Folder::new(receiver.directory.clone()?, from.cloned());
            Some((receiver.name.clone(), folder))
        });
        Self(folders.collect())
    }

    async fn tell(&self, notice: &Notice) -> Attempt {
        match self.0.get(&notice.receiver) {
            Some(folder) => folder.deliver(&notice.id, &render::letter(notice)).await,
            // It may come back, and what is owed is owed.
            None => Attempt::Retried("the receiver has no directory any more".to_owned()),
        }
    }
}

impl Carrier for Folders {
    fn carry<'a>(&'a self, notice: &'a Notice, _: &'a Way) -> Carrying<'a> {
        Box::pin(async { self.tell(notice).await.into() })
    }
}
