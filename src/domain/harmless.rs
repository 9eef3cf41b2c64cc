//! Texts that a server may have written, made fit to be shown.
//!
//! What comes out steers no terminal and hides nothing. It is not escaped for any medium yet.

use std::fmt::Write as _;

/// A text as it may be shown: with everything visible that steers or hides, and cut where it is
/// longer than `most` characters. It is not escaped yet.
pub fn shown(text: &str, most: usize) -> String {
    let mut shown = String::with_capacity(text.len().min(most) + 1);
    let mut left = most;
    for character in text.chars() {
        let before = shown.len();
        if steers(character) || hides(character) {
            // Writing to a string cannot fail.
            let _written = write!(shown, "\\u{{{:x}}}", u32::from(character)).is_ok();
        } else {
            shown.push(character);
        }
        let width = shown.len() - before;
        // An escape counts as what it takes; any other character as one.
        let width = if width > 4 { width } else { 1 };
        if width > left {
            shown.truncate(before);
            shown.push('…');
            break;
        }
        left -= width;
    }
    shown
}

/// Characters that are not seen, beside those that steer: a text could look like another one.
fn hides(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200d}'
            | '\u{2060}'..='\u{2065}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// Whether a character moves the cursor, changes what follows, or is not seen.
pub fn steers(character: char) -> bool {
    let turns = matches!(character, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    character.is_control() || turns || matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_or_hides_is_made_visible() {
        assert_eq!(
            shown("a\u{202e}b\u{200b}\u{1b}[0m ü", 300),
            "a\\u{202e}b\\u{200b}\\u{1b}[0m ü"
        );
    }

    #[test]
    fn a_long_text_is_cut_between_characters_and_never_within_an_escape() {
        assert_eq!(shown("äöü", 3), "äöü");
        assert_eq!(shown("äöü", 2), "äö…");
        assert_eq!(shown("a\u{1b}\u{1b}", 8), "a\\u{1b}…");
    }
}
