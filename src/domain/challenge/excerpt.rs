//! Shows a piece of what a server sent in a message for a person.

/// Longest excerpt, in characters.
const LONGEST: usize = 40;

/// The text without control characters and cut to a readable length.
///
/// The cost does not depend on how long the text is.
pub(super) fn excerpt(text: &str) -> String {
    let mut shown = String::new();
    let mut length = 0;
    for character in text.chars() {
        let piece = escaped(character);
        length += piece.chars().count();
        if length > LONGEST {
            shown.push('…');
            return shown;
        }
        shown.push_str(&piece);
    }
    shown
}

/// The same for bytes of a header.
pub(super) fn excerpt_of(bytes: &[u8]) -> String {
    excerpt(&super::latin1(bytes.get(..=LONGEST).unwrap_or(bytes)))
}

/// One byte as a person would name it.
pub(super) fn byte_name(byte: u8) -> String {
    if byte.is_ascii_graphic() {
        format!("`{}`", char::from(byte))
    } else {
        format!("byte 0x{byte:02X}")
    }
}

fn escaped(character: char) -> String {
    if character.is_control() || character == '\u{AD}' || is_directional(character) {
        character.escape_default().to_string()
    } else {
        character.to_string()
    }
}

/// Marks that turn the direction of text around; they occur in configuration only.
fn is_directional(character: char) -> bool {
    matches!(character, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_plain_text_is_shown_as_it_is() {
        assert_eq!(excerpt("Café au lait"), "Café au lait");
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(
            excerpt(&"x".repeat(400_000)),
            format!("{}…", "x".repeat(LONGEST))
        );
        assert_eq!(excerpt_of(&[b'x'; 41]), format!("{}…", "x".repeat(LONGEST)));
        assert_eq!(excerpt_of(&[b'x'; 40]), "x".repeat(LONGEST));
    }

    #[test]
    fn controls_are_escaped() {
        assert_eq!(excerpt("a\r\n\u{7f}\u{9b}b"), "a\\r\\n\\u{7f}\\u{9b}b");
    }
}
