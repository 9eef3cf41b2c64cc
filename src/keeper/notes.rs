//! What an observation tells beside the verdict: of a credential, and of a certificate.

use std::sync::Arc;

use super::event::Observed;
use super::live::{Live, Place};
use crate::domain::check::Persona;
use crate::domain::endpoint::Endpoint;
use crate::domain::judge::{self, Judgement};
use crate::domain::observation::Observation;
use crate::domain::presenter::Provenance;

impl Live {
    /// Keeps when a credential expires, and when its rightful holder was let in.
    pub(super) fn note_credential(
        &mut self,
        endpoint: &Endpoint,
        place: Place,
        observed: &Observed,
    ) {
        let Some(check) = endpoint.checks.get(place.check) else {
            return;
        };
        let Persona::Holder(name) = &check.persona else {
            return;
        };
        let Some(status) = self.credentials.get_mut(name) else {
            return;
        };
        match observed.shown.provenance {
            // Nothing was shown, or nothing of which this is known: an end that was known stays.
            Provenance::Configured if observed.shown.fingerprint.is_none() => {}
            Provenance::Configured => status.expires_at = observed.shown.validity.until,
            // It is renewed long before its end.
            Provenance::Fetched | Provenance::Kept => status.expires_at = None,
        }
        let answer = observed.outcome.as_ref().ok().and_then(Observation::answer);
        // Whoever gives out a token has not let its holder in.
        let is_let_in = endpoint.tokens_of.is_none() && answer.is_some_and(judge::is_admission);
        if is_let_in {
            status.last_accepted_at = Some(observed.at);
            self.unsaved.credentials.insert(name.clone(), observed.at);
        }
    }

    /// Says at one check for each credential that it expires soon.
    pub(super) fn note_credential_expiry(
        &mut self,
        endpoint: &Endpoint,
        place: Place,
        observed: &Observed,
    ) {
        let check = endpoint.checks.get(place.check);
        let Some(Persona::Holder(name)) = check.map(|check| &check.persona) else {
            return;
        };
        let Some(teller) = self.tellers.get(name) else {
            return;
        };
        if observed.id != teller.check || observed.shown.fingerprint.is_none() {
            return;
        }
        let (least, of) = (teller.min_remaining, (name, &observed.shown));
        let finding = judge::expiring_credential(endpoint, of, least, observed.at);
        if let Some(status) = self.status_mut(place)
            && status.expiring.credential != finding
        {
            status.expiring.credential = finding;
        }
    }

    /// Keeps the certificate that expires first, and says at one check for each host and port that
    /// it will; whether that was looked at.
    pub(super) fn note_certificate(
        &mut self,
        place: Place,
        judgement: &Judgement,
        observed: &Observed,
    ) {
        let Ok(observation) = &observed.outcome else {
            return;
        };
        let Some(tls) = observation.tls.as_ref().filter(|tls| !tls.chain.is_empty()) else {
            return;
        };
        let watch = self.watches.get(place.endpoint);
        let owner = watch.is_some_and(|watch| watch.tells_certificate);
        let Some(status) = self.endpoints.get_mut(place.endpoint) else {
            return;
        };
        let earliest = tls.chain.iter().min_by_key(|it| it.not_after);
        if status.certificate.as_ref() != earliest {
            Arc::make_mut(status).certificate = earliest.cloned();
        }
        let usable = judgement
            .worst()
            .is_none_or(|worst| !worst.reason.class().is_unknown());
        if owner && usable {
            let finding = judge::expiring_at(&status.endpoint, tls, observed.at);
            let first = Place { check: 0, ..place };
            if let Some(check) = self.status_mut(first)
                && check.expiring.certificate != finding
            {
                check.expiring.certificate = finding;
            }
        }
    }
}
