//! A mail as it is written, before anybody puts it into an envelope.

use jiff::Timestamp;

use crate::domain::notice::Thread;

/// A mail, ready to be put into an envelope. All of it is plain text or finished HTML; headers are
/// values, not yet encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// One line, without control characters.
    pub subject: String,
    /// When it was decided on: the same at every try.
    pub date: Timestamp,
    /// Its own id, and the mails that it belongs to.
    pub thread: Thread,
    /// The part for those who read text.
    pub text: String,
    /// The same for those who read HTML: a whole document.
    pub html: String,
}
