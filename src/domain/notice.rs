//! What is said about incidents, to whom, and what became of it.
//!
//! A [`Notice`] holds everything that its mail is made of, so that it can be told long after the
//! incident is over, and told again in the same words.

mod account;
mod dispatch;
mod story;
mod telling;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

pub use account::Account;
pub use dispatch::{
    Decided, Decision, Dispatch, Draft, Held, Matter, Owes, Pace, Restored, Why, WhyNot, decide,
    owes,
};
use jiff::Timestamp;
pub use story::{Difference, Story};
pub use telling::{Memo, Said, Telling};

use super::check::Name;
use super::incident::Incident;
use super::observation::without_query_values;

/// Names a notice: sixteen hexadecimal digits or more, never the same twice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NoticeId(Arc<str>);

impl NoticeId {
    /// Reads a name; `None` for anything but 16 to 64 letters and digits.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (plain && (16..=64).contains(&text.len())).then(|| Self(text.into()))
    }

    /// The name of a test notice: that of a moment, and a number among those of the same one.
    pub fn of_test(at: Timestamp, number: usize) -> Self {
        Self(format!("test{:016x}{number:04x}", at.as_nanosecond()).into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NoticeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A `Message-ID` of a mail, with its angle brackets (RFC 5322 §3.6.4).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(Arc<str>);

impl MessageId {
    /// The id of a notice's mail. The domain is the sender's.
    pub fn of(notice: &NoticeId, domain: &str) -> Self {
        Self(format!("<{notice}@{domain}>").into())
    }

    /// Reads an id that was stored; `None` where it could break out of a header.
    pub fn parse(text: &str) -> Option<Self> {
        let inner = text.strip_prefix('<')?.strip_suffix('>')?;
        let plain = |byte: u8| byte.is_ascii_graphic() && !b"<>".contains(&byte);
        (inner.contains('@') && inner.bytes().all(plain)).then(|| Self(text.into()))
    }

    /// The id as a header has it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A message owed to one receiver.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// Its name.
    pub id: NoticeId,
    /// Who is told.
    pub receiver: Name,
    /// When it was decided on: also the mail's `Date`.
    pub created_at: Timestamp,
    /// Why somebody is told.
    pub occasion: Occasion,
    /// Where its mail belongs.
    pub thread: Thread,
    /// What is told, the gravest first; empty where the occasion is no incident's.
    pub incidents: Vec<Arc<Incident>>,
}

/// Where a mail belongs among others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// The mail's own id: the same one at every try.
    pub message_id: MessageId,
    /// The first mail of the incident, where this is not it.
    pub in_reply_to: Option<MessageId>,
    /// The mails before, the oldest first.
    pub references: Vec<MessageId>,
}

/// Why somebody is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Occasion {
    /// Incidents were opened.
    Opened {
        /// What they have in common, where that is more than their group.
        cause: Option<Cause>,
    },
    /// Incidents go on, and it is time to say so again.
    Repeated {
        /// What they have in common, where that is more than their group.
        cause: Option<Cause>,
    },
    /// Incidents ended: recovered or removed, as each of them says.
    Ended,
    /// Incidents open and resolve again and again; nothing more is told until they are calm.
    Flapping,
    /// Most hosts are in outage at once: the fault may be this monitor's.
    Isolated(Isolation),
    /// Most hosts can be reached again.
    Rejoined(Isolation),
    /// A silence that covers bypasses begins.
    Silenced(Arc<super::silence::Silence>),
    /// All is well, or not; at any rate this monitor is alive.
    Heartbeat(Heartbeat),
    /// Somebody tries a receiver.
    Test,
}

impl Occasion {
    /// The stable name: a JSON value.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::Repeated { .. } => "repeated",
            Self::Ended => "ended",
            Self::Flapping => "flapping",
            Self::Isolated(_) => "isolated",
            Self::Rejoined(_) => "rejoined",
            Self::Silenced(_) => "silenced",
            Self::Heartbeat(_) => "heartbeat",
            Self::Test => "test",
        }
    }
}

/// What several incidents have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// The host of outages.
    Host(String),
    /// The credential of lockouts.
    Credential(String),
    /// The credential whose token endpoint gives no token.
    TokenEndpoint(String),
}

/// How far this monitor seems to be cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Isolation {
    /// Since when.
    pub since: Timestamp,
    /// Hosts in outage.
    pub down: usize,
    /// Hosts in all.
    pub hosts: usize,
}

/// What a heartbeat tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// The heartbeat before, or the start of the program.
    pub since: Timestamp,
    /// How many checks there are.
    pub checks: usize,
    /// How many probes were made since.
    pub probes: u64,
    /// How many incidents are open.
    pub open: usize,
    /// Checks whose verdict is fail, and those whose verdict is unknown.
    pub failing: (usize, usize),
}

/// One way to tell a receiver.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// A mail to this address, in an envelope of its own.
    Email(String),
    /// The Alertmanager at this base URL.
    Alertmanager(String),
    /// The receiver's webhook; its URL is a secret.
    Webhook,
    /// A file in the receiver's directory.
    File,
}

impl Way {
    /// The stable name of the kind: a JSON value and a word in logs.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Email(_) => "email",
            Self::Alertmanager(_) => "alertmanager",
            Self::Webhook => "webhook",
            Self::File => "file",
        }
    }

    /// Where it leads, where that is no secret.
    pub fn address(&self) -> Option<&str> {
        match self {
            Self::Email(address) => Some(address),
            Self::Alertmanager(url) => Some(url),
            Self::Webhook | Self::File => None,
        }
    }
}

/// For people: `email to oncall@example.com`.
impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address() {
            Some(address) => {
                write!(f, "{} to {}", self.as_str(), without_query_values(address))
            }
            None => f.pad(self.as_str()),
        }
    }
}

/// A notice and what became of it on each way.
#[derive(Clone, Debug, PartialEq)]
pub struct Owed {
    /// What is to be told.
    pub notice: Arc<Notice>,
    /// Every way, with its state.
    pub deliveries: BTreeMap<Way, Delivery>,
}

impl Owed {
    /// Whether some way still waits.
    pub fn is_pending(&self) -> bool {
        let mut deliveries = self.deliveries.values();
        deliveries.any(|delivery| delivery.state == DeliveryState::Pending)
    }
}

/// What became of a notice on one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// How it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was last tried.
    pub tried_at: Option<Timestamp>,
    /// What the other side last said, or why it could not be asked; one line, without a secret.
    pub said: Option<String>,
}

impl Default for Delivery {
    fn default() -> Self {
        Self {
            state: DeliveryState::Pending,
            attempts: 0,
            tried_at: None,
            said: None,
        }
    }
}

/// How a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeliveryState {
    /// It is tried until it succeeds or is refused for good.
    Pending,
    /// The other side has it.
    Delivered,
    /// The other side will never take it: a dead letter.
    Rejected,
}

impl DeliveryState {
    /// The stable name: a JSON value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Rejected => "rejected",
        }
    }
}

/// What one try came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// The other side took it; its words, if any.
    Delivered(String),
    /// Not this time; why.
    Retried(String),
    /// Never; why.
    Rejected(String),
}

impl Attempt {
    /// The stable name: the label `outcome` of a metric.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Delivered(_) => "delivered",
            Self::Retried(_) => "retried",
            Self::Rejected(_) => "rejected",
        }
    }
}

impl Delivery {
    /// Takes down what a try came to.
    pub fn note(&mut self, attempt: Attempt, at: Timestamp) {
        let (state, said) = match attempt {
            Attempt::Delivered(said) => (DeliveryState::Delivered, said),
            Attempt::Retried(said) => (DeliveryState::Pending, said),
            Attempt::Rejected(said) => (DeliveryState::Rejected, said),
        };
        *self = Self {
            state,
            attempts: self.attempts + 1,
            tried_at: Some(at),
            said: Some(said).filter(|said| !said.is_empty()),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_shown_without_the_values_of_its_query() {
        let way = Way::Alertmanager("https://alerts.example.com/am?token=t0p".to_owned());
        assert_eq!(
            way.to_string(),
            "alertmanager to https://alerts.example.com/am?token=[redacted]"
        );
    }
}
