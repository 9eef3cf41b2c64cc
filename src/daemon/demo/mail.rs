//! The demo's mailbox: a directory, and the mails in it that are worth showing.

use std::path::PathBuf;

use crate::domain::finding::Class;
use crate::domain::notice::{Delivery, DeliveryState, MessageId, Notice, Occasion, Owed, Way};
use crate::domain::status::Snapshot;
use crate::notify::render;

/// A mail that lies in the demo's mailbox.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Its subject.
    pub subject: String,
    /// The part for those who read text.
    pub text: String,
    /// Its own id.
    pub message_id: MessageId,
    /// The mail that it answers; none where it is the first of its thread.
    pub in_reply_to: Option<MessageId>,
    /// Its file.
    pub path: PathBuf,
}

/// The first mail that tells of an open door, once it is in the mailbox.
pub(super) fn of_break(snapshot: &Snapshot) -> Option<Mail> {
    find(snapshot, |notice| {
        let mut incidents = notice.incidents.iter();
        let is_of_bypass = incidents.any(|incident| incident.class == Class::Bypass);
        matches!(notice.occasion, Occasion::Opened { .. }) && is_of_bypass
    })
}

/// The mail that answers another one and tells that the door is locked again.
pub(super) fn of_recovery(snapshot: &Snapshot, first: &MessageId) -> Option<Mail> {
    find(snapshot, |notice| {
        notice.occasion == Occasion::Ended && notice.thread.in_reply_to.as_ref() == Some(first)
    })
}

/// The oldest such mail.
fn find(snapshot: &Snapshot, wanted: impl Fn(&Notice) -> bool) -> Option<Mail> {
    let oldest_first = snapshot.notices.iter().rev();
    let mut wanted = oldest_first.filter(|owed| wanted(&owed.notice));
    wanted.find_map(|owed| {
        let path = file(owed)?;
        let letter = render::letter(&owed.notice);
        Some(Mail {
            subject: letter.subject,
            text: letter.text,
            message_id: letter.thread.message_id,
            in_reply_to: letter.thread.in_reply_to,
            path,
        })
    })
}

/// Where it was written; `None` until it is.
fn file(owed: &Owed) -> Option<PathBuf> {
    match owed.deliveries.get(&Way::File)? {
        Delivery {
            state: DeliveryState::Delivered,
            said: Some(path),
            ..
        } => Some(path.into()),
        _ => None,
    }
}
