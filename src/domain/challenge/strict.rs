//! The strict reading: the recipient grammar of RFC 9110, to the letter.
//!
//! ```text
//! field     = [ challenge ] *( OWS "," OWS [ challenge ] )
//! challenge = token [ 1*SP ( token68 / params ) ]
//! params    = [ param ] *( OWS "," OWS [ param ] )
//! param     = token BWS "=" BWS ( token / quoted-string )
//! ```
//!
//! A comma may end a parameter as well as a challenge, and both may be empty.
//! What tells them apart is what follows the next word: `=` makes it a parameter.
//! A challenge takes parameters only if a space follows its scheme at once, so that
//! `Basic , realm=x` is one challenge and `Basic, realm=x` is a fault.

use super::cursor::{BLANK, Cursor, TOKEN, TOKEN68};
use super::excerpt::excerpt_of;
use super::fault::SyntaxFaultKind;
use super::field::FieldValue;
use super::manners::{Manners, notice};
use super::names::Names;
use super::quoted::quoted;
use super::{Challenge, Form, Param, latin1, lower};

/// What a strict reading gives: all of it up to the first fault.
pub(super) struct Strict {
    pub(super) challenges: Vec<Challenge>,
    pub(super) manners: Manners,
    /// Where the second challenge begins.
    pub(super) second: Option<usize>,
    /// Offset in the joined value, and what was wrong there.
    pub(super) fault: Option<(usize, SyntaxFaultKind)>,
}

/// Reads a whole field value.
pub(super) fn read(value: &FieldValue<'_>) -> Strict {
    let mut reader = Reader {
        value,
        cursor: Cursor::new(&value.text),
        challenges: Vec::new(),
        manners: Manners {
            lines: value.lines(),
            ..Manners::default()
        },
        names: Names::default(),
        params: Params::Closed,
        second: None,
    };
    let fault = reader.run().err();
    let Reader {
        challenges,
        manners,
        second,
        ..
    } = reader;
    Strict {
        challenges,
        manners,
        second,
        fault,
    }
}

type Fault = (usize, SyntaxFaultKind);

struct Reader<'a> {
    value: &'a FieldValue<'a>,
    cursor: Cursor<'a>,
    challenges: Vec<Challenge>,
    manners: Manners,
    names: Names,
    params: Params,
    second: Option<usize>,
}

/// Whether the challenge read last takes parameters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Params {
    Open,
    Closed,
}

/// A run of blanks and commas.
struct Gap {
    /// Where it began: behind the element before it.
    start: usize,
    commas: usize,
    /// How many of the commas came from joining lines.
    joints: usize,
}

impl<'a> Reader<'a> {
    fn run(&mut self) -> Result<(), Fault> {
        loop {
            let gap = self.gap();
            if self.cursor.is_done() {
                self.manners.empty_elements += gap.commas.saturating_sub(gap.joints);
                return Ok(());
            }
            self.element(&gap)?;
            self.element_end()?;
        }
    }

    fn gap(&mut self) -> Gap {
        let mut gap = Gap {
            start: self.cursor.at(),
            commas: 0,
            joints: 0,
        };
        loop {
            self.cursor.skip(BLANK);
            let at = self.cursor.at();
            if !self.cursor.eat(b',') {
                return gap;
            }
            gap.commas += 1;
            gap.joints += usize::from(self.value.is_joint(at));
        }
    }

    /// Reads what follows a comma, or the start: a parameter if `=` follows its first word.
    fn element(&mut self, gap: &Gap) -> Result<(), Fault> {
        let start = self.cursor.at();
        let word = self.cursor.take(TOKEN);
        if word.is_empty() {
            return Err((start, self.unexpected()));
        }
        let mut ahead = self.cursor;
        ahead.skip(BLANK);
        if ahead.peek() != Some(b'=') {
            self.note_challenge(gap, start, word);
            return self.challenge(word);
        }
        if self.params == Params::Closed {
            let name = excerpt_of(word);
            return Err((start, SyntaxFaultKind::ParamWithoutScheme { name }));
        }
        self.note_param(gap, start, word);
        self.param(start, word)
    }

    /// Reads on from behind a scheme: its opaque word, or its first parameter, or neither.
    fn challenge(&mut self, scheme: &[u8]) -> Result<(), Fault> {
        self.challenges.push(Challenge::bare(scheme));
        self.names.clear();
        self.params = Params::Closed;
        if self.cursor.peek() != Some(b' ') {
            return self.scheme_end(scheme);
        }
        self.params = Params::Open;
        while self.cursor.eat(b' ') {}
        match self.cursor.peek() {
            None | Some(b',' | b'\t') => Ok(()),
            Some(_) => self.first_of_challenge(),
        }
    }

    /// Sees to it that nothing is glued to a scheme.
    fn scheme_end(&self, scheme: &[u8]) -> Result<(), Fault> {
        match self.cursor.peek() {
            None | Some(b',' | b'\t') => Ok(()),
            Some(found) => {
                let scheme = excerpt_of(scheme);
                Err((
                    self.cursor.at(),
                    SyntaxFaultKind::SchemeEndExpected { scheme, found },
                ))
            }
        }
    }

    fn first_of_challenge(&mut self) -> Result<(), Fault> {
        if let Some(token68) = token68(&mut self.cursor) {
            self.params = Params::Closed;
            if let Some(challenge) = self.challenges.last_mut() {
                challenge.token68 = Some(latin1(token68));
            }
            return Ok(());
        }
        let start = self.cursor.at();
        let name = self.cursor.take(TOKEN);
        if name.is_empty() {
            return Err((start, self.unexpected()));
        }
        self.param(start, name)
    }

    /// Reads on from behind the name of a parameter.
    fn param(&mut self, start: usize, name: &[u8]) -> Result<(), Fault> {
        let mut spaced = self.cursor.skip(BLANK);
        if !self.cursor.eat(b'=') {
            let after = excerpt_of(name);
            return Err((
                self.cursor.at(),
                SyntaxFaultKind::EqualsOrCommaExpected { after },
            ));
        }
        spaced |= self.cursor.skip(BLANK);
        if spaced {
            notice(&mut self.manners.spaced_equals, name);
        }
        let (value, form) = self.value(name)?;
        let Some(challenge) = self.challenges.last_mut() else {
            return Ok(());
        };
        let lower_name = lower(name);
        if !self.names.is_new(&challenge.params, &lower_name) {
            let name = excerpt_of(name);
            return Err((start, SyntaxFaultKind::DuplicateParam { name }));
        }
        challenge.params.push(Param {
            name: lower_name,
            value,
            form,
        });
        Ok(())
    }

    fn value(&mut self, name: &[u8]) -> Result<(String, Form), Fault> {
        let start = self.cursor.at();
        if self.cursor.eat(b'"') {
            return self.quoted(start, name);
        }
        let token = self.cursor.take(TOKEN);
        if token.is_empty() {
            let name = excerpt_of(name);
            return Err((start, SyntaxFaultKind::ValueExpected { name }));
        }
        Ok((latin1(token), Form::Token))
    }

    fn quoted(&mut self, start: usize, name: &[u8]) -> Result<(String, Form), Fault> {
        let quoted = quoted(&mut self.cursor);
        if quoted.needless_escape {
            notice(&mut self.manners.needless_escape, name);
        }
        if quoted.closed {
            return Ok((quoted.value, Form::Quoted));
        }
        let name = excerpt_of(name);
        Err(match self.cursor.peek() {
            Some(found) => (
                self.cursor.at(),
                SyntaxFaultKind::ControlInQuotes { name, found },
            ),
            None => (start, SyntaxFaultKind::QuoteUnterminated { name }),
        })
    }

    /// Sees to it that a comma or the end follows an element.
    fn element_end(&self) -> Result<(), Fault> {
        let mut ahead = self.cursor;
        ahead.skip(BLANK);
        match ahead.peek() {
            None | Some(b',') => Ok(()),
            Some(found) => Err(self.comma_missing(ahead.at(), found)),
        }
    }

    /// Says what stands before the missing comma: a value, or a scheme and a tab.
    fn comma_missing(&self, at: usize, found: u8) -> Fault {
        let Some(challenge) = self.challenges.last() else {
            return (at, SyntaxFaultKind::SchemeExpected { found });
        };
        if let Some(param) = challenge.params.last() {
            let name = excerpt_of(param.name.as_bytes());
            return (at, SyntaxFaultKind::CommaExpected { name, found });
        }
        let scheme = excerpt_of(challenge.scheme.as_bytes());
        (self.cursor.at(), SyntaxFaultKind::TabAfterScheme { scheme })
    }

    fn unexpected(&self) -> SyntaxFaultKind {
        SyntaxFaultKind::SchemeExpected {
            found: self.cursor.peek().unwrap_or_default(),
        }
    }

    fn note_challenge(&mut self, gap: &Gap, start: usize, scheme: &'a [u8]) {
        let first = self.challenges.is_empty();
        let wanted = if first { gap.joints } else { gap.joints.max(1) };
        self.manners.empty_elements += gap.commas.saturating_sub(wanted);
        if first {
            return;
        }
        self.second.get_or_insert(start);
        if !self.begins_line(gap, start) {
            notice(&mut self.manners.crowded, scheme);
        }
    }

    fn note_param(&mut self, gap: &Gap, start: usize, name: &'a [u8]) {
        let first = self
            .challenges
            .last()
            .is_none_or(|challenge| challenge.params.is_empty());
        let wanted = if first { gap.joints } else { gap.joints.max(1) };
        self.manners.empty_elements += gap.commas.saturating_sub(wanted);
        if self.begins_line(gap, start) {
            notice(&mut self.manners.orphan, name);
        }
    }

    /// Whether the element is the first of its line and no continuation of a quoted string.
    fn begins_line(&self, gap: &Gap, start: usize) -> bool {
        self.value.line_of(gap.start) < self.value.line_of(start)
    }
}

/// Takes a `token68` if it is all that stands before the next comma or the end.
///
/// Otherwise the cursor stays: the word begins a parameter.
pub(super) fn token68<'a>(cursor: &mut Cursor<'a>) -> Option<&'a [u8]> {
    let mut ahead = *cursor;
    let word = ahead.take_padded(TOKEN68, b'=')?;
    let end = ahead;
    ahead.skip(BLANK);
    if !matches!(ahead.peek(), None | Some(b',')) {
        return None;
    }
    *cursor = end;
    Some(word)
}
