//! An incident as it is kept.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::story::StoryForm;
use super::time::{from_micros, micros};
use super::{class, severity};
use crate::domain::check::{CheckId, Name};
use crate::domain::finding::Reason;
use crate::domain::incident::{Ended, Incident, IncidentId, Reproduced, Resolution};

/// Incidents that were read before: what notices tell of is, for the most part, the same.
#[derive(Debug, Default)]
pub(in crate::store) struct Incidents(HashMap<IncidentId, Arc<Incident>>);

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct IncidentForm {
    id: String,
    endpoint: String,
    check: String,
    class: String,
    reason: String,
    severity: String,
    since: i64,
    opened_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<EndedForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reproduced: Option<ReproducedForm>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    flapping: bool,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    story: StoryForm,
}

#[derive(Debug, Serialize, Deserialize)]
struct EndedForm {
    at: i64,
    resolution: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct ReproducedForm {
    again: u32,
    of: u32,
}

/// An incident, as text.
pub(in crate::store) fn to_text(incident: &Incident) -> serde_json::Result<String> {
    serde_json::to_string(&IncidentForm::of(incident))
}

/// The incident; `None` where the text says nothing that can be understood.
pub(in crate::store) fn from_text(text: &str, known: &mut Incidents) -> Option<Arc<Incident>> {
    let form: IncidentForm = serde_json::from_str(text).ok()?;
    form.incident(known)
}

impl IncidentForm {
    pub(super) fn of(incident: &Incident) -> Self {
        Self {
            id: incident.id.as_str().to_owned(),
            endpoint: incident.check.endpoint.as_str().to_owned(),
            check: incident.check.check.as_str().to_owned(),
            class: incident.class.as_str().to_owned(),
            reason: incident.reason.as_str().to_owned(),
            severity: incident.severity.as_str().to_owned(),
            since: micros(incident.since),
            opened_at: micros(incident.opened_at),
            ended: incident.ended.map(EndedForm::of),
            reproduced: incident
                .reproduced
                .map(|Reproduced { again, of }| ReproducedForm { again, of }),
            flapping: incident.flapping,
            labels: incident.labels.as_ref().clone(),
            story: StoryForm::of(&incident.story),
        }
    }

    pub(super) fn incident(self, known: &mut Incidents) -> Option<Arc<Incident>> {
        let reason = Reason::from_name(&self.reason)?;
        let ended = match self.ended {
            Some(form) => Some(form.ended()?),
            None => None,
        };
        let reproduced = |form: ReproducedForm| Reproduced {
            again: form.again,
            of: form.of,
        };
        Some(known.share(Incident {
            id: IncidentId::parse(&self.id)?,
            check: CheckId {
                endpoint: Name::parse(&self.endpoint)?,
                check: Name::parse(&self.check)?,
            },
            class: class(&self.class)?,
            reason,
            severity: severity(&self.severity).unwrap_or(reason.severity()),
            since: from_micros(self.since)?,
            opened_at: from_micros(self.opened_at)?,
            ended,
            reproduced: self.reproduced.map(reproduced),
            flapping: self.flapping,
            labels: Arc::new(self.labels),
            story: Arc::new(self.story.story()?),
        }))
    }
}

impl EndedForm {
    fn of(ended: Ended) -> Self {
        Self {
            at: micros(ended.at),
            resolution: ended.resolution.as_str().to_owned(),
        }
    }

    /// How it ended; where that is not known any more, nobody knows whether it is mended.
    fn ended(self) -> Option<Ended> {
        let named = |known: &Resolution| known.as_str() == self.resolution;
        let resolution = [Resolution::Recovered, Resolution::Removed]
            .into_iter()
            .find(named);
        Some(Ended {
            at: from_micros(self.at)?,
            resolution: resolution.unwrap_or(Resolution::Removed),
        })
    }
}

impl Incidents {
    /// The same incident, shared as far as it is equal to what was read of it before.
    fn share(&mut self, mut incident: Incident) -> Arc<Incident> {
        if let Some(known) = self.0.get(&incident.id) {
            if **known == incident {
                return Arc::clone(known);
            }
            if known.story == incident.story {
                incident.story = Arc::clone(&known.story);
            }
            if known.labels == incident.labels {
                incident.labels = Arc::clone(&known.labels);
            }
        }
        let shared = Arc::new(incident);
        self.0.insert(shared.id.clone(), Arc::clone(&shared));
        shared
    }
}
