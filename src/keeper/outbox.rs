//! Notices that are owed, and what became of them.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::check::Name;
use crate::domain::notice::{Attempt, Delivery, Notice, NoticeId, Owed, Way};

/// How many notices that are no longer owed are remembered.
const REMEMBERED: usize = 500;

/// One try to tell a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// Which notice.
    pub notice: NoticeId,
    /// On which way.
    pub way: Way,
    /// What it came to.
    pub attempt: Attempt,
    /// When it ended.
    pub at: Timestamp,
}

/// Every notice that is owed, and the last of the others.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    owed: BTreeMap<(Timestamp, NoticeId), Arc<Owed>>,
    created: HashMap<NoticeId, Timestamp>,
    /// Those of which nothing is owed any more, in the order in which that came about.
    finished: VecDeque<(Timestamp, NoticeId)>,
}

impl Outbox {
    /// Goes on from what a former run left.
    pub(super) fn resumed(saved: &[Arc<Owed>]) -> Self {
        let mut outbox = Self::default();
        saved.iter().cloned().for_each(|owed| outbox.put(owed));
        outbox
    }

    /// Owes a notice on each of these ways.
    pub(super) fn owe(&mut self, notice: Notice, ways: &[Way]) -> Arc<Owed> {
        let owed = Arc::new(Owed {
            notice: Arc::new(notice),
            deliveries: ways
                .iter()
                .map(|way| (way.clone(), Delivery::default()))
                .collect(),
        });
        self.put(Arc::clone(&owed));
        owed
    }

    /// Takes down what a try came to; `None` where nobody knows the notice or the way.
    pub(super) fn note(&mut self, tried: Tried) -> Option<Arc<Owed>> {
        let created = *self.created.get(&tried.notice)?;
        let owed = self.owed.get_mut(&(created, tried.notice))?;
        let was_pending = owed.is_pending();
        let changed = Arc::make_mut(owed);
        changed
            .deliveries
            .get_mut(&tried.way)?
            .note(tried.attempt, tried.at);
        let owed = Arc::clone(owed);
        if was_pending && !owed.is_pending() {
            self.finish(&owed);
        }
        Some(owed)
    }

    /// Those that are still owed, the oldest first.
    pub(super) fn pending(&self) -> impl Iterator<Item = &Arc<Owed>> {
        self.owed.values().filter(|owed| owed.is_pending())
    }

    /// All of them, the newest first.
    pub(super) fn all(&self) -> Vec<Arc<Owed>> {
        self.owed.values().rev().cloned().collect()
    }

    /// Whom a notice is for.
    pub(super) fn receiver(&self, id: &NoticeId) -> Option<Name> {
        let created = *self.created.get(id)?;
        let owed = self.owed.get(&(created, id.clone()))?;
        Some(owed.notice.receiver.clone())
    }

    fn put(&mut self, owed: Arc<Owed>) {
        let (created, id) = (owed.notice.created_at, owed.notice.id.clone());
        self.created.insert(id.clone(), created);
        if !owed.is_pending() {
            self.finish(&owed);
        }
        self.owed.insert((created, id), owed);
    }

    /// Nothing of a notice is owed any more: it is remembered for a while.
    fn finish(&mut self, owed: &Owed) {
        let key = (owed.notice.created_at, owed.notice.id.clone());
        self.finished.push_back(key);
        if self.finished.len() > REMEMBERED
            && let Some(oldest) = self.finished.pop_front()
        {
            self.created.remove(&oldest.1);
            self.owed.remove(&oldest);
        }
    }
}
