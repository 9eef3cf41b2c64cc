//! What an impostor makes of a token: pure functions of its bytes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::Value;

use crate::domain::presenter::Validity;

/// The token with one bit flipped in the middle of its decoded signature.
///
/// The last character of a base64url text may hold bits that no decoder looks at, so the flip
/// happens among the bytes. `None` where the token is no JWT (RFC 7519 §3) with a signature.
pub(super) fn tampered(token: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(token).ok()?;
    let (signed, signature) = text.rsplit_once('.')?;
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let middle = bytes.len() / 2;
    *bytes.get_mut(middle)? ^= 1;
    Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(bytes)).into_bytes())
}

/// The token with `alg: none` in its header and an empty signature (RFC 7519 §6).
pub(super) fn unsigned(token: &[u8]) -> Option<Vec<u8>> {
    let mut parts = std::str::from_utf8(token).ok()?.split('.');
    let (header, payload) = (parts.next()?, parts.next()?);
    let mut header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    *header.as_object_mut()?.get_mut("alg")? = "none".into();
    Some(format!("{}.{payload}.", URL_SAFE_NO_PAD.encode(header.to_string())).into_bytes())
}

/// The token without its last quarter. `None` where too little would be left to be a token.
pub(super) fn truncated(token: &[u8]) -> Option<Vec<u8>> {
    let kept = token.len() - token.len().div_ceil(4);
    (kept > 0).then(|| token.iter().take(kept).copied().collect())
}

/// From when to when a JWT says that it holds. Its signature is not looked at.
pub(super) fn validity(token: &[u8]) -> Validity {
    let Some(claims) = claims(token) else {
        return Validity::default();
    };
    let date = |name: &str| claims.get(name).and_then(numeric_date);
    Validity {
        from: date("nbf").or_else(|| date("iat")),
        until: date("exp"),
    }
}

fn claims(token: &[u8]) -> Option<Value> {
    let payload = std::str::from_utf8(token).ok()?.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

/// Seconds since 1970, maybe with a fraction (RFC 7519 §2).
fn numeric_date(seconds: &Value) -> Option<Timestamp> {
    let whole = seconds.as_i64().or_else(|| seconds.as_f64().map(floor))?;
    Timestamp::from_second(whole).ok()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "out of range saturates, and is no timestamp"
)]
fn floor(seconds: f64) -> i64 {
    seconds.floor() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(header: &str, payload: &str) -> Vec<u8> {
        let [header, payload] = [header, payload].map(|part| URL_SAFE_NO_PAD.encode(part));
        format!("{header}.{payload}.{}", URL_SAFE_NO_PAD.encode([7; 32])).into_bytes()
    }

    #[test]
    fn tampering_flips_one_bit_of_the_signature_and_nothing_else() {
        let token = jwt(r#"{"alg":"HS256"}"#, r#"{"sub":"ci"}"#);
        let forged = tampered(&token).unwrap();
        let signature = |token: &[u8]| {
            let text = std::str::from_utf8(token)
                .unwrap()
                .rsplit_once('.')
                .unwrap()
                .1
                .to_owned();
            URL_SAFE_NO_PAD.decode(text).unwrap()
        };
        let flipped: u32 = signature(&token)
            .iter()
            .zip(signature(&forged))
            .map(|(before, after)| (before ^ after).count_ones())
            .sum();
        assert_eq!(flipped, 1);
        assert_eq!(token.len(), forged.len());
    }

    #[test]
    fn an_unsigned_token_says_none_and_keeps_its_claims() {
        let token = jwt(r#"{"alg":"RS256","kid":"1"}"#, r#"{"sub":"ci"}"#);
        let forged = String::from_utf8(unsigned(&token).unwrap()).unwrap();
        let parts: Vec<&str> = forged.split('.').collect();
        let header = URL_SAFE_NO_PAD.decode(parts[0]).unwrap();
        assert_eq!(header, br#"{"alg":"none","kid":"1"}"#);
        assert_eq!(parts[2], "");
    }

    #[test]
    fn what_is_no_jwt_cannot_be_tampered_with() {
        assert_eq!(tampered(b"opaque"), None);
        assert_eq!(tampered(b"a.b."), None);
        assert_eq!(unsigned(b"a.b.c"), None);
    }

    #[test]
    fn a_truncated_token_lacks_its_last_quarter() {
        assert_eq!(truncated(b"12345678"), Some(b"123456".to_vec()));
        assert_eq!(truncated(b"1"), None);
    }

    #[test]
    fn the_expiry_of_a_jwt_is_read_from_its_claims() {
        let token = jwt("{}", r#"{"exp":1700000000}"#);
        let expiry = |token: &[u8]| validity(token).until;
        assert_eq!(expiry(&token), Timestamp::from_second(1_700_000_000).ok());
        assert_eq!(expiry(b"opaque"), None);
    }
}
