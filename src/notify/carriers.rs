//! Every way of telling, behind one door.

use std::fmt;
use std::sync::Arc;

use super::alertmanager::Alertmanagers;
use super::carrier::{Carrier, Carrying};
use super::webhook::Webhooks;
use crate::domain::notice::{Attempt, Notice, Way};

/// Those who know each way, as the configuration has them.
#[derive(Clone)]
pub struct Carriers {
    /// Mails, at the relay; none where no relay is configured.
    pub mail: Option<Arc<dyn Carrier>>,
    /// Files, in directories; none where no receiver has one.
    pub files: Option<Arc<dyn Carrier>>,
    /// Alertmanagers.
    pub alertmanagers: Alertmanagers,
    /// Webhooks.
    pub webhooks: Webhooks,
}

impl fmt::Debug for Carriers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Carriers").finish_non_exhaustive()
    }
}

impl Carrier for Carriers {
    fn carry<'a>(&'a self, notice: &'a Notice, way: &'a Way) -> Carrying<'a> {
        let by_another = |carrier: &'a Option<Arc<dyn Carrier>>| match carrier {
            Some(carrier) => carrier.carry(notice, way),
            None => unconfigured(way),
        };
        match way {
            Way::Email(_) => by_another(&self.mail),
            Way::File => by_another(&self.files),
            Way::Alertmanager(base) => Box::pin(self.alertmanagers.tell(base, notice)),
            Way::Webhook => Box::pin(self.webhooks.tell(notice)),
        }
    }
}

fn unconfigured(way: &Way) -> Carrying<'_> {
    let why = format!(
        "nothing is configured any more that could tell by {}",
        way.as_str()
    );
    // It may come back, and what is owed is owed.
    Box::pin(std::future::ready(Attempt::Retried(why).into()))
}
