//! Quoted strings, RFC 9110 §5.6.4.

use super::cursor::{ANY, ANY_TEXT, Class, Cursor, ESCAPABLE, QUOTED_TEXT};
use super::latin1;

/// What a quoted string held, up to where the reading of it stopped.
pub(super) struct Quoted {
    /// The text without quotes and backslashes.
    pub(super) value: String,
    /// Whether the closing quote came; if not, the cursor stands before the byte in the way.
    pub(super) closed: bool,
    /// Whether a backslash stood before something other than a quote or a backslash.
    pub(super) needless_escape: bool,
}

/// Reads from behind the opening quote; stops at the first byte that the standard forbids.
pub(super) fn quoted(cursor: &mut Cursor<'_>) -> Quoted {
    quoted_of(cursor, QUOTED_TEXT, ESCAPABLE)
}

/// Reads from behind the opening quote, whatever bytes follow, to the closing one or the end.
pub(super) fn quoted_leniently(cursor: &mut Cursor<'_>) -> Quoted {
    quoted_of(cursor, ANY_TEXT, ANY)
}

fn quoted_of(cursor: &mut Cursor<'_>, text: Class, escapable: Class) -> Quoted {
    let value = latin1(cursor.take(text));
    let mut quoted = Quoted {
        value,
        closed: false,
        needless_escape: false,
    };
    loop {
        if cursor.eat(b'"') {
            quoted.closed = true;
            return quoted;
        }
        if !cursor.eat(b'\\') {
            return quoted;
        }
        let Some(byte) = cursor.peek().filter(|byte| escapable.has(*byte)) else {
            return quoted;
        };
        cursor.step();
        quoted.needless_escape |= !matches!(byte, b'"' | b'\\');
        quoted.value.push(char::from(byte));
        quoted
            .value
            .extend(cursor.take(text).iter().copied().map(char::from));
    }
}
