//! The journal, by its own protocol: a message that says all of it, and a field for each key.
//!
//! `journalctl -u authvigil` shows the message alone, so that it has the keys as well; the fields are
//! what it is searched by (`journalctl -u authvigil ENDPOINT=orders`).

use std::fmt::{self, Write as _};
use std::io;
use std::os::unix::net::UnixDatagram;

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// Where journald listens (systemd's `docs/JOURNAL_NATIVE_PROTOCOL.md`).
const SOCKET: &str = "/run/systemd/journal/socket";

/// What the journal calls who speaks.
const SPEAKER: &str = "authvigil";

/// The longest value that is sent, in bytes: a datagram has a largest size.
const LONGEST: usize = 16 * 1024;

/// Writes events to the journal.
#[derive(Debug)]
pub(super) struct Journal(UnixDatagram);

impl Journal {
    /// The journal of this machine, where there is one.
    pub(super) fn open() -> io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        socket.connect(SOCKET)?;
        Ok(Self(socket))
    }
}

impl<S: Subscriber> Layer<S> for Journal {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut said = Said::default();
        event.record(&mut said);
        // Where the journal takes nothing there is nobody to tell.
        drop(self.0.send(&entry(*event.metadata().level(), &said)));
    }
}

/// What an event says.
#[derive(Debug, Default)]
struct Said {
    message: String,
    keys: Vec<(&'static str, String)>,
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => value.clone_into(&mut self.message),
            key => self.keys.push((key, value.to_owned())),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

/// The datagram of an event.
fn entry(level: Level, said: &Said) -> Vec<u8> {
    let mut entry = Vec::new();
    put(&mut entry, "PRIORITY", priority(level));
    put(&mut entry, "SYSLOG_IDENTIFIER", SPEAKER);
    put(&mut entry, "MESSAGE", &line(said));
    for (key, value) in &said.keys {
        put(&mut entry, &name(key), value);
    }
    entry
}

/// The words, and `key=value` for each key, on one line.
fn line(said: &Said) -> String {
    let mut line = one_line(&said.message);
    for (key, value) in &said.keys {
        let value = one_line(value);
        let is_word = !value.is_empty() && !value.contains([' ', '"', '=']);
        let written = if is_word {
            write!(line, " {key}={value}")
        } else {
            write!(line, " {key}={value:?}")
        };
        debug_assert!(written.is_ok(), "a string takes whatever it is given");
    }
    line
}

/// A server's words may hold what would begin a new line, or steer a terminal.
fn one_line(text: &str) -> String {
    let plain = |character: char| {
        if character.is_control() {
            ' '
        } else {
            character
        }
    };
    text.chars().map(plain).collect()
}

/// One field: its name, the length of its value in eight bytes, little endian, and the value.
fn put(entry: &mut Vec<u8>, name: &str, value: &str) {
    let value = value
        .get(..value.floor_char_boundary(LONGEST))
        .unwrap_or(value);
    let length = u64::try_from(value.len()).unwrap_or(u64::MAX);
    entry.extend_from_slice(name.as_bytes());
    entry.push(b'\n');
    entry.extend_from_slice(&length.to_le_bytes());
    entry.extend_from_slice(value.as_bytes());
    entry.push(b'\n');
}

/// The name of a field: capitals, digits and underscores, and no underscore in front.
fn name(key: &str) -> String {
    let plain = |character: char| match character.to_ascii_uppercase() {
        it @ ('A'..='Z' | '0'..='9') => it,
        _ => '_',
    };
    let name: String = key.chars().map(plain).collect();
    name.trim_start_matches('_').to_owned()
}

/// Levels as syslog(3) numbers them; what is told in passing is a notice.
fn priority(level: Level) -> &'static str {
    match level {
        Level::ERROR => "3",
        Level::WARN => "4",
        Level::INFO => "5",
        Level::DEBUG => "6",
        Level::TRACE => "7",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(keys: &[(&'static str, &str)]) -> Said {
        Said {
            message: "verdict changed".to_owned(),
            keys: keys
                .iter()
                .map(|(key, value)| (*key, (*value).to_owned()))
                .collect(),
        }
    }

    #[test]
    fn the_message_says_what_the_keys_say() {
        let said = said(&[
            ("endpoint", "orders"),
            ("reason", ""),
            ("saw", "let in = \"yes\""),
        ]);
        assert_eq!(
            line(&said),
            r#"verdict changed endpoint=orders reason="" saw="let in = \"yes\"""#
        );
    }

    #[test]
    fn no_servers_words_begin_a_line_of_their_own() {
        let said = said(&[("saw", "a\nPRIORITY=0\u{1b}[2J")]);
        assert_eq!(line(&said), r#"verdict changed saw="a PRIORITY=0 [2J""#);
    }

    #[test]
    fn each_key_is_a_field_with_the_length_of_its_value() {
        let entry = entry(Level::WARN, &said(&[("run.id", "a\nb")]));
        let field = b"\nRUN_ID\n\x03\0\0\0\0\0\0\0a\nb\n";
        assert!(entry.starts_with(b"PRIORITY\n\x01\0\0\0\0\0\0\x004\n"));
        assert!(entry.ends_with(field), "{}", entry.escape_ascii());
    }

    #[test]
    fn values_beyond_reason_are_cut_between_characters() {
        let mut entry = Vec::new();
        put(&mut entry, "SAW", &"ü".repeat(LONGEST));
        assert_eq!(entry.len(), "SAW\n".len() + 8 + LONGEST + 1);
    }
}
