//! What a TLS handshake showed, as it is kept.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::time::{from_micros, micros};
use crate::domain::endpoint::TlsVersion;
use crate::domain::observation::{Certificate, Tls};

/// Certificates that were read before: thousands of checks meet the same few, and share them.
#[derive(Debug, Default)]
pub(in crate::store) struct Chains(HashMap<[u8; 32], Arc<Certificate>>);

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TlsForm {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(default)]
    chain: Vec<CertificateForm>,
}

#[derive(Debug, Serialize, Deserialize)]
struct CertificateForm {
    subject: String,
    issuer: String,
    #[serde(default)]
    names: Vec<String>,
    not_before: i64,
    not_after: i64,
    fingerprint: String,
}

impl TlsForm {
    pub(super) fn of(tls: &Tls) -> Self {
        let chain = tls.chain.iter();
        Self {
            version: tls.version.map(|version| version.as_str().to_owned()),
            chain: chain.map(|one| CertificateForm::of(one)).collect(),
        }
    }

    pub(super) fn tls(self, chains: &mut Chains) -> Tls {
        let version = self.version.as_deref();
        let named = |known: &TlsVersion| Some(known.as_str()) == version;
        let chain = self.chain.into_iter();
        Tls {
            version: [TlsVersion::Tls12, TlsVersion::Tls13]
                .into_iter()
                .find(named),
            chain: chain
                .filter_map(CertificateForm::certificate)
                .map(|certificate| chains.share(certificate))
                .collect(),
        }
    }
}

impl CertificateForm {
    fn of(certificate: &Certificate) -> Self {
        Self {
            subject: certificate.subject.clone(),
            issuer: certificate.issuer.clone(),
            names: certificate.names.clone(),
            not_before: micros(certificate.not_before),
            not_after: micros(certificate.not_after),
            fingerprint: STANDARD.encode(certificate.fingerprint),
        }
    }

    fn certificate(self) -> Option<Certificate> {
        Some(Certificate {
            subject: self.subject,
            issuer: self.issuer,
            names: self.names,
            not_before: from_micros(self.not_before)?,
            not_after: from_micros(self.not_after)?,
            fingerprint: STANDARD.decode(self.fingerprint).ok()?.try_into().ok()?,
        })
    }
}

impl Chains {
    /// The same certificate, shared where it was read before.
    ///
    /// Two forms of one certificate may differ in what was redacted, so all of it must be equal.
    fn share(&mut self, certificate: Certificate) -> Arc<Certificate> {
        match self.0.get(&certificate.fingerprint) {
            Some(known) if **known == certificate => Arc::clone(known),
            Some(_) | None => {
                let shared = Arc::new(certificate);
                self.0.insert(shared.fingerprint, Arc::clone(&shared));
                shared
            }
        }
    }
}
