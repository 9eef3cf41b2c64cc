//! The parts of a sentence: words, and what is typed or seen literally.

/// A part of a sentence that marks what is typed or seen literally by backticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The part, without its backticks.
    pub text: &'a str,
    /// Whether it stood between backticks.
    pub literal: bool,
}

/// A sentence of an explanation, in its parts.
pub fn pieces(sentence: &str) -> Vec<Piece<'_>> {
    let parts = sentence.split('`').enumerate();
    let pieces = parts.map(|(at, text)| Piece {
        text,
        literal: at % 2 == 1,
    });
    pieces.filter(|piece| !piece.text.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backticks_mark_what_is_literal() {
        let piece = |text, literal| Piece { text, literal };
        assert_eq!(
            pieces("see `nginx -T`."),
            [
                piece("see ", false),
                piece("nginx -T", true),
                piece(".", false)
            ]
        );
    }
}
