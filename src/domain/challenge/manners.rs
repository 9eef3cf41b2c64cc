//! How well-behaved a sender was, where the grammar lets a recipient look away.

use super::excerpt::excerpt_of;

/// What a reading noticed beside the challenges themselves.
///
/// Names in it are escaped and cut, so that they may be shown as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manners {
    /// How many field lines there were.
    pub lines: usize,
    /// How many list elements were empty, RFC 9110 §5.6.1.1.
    pub empty_elements: usize,
    /// The first parameter with whitespace around its `=`, RFC 9110 §5.6.3.
    pub spaced_equals: Option<String>,
    /// The first parameter whose quoted value escapes what needs no escape, RFC 9110 §5.6.4.
    pub needless_escape: Option<String>,
    /// The first parameter that occurs twice in a challenge, RFC 9110 §11.2.
    pub duplicate: Option<String>,
    /// The first parameter that begins a field line, RFC 9110 §5.3.
    pub orphan: Option<String>,
    /// The scheme of the first challenge that does not begin its field line, RFC 9110 §11.6.1.
    pub crowded: Option<String>,
}

/// Keeps the first name noticed; later ones cost nothing.
pub(super) fn notice(place: &mut Option<String>, name: &[u8]) {
    if place.is_none() {
        *place = Some(excerpt_of(name));
    }
}
