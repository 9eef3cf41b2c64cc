//! Who signs tokens, and knows its own again.

use authvigil::clock::{Clock as _, SystemClock};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

/// How tokens are signed (RFC 7518 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Es256,
    Hs256,
    Rs256,
}

impl Algorithm {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Hs256 => "HS256",
            Self::Rs256 => "RS256",
        }
    }
}

/// A key of its own, made anew each time.
pub(super) struct Issuer {
    pub(super) algorithm: Algorithm,
    key: Key,
}

enum Key {
    Ecdsa(EcdsaKeyPair),
    Hmac(Box<hmac::Key>),
    Rsa(RsaKeyPair),
}

impl Issuer {
    pub(super) fn new(algorithm: Algorithm) -> Self {
        let key = match algorithm {
            Algorithm::Es256 => {
                let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
                Key::Ecdsa(key.unwrap())
            }
            Algorithm::Hs256 => {
                let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new());
                Key::Hmac(Box::new(key.unwrap()))
            }
            Algorithm::Rs256 => Key::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()),
        };
        Self { algorithm, key }
    }

    /// A token for an audience that ends so many seconds from now.
    pub(super) fn token(&self, audience: &str, life: i64) -> String {
        let now = SystemClock.now().as_second();
        let header = json!({"alg": self.algorithm.name(), "typ": "JWT"});
        let claims = json!({
            "sub": "authvigil", "aud": audience, "iat": now - 7200, "exp": now + life
        });
        let [header, claims] =
            [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let signed = format!("{header}.{claims}");
        let signature = URL_SAFE_NO_PAD.encode(self.sign(signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.key {
            Key::Ecdsa(key) => key.sign(&random, message).unwrap().as_ref().to_vec(),
            Key::Hmac(key) => hmac::sign(key, message).as_ref().to_vec(),
            Key::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .unwrap();
                signature
            }
        }
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.key {
            Key::Ecdsa(key) => {
                let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.public_key());
                key.verify(message, signature).is_ok()
            }
            Key::Hmac(key) => hmac::verify(key, message, signature).is_ok(),
            Key::Rsa(key) => {
                let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key());
                key.verify(message, signature).is_ok()
            }
        }
    }
}
