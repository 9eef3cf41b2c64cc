//! The ways of telling, as a configuration has them.

use std::sync::Arc;

use super::service::ServeError;
use crate::clock::SharedClock;
use crate::credential::{self, Keyring};
use crate::domain::presenter::{Presenter, TokenSource};
use crate::notify::{
    Alertmanagers, Carrier, Carriers, Folders, Http, HttpPatience, Mails, Patience, Relay,
    Settings, Webhooks, render,
};
use crate::probe::Prober;

/// What is made once and outlives every configuration.
#[derive(Clone, Debug)]
pub(super) struct Post {
    clock: SharedClock,
    http: Http,
    /// Reads the secrets of relays and webhooks, and fetches tokens.
    keyring: Arc<Keyring>,
    pub(super) alertmanagers: Alertmanagers,
}

impl Post {
    pub(super) fn new(clock: SharedClock) -> Result<Self, ServeError> {
        let http = Http::new(HttpPatience::default())?;
        let courier = Arc::new(Prober::new(SharedClock::clone(&clock)));
        let settings = credential::Settings::default();
        let keyring = Keyring::new(settings, SharedClock::clone(&clock), courier);
        Ok(Self {
            alertmanagers: Alertmanagers::new(http.clone(), SharedClock::clone(&clock)),
            keyring: Arc::new(keyring),
            http,
            clock,
        })
    }

    /// Mails to the receivers of a configuration, where it has a relay.
    pub(super) fn mails(&self, settings: &Settings) -> Option<Mails> {
        let relay = Relay::new(
            settings.smtp.clone()?,
            Arc::clone(&self.keyring) as Arc<dyn Presenter>,
            Arc::clone(&self.keyring) as Arc<dyn TokenSource>,
            SharedClock::clone(&self.clock),
            Patience::default(),
        );
        Some(Mails::new(relay, &settings.receivers))
    }

    /// Everybody who knows a way.
    pub(super) fn carriers(&self, settings: &Settings) -> Arc<Carriers> {
        let from = settings.smtp.as_ref().map(|smtp| &smtp.from);
        let mails = self.mails(settings);
        let webhooks = Webhooks::new(
            self.http.clone(),
            SharedClock::clone(&self.clock),
            Arc::clone(&self.keyring) as Arc<dyn Presenter>,
            render::webhook,
        );
        Arc::new(Carriers {
            mail: mails.map(|mails| Arc::new(mails) as Arc<dyn Carrier>),
            files: Some(Arc::new(Folders::new(&settings.receivers, from))),
            alertmanagers: self.alertmanagers.clone(),
            webhooks: webhooks.of(&settings.receivers),
        })
    }
}
