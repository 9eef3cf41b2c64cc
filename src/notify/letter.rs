//! A mail before it goes into an envelope.

use jiff::Timestamp;

use crate::domain::notice::Thread;

/// A mail, ready to be put into an envelope.
///
/// All of it is plain text or finished HTML; headers are values that are not yet encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct Letter {
    /// The subject, in any script and of any length.
    pub subject: String,
    /// When the notice was decided on, however late the mail leaves.
    pub date: Timestamp,
    /// Where it belongs among other mails.
    pub thread: Thread,
    /// The text for those who read no HTML.
    pub text: String,
    /// The same as a page.
    pub html: String,
}
