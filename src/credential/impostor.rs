//! What an impostor makes of a token: pure functions of its bytes.

use serde_json::Value;

use super::jwt::{self, Jwt};
use crate::domain::check::Disguise;

/// Why a token cannot be altered in a way, in words that follow "because".
type Refusal = &'static str;

/// The token as this impostor shows it.
pub(super) fn altered(token: &[u8], disguise: &Disguise) -> Result<Vec<u8>, Refusal> {
    match disguise {
        Disguise::Tampered => tampered(token),
        Disguise::Unsigned => unsigned(token),
        Disguise::Truncated => truncated(token),
        Disguise::Empty
        | Disguise::Expired(_)
        | Disguise::TokenFile(_)
        | Disguise::WrongPassword => Err("nothing is made of a token for it"),
    }
}

/// A JWT with one bit flipped in the middle of its decoded signature; any other token with another
/// character in its middle.
///
/// The last character of a base64url text may hold bits that no decoder looks at, so the flip
/// happens among the bytes.
fn tampered(token: &[u8]) -> Result<Vec<u8>, Refusal> {
    let Some(jwt) = Jwt::parse(token) else {
        return misspelt(token).ok_or("it holds neither a letter nor a digit");
    };
    let (signed, mut bytes, seal) = sealed(&jwt)?;
    let middle = bytes.len() / 2;
    *bytes.get_mut(middle).ok_or(NOT_SIGNED)? ^= 1;
    Ok(joined(&signed, seal, &bytes))
}

/// The token with `alg: none` in its header and an empty signature (RFC 7519 §6).
fn unsigned(token: &[u8]) -> Result<Vec<u8>, Refusal> {
    let jwt = Jwt::parse(token).ok_or("it is no JWT")?;
    let payload = jwt
        .payload()
        .ok_or("it is encrypted, so it has no signature to leave out")?;
    let mut header = jwt.header.clone();
    header.insert("alg".to_owned(), "none".into());
    let header = Value::Object(header).to_string();
    let header = jwt::encoded_like("", header.as_bytes());
    Ok(format!("{header}.{payload}.").into_bytes())
}

/// A JWT without the last quarter of its decoded signature, so that all of it can still be read; any
/// other token without its last quarter.
fn truncated(token: &[u8]) -> Result<Vec<u8>, Refusal> {
    let Some(jwt) = Jwt::parse(token) else {
        return shortened(token).ok_or("too little would be left of it");
    };
    let (signed, bytes, seal) = sealed(&jwt)?;
    let bytes = shortened(&bytes).ok_or("its signature is too short to be cut")?;
    Ok(joined(&signed, seal, &bytes))
}

const NOT_SIGNED: Refusal = "it is a JWT without a signature";

/// What is signed, the bytes of the signature, and how it was written.
fn sealed<'a>(jwt: &Jwt<'a>) -> Result<(String, Vec<u8>, &'a str), Refusal> {
    let (signed, seal) = jwt.seal();
    let bytes = jwt::decoded(seal).ok_or("its signature is not encoded as one")?;
    if bytes.is_empty() {
        return Err(NOT_SIGNED);
    }
    Ok((signed, bytes, seal))
}

fn joined(signed: &str, seal: &str, bytes: &[u8]) -> Vec<u8> {
    format!("{signed}.{}", jwt::encoded_like(seal, bytes)).into_bytes()
}

/// The first three quarters; `None` where nothing would be left.
fn shortened(bytes: &[u8]) -> Option<Vec<u8>> {
    let kept = bytes.len() - bytes.len().div_ceil(4);
    (kept > 0).then(|| bytes.iter().take(kept).copied().collect())
}

/// The token with another character in its middle: the same letter in the other case, where case
/// tells tokens apart, else a letter's or a digit's neighbour.
///
/// A key in hexadecimal digits, or one without small letters, may rightly be read without case.
fn misspelt(token: &[u8]) -> Option<Vec<u8>> {
    let has = |of: fn(&u8) -> bool| token.iter().any(of);
    let is_hexadecimal = token
        .iter()
        .all(|byte| byte.is_ascii_hexdigit() || *byte == b'-');
    let by_case = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && !is_hexadecimal;
    let fits: fn(&u8) -> bool = if by_case {
        u8::is_ascii_alphabetic
    } else {
        u8::is_ascii_alphanumeric
    };
    let middle = token.len() / 2;
    let places = (0..token.len()).filter(|at| token.get(*at).is_some_and(fits));
    let place = places.min_by_key(|at| at.abs_diff(middle))?;
    let mut token = token.to_vec();
    let byte = token.get_mut(place)?;
    *byte = if by_case {
        *byte ^ 0x20
    } else {
        neighbour(*byte)
    };
    Some(token)
}

/// The next letter or digit of the same kind; what is hexadecimal stays so.
fn neighbour(byte: u8) -> u8 {
    match byte {
        b'9' | b'f' | b'F' | b'z' | b'Z' => byte - 1,
        _ => byte + 1,
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    use super::*;

    fn jwt(header: &str, payload: &str) -> Vec<u8> {
        let [header, payload] = [header, payload].map(|part| URL_SAFE_NO_PAD.encode(part));
        format!("{header}.{payload}.{}", URL_SAFE_NO_PAD.encode([7; 32])).into_bytes()
    }

    fn encrypted() -> Vec<u8> {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"dir","enc":"A128GCM"}"#);
        let tag = URL_SAFE_NO_PAD.encode([7; 16]);
        format!("{header}..aXY.Y2lwaGVy.{tag}").into_bytes()
    }

    fn halves(token: &[u8]) -> (String, Vec<u8>) {
        let (signed, seal) = std::str::from_utf8(token)
            .unwrap()
            .rsplit_once('.')
            .unwrap();
        (signed.to_owned(), URL_SAFE_NO_PAD.decode(seal).unwrap())
    }

    fn bits_apart(one: &[u8], other: &[u8]) -> u32 {
        let pairs = one.iter().zip(other);
        pairs.map(|(one, other)| (one ^ other).count_ones()).sum()
    }

    #[test]
    fn tampering_flips_one_bit_of_the_signature_and_nothing_else() {
        for token in [jwt(r#"{"alg":"HS256"}"#, r#"{"sub":"ci"}"#), encrypted()] {
            let forged = tampered(&token).unwrap();
            let ((signed, before), (same, after)) = (halves(&token), halves(&forged));
            assert_eq!(signed, same);
            assert_eq!(before.len(), after.len());
            assert_eq!(bits_apart(&before, &after), 1);
            let middle = before.len() / 2;
            assert_ne!(before[middle], after[middle]);
        }
    }

    #[test]
    fn what_is_altered_is_written_as_it_was() {
        let seal = STANDARD.encode([0xfb; 31]);
        assert!(seal.contains('+') && seal.ends_with('='), "{seal}");
        let token = format!("eyJhbGciOiJIUzI1NiJ9.e30.{seal}");
        let forged = String::from_utf8(tampered(token.as_bytes()).unwrap()).unwrap();
        assert_eq!(forged.len(), token.len());
        let after = STANDARD.decode(forged.rsplit_once('.').unwrap().1).unwrap();
        assert_eq!(bits_apart(&[0xfb; 31], &after), 1);
    }

    #[test]
    fn an_unsigned_token_says_none_and_keeps_its_claims() {
        let token = jwt(r#"{"alg":"RS256","kid":"1"}"#, r#"{"sub":"ci"}"#);
        let forged = String::from_utf8(unsigned(&token).unwrap()).unwrap();
        let parts: Vec<&str> = forged.split('.').collect();
        let header = URL_SAFE_NO_PAD.decode(parts[0]).unwrap();
        assert_eq!(header, br#"{"alg":"none","kid":"1"}"#);
        assert_eq!(parts[1], URL_SAFE_NO_PAD.encode(r#"{"sub":"ci"}"#));
        assert_eq!(parts[2..], [""]);
    }

    #[test]
    fn what_cannot_be_altered_says_why() {
        let none = b"eyJhbGciOiJub25lIn0.e30.";
        let rows: [(Result<_, _>, &str); 7] = [
            (unsigned(b"opaque"), "it is no JWT"),
            (unsigned(b"a.b.c"), "it is no JWT"),
            (
                unsigned(&encrypted()),
                "it is encrypted, so it has no signature to leave out",
            ),
            (tampered(none), NOT_SIGNED),
            (truncated(none), NOT_SIGNED),
            (
                tampered(b"eyJhbGciOiJub25lIn0.e30.!!"),
                "its signature is not encoded as one",
            ),
            (tampered(b"-_-"), "it holds neither a letter nor a digit"),
        ];
        for (found, wanted) in rows {
            assert_eq!(found, Err(wanted));
        }
    }

    #[test]
    fn a_truncated_jwt_lacks_the_last_quarter_of_its_signature_alone() {
        for token in [jwt(r#"{"alg":"HS256"}"#, r#"{"sub":"ci"}"#), encrypted()] {
            let ((signed, before), (same, after)) =
                (halves(&token), halves(&truncated(&token).unwrap()));
            assert_eq!(signed, same);
            assert_eq!(after, before[..before.len() * 3 / 4]);
        }
    }

    #[test]
    fn any_other_token_lacks_its_last_quarter() {
        assert_eq!(truncated(b"12345678"), Ok(b"123456".to_vec()));
        assert_eq!(truncated(b"1"), Err("too little would be left of it"));
    }

    #[test]
    fn any_other_token_is_tampered_with_in_its_middle() {
        let rows = [
            // Case tells these apart.
            ("sk_Live_Qa7x", "sk_LivE_Qa7x"),
            ("xY", "xy"),
            // These may be read without case.
            ("0123abcd", "0123bbcd"),
            ("00000000-0000-4fFf-0000", "00000000-0010-4fFf-0000"),
            ("ABCDEF-7", "ABCDFF-7"),
            ("ffff", "ffef"),
            ("zz9", "zy9"),
            ("--9--", "--8--"),
        ];
        for (token, wanted) in rows {
            let forged = tampered(token.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(forged).unwrap(), wanted, "{token}");
        }
    }
}
