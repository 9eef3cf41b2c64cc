//! What bytes mean once a layer of encoding is taken off, and where each of them stood.

use std::ops::Range;

/// Bytes without a layer of encoding.
pub(super) struct View {
    pub(super) bytes: Vec<u8>,
    /// Where each byte began, and where the last one ended.
    starts: Vec<usize>,
}

impl View {
    /// Where a part of the view stands in what it was made of.
    pub(super) fn origin(&self, range: &Range<usize>) -> Range<usize> {
        let at = |index: usize| self.starts.get(index).copied().unwrap_or_default();
        at(range.start)..at(range.end)
    }

    /// The same without another layer.
    fn decoded(&self, mark: u8, decode: Decode) -> Option<Self> {
        let view = decoded(&self.bytes, mark, decode)?;
        let starts = view
            .starts
            .iter()
            .map(|&start| self.starts.get(start).copied());
        Some(Self {
            starts: starts.map(Option::unwrap_or_default).collect(),
            bytes: view.bytes,
        })
    }
}

/// Adds what the code at the beginning means, and gives the length of that code.
type Decode = fn(&[u8], &mut Vec<u8>) -> Option<usize>;

/// Every view that differs from the bytes themselves: percent-encoding once and twice, the escapes of
/// a quoted string and of JSON, the latter within the former, and those of HTML.
pub(super) fn all(bytes: &[u8]) -> Vec<View> {
    let once = decoded(bytes, b'%', percent);
    let twice = once.as_ref().and_then(|view| view.decoded(b'%', percent));
    let quoted = decoded(bytes, b'\\', backslash);
    let within = quoted.as_ref().and_then(|view| view.decoded(b'\\', json));
    // Most of what JSON escapes, a quoted string escapes alike.
    let other = |view: &View| quoted.as_ref().is_none_or(|it| it.bytes != view.bytes);
    let as_json = decoded(bytes, b'\\', json).filter(other);
    let markup = decoded(bytes, b'&', entity);
    let views = [once, twice, quoted, within, as_json, markup];
    views.into_iter().flatten().collect()
}

fn decoded(bytes: &[u8], mark: u8, decode: Decode) -> Option<View> {
    // Most fields hold no escape at all.
    if !bytes.contains(&mark) {
        return None;
    }
    let mut view = View {
        bytes: Vec::with_capacity(bytes.len()),
        starts: Vec::with_capacity(bytes.len() + 1),
    };
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let length = decode(bytes.get(at..)?, &mut view.bytes);
        if length.is_none() {
            view.bytes.push(byte);
        }
        view.starts.resize(view.bytes.len(), at);
        at += length.unwrap_or(1);
    }
    view.starts.push(at);
    (view.bytes.len() < bytes.len()).then_some(view)
}

/// RFC 3986 §2.1.
fn percent(rest: &[u8], meant: &mut Vec<u8>) -> Option<usize> {
    let [b'%', high, low, ..] = rest else {
        return None;
    };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let value = digit(*high)? * 16 + digit(*low)?;
    meant.push(u8::try_from(value).ok()?);
    Some(3)
}

/// RFC 9110 §5.6.4.
fn backslash(rest: &[u8], meant: &mut Vec<u8>) -> Option<usize> {
    let [b'\\', escaped, ..] = rest else {
        return None;
    };
    meant.push(*escaped);
    Some(2)
}

/// RFC 8259 §7.
fn json(rest: &[u8], meant: &mut Vec<u8>) -> Option<usize> {
    let [b'\\', code, ..] = rest else {
        return None;
    };
    meant.push(match code {
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'u' => return unicode(rest, meant),
        itself => *itself,
    });
    Some(2)
}

/// A character by its number, or by the two of a surrogate pair.
fn unicode(rest: &[u8], meant: &mut Vec<u8>) -> Option<usize> {
    let second = rest.get(UNIT..).and_then(unit);
    let units = [unit(rest), second].into_iter().flatten();
    let character = char::decode_utf16(units).next()?.ok()?;
    meant.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    Some(UNIT * character.len_utf16())
}

/// The length of `\u` and four digits.
const UNIT: usize = 6;

fn unit(rest: &[u8]) -> Option<u16> {
    let digits = rest.get(..UNIT)?.strip_prefix(b"\\u")?;
    let mut digits = digits.iter().map(|digit| char::from(*digit).to_digit(16));
    let value = digits.try_fold(0, |value, digit| Some(value * 16 + digit?))?;
    u16::try_from(value).ok()
}

/// What is escaped in HTML and XML.
fn entity(rest: &[u8], meant: &mut Vec<u8>) -> Option<usize> {
    const ENTITIES: [(&[u8], u8); 11] = [
        (b"&amp;", b'&'),
        (b"&apos;", b'\''),
        (b"&gt;", b'>'),
        (b"&lt;", b'<'),
        (b"&quot;", b'"'),
        (b"&#34;", b'"'),
        (b"&#38;", b'&'),
        (b"&#39;", b'\''),
        (b"&#x22;", b'"'),
        (b"&#x26;", b'&'),
        (b"&#x27;", b'\''),
    ];
    if rest.first() != Some(&b'&') {
        return None;
    }
    let (code, character) = ENTITIES.iter().find(|(code, _)| rest.starts_with(code))?;
    meant.push(*character);
    Some(code.len())
}
