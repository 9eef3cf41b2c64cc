//! That a changed challenge is right.

use super::super::control::{AcceptedCheck, Reply};
use super::super::house::House;
use super::{No, check};
use crate::domain::drift::Baseline;
use crate::domain::endpoint::Drift;
use crate::domain::status::EndpointStatus;
use crate::keeper::Event;

impl House {
    /// Accepts the challenges that an endpoint's checks, or one of them, offer by now.
    pub(super) async fn accept(&self, name: &str, only: Option<&str>) -> Result<Reply, No> {
        let endpoint = self.endpoint(name)?;
        let only = only.map(|name| check(&endpoint, name)).transpose()?;
        let only = only.map(|check| check.name.clone());
        let snapshot = self.seen().await?;
        let event = |reply| Event::Accepted {
            endpoint: endpoint.name.clone(),
            check: only.clone(),
            reply,
        };
        let changed = self.have_done(event).await?;
        let mut statuses = snapshot.endpoints.iter();
        let status = statuses.find(|it| it.endpoint.name == endpoint.name);
        let (Some(changed), Some(status)) = (changed, status) else {
            return Err(No::Failed(
                "the configuration is being read again; ask once more".to_owned(),
            ));
        };
        let meant = status.pairs();
        let meant = meant.filter(|(check, _)| only.as_ref().is_none_or(|it| *it == check.name));
        let checks: Vec<AcceptedCheck> = meant
            .map(|(check, known)| {
                let id = endpoint.check_id(check);
                accepted(&known.baseline, changed.contains(&id), id.to_string())
            })
            .collect();
        Ok(Reply::Accepted {
            notes: notes(status, !changed.is_empty()),
            checks,
        })
    }
}

fn accepted(baseline: &Baseline, has_changed: bool, check: String) -> AcceptedCheck {
    let strange = baseline.strange.iter().map(|it| it.fingerprint.to_string());
    AcceptedCheck {
        check,
        before: baseline.accepted.iter().map(ToString::to_string).collect(),
        accepted: strange.filter(|_| has_changed).collect(),
    }
}

fn notes(status: &EndpointStatus, something_changed: bool) -> Vec<String> {
    let name = &status.endpoint.name;
    let note = match (status.endpoint.drift, something_changed) {
        (Drift::Alert, true) => {
            Some("an incident about it ends with the next answers that offer the same".to_owned())
        }
        (Drift::Ignore, _) => Some(format!(
            "`drift` is `ignore` for `{name}`, so nothing is compared there"
        )),
        (Drift::Alert, false) | (Drift::Record, _) => None,
    };
    note.into_iter().collect()
}
