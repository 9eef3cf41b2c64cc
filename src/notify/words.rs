//! What the other side said, made fit for a log, a page and a row of a table.

/// The longest that is kept of an answer, in characters.
const LONGEST: usize = 300;

/// The text on one line of at most 300 characters, without what steers a terminal or hides.
pub(super) fn one_line(text: &str) -> String {
    let shown = text
        .chars()
        .map(|char| if steers(char) { ' ' } else { char });
    let shown: String = shown.collect();
    let mut line = String::new();
    for word in shown.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if line.chars().nth(LONGEST).is_some() {
        line = line.chars().take(LONGEST - 1).collect();
        line.push('…');
    }
    line
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
    fn what_steers_a_terminal_is_left_out() {
        assert_eq!(
            one_line("550 a\r\nb\u{1b}[31m\u{202e}c\0"),
            "550 a b [31m c"
        );
    }

    #[test]
    fn a_long_answer_is_cut_at_300_characters() {
        let cut = one_line(&"é".repeat(400));
        assert_eq!(cut, format!("{}…", "é".repeat(299)));
    }

    #[test]
    fn an_answer_of_300_characters_is_kept() {
        assert_eq!(one_line(&"x".repeat(300)), "x".repeat(300));
    }
}
