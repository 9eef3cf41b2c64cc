//! A letter as the bytes that relays and `.eml` files have.
//!
//! The same letter gives the same bytes each time, so that a repeat is recognised.

use std::time::SystemTime;

use lettre::address::{Address, Envelope};
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, MultiPart, SinglePart};
use sha2::{Digest as _, Sha256};
use url::Host;

use super::letter::Letter;
use super::settings::Mailbox;

/// How many of a thread's mails are named: the first, which opened it, and the latest.
const MOST_REFERENCES: usize = 20;

/// Why a letter cannot become a mail; no later try will change it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum MimeError {
    /// An address that no mail can carry.
    #[error("`{0}` is no mail address")]
    Address(String),
    /// The builder refuses what it was given.
    #[error("the mail cannot be written: {0}")]
    Builder(String),
}

/// The address of a mailbox as envelopes have it: the domain in ASCII (RFC 5891).
pub(super) fn address(mailbox: &Mailbox) -> Result<Address, MimeError> {
    let wrong = || MimeError::Address(mailbox.address.clone());
    let (local, domain) = mailbox.address.rsplit_once('@').ok_or_else(wrong)?;
    let ascii = match Host::parse(domain) {
        Ok(Host::Domain(ascii)) if !domain.is_ascii() => ascii,
        Ok(_) | Err(_) => domain.to_owned(),
    };
    Address::new(local, ascii).map_err(|_unfit| wrong())
}

/// The mail, with CRLF at the end of each line, and all of it in ASCII unless a local part is not.
pub(super) fn compose(
    letter: &Letter,
    from: &Mailbox,
    to: Option<&Mailbox>,
) -> Result<Vec<u8>, MimeError> {
    let sender = address(from)?;
    let receiver = to.map_or_else(|| Ok(sender.clone()), address)?;
    let unfit = |error: lettre::error::Error| MimeError::Builder(error.to_string());
    let envelope = Envelope::new(Some(sender.clone()), vec![receiver.clone()]).map_err(unfit)?;
    let mut builder = lettre::Message::builder()
        .envelope(envelope)
        .from(named(from, sender));
    if let Some(to) = to {
        builder = builder.to(named(to, receiver));
    }
    builder = builder
        .subject(plain(&letter.subject))
        .date(SystemTime::from(letter.date))
        .message_id(Some(letter.thread.message_id.to_string()));
    if let Some(first) = &letter.thread.in_reply_to {
        builder = builder.in_reply_to(first.to_string());
    }
    if let Some(references) = references(letter) {
        builder = builder.references(references);
    }
    // RFC 3834 §5 for those who keep to it, and Exchange's own word for "do not answer this".
    for (name, value) in [
        (
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated",
        ),
        (
            HeaderName::new_from_ascii_str("X-Auto-Response-Suppress"),
            "All",
        ),
    ] {
        builder = builder.raw_header(HeaderValue::new(name, value.to_owned()));
    }
    let parts = MultiPart::alternative()
        .boundary(boundary(letter))
        .singlepart(part(ContentType::TEXT_PLAIN, &letter.text)?)
        .singlepart(part(ContentType::TEXT_HTML, &letter.html)?);
    Ok(builder.multipart(parts).map_err(unfit)?.formatted())
}

fn named(mailbox: &Mailbox, address: Address) -> lettre::message::Mailbox {
    let name = mailbox.name.as_deref().map(plain);
    lettre::message::Mailbox::new(name, address)
}

/// A header's value on one line, whatever a server put into it.
fn plain(text: &str) -> String {
    let char = |char: char| if char.is_control() { ' ' } else { char };
    let line: String = text.chars().map(char).collect();
    // What a server sent is not to be decoded as if it were ours (RFC 2047 §2).
    line.replace("=?", "= ?")
}

/// Quoted-printable keeps every line short and every byte within ASCII, and most of it readable.
fn part(kind: ContentType, text: &str) -> Result<SinglePart, MimeError> {
    let encoding = ContentTransferEncoding::QuotedPrintable;
    let body = Body::new_with_encoding(text.to_owned(), encoding);
    let body = body.map_err(|_bytes| MimeError::Builder("its text cannot be encoded".into()))?;
    Ok(SinglePart::builder().header(kind).body(body))
}

/// The mails before, the first of them and the latest.
fn references(letter: &Letter) -> Option<String> {
    let all = &letter.thread.references;
    let (first, rest) = all.split_first()?;
    let latest = rest.len().saturating_sub(MOST_REFERENCES - 1);
    let named = std::iter::once(first).chain(rest.iter().skip(latest));
    Some(named.map(ToString::to_string).collect::<Vec<_>>().join(" "))
}

/// A line that no text of this letter can hold: quoted-printable writes `=_` in no other place.
fn boundary(letter: &Letter) -> String {
    let digest: [u8; 32] = Sha256::digest(letter.thread.message_id.as_str()).into();
    let digits = digest.iter().take(12).map(|byte| format!("{byte:02x}"));
    format!("=_{}", digits.collect::<String>())
}

#[cfg(test)]
mod tests;
