//! Text from a file, made fit for a terminal.

/// The text with every character that would steer a terminal, or hide, written as an escape.
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for char in text.chars() {
        if steers(char) {
            shown.extend(char.escape_unicode());
        } else {
            shown.push(char);
        }
    }
    shown
}

/// The same for a line of source, where a column must stay a column.
pub(crate) fn printable_char(char: char) -> char {
    match char {
        '\t' => ' ',
        char if steers(char) => char::REPLACEMENT_CHARACTER,
        char => char,
    }
}

/// Control characters, and those that reorder or hide what stands beside them (UAX #9).
fn steers(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_written_as_an_escape() {
        assert_eq!(printable("a\u{1b}[31mb\n"), "a\\u{1b}[31mb\\u{a}");
        assert_eq!(printable("user\u{202e}nimda"), "user\\u{202e}nimda");
        assert_eq!(printable("straße ✓"), "straße ✓");
    }
}
