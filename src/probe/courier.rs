//! Requests of those who hold credentials: to a token endpoint, or a login form.

use bytes::Bytes;
use http::HeaderMap;

use super::client::Prober;
use super::journey::Journey;
use super::target::Target;
use super::visit::{Prepared, header_value};
use crate::domain::courier::{Call, Carrying, Courier};
use crate::domain::finding::Reason;
use crate::domain::observation::{Observation, Outcome, Phases, Silence};

impl Courier for Prober {
    fn carry<'a>(&'a self, call: &'a Call) -> Carrying<'a> {
        Box::pin(async move {
            match self.prepared(call) {
                Ok((target, prepared)) => {
                    let journey = Journey::new(self, &target, prepared, call.timeout);
                    journey.travel().await.observation
                }
                Err(why) => unsent(why),
            }
        })
    }
}

impl Prober {
    fn prepared(&self, call: &Call) -> Result<(Target, Prepared), String> {
        let target = self.target_of_call(call).map_err(|why| why.to_string())?;
        let mut headers = HeaderMap::new();
        for (name, secret) in &call.headers {
            let value = header_value(secret).map_err(|why| why.detail)?;
            headers.append(name, value);
        }
        for (name, value) in &target.headers {
            headers.append(name, value.clone());
        }
        let prepared = Prepared {
            url: call.url.clone(),
            headers,
            key: None,
            identity: None,
            dialogue: None,
        };
        Ok((target, prepared))
    }

    fn target_of_call(&self, call: &Call) -> Result<Target, super::client::ProberError> {
        let client = self.client_for(&call.url, &call.transport)?;
        let body = call.body.as_ref();
        let body = body.map(|body| Bytes::copy_from_slice(body.expose()));
        Target::of_call(call, body, client)
    }
}

/// The observation of what could not be sent.
fn unsent(detail: String) -> Observation {
    Observation {
        outcome: Outcome::Silence(Silence {
            reason: Reason::ProbeFailed,
            detail,
        }),
        phases: Phases::default(),
        duration: std::time::Duration::ZERO,
        remote_addr: None,
        tls: None,
    }
}
