//! What a JWT says of itself (RFC 7519): its parts and its dates. Its signature is never looked at.

use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose};
use base64::{Engine as _, alphabet};
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::domain::presenter::Validity;
use crate::domain::secret::Secret;

/// What a JWT may look like where nobody is strict: with padding, or with bits that nobody reads.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const READS_URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
const READS_STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);

/// A token that has the form of a JWT.
#[derive(Debug)]
pub(super) struct Jwt<'a> {
    /// The decoded header.
    pub(super) header: Map<String, Value>,
    /// The parts between the dots, encoded: three of a signed one, five of an encrypted one.
    parts: Vec<&'a str>,
}

impl<'a> Jwt<'a> {
    /// Takes a token apart; `None` where it has another form.
    pub(super) fn parse(token: &'a [u8]) -> Option<Self> {
        let parts: Vec<&str> = std::str::from_utf8(token).ok()?.split('.').collect();
        let header = decoded(parts.first()?)?;
        let header: Map<String, Value> = serde_json::from_slice(&header).ok()?;
        [3, 5]
            .contains(&parts.len())
            .then_some(Self { header, parts })
    }

    /// Whether it is encrypted (JWE, RFC 7516), so that its claims cannot be read.
    fn is_encrypted(&self) -> bool {
        self.parts.len() == 5
    }

    /// What comes before the last part and its dot, and the last part: the signature of a signed
    /// token, the authentication tag of an encrypted one.
    pub(super) fn seal(&self) -> (String, &'a str) {
        let (last, before) = self.parts.split_last().unwrap_or((&"", &[]));
        (before.join("."), last)
    }

    /// The encoded claims; those of an encrypted token are no claims.
    pub(super) fn payload(&self) -> Option<&'a str> {
        let second = self.parts.get(1).copied();
        second.filter(|_| !self.is_encrypted())
    }

    fn claims(&self) -> Option<Value> {
        serde_json::from_slice(&decoded(self.payload()?)?).ok()
    }
}

/// From when to when a JWT says that it holds.
pub(super) fn validity(token: &[u8]) -> Validity {
    let Some(claims) = Jwt::parse(token).and_then(|jwt| jwt.claims()) else {
        return Validity::default();
    };
    let date = |name: &str| claims.get(name).and_then(numeric_date);
    Validity {
        from: date("nbf").or_else(|| date("iat")),
        until: date("exp"),
    }
}

/// What of a token tells its holder's affairs, or half of the token, although it is not all of it:
/// claims as they are and encoded, what is signed, and the signature.
pub(super) fn pieces(token: &[u8]) -> Vec<Secret> {
    /// Fewer bytes than this occur by chance: `e30` are the claims of a token without any.
    const FEWEST: usize = 8;
    let Some(jwt) = Jwt::parse(token) else {
        return Vec::new();
    };
    let (signed, seal) = jwt.seal();
    let payload = jwt.payload();
    let claims = payload.and_then(decoded).unwrap_or_default();
    let texts = [signed.as_str(), seal, payload.unwrap_or_default()];
    let texts = texts.map(Secret::new).into_iter();
    texts
        .chain([Secret::new(claims)])
        .filter(|piece| piece.expose().len() >= FEWEST)
        .collect()
}

/// The bytes behind base64url; padding and the standard alphabet are read as well.
pub(super) fn decoded(part: &str) -> Option<Vec<u8>> {
    let engine = if is_standard(part) {
        READS_STANDARD
    } else {
        READS_URL_SAFE
    };
    engine.decode(part).ok()
}

/// Encodes as another part was encoded, so that nothing else differs.
pub(super) fn encoded_like(part: &str, bytes: &[u8]) -> String {
    let engine = match (is_standard(part), part.ends_with('=')) {
        (false, false) => general_purpose::URL_SAFE_NO_PAD,
        (false, true) => general_purpose::URL_SAFE,
        (true, false) => general_purpose::STANDARD_NO_PAD,
        (true, true) => general_purpose::STANDARD,
    };
    engine.encode(bytes)
}

fn is_standard(part: &str) -> bool {
    part.contains(['+', '/'])
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
    use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};

    use super::*;

    fn with_claims(claims: &str) -> Vec<u8> {
        let [header, claims] = [r#"{"alg":"HS256"}"#, claims].map(|it| URL_SAFE_NO_PAD.encode(it));
        format!("{header}.{claims}.c2lnbmF0dXJl").into_bytes()
    }

    fn dates(claims: &str) -> (Option<i64>, Option<i64>) {
        let Validity { from, until } = validity(&with_claims(claims));
        (
            from.map(Timestamp::as_second),
            until.map(Timestamp::as_second),
        )
    }

    #[test]
    fn the_dates_of_a_jwt_are_read_from_its_claims() {
        let rows = [
            (r#"{"exp":1700000000}"#, (None, Some(1_700_000_000))),
            (r#"{"iat":5,"exp":9}"#, (Some(5), Some(9))),
            (r#"{"iat":5,"nbf":7,"exp":9}"#, (Some(7), Some(9))),
            // Fractions are allowed, also in the form of floating point.
            (r#"{"nbf":7.9,"exp":1.7e9}"#, (Some(7), Some(1_700_000_000))),
            (r#"{"nbf":-1.5}"#, (Some(-2), None)),
        ];
        for (claims, wanted) in rows {
            assert_eq!(dates(claims), wanted, "{claims}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for claims in [
            r#"{"exp":"1700000000"}"#,
            r#"{"exp":null}"#,
            r#"{"exp":[1]}"#,
            r#"{"exp":18446744073709551615}"#,
            r#"{"exp":1e300}"#,
            r#"{"exp":9223372036854775807}"#,
            "{}",
            "[1,2]",
            "null",
            "no JSON",
            "",
        ] {
            assert_eq!(dates(claims), (None, None), "{claims}");
        }
    }

    #[test]
    fn what_has_another_form_says_nothing_of_itself() {
        let claims = URL_SAFE_NO_PAD.encode(r#"{"exp":1700000000}"#);
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"dir","enc":"A128GCM"}"#);
        for token in [
            "opaque".to_owned(),
            String::new(),
            "..".to_owned(),
            format!("{header}.{claims}"),
            format!("notjson.{claims}.c2ln"),
            // Encrypted: what stands in the second place is a key.
            format!("{header}.{claims}.aXY.Y2lwaGVy.dGFn"),
            format!("{header}.{claims}.a.b"),
        ] {
            assert_eq!(validity(token.as_bytes()), Validity::default(), "{token}");
        }
        assert_eq!(validity(b"\xff.\xff.\xff"), Validity::default());
    }

    #[test]
    fn padding_and_the_standard_alphabet_are_read() {
        let claims = r#"{"exp":9,"n":"???>>>"}"#;
        for engine in [URL_SAFE, STANDARD] {
            let parts = [r#"{"alg":"HS256"}"#, claims].map(|part| engine.encode(part));
            let token = format!("{}.c2ln", parts.join("."));
            let until = validity(token.as_bytes()).until;
            assert_eq!(until.map(Timestamp::as_second), Some(9), "{token}");
        }
    }

    #[test]
    fn the_pieces_of_a_token_are_what_must_not_be_quoted() {
        let pieces = pieces(b"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjaSJ9.c2lnbmF0dXJl");
        let texts: Vec<&[u8]> = pieces.iter().map(Secret::expose).collect();
        let wanted: [&[u8]; 4] = [
            b"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjaSJ9",
            b"c2lnbmF0dXJl",
            b"eyJzdWIiOiJjaSJ9",
            br#"{"sub":"ci"}"#,
        ];
        assert_eq!(texts, wanted);
    }
}
