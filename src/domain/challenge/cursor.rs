//! A place in the bytes of a field value, and the classes of bytes of RFC 9110 §5.6.

/// A set of bytes.
#[derive(Clone, Copy)]
pub(super) struct Class(u8);

/// `tchar` of RFC 9110 §5.6.2.
pub(super) const TOKEN: Class = Class(1);
/// What `token68` holds before its padding, RFC 9110 §11.2.
pub(super) const TOKEN68: Class = Class(2);
/// `qdtext` of RFC 9110 §5.6.4: what stands in a quoted string without a backslash.
pub(super) const QUOTED_TEXT: Class = Class(4);
/// What may follow a backslash in a quoted string.
pub(super) const ESCAPABLE: Class = Class(8);
/// SP and HTAB, which make up `OWS` and `BWS`.
pub(super) const BLANK: Class = Class(16);
/// What ends an unquoted value for a lenient reader: a blank, a comma, a quote.
pub(super) const VALUE_END: Class = Class(32);
/// What stands in a quoted string for a lenient reader: all but the quote and the backslash.
pub(super) const ANY_TEXT: Class = Class(64);
/// Every byte.
pub(super) const ANY: Class = Class(64 | 8);

const CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut index = 0;
    while index < table.len() {
        table[index] = classes_of(index);
        index += 1;
    }
    table
}

/// Takes an index rather than a byte, for want of conversions in constant functions.
const fn classes_of(index: usize) -> u8 {
    let alphanumeric = matches!(index, 0x30..=0x39 | 0x41..=0x5A | 0x61..=0x7A);
    // `!#$%&'*+-.^_`|~`
    let mark =
        matches!(index, 0x21 | 0x23..=0x27 | 0x2A | 0x2B | 0x2D | 0x2E | 0x5E..=0x60 | 0x7C | 0x7E);
    // `+-./_~`
    let mark68 = matches!(index, 0x2B | 0x2D..=0x2F | 0x5F | 0x7E);
    let blank = matches!(index, 0x09 | 0x20);
    let visible = matches!(index, 0x21..=0x7E);
    let foreign = index >= 0x80;
    let text = blank || visible || foreign;
    let mut class = 0;
    if alphanumeric || mark {
        class |= TOKEN.0;
    }
    if alphanumeric || mark68 {
        class |= TOKEN68.0;
    }
    if text && !matches!(index, 0x22 | 0x5C) {
        class |= QUOTED_TEXT.0;
    }
    if !matches!(index, 0x22 | 0x5C) {
        class |= ANY_TEXT.0;
    }
    if text {
        class |= ESCAPABLE.0;
    }
    if blank {
        class |= BLANK.0;
    }
    if blank || matches!(index, 0x22 | 0x2C) {
        class |= VALUE_END.0;
    }
    class
}

impl Class {
    /// Whether the byte belongs to the class.
    pub(super) fn has(self, byte: u8) -> bool {
        CLASSES[usize::from(byte)] & self.0 != 0
    }
}

/// A place in bytes that only moves forward; a copy of it looks ahead.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    /// Stands before the first byte.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// How many bytes lie behind.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The next byte, if there is one.
    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Whether every byte lies behind.
    pub(super) fn is_done(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// Goes past one byte, whatever it is.
    pub(super) fn step(&mut self) {
        self.at = self.bytes.len().min(self.at + 1);
    }

    /// Goes past `byte` if it is the next one.
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let next = self.peek() == Some(byte);
        if next {
            self.at += 1;
        }
        next
    }

    /// Takes the longest run of bytes in the class.
    pub(super) fn take(&mut self, class: Class) -> &'a [u8] {
        self.take_while(|byte| class.has(byte))
    }

    /// Takes the longest run of bytes outside the class.
    pub(super) fn take_until(&mut self, class: Class) -> &'a [u8] {
        self.take_while(|byte| !class.has(byte))
    }

    /// Goes past a run of bytes in the class and tells whether there were any.
    pub(super) fn skip(&mut self, class: Class) -> bool {
        !self.take(class).is_empty()
    }

    /// Takes a run of bytes in the class and any padding behind it; nothing if the run is empty.
    pub(super) fn take_padded(&mut self, class: Class, padding: u8) -> Option<&'a [u8]> {
        let start = self.at;
        if !self.skip(class) {
            return None;
        }
        while self.eat(padding) {}
        self.bytes.get(start..self.at)
    }

    fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest
            .iter()
            .position(|&byte| !wanted(byte))
            .unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(class: Class) -> Vec<u8> {
        (0..=255).filter(|&byte| class.has(byte)).collect()
    }

    #[test]
    fn tokens_are_made_of_the_bytes_of_the_standard() {
        let listed =
            b"!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~";
        assert_eq!(members(TOKEN), listed);
    }

    #[test]
    fn token68_is_made_of_the_bytes_of_the_standard() {
        let listed = b"+-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~";
        assert_eq!(members(TOKEN68), listed);
    }

    #[test]
    fn quoted_text_leaves_out_controls_quote_and_backslash() {
        let left_out: Vec<u8> = (0..=255).filter(|&byte| !QUOTED_TEXT.has(byte)).collect();
        let expected: Vec<u8> = (0..=8).chain(10..=31).chain([b'"', b'\\', 0x7F]).collect();
        assert_eq!(left_out, expected);
    }

    #[test]
    fn any_is_every_byte() {
        assert_eq!(members(ANY).len(), 256);
    }

    #[test]
    fn a_cursor_at_the_end_stays_there() {
        let mut cursor = Cursor::new(b"a");
        cursor.step();
        cursor.step();
        assert!(cursor.is_done() && cursor.peek().is_none() && cursor.take(TOKEN).is_empty());
    }
}
