//! Names of notices, and where their mails belong.

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::Dispatch;
use crate::domain::check::Name;
use crate::domain::incident::IncidentId;
use crate::domain::notice::{MessageId, NoticeId, Telling, Thread};

/// How many mails a thread remembers.
const LONGEST_THREAD: usize = 20;

/// Makes names of notices that never come twice.
#[derive(Debug)]
pub(super) struct Letters {
    seed: u64,
    count: u64,
}

impl Letters {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, count: 0 }
    }

    /// A new name. The time is part of it, in case that a seed comes twice.
    pub(super) fn name(&mut self, receiver: &Name, now: Timestamp) -> NoticeId {
        self.count += 1;
        let (seed, count, now) = (self.seed, self.count, now.as_nanosecond());
        let digest = Sha256::digest(format!("{seed} {count} {now} {receiver}").as_bytes());
        let digits = digest.iter().take(12).map(|byte| format!("{byte:02x}"));
        NoticeId(digits.collect::<String>().into())
    }
}

/// A mail that others are answers to, and those after it.
#[derive(Debug, Default)]
pub(super) struct Past {
    pub(super) first: Option<MessageId>,
    pub(super) all: Vec<MessageId>,
}

impl Past {
    fn of(telling: &Telling) -> Option<Self> {
        let first = telling.mails.first()?.clone();
        let all = telling.thread.iter().chain(&telling.mails);
        Some(Self {
            first: Some(first),
            all: bounded(all.cloned().collect()),
        })
    }
}

impl Dispatch {
    /// A name, and the place of a mail that follows others.
    pub(super) fn letter(
        &mut self,
        receiver: &Name,
        past: Past,
        now: Timestamp,
    ) -> (NoticeId, Thread) {
        let id = self.letters.name(receiver, now);
        let thread = Thread {
            message_id: MessageId::of(&id, &self.policy.message_domain),
            in_reply_to: past.first,
            references: past.all,
        };
        (id, thread)
    }

    /// The mails of an incident to a receiver.
    pub(super) fn own_past(&self, id: &IncidentId, receiver: &Name) -> Option<Past> {
        let strand = self.incidents.get(id)?.strands.get(receiver)?;
        Past::of(strand.telling.as_ref()?)
    }

    /// The mails of another incident of the same check that goes on; the first one that was told.
    pub(super) fn past_beside(&self, id: &IncidentId, receiver: &Name) -> Option<Past> {
        let check = &self.incidents.get(id)?.incident.check;
        let others = self.by_check.get(check)?.iter();
        let others = others.filter(|other| *other != id);
        let watched = others.filter_map(|other| self.incidents.get(other));
        let open = watched.filter(|watched| watched.incident.is_open());
        let told = open.filter_map(|watched| {
            let telling = watched.strands.get(receiver)?.telling.as_ref()?;
            Some((watched.opened_at, Past::of(telling)?))
        });
        told.min_by_key(|(opened_at, _)| *opened_at)
            .map(|(_, past)| past)
    }
}

/// Of many mails, the first and the last ones.
pub(super) fn bounded(mut mails: Vec<MessageId>) -> Vec<MessageId> {
    if mails.len() > LONGEST_THREAD {
        let too_many = mails.len() - LONGEST_THREAD;
        mails.drain(1..=too_many);
    }
    mails
}
