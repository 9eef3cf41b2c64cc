//! One probe: present the persona, knock, and see what comes.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use rustls::sign::CertifiedKey;
use url::Url;

use super::client::Prober;
use super::journey::Journey;
use super::target::Target;
use crate::domain::check::Persona;
use crate::domain::finding::Reason;
use crate::domain::observation::Observation;
use crate::domain::presenter::{Dialogue, Presentation, Presenter, Shown, Unpresentable};
use crate::domain::secret::Secret;

/// What came of one probe.
#[derive(Clone, Debug)]
pub struct Visit {
    /// What was seen, or why nothing was sent.
    pub observation: Result<Observation, Unpresentable>,
    /// What was shown.
    pub shown: Shown,
}

/// Knocks once. `timeout` covers everything from name resolution to the last byte.
pub async fn visit(
    prober: &Prober,
    target: &Target,
    persona: &Persona,
    presenter: &dyn Presenter,
    timeout: Duration,
) -> Visit {
    let presentation = match presenter.present(persona, &target.url).await {
        Ok(presentation) => presentation,
        Err(unpresentable) => {
            return Visit {
                observation: Err(unpresentable),
                shown: Shown::default(),
            };
        }
    };
    let mut shown = Shown::of(&presentation);
    let observation = match prepare(prober, target, presentation, presenter).await {
        Ok(request) => {
            let journey = Journey::new(prober, target, request, timeout);
            let travelled = journey.travel().await;
            shown.proof = travelled.proof;
            shown.answered = travelled.answered;
            Ok(travelled.observation)
        }
        Err(unpresentable) => Err(unpresentable),
    };
    Visit { observation, shown }
}

/// What is sent on every hop.
pub(super) struct Prepared {
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    /// A key that goes into the query of every hop.
    pub(super) key: Option<(String, Secret)>,
    pub(super) identity: Option<Arc<CertifiedKey>>,
    /// What goes on from an answer, in a scheme of several exchanges.
    pub(super) dialogue: Option<Box<dyn Dialogue>>,
}

async fn prepare(
    prober: &Prober,
    target: &Target,
    presentation: Presentation,
    presenter: &dyn Presenter,
) -> Result<Prepared, Unpresentable> {
    let mut headers = target.headers.clone();
    for (name, reference) in &target.secret_headers {
        headers.append(name, header_value(&presenter.read(reference).await?)?);
    }
    for (name, secret) in &presentation.headers {
        headers.insert(name, header_value(secret)?);
    }
    let mut url = target.url.clone();
    if let Some(key) = &presentation.query {
        add_key(&mut url, key);
    }
    let identity = match &presentation.identity {
        // The two handshakes cannot be told apart where the certificate is chosen.
        Some(_) if target.proxied_by_tls => {
            return Err(unavailable(
                "a client certificate is not shown by way of an https:// proxy, which could ask \
                 for it itself"
                    .to_owned(),
            ));
        }
        Some(identity) => Some(Arc::new(prober.trust.certified_key(identity).map_err(
            |error| unavailable(format!("the client certificate cannot be used: {error}")),
        )?)),
        None => None,
    };
    Ok(Prepared {
        url,
        headers,
        key: presentation.query,
        identity,
        dialogue: presentation.dialogue,
    })
}

/// Adds a key to the query.
pub(super) fn add_key(url: &mut Url, (name, secret): &(String, Secret)) {
    let value = String::from_utf8_lossy(secret.expose());
    url.query_pairs_mut().append_pair(name, &value);
}

pub(super) fn header_value(secret: &Secret) -> Result<HeaderValue, Unpresentable> {
    let Ok(mut value) = HeaderValue::from_bytes(secret.expose()) else {
        return Err(unavailable(
            "the secret holds a line break or a control character".into(),
        ));
    };
    value.set_sensitive(true);
    Ok(value)
}

fn unavailable(detail: String) -> Unpresentable {
    Unpresentable::new(Reason::SecretUnavailable, detail)
}
