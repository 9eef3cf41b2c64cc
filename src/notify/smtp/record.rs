//! What happened on the way to a delivery, step by step, and what it comes to.

use std::time::{Duration, Instant};

use super::reply::Reply;
use super::wire::WireError;
use crate::clock::SharedClock;
use crate::domain::notice::Attempt;

/// A try, with every step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// The steps in their order; the last one is where it ended.
    pub steps: Vec<Step>,
    /// What it came to.
    pub attempt: Attempt,
}

/// A step on the way to a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which one.
    pub stage: Stage,
    /// Whether it went well.
    pub good: bool,
    /// What the relay said, or what was found; one line, without a secret.
    pub said: String,
    /// How long it took.
    pub took: Duration,
}

/// The steps of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The mail is written.
    Mail,
    /// The relay's name is resolved.
    Resolve,
    /// One of its addresses is dialled.
    Connect,
    /// It greets.
    Greeting,
    /// `EHLO`.
    Hello,
    /// `STARTTLS`.
    StartTls,
    /// The TLS handshake.
    Tls,
    /// `AUTH`.
    Login,
    /// `MAIL FROM`.
    Sender,
    /// `RCPT TO`.
    Recipient,
    /// `DATA`.
    Data,
    /// The mail itself, up to the answer to its last line.
    Content,
}

impl Stage {
    /// The name for people: the command, where there is one.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Resolve => "name resolution",
            Self::Connect => "connection",
            Self::Greeting => "greeting",
            Self::Hello => "EHLO",
            Self::StartTls => "STARTTLS",
            Self::Tls => "TLS",
            Self::Login => "AUTH",
            Self::Sender => "MAIL FROM",
            Self::Recipient => "RCPT TO",
            Self::Data => "DATA",
            Self::Content => "the mail itself",
        }
    }
}

/// Why a delivery did not happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The relay said no.
    Refused(Reply),
    /// No answer came, or none that can be used.
    Broken(String),
    /// This mail can never be taken by this relay.
    Never(String),
}

impl From<WireError> for Failure {
    fn from(error: WireError) -> Self {
        Self::Broken(error.to_string())
    }
}

/// Takes the steps down.
#[derive(Debug)]
pub(super) struct Record {
    clock: SharedClock,
    steps: Vec<Step>,
    stage: Stage,
    begun: Instant,
}

impl Record {
    pub(super) fn new(clock: SharedClock) -> Self {
        let begun = clock.monotonic();
        Self {
            clock,
            steps: Vec::new(),
            stage: Stage::Mail,
            begun,
        }
    }

    /// The step that is under way, or was last.
    pub(super) fn stage(&self) -> Stage {
        self.stage
    }

    pub(super) fn begin(&mut self, stage: Stage) {
        self.stage = stage;
        self.begun = self.clock.monotonic();
    }

    /// Takes down that the step under way went well.
    pub(super) fn done(&mut self, said: impl Into<String>) {
        self.end(true, said.into());
    }

    /// Takes down that the step under way did not.
    pub(super) fn failed(&mut self, said: impl Into<String>) {
        self.end(false, said.into());
    }

    fn end(&mut self, good: bool, said: String) {
        let now = self.clock.monotonic();
        self.steps.push(Step {
            stage: self.stage,
            good,
            said,
            took: now.saturating_duration_since(self.begun),
        });
    }

    /// What a failure at the step under way comes to; it becomes the last step.
    pub(super) fn judge(&mut self, failure: &Failure, words: impl Fn(&str) -> String) -> Attempt {
        let stage = self.stage;
        let (said, never) = match failure {
            Failure::Refused(reply) => (reply.words(), is_final(stage, reply)),
            Failure::Broken(why) => (why.clone(), false),
            Failure::Never(why) => (why.clone(), true),
        };
        self.failed(said.clone());
        let said = words(&format!("{}: {said}", stage.as_str()));
        if never {
            Attempt::Rejected(said)
        } else {
            Attempt::Retried(said)
        }
    }

    pub(super) fn into_steps(self) -> Vec<Step> {
        self.steps
    }
}

/// Whether no later try can end otherwise. What an operator can mend at the relay or in the
/// configuration, such as a login that is refused, is tried again, so that nothing is lost meanwhile.
fn is_final(stage: Stage, reply: &Reply) -> bool {
    let permanent = (500..600).contains(&reply.code);
    match stage {
        // Want of a login or of encryption (RFC 4954 §6, RFC 3207 §4).
        Stage::Sender | Stage::Recipient | Stage::Data | Stage::Content
            if matches!(reply.code, 530 | 534 | 535 | 538) =>
        {
            false
        }
        // RFC 5321 §4.5.3.1.10: a 552 to a recipient means "not now".
        Stage::Recipient => permanent && reply.code != 552,
        Stage::Sender | Stage::Data | Stage::Content => permanent,
        Stage::Mail
        | Stage::Resolve
        | Stage::Connect
        | Stage::Greeting
        | Stage::Hello
        | Stage::StartTls
        | Stage::Tls
        | Stage::Login => false,
    }
}
