//! Secrets that are hard to hide, and every form in which a server may give one back.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// A secret by what is hard about it.
pub(super) const SECRETS: [(&str, &str); 8] = [
    ("plain", "Vq7kestrelZw4quartzPx9"),
    ("quotes and backslashes", r#"Vq7"kes\trel"Zw\4qua'rtz\\9"#),
    ("not ASCII", "Vq7käsßtrelþZw4qüärtzé9"),
    ("beyond latin-1", "Vq7k€strelЖZw4q💥rtz9"),
    ("blanks", "Vq7 kes trel Zw4 qua rtz"),
    ("percent signs", "Vq7%41kes%2ftrel%Zw4%25quartz"),
    (
        "what encoders disagree on",
        "Vq7~kes*trel!Zw4(qua)rtz+9/=?&#@:;,|^",
    ),
    ("markup", "Vq7<kes>&trel;Zw4'qua`rtz$(9)"),
];

/// The user of the password.
pub(super) const USER: &str = "reader";

/// The forms in which a server may give back what it was shown.
pub(super) fn forms(secret: &str) -> Vec<Vec<u8>> {
    let pair = format!("{USER}:{secret}");
    let header = format!("Bearer {secret}");
    let mut forms: Vec<Vec<u8>> = vec![
        secret.into(),
        pair.clone().into(),
        escaped(secret).into(),
        serde_json::to_string(secret).unwrap().into(),
        json(secret).into(),
        escaped(&json(secret)).into(),
        html(secret).into(),
        html(secret)
            .replace("&#39;", "&#x27;")
            .replace("&quot;", "&#34;")
            .into(),
        form_urlencoded(secret).into(),
    ];
    // What `encodeURIComponent`, `encodeURI`, a strict encoder and an over-eager one leave as it is.
    for kept in ["-_.~!*'()", "-_.~!*'();/?:@&=+$,#", "-_.~", ""] {
        forms.push(percent(secret, kept).into());
        forms.push(percent(secret, kept).to_lowercase_escapes().into());
    }
    for text in [secret, &pair, &header] {
        for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            forms.push(engine.encode(text).into());
        }
        forms.push(percent(&STANDARD.encode(text), "").into());
    }
    // A server that reads UTF-8 and writes latin-1.
    if let Some(latin1) = secret
        .chars()
        .map(|it| u8::try_from(u32::from(it)).ok())
        .collect()
    {
        forms.push(latin1);
    }
    forms
}

/// Escaped for a quoted string (RFC 9110 §5.6.4).
pub(super) fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// What goes into a text of JSON, as those write it who escape whatever they may.
fn json(text: &str) -> String {
    let mut json = String::new();
    for character in text.chars() {
        match character {
            '"' | '\\' | '/' => write!(json, "\\{character}").unwrap(),
            ' '..='~' => json.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(json, "\\u{unit:04x}").unwrap();
                }
            }
        }
    }
    json
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

fn form_urlencoded(text: &str) -> String {
    percent(text, "-_.* ").replace(' ', "+")
}

/// Percent-encoded but for letters, digits and what is kept; where nothing is kept, all of it.
fn percent(text: &str, kept: &str) -> String {
    text.bytes()
        .map(|byte| {
            let plain = byte.is_ascii_alphanumeric() && !kept.is_empty();
            if plain || kept.as_bytes().contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

trait Escapes {
    fn to_lowercase_escapes(&self) -> String;
}

impl Escapes for String {
    fn to_lowercase_escapes(&self) -> String {
        let mut text = String::new();
        let mut parts = self.split('%');
        text.extend(parts.next());
        for part in parts {
            let (digits, rest) = part.split_at(2);
            write!(text, "%{}{rest}", digits.to_ascii_lowercase()).unwrap();
        }
        text
    }
}

/// The bytes behind percent-encoding, and behind `+` where that is a blank.
pub(super) fn percent_decoded(text: &[u8], plus_is_blank: bool) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, others)) = rest.split_first() {
        let digits = others
            .get(..2)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits
            .filter(|_| *first == b'%')
            .and_then(|it| u8::from_str_radix(it, 16).ok());
        plain.push(match byte {
            Some(byte) => byte,
            None if *first == b'+' && plus_is_blank => b' ',
            None => *first,
        });
        rest = if byte.is_some() { &others[2..] } else { others };
    }
    plain
}
