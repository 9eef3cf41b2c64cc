//! The TLS side of a client: full handshakes, every certificate seen, also where it does not hold.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{
    ClientSessionStore, ResolvesClientCert, Resumption, Tls12ClientSessionValue, Tls12Resumption,
    Tls13ClientSessionValue, WebPkiServerVerifier,
};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, InconsistentKeys,
    NamedGroup, RootCertStore, SignatureScheme,
};
use sha2::{Digest as _, Sha256};

use super::certificate::not_after;
use super::client::ProberError;
use super::trace;
use crate::domain::endpoint::{Authorities, HttpChoice, TlsVersion, Transport};
use crate::domain::presenter::{Identity, PrivateKey};

/// The one provider of cryptography, and the system's trust, which is read at its first use.
#[derive(Debug)]
pub(super) struct Trust {
    pub(super) provider: Arc<CryptoProvider>,
    system: OnceLock<Arc<dyn ServerCertVerifier>>,
    warm: OnceLock<()>,
}

impl Trust {
    pub(super) fn new() -> Self {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        Self {
            provider,
            system: OnceLock::new(),
            warm: OnceLock::new(),
        }
    }

    /// Lets the source of randomness take its time before the first handshake, not within it: its
    /// first use takes tens of milliseconds.
    pub(super) fn warm_up(&self) {
        self.warm.get_or_init(|| {
            let mut any = [0];
            // Where there is no randomness, the handshake itself will say so.
            let _filled = self.provider.secure_random.fill(&mut any).is_ok();
        });
    }

    /// The TLS configuration of a transport. Where no certificate is met on it, none need be judged:
    /// a system without authorities can reach what is not encrypted.
    pub(super) fn configure(
        &self,
        transport: &Transport,
        certified: bool,
    ) -> Result<ClientConfig, ProberError> {
        let witness = match self.witness(transport) {
            Err(ProberError::SystemTrust(_)) if !certified => {
                Witness::new(self, Judge::UpholdsNone)
            }
            witness => witness?,
        };
        let versions: &[_] = match transport.min_version {
            TlsVersion::Tls12 => &[&rustls::version::TLS13, &rustls::version::TLS12],
            TlsVersion::Tls13 => &[&rustls::version::TLS13],
        };
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(versions)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(witness))
            .with_client_cert_resolver(Arc::new(PersonaCertificate));
        config.resumption =
            Resumption::store(Arc::new(NoSessions)).tls12_resumption(Tls12Resumption::Disabled);
        config.alpn_protocols = alpn(transport);
        Ok(config)
    }

    /// A client certificate in the form that a handshake needs.
    pub(super) fn certified_key(&self, identity: &Identity) -> Result<CertifiedKey, rustls::Error> {
        let chain = identity
            .chain
            .iter()
            .cloned()
            .map(CertificateDer::from)
            .collect();
        let key = match &identity.key {
            PrivateKey::Pkcs1(der) => PrivateKeyDer::Pkcs1(der.expose().to_vec().into()),
            PrivateKey::Pkcs8(der) => PrivateKeyDer::Pkcs8(der.expose().to_vec().into()),
            PrivateKey::Sec1(der) => PrivateKeyDer::Sec1(der.expose().to_vec().into()),
        };
        let key = self.provider.key_provider.load_private_key(key)?;
        let certified = CertifiedKey::new(chain, key);
        match certified.keys_match() {
            Err(rustls::Error::InconsistentKeys(InconsistentKeys::Unknown)) | Ok(()) => {
                Ok(certified)
            }
            Err(other) => Err(other),
        }
    }

    fn witness(&self, transport: &Transport) -> Result<Witness, ProberError> {
        let judge = match (&transport.authorities, transport.insecure_skip_verify) {
            (_, true) => Judge::UpholdsAll,
            (Some(authorities), false) => Judge::Verifier(self.only(authorities)?),
            (None, false) => Judge::Verifier(self.system()?),
        };
        Ok(Witness::new(self, judge))
    }

    fn only(&self, authorities: &Authorities) -> Result<Arc<dyn ServerCertVerifier>, ProberError> {
        let unusable = || ProberError::Authorities(authorities.path.clone());
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&authorities.pem).flatten() {
            roots.add(certificate)?;
        }
        if roots.is_empty() {
            return Err(unusable());
        }
        let provider = Arc::clone(&self.provider);
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
        Ok(verifier.build()?)
    }

    fn system(&self) -> Result<Arc<dyn ServerCertVerifier>, ProberError> {
        if let Some(verifier) = self.system.get() {
            return Ok(Arc::clone(verifier));
        }
        let provider = Arc::clone(&self.provider);
        let verifier = rustls_platform_verifier::Verifier::new(provider)
            .map_err(|error| ProberError::SystemTrust(error.to_string()))?;
        let shared: Arc<dyn ServerCertVerifier> = Arc::new(verifier);
        Ok(Arc::clone(self.system.get_or_init(|| shared)))
    }
}

fn alpn(transport: &Transport) -> Vec<Vec<u8>> {
    let (h2, http11) = (b"h2".to_vec(), b"http/1.1".to_vec());
    match transport.http_version {
        HttpChoice::Http11 => vec![http11],
        HttpChoice::Http2 => vec![h2],
        // HTTP/2 has no field for a host that differs from the name in the URL, which is where an
        // expected server name has to go.
        HttpChoice::Any if transport.server_name.is_some() => vec![http11],
        HttpChoice::Any => vec![h2, http11],
    }
}

/// Takes down the chain that a server shows, then lets the judge decide.
#[derive(Debug)]
struct Witness {
    provider: Arc<CryptoProvider>,
    judge: Judge,
    /// Chains that the judge found to hold for a name, byte for byte.
    upheld: Mutex<HashMap<[u8; 32], Upheld>>,
}

/// Who says whether a chain holds.
#[derive(Debug)]
enum Judge {
    /// Any will do.
    UpholdsAll,
    /// None will: there are no authorities.
    UpholdsNone,
    Verifier(Arc<dyn ServerCertVerifier>),
}

/// When a chain holds: all of what the judge looks at but the time is in the key.
#[derive(Clone, Copy, Debug)]
struct Upheld {
    from: UnixTime,
    until: UnixTime,
}

impl Witness {
    fn new(trust: &Trust, judge: Judge) -> Self {
        Self {
            provider: Arc::clone(&trust.provider),
            judge,
            upheld: Mutex::default(),
        }
    }

    /// For how many seconds a chain is not looked at again: a system's trust may change meanwhile.
    const MEMORY: u64 = 60;

    /// More chains than this are never remembered; a hostile server could show a new one each time.
    const MOST: usize = 16_384;

    fn is_upheld(&self, key: &[u8; 32], now: UnixTime) -> bool {
        let upheld = self.upheld.lock().unwrap_or_else(PoisonError::into_inner);
        upheld
            .get(key)
            .is_some_and(|it| it.from <= now && now < it.until)
    }

    fn uphold(&self, key: [u8; 32], chain: &[&CertificateDer<'_>], now: UnixTime) {
        // Where a date cannot be read, the chain is looked at each time.
        let Some(expiry) = chain.iter().map(|der| not_after(der)).min().flatten() else {
            return;
        };
        let until = expiry.min(now.as_secs() + Self::MEMORY);
        let mut upheld = self.upheld.lock().unwrap_or_else(PoisonError::into_inner);
        if upheld.len() >= Self::MOST {
            upheld.clear();
        }
        let until = UnixTime::since_unix_epoch(Duration::from_secs(until));
        upheld.insert(key, Upheld { from: now, until });
    }
}

/// Names a chain and the name that it is to hold for.
fn chain_key(chain: &[&CertificateDer<'_>], name: &ServerName<'_>) -> [u8; 32] {
    let mut digest = Sha256::new().chain_update(name.to_str().as_bytes());
    for certificate in chain {
        digest.update(certificate.len().to_be_bytes());
        digest.update(certificate);
    }
    digest.finalize().into()
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let chain: Vec<&CertificateDer<'_>> =
            std::iter::once(end_entity).chain(intermediates).collect();
        trace::mark(|marks, _| {
            marks.chain = chain
                .iter()
                .map(|der| (*der).clone().into_owned())
                .collect();
        });
        let judge = match &self.judge {
            Judge::UpholdsAll => return Ok(ServerCertVerified::assertion()),
            Judge::UpholdsNone => return Err(CertificateError::UnknownIssuer.into()),
            Judge::Verifier(judge) => judge,
        };
        let key = chain_key(&chain, server_name);
        if !self.is_upheld(&key, now) {
            judge.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)?;
            self.uphold(key, &chain, now);
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        trace::mark(|marks, _| marks.tls_version = Some(TlsVersion::Tls12));
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        trace::mark(|marks, _| marks.tls_version = Some(TlsVersion::Tls13));
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }

    fn root_hint_subjects(&self) -> Option<&[DistinguishedName]> {
        None
    }
}

/// Shows the client certificate of the persona that is knocking, if it has one.
#[derive(Debug)]
struct PersonaCertificate;

impl ResolvesClientCert for PersonaCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        trace::mark(|marks, _| marks.certificate_requested = true);
        trace::identity()
    }

    fn has_certs(&self) -> bool {
        // Asked before `resolve`, which would not be called, and so not marked, after a `false`.
        true
    }
}

/// Remembers no session, and is the first to know that a handshake begins.
#[derive(Debug)]
struct NoSessions;

impl ClientSessionStore for NoSessions {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        trace::mark(|marks, now| {
            marks.tls_begun.get_or_insert(now);
        });
        None
    }

    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {}

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, _: ServerName<'static>, _: Tls13ClientSessionValue) {}

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        None
    }
}
