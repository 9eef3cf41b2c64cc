//! The lenient reading: one line by itself, with everything in it that deployed clients recover.
//!
//! It gives what the strict reading gives wherever that succeeds, and beyond it:
//!
//! - a missing comma: a word before `=` is a parameter, and a word before a parameter is a scheme;
//! - an unquoted value with any bytes in it, up to a blank, a comma or a quote;
//! - a parameter without a value, whose value is empty;
//! - a quoted string that does not end, which ends with the line;
//! - duplicates, of which the first counts;
//! - tabs and semicolons for spaces, and lines that were folded (RFC 9112 §5.2);
//! - bytes that fit nowhere, which are passed over with the words that they touch.
//!
//! A parameter that follows no scheme is dropped rather than given to the challenge of another line.

use std::borrow::Cow;

use super::cursor::{BLANK, Cursor, TOKEN, VALUE_END};
use super::field::trimmed;
use super::manners::{Manners, notice};
use super::names::Names;
use super::quoted::quoted_leniently;
use super::strict::token68;
use super::{Challenge, Form, Param, latin1, lower};

/// Reads each line by itself; the challenges come in the order of the lines.
pub(super) fn read<L: AsRef<[u8]>>(lines: &[L]) -> (Vec<Challenge>, Manners) {
    let mut challenges = Vec::new();
    let mut manners = Manners {
        lines: lines.len(),
        ..Manners::default()
    };
    for (number, line) in lines.iter().enumerate() {
        let line = unfolded(line.as_ref());
        let mut reader = Reader {
            cursor: Cursor::new(trimmed(&line)),
            challenges: &mut challenges,
            manners: &mut manners,
            names: Names::default(),
            place: Place::Outside,
            continues: number > 0,
            elements: 0,
            stray: false,
        };
        reader.run();
    }
    (challenges, manners)
}

struct Reader<'a, 'b> {
    cursor: Cursor<'a>,
    challenges: &'b mut Vec<Challenge>,
    manners: &'b mut Manners,
    names: Names,
    place: Place,
    /// Whether another line came before.
    continues: bool,
    /// How many elements of this line were read, of whatever kind.
    elements: usize,
    /// Whether the element before fitted nowhere, so that what is glued to it does not either.
    stray: bool,
}

/// Where in a challenge the cursor stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In none that takes parameters.
    Outside,
    /// Behind a scheme and a blank, with nothing else yet: an opaque word may follow.
    Fresh,
    /// Among the parameters of one.
    Inside,
}

/// What separates an element from the one before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// A comma, or the start of the line.
    Comma,
    /// Blanks, where the grammar wants a comma.
    Blank,
    /// Nothing.
    Glued,
}

impl<'a> Reader<'a, '_> {
    fn run(&mut self) {
        loop {
            let gap = self.gap();
            if self.cursor.is_done() {
                return;
            }
            self.element(gap);
            self.elements += 1;
        }
    }

    fn gap(&mut self) -> Gap {
        let first = self.elements == 0;
        let blank = self.blank();
        let mut commas = 0;
        while self.cursor.eat(b',') {
            commas += 1;
            self.blank();
        }
        let wanted = usize::from(!first && !self.cursor.is_done());
        self.manners.empty_elements += commas.max(wanted) - wanted;
        if commas > 0 && self.place == Place::Fresh {
            self.place = Place::Inside;
        }
        match (commas > 0 || first, blank) {
            (true, _) => Gap::Comma,
            (false, true) => Gap::Blank,
            (false, false) => Gap::Glued,
        }
    }

    /// Goes past blanks, and past the semicolons that some senders take for separators.
    fn blank(&mut self) -> bool {
        let mut any = self.cursor.skip(BLANK);
        while self.cursor.eat(b';') {
            self.cursor.skip(BLANK);
            any = true;
        }
        any
    }

    fn element(&mut self, gap: Gap) {
        self.stray &= gap == Gap::Glued;
        if self.place == Place::Fresh && self.opaque() {
            return;
        }
        let word = self.cursor.take(TOKEN);
        if word.is_empty() {
            return self.junk(gap);
        }
        let mut ahead = self.cursor;
        ahead.skip(BLANK);
        if ahead.eat(b'=') {
            let spaced = self.cursor.skip(BLANK);
            self.cursor.step();
            self.param(word, spaced);
        } else {
            self.bare(word, gap);
        }
    }

    /// Takes the opaque word that follows a scheme, if one does.
    ///
    /// `realm=` before another parameter is no such word but a parameter without a value.
    fn opaque(&mut self) -> bool {
        let mut ahead = self.cursor;
        let Some(word) = token68(&mut ahead) else {
            return false;
        };
        if word.ends_with(b"=") && !word.ends_with(b"==") && comes_to_param(ahead) {
            return false;
        }
        self.cursor = ahead;
        self.place = Place::Outside;
        if let Some(challenge) = self.challenges.last_mut() {
            challenge.token68 = Some(latin1(word));
        }
        true
    }

    /// Passes over what is neither word nor separator; a quoted string that stands alone as a whole.
    fn junk(&mut self, gap: Gap) {
        self.enter();
        self.stray = true;
        let quote = self.cursor.eat(b'"');
        if quote && gap != Gap::Glued {
            quoted_leniently(&mut self.cursor);
        } else if !quote {
            self.cursor.step();
        }
    }

    /// A word without `=`: a scheme if it stands where one may.
    fn bare(&mut self, word: &[u8], gap: Gap) {
        let next = self.cursor.peek();
        let blank = next.is_some_and(|byte| BLANK.has(byte));
        let whole = blank || matches!(next, None | Some(b','));
        let in_place = match gap {
            Gap::Comma => true,
            Gap::Blank => blank && is_param(self.cursor),
            Gap::Glued => false,
        };
        if !whole || !in_place {
            self.stray = true;
            return self.enter();
        }
        if self.elements > 0 {
            notice(&mut self.manners.crowded, word);
        }
        self.challenges.push(Challenge::bare(word));
        self.names.clear();
        self.place = if blank { Place::Fresh } else { Place::Outside };
    }

    /// Reads on from behind the `=` of a parameter.
    fn param(&mut self, name: &'a [u8], spaced: bool) {
        if self.cursor.peek() == Some(b'=') {
            return self.padding();
        }
        let (value, form) = self.value(name, spaced);
        self.enter();
        if self.stray {
            return;
        }
        if self.place == Place::Outside {
            if self.continues && self.elements == 0 {
                notice(&mut self.manners.orphan, name);
            }
            return;
        }
        let Some(challenge) = self.challenges.last_mut() else {
            return;
        };
        let lower_name = lower(name);
        if self.names.is_new(&challenge.params, &lower_name) {
            challenge.params.push(Param {
                name: lower_name,
                value,
                form,
            });
        } else {
            notice(&mut self.manners.duplicate, name);
        }
    }

    /// Drops an opaque word in a place where none may stand.
    fn padding(&mut self) {
        self.enter();
        while self.cursor.eat(b'=') {}
    }

    fn value(&mut self, name: &[u8], spaced: bool) -> (String, Form) {
        let blank = self.cursor.skip(BLANK);
        if blank || spaced {
            notice(&mut self.manners.spaced_equals, name);
        }
        if self.cursor.eat(b'"') {
            let quoted = quoted_leniently(&mut self.cursor);
            if quoted.needless_escape {
                notice(&mut self.manners.needless_escape, name);
            }
            return (quoted.value, Form::Quoted);
        }
        if blank && is_filled_param(self.cursor) {
            return (String::new(), Form::Token);
        }
        (latin1(self.cursor.take_until(VALUE_END)), Form::Token)
    }

    /// Whatever was read, no opaque word may follow any more.
    fn enter(&mut self) {
        if self.place == Place::Fresh {
            self.place = Place::Inside;
        }
    }
}

/// Whether a parameter follows, after blanks.
fn is_param(mut ahead: Cursor<'_>) -> bool {
    ahead.skip(BLANK);
    let word = ahead.skip(TOKEN);
    ahead.skip(BLANK);
    word && ahead.eat(b'=')
}

/// Whether a parameter with a value follows, rather than a value that ends in padding.
fn is_filled_param(mut ahead: Cursor<'_>) -> bool {
    let word = ahead.skip(TOKEN);
    ahead.skip(BLANK);
    if !word || !ahead.eat(b'=') {
        return false;
    }
    ahead.skip(BLANK);
    !matches!(ahead.peek(), None | Some(b',' | b'='))
}

/// Whether a parameter is what follows the next commas.
fn comes_to_param(mut ahead: Cursor<'_>) -> bool {
    ahead.skip(BLANK);
    while ahead.eat(b',') {
        ahead.skip(BLANK);
    }
    is_param(ahead)
}

/// The line with each fold replaced by a space, RFC 9112 §5.2.
fn unfolded(line: &[u8]) -> Cow<'_, [u8]> {
    if !line.contains(&b'\n') {
        return Cow::Borrowed(line);
    }
    let mut text = Vec::with_capacity(line.len());
    let mut cursor = Cursor::new(line);
    while let Some(byte) = cursor.peek() {
        if skip_fold(&mut cursor) {
            while text.last().is_some_and(|byte| BLANK.has(*byte)) {
                text.pop();
            }
            text.push(b' ');
        } else {
            text.push(byte);
            cursor.step();
        }
    }
    Cow::Owned(text)
}

/// Goes past a line break and the blanks behind it, if that is what comes next.
fn skip_fold(cursor: &mut Cursor<'_>) -> bool {
    let mut ahead = *cursor;
    ahead.eat(b'\r');
    let fold = ahead.eat(b'\n') && (ahead.skip(BLANK) || ahead.is_done());
    if fold {
        *cursor = ahead;
    }
    fold
}
