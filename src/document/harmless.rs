//! JSON in which nothing steers a terminal.

use std::io::{self, Write};

use serde_json::ser::Formatter;

pub use crate::domain::harmless::steers;

/// Compact JSON in which nothing steers a terminal that it is shown on: JSON itself asks for the
/// escape of U+0000 to U+001F only (RFC 8259 §7).
#[derive(Clone, Copy, Debug)]
pub struct Harmless;

impl Formatter for Harmless {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if !fragment.chars().any(steers) {
            return writer.write_all(fragment.as_bytes());
        }
        for character in fragment.chars() {
            if steers(character) {
                write!(writer, "\\u{:04x}", u32::from(character))?;
            } else {
                write!(writer, "{character}")?;
            }
        }
        Ok(())
    }
}
