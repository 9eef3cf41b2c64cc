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

/// The byte that an encoded one at the beginning means, and the length of its code.
type Decode = fn(&[u8]) -> Option<(u8, usize)>;

/// Every view that differs from the bytes themselves: percent-encoding once and twice, and escapes.
pub(super) fn all(bytes: &[u8]) -> Vec<View> {
    let once = decoded(bytes, b'%', percent);
    let twice = once.as_ref().and_then(|view| view.decoded(b'%', percent));
    let escapes = [
        once,
        twice,
        decoded(bytes, b'\\', backslash),
        decoded(bytes, b'&', entity),
    ];
    escapes.into_iter().flatten().collect()
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
        let (meant, length) = decode(bytes.get(at..)?).unwrap_or((byte, 1));
        view.bytes.push(meant);
        view.starts.push(at);
        at += length;
    }
    view.starts.push(at);
    (view.bytes.len() < bytes.len()).then_some(view)
}

/// RFC 3986 §2.1.
fn percent(rest: &[u8]) -> Option<(u8, usize)> {
    let [b'%', high, low, ..] = rest else {
        return None;
    };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let value = digit(*high)? * 16 + digit(*low)?;
    Some((u8::try_from(value).ok()?, 3))
}

/// RFC 9110 §5.6.4.
fn backslash(rest: &[u8]) -> Option<(u8, usize)> {
    match rest {
        [b'\\', meant, ..] => Some((*meant, 2)),
        _ => None,
    }
}

/// What is escaped in HTML and XML.
fn entity(rest: &[u8]) -> Option<(u8, usize)> {
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
    let entity = ENTITIES.iter().find(|(code, _)| rest.starts_with(code));
    entity.map(|(code, meant)| (*meant, code.len()))
}
