//! Looks for a secret the way an attacker would: decodes what was written, then looks for pieces.

use std::collections::HashSet;

use aho_corasick::AhoCorasick;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine as _, alphabet};

use super::secrets::percent_decoded;

/// A piece of a secret of so many bytes is one too many.
const PIECE: usize = 8;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);

type Decoder = (&'static str, fn(&[u8]) -> Vec<u8>);

/// What may lie around a secret, one layer in the other.
const WRAPPINGS: [&[Decoder]; 14] = [
    &[],
    &[LATIN1],
    &[BACKSLASHES],
    &[BACKSLASHES, BACKSLASHES],
    &[PERCENT],
    &[PERCENT, PERCENT],
    &[FORM],
    &[ENTITIES],
    &[ENTITIES, PERCENT],
    &[LINES],
    &[BACKSLASHES, LATIN1, LINES],
    &[BACKSLASHES, PERCENT],
    &[LATIN1, BACKSLASHES],
    &[LATIN1, PERCENT],
];

const BACKSLASHES: Decoder = ("backslashes", without_backslashes);
const ENTITIES: Decoder = ("entities", without_entities);
const FORM: Decoder = ("form", |text| percent_decoded(text, true));
const LATIN1: Decoder = ("latin-1", from_latin1);
const LINES: Decoder = ("lines", joined);
const PERCENT: Decoder = ("percent", |text| percent_decoded(text, false));

/// Where a piece of the secret shows in what was written, and under which decoding.
pub(super) fn leak(written: &[u8], secret: &[u8]) -> Option<String> {
    leak_of_any(written, &[secret])
}

/// The same of several secrets: all of them take as long as one.
pub(super) fn leak_of_any(written: &[u8], secrets: &[&[u8]]) -> Option<String> {
    let is_short = secrets.iter().any(|secret| secret.len() < PIECE);
    assert!(!is_short, "a canary has at least {PIECE} bytes");
    let pieces: Vec<&[u8]> = secrets.iter().flat_map(|it| it.windows(PIECE)).collect();
    let pieces = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(pieces)
        .unwrap();
    let mut searched: HashSet<Vec<u8>> = HashSet::new();
    WRAPPINGS.iter().find_map(|wrapping| {
        let view = wrapping
            .iter()
            .fold(written.to_vec(), |view, (_, decode)| decode(&view));
        if searched.contains(&view) {
            return None;
        }
        let names: Vec<&str> = wrapping.iter().map(|(name, _)| *name).collect();
        let found = pieces
            .find(&view)
            .map(|found| excerpt(&view, found.start()));
        let found = found.or_else(|| in_base64(&view, &pieces));
        searched.insert(view);
        found.map(|found| format!("within {names:?}: {found}"))
    })
}

/// Decodes every run of base64 from each of its first four characters on.
fn in_base64(view: &[u8], pieces: &AhoCorasick) -> Option<String> {
    let standard: Vec<u8> = view
        .iter()
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        })
        .collect();
    let of_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/".contains(byte);
    standard
        .split(|byte| !of_base64(byte))
        .filter(|run| run.len() > PIECE)
        .find_map(|run| {
            (0..4).find_map(|from| {
                let run = &run[from..];
                // One character over is no byte.
                let run = &run[..run.len() - usize::from(run.len() % 4 == 1)];
                let decoded = STANDARD.decode(run).ok()?;
                let run = String::from_utf8_lossy(run);
                pieces.is_match(&decoded).then(|| format!("base64 {run}"))
            })
        })
}

fn excerpt(view: &[u8], at: usize) -> String {
    let (from, to) = (at.saturating_sub(120), (at + 60).min(view.len()));
    format!("…{}…", String::from_utf8_lossy(&view[from..to]))
}

fn from_latin1(text: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(text);
    text.chars()
        .map(|character| u8::try_from(u32::from(character)).unwrap_or(b'?'))
        .collect()
}

fn without_backslashes(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        let byte = if *byte == b'\\' {
            bytes.next()
        } else {
            Some(byte)
        };
        plain.extend(byte);
    }
    plain
}

fn without_entities(text: &[u8]) -> Vec<u8> {
    let mut text = String::from_utf8_lossy(text).into_owned();
    for (entity, character) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&#34;", "\""),
        ("&amp;", "&"),
    ] {
        text = text.replace(entity, character);
    }
    text.into_bytes()
}

/// One line, one blank at a time: paragraphs are broken between words.
fn joined(text: &[u8]) -> Vec<u8> {
    let words = text
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(&b' ')
}

#[test]
fn a_secret_is_found_in_whatever_it_was_wrapped() {
    const SECRET: &[u8] = b"Vq7\"kes\\trel Zw4";
    for wrapped in [
        r#"realm="Vq7\"kes\\trel""#,
        r#"{"saw": "Vq7\\\"kes\\\\trel"}"#,
        "Vq7%22kes%5Ctrel",
        "&quot;kes\\trel",
        "saw kes\\trel\n        Zw4",
        "Vq7&quot;kes%5ctrel+Zw4",
        "/VnE3Imtlc1x0cmVsIFp3NA",
        "eDpWcTcia2VzXHRyZWwgWnc0",
    ] {
        assert!(leak(wrapped.as_bytes(), SECRET).is_some(), "{wrapped}");
    }
    assert_eq!(leak(b"realm=\"[redacted]\" Vq7 trel", SECRET), None);
    assert!(leak("k\u{c3}\u{a4}strelZw4".as_bytes(), "kästrelZw4".as_bytes()).is_some());
}
