//! A test notice through every receiver, without a daemon.

use std::sync::Arc;

use super::post::Post;
use super::service::ServeError;
use crate::clock::SharedClock;
use crate::config::{Alerting, nearest};
use crate::domain::check::Name;
use crate::domain::notice::{Attempt, MessageId, Notice, NoticeId, Occasion, Thread, Way};
use crate::notify::{Carrier as _, Carriers, Mails, Receiver, Settings, Step, Trial};

/// What came of a test notice on one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestResult {
    /// Who was to be told.
    pub receiver: Name,
    /// How.
    pub way: Way,
    /// Every step of a mail; nothing for other ways.
    pub steps: Vec<Step>,
    /// What it came to.
    pub attempt: Attempt,
}

/// Why no test began.
#[derive(Debug, thiserror::Error)]
pub enum NotifyTestError {
    /// A name that is no receiver's.
    #[error("no receiver is named `{name}`{}", hint(nearest.as_deref()))]
    UnknownReceiver {
        /// What was asked for.
        name: String,
        /// The configured name that comes closest.
        nearest: Option<String>,
    },
    /// There is nobody to test.
    #[error("no receiver is configured, so nobody is told anything; see `alerting.receivers`")]
    Nobody,
    /// What sends cannot be made.
    #[error("there is nothing to send with")]
    Post(#[source] Box<ServeError>),
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

/// Sends a test notice through each receiver, or through the named ones, on all of its ways, one
/// after the other; tells what came of each as soon as it is known.
pub async fn notify_test(
    alerting: Option<&Alerting>,
    names: &[String],
    clock: SharedClock,
    mut tell: impl FnMut(TestResult),
) -> Result<(), NotifyTestError> {
    let alerting = alerting.ok_or(NotifyTestError::Nobody)?;
    let receivers = chosen(&alerting.notify, names)?;
    let post = Post::new(SharedClock::clone(&clock));
    let post = post.map_err(|error| NotifyTestError::Post(Box::new(error)))?;
    let desk = Desk {
        mails: post.mails(&alerting.notify),
        carriers: post.carriers(&alerting.notify),
    };
    for (index, receiver) in receivers.into_iter().enumerate() {
        let notice = notice(alerting, receiver, index, &clock);
        let (_, ways) = receiver.ways();
        for way in ways {
            tell(desk.try_out(&notice, way).await);
        }
    }
    Ok(())
}

/// Those who send.
struct Desk {
    mails: Option<Mails>,
    carriers: Arc<Carriers>,
}

impl Desk {
    async fn try_out(&self, notice: &Notice, way: Way) -> TestResult {
        let trial = match (&way, &self.mails) {
            (Way::Email(address), Some(mails)) => mails.try_out(notice, address).await,
            (Way::Email(_) | Way::Alertmanager(_) | Way::Webhook | Way::File, _) => Trial {
                steps: Vec::new(),
                attempt: self.carriers.carry(notice, &way).await.attempt,
            },
        };
        TestResult {
            receiver: notice.receiver.clone(),
            way,
            steps: trial.steps,
            attempt: trial.attempt,
        }
    }
}

fn chosen<'s>(
    settings: &'s Settings,
    names: &[String],
) -> Result<Vec<&'s Receiver>, NotifyTestError> {
    let known = || settings.receivers.iter().map(|it| it.name.as_str());
    for name in names {
        if known().all(|other| other != name) {
            return Err(NotifyTestError::UnknownReceiver {
                name: name.clone(),
                nearest: nearest(name, known()).map(str::to_owned),
            });
        }
    }
    let wanted = |receiver: &&Receiver| {
        names.is_empty() || names.iter().any(|it| it == receiver.name.as_str())
    };
    let receivers: Vec<&Receiver> = settings.receivers.iter().filter(wanted).collect();
    if receivers.is_empty() {
        return Err(NotifyTestError::Nobody);
    }
    Ok(receivers)
}

/// A notice of no incident.
fn notice(alerting: &Alerting, receiver: &Receiver, index: usize, clock: &SharedClock) -> Notice {
    let created_at = clock.now();
    let id = NoticeId::of_test(created_at, index);
    Notice {
        thread: Thread {
            message_id: MessageId::of(&id, &alerting.policy.message_domain),
            in_reply_to: None,
            references: Vec::new(),
        },
        id,
        receiver: receiver.name.clone(),
        created_at,
        occasion: Occasion::Test,
        incidents: Vec::new(),
    }
}
