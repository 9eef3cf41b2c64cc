//! JSON documents, posted to a URL that is a secret.
//!
//! Each post has these fields:
//!
//! - `Content-Type: application/json`, `User-Agent: authvigil/VERSION`.
//! - `X-Authvigil-Notice` and `Idempotency-Key`: the notice's name. A notice may come more than once,
//!   after a crash or a lost answer, and has the same name each time.
//! - `X-Authvigil-Signature: t=UNIX,v1=HEX`, where a secret is configured: `HEX` is the HMAC-SHA-256,
//!   under that secret, of the digits of `UNIX`, a full stop, and the body as it was posted. Who
//!   checks it should compare in constant time, and refuse what was signed more than five minutes
//!   ago: a repeated notice is signed anew.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use ::http::{HeaderMap, HeaderName, HeaderValue};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha2::Sha256;
use url::Url;

use super::carrier::Carried;
use super::http::{Http, Parcel, parts};
use super::settings::{Receiver, Webhook};
use crate::clock::SharedClock;
use crate::domain::check::Name;
use crate::domain::notice::{Attempt, Notice};
use crate::domain::presenter::Presenter;
use crate::domain::secret::Secret;

const NOTICE: HeaderName = HeaderName::from_static("x-authvigil-notice");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const SIGNATURE: HeaderName = HeaderName::from_static("x-authvigil-signature");

/// Makes the document that tells a notice.
pub type Document = fn(&Notice) -> Vec<u8>;

/// Tells receivers by their webhooks.
#[derive(Clone)]
pub struct Webhooks {
    http: Http,
    clock: SharedClock,
    presenter: Arc<dyn Presenter>,
    document: Document,
    by_receiver: BTreeMap<Name, Webhook>,
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhooks").finish_non_exhaustive()
    }
}

impl Webhooks {
    /// Tells nobody yet. URLs and secrets are read through the presenter, each time anew.
    pub fn new(
        http: Http,
        clock: SharedClock,
        presenter: Arc<dyn Presenter>,
        document: Document,
    ) -> Self {
        Self {
            http,
            clock,
            presenter,
            document,
            by_receiver: BTreeMap::new(),
        }
    }

    /// Tells these receivers, those of them that have a webhook.
    #[must_use]
    pub fn of<'a>(mut self, receivers: impl IntoIterator<Item = &'a Receiver>) -> Self {
        let receivers = receivers.into_iter();
        self.by_receiver = receivers
            .filter_map(|it| Some((it.name.clone(), it.webhook.clone()?)))
            .collect();
        self
    }

    /// Posts a notice to its receiver's webhook.
    pub(super) async fn tell(&self, notice: &Notice) -> Carried {
        let Some(webhook) = self.by_receiver.get(&notice.receiver) else {
            let why = "the receiver has no webhook any more";
            return Attempt::Retried(why.to_owned()).into();
        };
        let carried = match self.prepare(webhook, notice).await {
            Ok(parcel) => self.http.post(parcel, self.clock.now()).await,
            Err(why) => Attempt::Retried(why).into(),
        };
        self.redacted(carried)
    }

    async fn prepare(&self, webhook: &Webhook, notice: &Notice) -> Result<Parcel, String> {
        let read = self.presenter.read(&webhook.url).await;
        let url = read.map_err(|missing| missing.detail)?;
        let url = locate(&url).ok_or("what is configured as its URL is none")?;
        let document = (self.document)(notice);
        let mut headers = HeaderMap::new();
        let id = HeaderValue::from_str(notice.id.as_str()).ok();
        let id = id.ok_or("the notice's name cannot stand in a header")?;
        headers.insert(NOTICE, id.clone());
        headers.insert(IDEMPOTENCY_KEY, id);
        if let Some(secret) = &webhook.secret {
            let read = self.presenter.read(secret).await;
            let key = read.map_err(|missing| missing.detail)?;
            let signature = signature(&key, self.clock.now(), &document);
            headers.insert(SIGNATURE, signature.ok_or("its secret signs nothing")?);
        }
        Ok(Parcel {
            redactor: self.presenter.redactor().and(parts(&url)),
            url,
            headers,
            document,
        })
    }

    /// The other side may repeat what it was sent: the URL, say.
    fn redacted(&self, carried: Carried) -> Carried {
        let redactor = self.presenter.redactor();
        let clean = |said: String| redactor.text(&said).into_owned();
        let attempt = match carried.attempt {
            Attempt::Delivered(said) => Attempt::Delivered(clean(said)),
            Attempt::Retried(said) => Attempt::Retried(clean(said)),
            Attempt::Rejected(said) => Attempt::Rejected(clean(said)),
        };
        Carried { attempt, ..carried }
    }
}

fn locate(url: &Secret) -> Option<Url> {
    let url = std::str::from_utf8(url.expose()).ok()?;
    let url = Url::parse(url.trim()).ok()?;
    matches!(url.scheme(), "http" | "https").then_some(url)
}

/// `t=UNIX,v1=HEX`, as the module says.
fn signature(key: &Secret, now: Timestamp, document: &[u8]) -> Option<HeaderValue> {
    let seconds = now.as_second();
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).ok()?;
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(document);
    let digest = mac.finalize().into_bytes();
    let digits = digest.iter().map(|byte| format!("{byte:02x}"));
    let digits = digits.collect::<Vec<_>>().concat();
    HeaderValue::from_str(&format!("t={seconds},v1={digits}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with `printf '1795334400.{}' | openssl dgst -sha256 -hmac key`.
    #[test]
    fn a_signature_is_the_hmac_of_time_and_document() {
        let now = Timestamp::from_second(1_795_334_400).unwrap();
        assert_eq!(
            signature(&Secret::new("key"), now, b"{}").unwrap(),
            "t=1795334400,v1=aaba7892749eab0ba3db2937109818da6d6d947589e113db49f025bd723c5533"
        );
    }

    #[test]
    fn a_url_must_be_one_that_can_be_posted_to() {
        let located = |text: &str| locate(&Secret::new(text)).map(String::from);
        let hook = Some("https://hook.example.com/T0/B0".to_owned());
        assert_eq!(located("https://hook.example.com/T0/B0\r\n"), hook);
        assert_eq!(located("ftp://hook.example.com/"), None);
        assert_eq!(located("hook.example.com"), None);
    }
}
