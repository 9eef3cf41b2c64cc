//! The incidents of all checks: opened, changed and ended as the casebooks say.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::check::CheckId;
use crate::domain::finding::Class;
use crate::domain::incident::{Casebook, Ended, Incident, IncidentId, Resolution};

/// How many incidents are remembered after their end.
const REMEMBERED: usize = 1_000;

/// Everything about incidents that the keeper keeps.
#[derive(Debug, Default)]
pub(super) struct Cases {
    books: HashMap<CheckId, Casebook>,
    open: BTreeMap<IncidentId, Arc<Incident>>,
    by_check: HashMap<CheckId, BTreeMap<Class, IncidentId>>,
    /// The newest end first.
    ended: VecDeque<Arc<Incident>>,
}

impl Cases {
    /// Goes on from what a former run left.
    pub(super) fn resumed(saved: &[Arc<Incident>]) -> Self {
        let mut cases = Self::default();
        let mut ended: Vec<_> = saved.iter().filter(|it| !it.is_open()).cloned().collect();
        ended.sort_by_key(|incident| std::cmp::Reverse(incident.ended.map(|end| end.at)));
        cases.ended = ended.into();
        let mut known: HashMap<CheckId, Vec<&Arc<Incident>>> = HashMap::new();
        for incident in saved {
            let key = incident.check.clone();
            known.entry(key).or_default().push(incident);
            if incident.is_open() {
                cases.list(Arc::clone(incident));
            }
        }
        for (key, incidents) in known {
            let book = Casebook::resumed(incidents.into_iter().map(Arc::as_ref));
            cases.books.insert(key, book);
        }
        cases
    }

    /// The book of a check; a new one where nothing is known.
    pub(super) fn book(&mut self, check: &CheckId) -> &mut Casebook {
        self.books.entry(check.clone()).or_default()
    }

    /// Whether there is anything to forget or to count for a check.
    pub(super) fn has_book(&self, check: &CheckId) -> bool {
        self.books.contains_key(check)
    }

    /// Lets go of a book that says nothing any more.
    pub(super) fn tidy(&mut self, check: &CheckId, now: Timestamp) {
        if self.books.get(check).is_some_and(|book| book.is_blank(now)) {
            self.books.remove(check);
        }
    }

    /// When the first of the books has something to say as time passes.
    pub(super) fn next_calm(&self) -> Option<Timestamp> {
        self.books.values().filter_map(Casebook::calm_at).min()
    }

    /// Checks whose books have something to say as time passes.
    pub(super) fn to_be_calm(&self, now: Timestamp) -> Vec<CheckId> {
        let books = self.books.iter();
        let due = books.filter(|(_, book)| book.calm_at().is_some_and(|at| at <= now));
        due.map(|(key, _)| key.clone()).collect()
    }

    /// Puts a new incident, or a changed one, among the others.
    pub(super) fn list(&mut self, incident: Arc<Incident>) {
        self.by_check
            .entry(incident.check.clone())
            .or_default()
            .insert(incident.class, incident.id.clone());
        self.open.insert(incident.id.clone(), incident);
    }

    /// An open incident of a check.
    pub(super) fn of(&self, check: &CheckId, class: Class) -> Option<&Arc<Incident>> {
        let id = self.by_check.get(check)?.get(&class)?;
        self.open.get(id)
    }

    /// An open incident.
    pub(super) fn get(&self, id: &IncidentId) -> Option<&Arc<Incident>> {
        self.open.get(id)
    }

    /// The gravest open incident of a check.
    pub(super) fn gravest(&self, check: &CheckId) -> Option<IncidentId> {
        let all = self.by_check.get(check)?.values();
        let open = all.filter_map(|id| self.open.get(id));
        let gravest = open.max_by_key(|it| (it.severity, std::cmp::Reverse(it.class)))?;
        Some(gravest.id.clone())
    }

    /// Ends an incident.
    pub(super) fn end(
        &mut self,
        check: &CheckId,
        class: Class,
        (at, resolution): (Timestamp, Resolution),
    ) -> Option<Arc<Incident>> {
        let of_check = self.by_check.get_mut(check)?;
        let id = of_check.remove(&class)?;
        if of_check.is_empty() {
            self.by_check.remove(check);
        }
        let mut incident = self.open.remove(&id)?;
        Arc::make_mut(&mut incident).ended = Some(Ended { at, resolution });
        self.ended.push_front(Arc::clone(&incident));
        self.ended.truncate(REMEMBERED);
        Some(incident)
    }

    /// The newest incident of a check and class, open or ended.
    pub(super) fn newest(&self, check: &CheckId, class: Class) -> Option<&Arc<Incident>> {
        let open = self.of(check, class);
        open.or_else(|| {
            let mut ended = self.ended.iter();
            ended.find(|it| it.check == *check && it.class == class)
        })
    }

    /// Puts a changed incident, open or ended, in the place of what it was.
    pub(super) fn replace(&mut self, incident: Arc<Incident>) {
        if incident.is_open() {
            self.open.insert(incident.id.clone(), incident);
        } else if let Some(known) = self.ended.iter_mut().find(|it| it.id == incident.id) {
            *known = incident;
        }
    }

    /// Every check that a book or an incident is of.
    pub(super) fn checks(&self) -> Vec<CheckId> {
        let books = self.books.keys();
        let mut all: Vec<CheckId> = books.chain(self.by_check.keys()).cloned().collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Forgets what was counted of a check that is watched no more.
    pub(super) fn drop_books(&mut self, check: &CheckId) {
        self.books.remove(check);
    }

    /// What is open at a check.
    pub(super) fn open_at(&self, check: &CheckId) -> Vec<Class> {
        let of_check = self.by_check.get(check);
        of_check.map_or_else(Vec::new, |all| all.keys().copied().collect())
    }

    /// What is open of a class, at any check.
    pub(super) fn open_of(&self, class: Class) -> impl Iterator<Item = &Arc<Incident>> {
        let open = self.open.values();
        open.filter(move |incident| incident.class == class)
    }

    /// How many are open.
    pub(super) fn count(&self) -> usize {
        self.open.len()
    }

    /// Open ones, then ended ones; each the newest first.
    pub(super) fn all(&self) -> Vec<Arc<Incident>> {
        let mut all: Vec<_> = self.open.values().cloned().collect();
        all.sort_by(|left, right| (right.opened_at, &right.id).cmp(&(left.opened_at, &left.id)));
        all.extend(self.ended.iter().cloned());
        all
    }
}
