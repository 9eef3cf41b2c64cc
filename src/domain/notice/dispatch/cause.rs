//! Common causes: several incidents of one route that were opened together and share what failed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Dispatch;
use super::group::{GroupKey, Kind, cause_of, later};
use super::strand::{Strand, Watched};
use crate::domain::incident::{Incident, IncidentId};

/// How many incidents make a common cause.
const SEVERAL: usize = 3;

/// Incidents of which somebody was told nothing yet, by what they may have in common.
#[derive(Debug, Default)]
pub(super) struct Unsaid(BTreeMap<GroupKey, BTreeSet<(Timestamp, IncidentId)>>);

impl Unsaid {
    pub(super) fn note(&mut self, watched: &Watched, strand: &Strand) {
        if strand.telling.is_some() {
            return;
        }
        if let Some(key) = key(&watched.incident, strand) {
            let entry = (watched.opened_at, watched.incident.id.clone());
            self.0.entry(key).or_default().insert(entry);
        }
    }

    pub(super) fn forget(&mut self, watched: &Watched, strand: &Strand) {
        if let Some(key) = key(&watched.incident, strand)
            && let Some(of_key) = self.0.get_mut(&key)
        {
            of_key.remove(&(watched.opened_at, watched.incident.id.clone()));
            if of_key.is_empty() {
                self.0.remove(&key);
            }
        }
    }
}

fn key(incident: &Incident, strand: &Strand) -> Option<GroupKey> {
    let lane = strand.lane.as_ref()?;
    Some(lane.group_by_cause(cause_of(incident)?))
}

impl Dispatch {
    /// Moves incidents with a common cause out of a group that is about to tell of some of them, and
    /// gives those that stay.
    pub(super) fn gather_by_cause(
        &mut self,
        group: &GroupKey,
        about: Vec<IncidentId>,
        now: Timestamp,
    ) -> Vec<IncidentId> {
        let Kind::Labels { .. } = &group.kind else {
            return about;
        };
        let mut keys = BTreeSet::new();
        for id in &about {
            let watched = self.incidents.get(id);
            let strand = watched.and_then(|watched| watched.strands.get(&group.receiver));
            if let (Some(watched), Some(strand)) = (watched, strand)
                && strand.telling.is_none()
            {
                keys.extend(key(&watched.incident, strand));
            }
        }
        let mut moved = BTreeSet::new();
        for key in keys {
            let together = self.together(&key, now);
            // Those of other groups wait for company of their own, unless one of these speaks now.
            if about.iter().any(|id| together.contains(id)) {
                for id in together {
                    self.move_to(&id, &key, now);
                    moved.insert(id);
                }
            }
        }
        let stays = about.into_iter().filter(|id| !moved.contains(id));
        stays.collect()
    }

    /// Those of which nothing was told yet and nothing keeps it, and of which at least three were
    /// opened within the time that a group waits.
    fn together(&self, key: &GroupKey, now: Timestamp) -> BTreeSet<IncidentId> {
        let mut wait = None;
        let unsaid = self.unsaid.0.get(key).into_iter().flatten();
        let free = unsaid.filter(|(_, id)| {
            let Some(watched) = self.incidents.get(id) else {
                return false;
            };
            let strand = watched.strands.get(&key.receiver);
            let Some(strand) = strand.filter(|strand| strand.telling.is_none()) else {
                return false;
            };
            wait = wait.or(strand.lane.as_ref().map(|lane| lane.route.group_wait));
            self.held(&watched.incident, strand, now).is_none()
        });
        let free: Vec<_> = free.collect();
        let wait = wait.unwrap_or_default();
        let mut together = BTreeSet::new();
        let (mut end, mut done) = (0, 0);
        for (start, (opened_at, _)) in free.iter().enumerate() {
            let latest = later(*opened_at, wait);
            while free.get(end).is_some_and(|(at, _)| *at <= latest) {
                end += 1;
            }
            if end - start >= SEVERAL {
                // What an earlier window held is there already.
                let new = free.get(start.max(done)..end).unwrap_or_default();
                together.extend(new.iter().map(|(_, id)| id.clone()));
                done = end;
            }
        }
        together
    }

    fn move_to(&mut self, id: &IncidentId, key: &GroupKey, now: Timestamp) {
        let Some(watched) = self.incidents.get_mut(id) else {
            return;
        };
        let Some(strand) = watched.strands.get_mut(&key.receiver) else {
            return;
        };
        self.groups.leave(&strand.group, id);
        strand.group = key.clone();
        self.groups.join(key, id);
        self.wake_strands(id, now);
    }
}
