//! Reads what is worth knowing of a certificate, once for each certificate.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use sha2::{Digest as _, Sha256};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};
use x509_parser::time::ASN1Time;

use crate::domain::observation::Certificate;

/// Remembers certificates by their fingerprint: a server shows the same ones again and again.
#[derive(Debug, Default)]
pub(super) struct Certificates(Mutex<HashMap<[u8; 32], Arc<Certificate>>>);

impl Certificates {
    /// More than this many are never remembered; a hostile server could show a new one each time.
    const MOST: usize = 16_384;

    /// What a chain says; certificates that cannot be read are left out.
    pub(super) fn read(&self, chain: &[CertificateDer<'_>]) -> Vec<Arc<Certificate>> {
        chain.iter().filter_map(|der| self.one(der)).collect()
    }

    fn one(&self, der: &CertificateDer<'_>) -> Option<Arc<Certificate>> {
        let fingerprint: [u8; 32] = Sha256::digest(der).into();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(certificate) = known.get(&fingerprint) {
            return Some(Arc::clone(certificate));
        }
        let certificate = Arc::new(parse(der, fingerprint)?);
        if known.len() >= Self::MOST {
            known.clear();
        }
        known.insert(fingerprint, Arc::clone(&certificate));
        Some(certificate)
    }
}

fn parse(der: &[u8], fingerprint: [u8; 32]) -> Option<Certificate> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let names = certificate.subject_alternative_name().ok().flatten();
    let names = names.map(|names| names.value.general_names.iter().filter_map(name).collect());
    Some(Certificate {
        subject: certificate.subject().to_string(),
        issuer: certificate.issuer().to_string(),
        names: names.unwrap_or_default(),
        not_before: timestamp(&certificate.validity().not_before),
        not_after: timestamp(&certificate.validity().not_after),
        fingerprint,
    })
}

/// The second of the Unix epoch after which a certificate no longer holds.
pub(super) fn not_after(der: &[u8]) -> Option<u64> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    u64::try_from(certificate.validity().not_after.timestamp()).ok()
}

fn timestamp(time: &ASN1Time) -> Timestamp {
    let seconds = time.timestamp();
    // RFC 5280 §4.1.2.5 writes 9999-12-31 for "no end", which lies just within what fits.
    let limit = if seconds < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    };
    Timestamp::from_second(seconds).unwrap_or(limit)
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the enum of another crate may grow"
)]
fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => Some(address(bytes)),
        _ => None,
    }
}

fn address(bytes: &[u8]) -> String {
    if let Ok(octets) = <[u8; 4]>::try_from(bytes) {
        return Ipv4Addr::from(octets).to_string();
    }
    if let Ok(octets) = <[u8; 16]>::try_from(bytes) {
        return Ipv6Addr::from(octets).to_string();
    }
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}
