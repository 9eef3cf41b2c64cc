//! What fires at each Alertmanager, so that the late end of one incident does not end the next.
//!
//! Incidents of one check and class have the same labels, so they are one alert there, of which the
//! last word counts. An end that waited for another try may come when the next one is told already.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::incident::Incident;
use crate::notify::render::alerts;

/// When the youngest incident was opened that was told of each alert, by Alertmanager and labels.
#[derive(Debug, Default)]
pub(super) struct Firing(HashMap<String, HashMap<String, Timestamp>>);

impl Firing {
    /// Of what is to be told, all but the ends whose alert is about a younger incident by now.
    pub(super) fn sift(&mut self, base: &str, incidents: &[Arc<Incident>]) -> Vec<Arc<Incident>> {
        let firing = self.0.entry(base.to_owned()).or_default();
        let mut incidents = incidents.to_vec();
        incidents.retain(|incident| {
            let (labels, opened_at) = (labels(incident), incident.opened_at);
            let told = firing.get(&labels).copied();
            let is_former = told.is_some_and(|told| told > opened_at);
            match incident.ended {
                Some(_) if is_former => return false,
                Some(_) => drop(firing.remove(&labels)),
                None if is_former => {}
                None => drop(firing.insert(labels, opened_at)),
            }
            true
        });
        incidents
    }

    /// Exactly these fire at this one.
    pub(super) fn settle(&mut self, base: &str, incidents: &[Arc<Incident>]) {
        let firing = incidents.iter().map(|it| (labels(it), it.opened_at));
        self.0.insert(base.to_owned(), firing.collect());
    }
}

fn labels(incident: &Incident) -> String {
    format!("{:?}", alerts::labels(incident))
}
