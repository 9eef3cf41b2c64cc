//! Mail by SMTP: one letter, one recipient, one connection.
//!
//! The words are those of `lettre`; the wire is our own, because lettre's waits for ever, reads
//! lines of any length, and takes what was sent in clear text before a handshake for what came
//! after it.

mod auth;
mod dial;
mod login;
mod patience;
mod record;
mod reply;
mod talk;
mod tls;
mod wire;

use std::sync::Arc;

pub use patience::Patience;
pub use record::{Stage, Step, Trial};

use self::record::{Failure, Record};
use self::talk::Talk;
use self::tls::Trust;
use super::letter::Letter;
use super::mime;
use super::settings::{Mailbox, Smtp, SmtpProof};
use super::words::one_line;
use crate::clock::SharedClock;
use crate::domain::notice::Attempt;
use crate::domain::presenter::{Presenter, TokenSource};

/// The relay that takes mail.
#[derive(Clone)]
pub struct Relay {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Smtp,
    secrets: Arc<dyn Presenter>,
    tokens: Arc<dyn TokenSource>,
    clock: SharedClock,
    patience: Patience,
    trust: Trust,
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let settings = &self.inner.settings;
        f.debug_struct("Relay")
            .field("settings", settings)
            .finish_non_exhaustive()
    }
}

impl Relay {
    /// A relay that nobody has talked to yet.
    pub fn new(
        settings: Smtp,
        secrets: Arc<dyn Presenter>,
        tokens: Arc<dyn TokenSource>,
        clock: SharedClock,
        patience: Patience,
    ) -> Self {
        let trust = Trust::default();
        Self {
            inner: Arc::new(Inner {
                settings,
                secrets,
                tokens,
                clock,
                patience,
                trust,
            }),
        }
    }

    /// Hands a letter to the relay, for one recipient. Whatever happens, it ends within
    /// [`Patience::total`].
    pub async fn deliver(&self, letter: &Letter, to: &Mailbox) -> Attempt {
        self.try_out(letter, to).await.attempt
    }

    /// The same, and tells every step on the way.
    pub async fn try_out(&self, letter: &Letter, to: &Mailbox) -> Trial {
        let mut record = Record::new(Arc::clone(&self.inner.clock));
        let patience = self.inner.patience.total;
        let outcome = match tokio::time::timeout(patience, self.run(letter, to, &mut record)).await
        {
            Ok(outcome) => outcome,
            Err(_elapsed) => Err(Failure::Broken(format!(
                "it was not over after {} s in all",
                patience.as_secs_f32()
            ))),
        };
        let redactor = self.inner.secrets.redactor();
        let redacted = |text: &str| one_line(&redactor.text(text));
        let attempt = match outcome {
            Ok(said) => Attempt::Delivered(redacted(&said)),
            Err(failure) => record.judge(&failure, redacted),
        };
        let mut steps = record.into_steps();
        for step in &mut steps {
            step.said = redacted(&step.said);
        }
        Trial { steps, attempt }
    }

    async fn run(
        &self,
        letter: &Letter,
        to: &Mailbox,
        record: &mut Record,
    ) -> Result<String, Failure> {
        let Inner { settings, .. } = &*self.inner;
        let mail = mime::compose(letter, &settings.from, Some(to));
        let mail = mail.map_err(|error| Failure::Never(error.to_string()))?;
        let envelope = talk::Envelope::new(&settings.from, to, &mail)?;
        let first = self.converse(&envelope, record).await;
        match (&first, settings.auth.as_ref().map(|auth| &auth.proof)) {
            // A token may be revoked before its time: one more try with another one.
            (Err(Failure::Refused(_)), Some(SmtpProof::OAuth2(_)))
                if record.stage() == Stage::Login =>
            {
                self.converse(&envelope, record).await
            }
            _ => first,
        }
    }

    async fn converse(
        &self,
        envelope: &talk::Envelope<'_>,
        record: &mut Record,
    ) -> Result<String, Failure> {
        let mut talk = Talk::open(&self.inner, record).await?;
        talk.greet().await?;
        let mut talk = talk.secure(&self.inner).await?;
        talk.log_in(&self.inner).await?;
        talk.send(envelope).await
    }
}
