//! What receivers read: mails and JSON.
//!
//! In comes a [`Notice`]; out goes a [`Letter`] or a JSON document. A mail is written once, as a
//! `sheet` of headings, facts and lines, and the text and the HTML part are two ways to show it, so
//! that both say the same. What a server sent is made harmless when it is put on the sheet, and
//! escaped when it is shown.
//!
//! **Invariant:** a function of the notice: the same notice gives the same words at every try.
//!
//! **Invariant:** a subject is one line, no control character but a line break stands in a text, and
//! no text reaches the HTML unescaped.
//!
//! **Invariant:** whatever a server sent and however many incidents there are, a letter stays below
//! [`MOST`] bytes when it is encoded, and a JSON document is bounded too.

pub(super) mod alerts;
mod around;
mod evidence;
mod html;
mod incidents;
mod remains;
mod room;
mod sheet;
mod subject;
mod text;
mod webhook;
mod words;

use self::room::Room;
pub use self::webhook::webhook;
use super::letter::Letter;
use crate::domain::notice::{Notice, Occasion};

/// What the two parts of a letter take at most, encoded for the wire, in bytes. Headers and the marks
/// between the parts come to that, and the whole stays below 100 KiB: more is cut off by some who
/// show mail.
pub const MOST: usize = 92 << 10;

/// The mail of a notice.
pub fn letter(notice: &Notice) -> Letter {
    let subject = subject::subject(notice);
    let mut written = (String::new(), String::new());
    for room in &Room::ALL {
        let sheet = sheet(notice, room);
        written = (text::text(&sheet), html::html(&sheet, &subject));
        if room::encoded(&written.0) + room::encoded(&written.1) <= MOST {
            break;
        }
    }
    let (text, html) = written;
    Letter {
        subject,
        date: notice.created_at,
        thread: notice.thread.clone(),
        text,
        html,
    }
}

/// Everything that a mail says, in as much room as there is.
fn sheet(notice: &Notice, room: &Room) -> sheet::Sheet {
    let mut sheet = match &notice.occasion {
        Occasion::Opened { .. }
        | Occasion::Repeated { .. }
        | Occasion::Ended
        | Occasion::Flapping => incidents::sheet(notice, room),
        Occasion::Isolated(isolation) => around::isolated(notice, isolation, room),
        Occasion::Rejoined(isolation) => around::rejoined(notice, isolation, room),
        Occasion::Silenced(silence) => around::silenced(silence, room),
        Occasion::Heartbeat(heartbeat) => around::heartbeat(notice, heartbeat),
        Occasion::Test => around::test(notice),
    };
    around::close(&mut sheet, notice);
    sheet
}
