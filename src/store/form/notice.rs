//! A notice as it is kept. What became of it is kept apart.

use serde::{Deserialize, Serialize};

use super::incident::{IncidentForm, Incidents};
use super::occasion::OccasionForm;
use super::time::{from_micros, micros};
use crate::domain::check::Name;
use crate::domain::notice::{DeliveryState, MessageId, Notice, NoticeId, Thread, Way};

#[derive(Debug, Serialize, Deserialize)]
struct NoticeForm {
    id: String,
    receiver: String,
    created_at: i64,
    occasion: OccasionForm,
    thread: ThreadForm,
    /// As they were when this was said, so that a repeat has the same words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    incidents: Vec<IncidentForm>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ThreadForm {
    message_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    in_reply_to: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    references: Vec<String>,
}

/// A notice that was read.
#[derive(Debug, PartialEq)]
pub(in crate::store) struct Read {
    pub(in crate::store) notice: Notice,
    /// Whether all of its incidents were understood.
    pub(in crate::store) is_whole: bool,
}

/// A notice, as text.
pub(in crate::store) fn to_text(notice: &Notice) -> serde_json::Result<String> {
    let incidents = notice.incidents.iter();
    serde_json::to_string(&NoticeForm {
        id: notice.id.as_str().to_owned(),
        receiver: notice.receiver.as_str().to_owned(),
        created_at: micros(notice.created_at),
        occasion: OccasionForm::of(&notice.occasion),
        thread: ThreadForm::of(&notice.thread),
        incidents: incidents
            .map(|incident| IncidentForm::of(incident))
            .collect(),
    })
}

/// The notice; `None` where the text says nothing that can be understood.
///
/// Incidents that are not understood are left out. Where none of them is left, so is the whole.
pub(in crate::store) fn from_text(text: &str, known: &mut Incidents) -> Option<Read> {
    let form: NoticeForm = serde_json::from_str(text).ok()?;
    let written = form.incidents.len();
    let incidents = form.incidents.into_iter();
    let incidents: Vec<_> = incidents.filter_map(|form| form.incident(known)).collect();
    if incidents.is_empty() && written > 0 {
        return None;
    }
    let is_whole = incidents.len() == written;
    let notice = Notice {
        id: NoticeId::parse(&form.id)?,
        receiver: Name::parse(&form.receiver)?,
        created_at: from_micros(form.created_at)?,
        occasion: form.occasion.occasion()?,
        thread: form.thread.thread()?,
        incidents,
    };
    Some(Read { notice, is_whole })
}

/// The way of this kind that leads there.
pub(in crate::store) fn way(kind: &str, address: &str) -> Option<Way> {
    match kind {
        "email" => Some(Way::Email(address.to_owned())),
        "alertmanager" => Some(Way::Alertmanager(address.to_owned())),
        "webhook" => Some(Way::Webhook),
        "file" => Some(Way::File),
        _ => None,
    }
}

/// The state with this stable name; one that is not known has to be tried again.
pub(in crate::store) fn state(name: &str) -> DeliveryState {
    [DeliveryState::Delivered, DeliveryState::Rejected]
        .into_iter()
        .find(|state| state.as_str() == name)
        .unwrap_or(DeliveryState::Pending)
}

impl ThreadForm {
    fn of(thread: &Thread) -> Self {
        Self {
            message_id: thread.message_id.as_str().to_owned(),
            in_reply_to: thread.in_reply_to.as_ref().map(ToString::to_string),
            references: texts(&thread.references),
        }
    }

    fn thread(self) -> Option<Thread> {
        let first = self.in_reply_to.as_deref();
        Some(Thread {
            message_id: MessageId::parse(&self.message_id)?,
            in_reply_to: first.and_then(MessageId::parse),
            references: message_ids(&self.references),
        })
    }
}

/// Ids of mails, as they are kept.
pub(super) fn texts(ids: &[MessageId]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

/// The ids of mails among these texts.
pub(super) fn message_ids(texts: &[String]) -> Vec<MessageId> {
    let ids = texts.iter();
    ids.filter_map(|text| MessageId::parse(text)).collect()
}
