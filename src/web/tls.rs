//! TLS on the web port: certificates that are read again when their files change.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use super::settings::{ClientCertificates, Pem, Tls, TlsRange};
use crate::domain::endpoint::TlsVersion;

/// Why TLS cannot be spoken as configured.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is nothing in it that is wanted.
    #[error("{what} of the web port is no PEM")]
    Pem {
        /// What was to be read: the certificate, its key, the authorities.
        what: &'static str,
        /// Why.
        source: rustls::pki_types::pem::Error,
    },
    /// There is no certificate in the file.
    #[error("{what} of the web port holds no certificate")]
    Empty {
        /// What was to be read.
        what: &'static str,
    },
    /// Parts that do not fit together: a key of another certificate, an unknown suite.
    #[error("certificate, key or settings of the web port's TLS do not fit together")]
    Rustls(#[from] rustls::Error),
    /// Authorities that cannot vouch for clients.
    #[error("the authorities of the web port's clients cannot be used")]
    Verifier(#[from] rustls::server::VerifierBuilderError),
}

/// The TLS side of the port.
#[derive(Debug)]
pub(super) struct Terminal {
    settings: Tls,
    provider: Arc<CryptoProvider>,
    current: Mutex<Current>,
}

/// What was made of the files as they stood.
#[derive(Debug)]
struct Current {
    stamps: Vec<Option<Stamp>>,
    config: Arc<ServerConfig>,
}

/// What changes when a file does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    inode: u64,
}

impl Terminal {
    /// Reads the files.
    pub(super) fn new(settings: Tls, provider: &CryptoProvider) -> Result<Self, TlsError> {
        let provider = Arc::new(narrowed(provider, &settings));
        // First the stamps, so that a file which changes in between is read again.
        let stamps = stamps(&settings);
        let config = Arc::new(config(&settings, &provider)?);
        Ok(Self {
            settings,
            provider,
            current: Mutex::new(Current { stamps, config }),
        })
    }

    /// What a handshake needs, of the files as they stand now. While they do not fit together, as in
    /// the middle of a renewal, it is what they were before. Touches the disk.
    pub(super) fn config(&self) -> Arc<ServerConfig> {
        let stamps = stamps(&self.settings);
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.stamps != stamps {
            match config(&self.settings, &self.provider) {
                Ok(config) => {
                    current.config = Arc::new(config);
                    tracing::info!("the certificate of the web port was read again");
                }
                Err(error) => tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the changed certificate of the web port cannot be used; the old one stays",
                ),
            }
            current.stamps = stamps;
        }
        Arc::clone(&current.config)
    }

    /// Whether a client may come in with the certificates that it showed.
    pub(super) fn admits(&self, shown: Option<&[CertificateDer<'_>]>) -> bool {
        match &self.settings.clients {
            ClientCertificates::Required { names, .. } if !names.is_empty() => {
                let first = shown.and_then(|chain| chain.first());
                first.is_some_and(|certificate| has_name(certificate, names))
            }
            ClientCertificates::Required { .. }
            | ClientCertificates::Optional { .. }
            | ClientCertificates::Unasked => true,
        }
    }
}

/// The provider without what the settings leave out, in their order.
fn narrowed(provider: &CryptoProvider, settings: &Tls) -> CryptoProvider {
    let mut provider = provider.clone();
    if !settings.cipher_suites.is_empty() {
        let named = settings.cipher_suites.iter().filter_map(|name| {
            let mut all = provider.cipher_suites.iter();
            all.find(|suite| suite.suite().as_str() == Some(name))
                .copied()
        });
        let mut suites: Vec<_> = named.collect();
        // As in Go, the suites of TLS 1.3 are not for choice.
        let all = provider.cipher_suites.iter().copied();
        suites.extend(all.filter(|suite| suite.tls13().is_some()));
        provider.cipher_suites = suites;
    }
    if !settings.groups.is_empty() {
        let named = settings.groups.iter().filter_map(|name| {
            let mut all = provider.kx_groups.iter();
            all.find(|group| group.name().as_str() == Some(name))
                .copied()
        });
        provider.kx_groups = named.collect();
    }
    provider
}

fn versions(range: TlsRange) -> &'static [&'static SupportedProtocolVersion] {
    static BOTH: [&SupportedProtocolVersion; 2] =
        [&rustls::version::TLS13, &rustls::version::TLS12];
    let (new, old) = BOTH.split_at(1);
    match (range.min, range.max) {
        (TlsVersion::Tls12, TlsVersion::Tls13) => &BOTH,
        (TlsVersion::Tls12, TlsVersion::Tls12) => old,
        (TlsVersion::Tls13, TlsVersion::Tls12 | TlsVersion::Tls13) => new,
    }
}

fn config(settings: &Tls, provider: &Arc<CryptoProvider>) -> Result<ServerConfig, TlsError> {
    let builder = ServerConfig::builder_with_provider(Arc::clone(provider))
        .with_protocol_versions(versions(settings.range))?;
    let verifier = |pem: &Pem| {
        let roots = Arc::new(roots(pem)?);
        Ok::<_, TlsError>(WebPkiClientVerifier::builder_with_provider(
            roots,
            Arc::clone(provider),
        ))
    };
    let builder = match &settings.clients {
        ClientCertificates::Unasked => builder.with_no_client_auth(),
        ClientCertificates::Optional { authorities } => {
            let verifier = verifier(authorities)?.allow_unauthenticated().build()?;
            builder.with_client_cert_verifier(verifier)
        }
        ClientCertificates::Required { authorities, .. } => {
            builder.with_client_cert_verifier(verifier(authorities)?.build()?)
        }
    };
    let chain = certificates(&settings.certificate, "the certificate")?;
    let key = key(&settings.key)?;
    let mut config = builder.with_single_cert(chain, key)?;
    config.ignore_client_order = settings.server_order;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn roots(pem: &Pem) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(pem, "`client_ca_file`")? {
        roots.add(certificate)?;
    }
    Ok(roots)
}

fn certificates(pem: &Pem, what: &'static str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let bytes = bytes(pem)?;
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    let chain = read.map_err(|source| TlsError::Pem { what, source })?;
    if chain.is_empty() {
        return Err(TlsError::Empty { what });
    }
    Ok(chain)
}

fn key(pem: &Pem) -> Result<PrivateKeyDer<'static>, TlsError> {
    let bytes = zeroize::Zeroizing::new(bytes(pem)?);
    let what = "the key";
    PrivateKeyDer::from_pem_slice(&bytes).map_err(|source| TlsError::Pem { what, source })
}

fn bytes(pem: &Pem) -> Result<Vec<u8>, TlsError> {
    match pem {
        Pem::Text(text) => Ok(text.expose().to_vec()),
        Pem::File(path) => std::fs::read(path).map_err(|source| {
            let path = path.clone();
            TlsError::Read { path, source }
        }),
    }
}

fn stamps(settings: &Tls) -> Vec<Option<Stamp>> {
    let authorities = match &settings.clients {
        ClientCertificates::Unasked => None,
        ClientCertificates::Optional { authorities }
        | ClientCertificates::Required { authorities, .. } => Some(authorities),
    };
    let files = [&settings.certificate, &settings.key];
    let files = files.into_iter().chain(authorities);
    files
        .map(|pem| match pem {
            Pem::File(path) => stamp(path),
            Pem::Text(_) => None,
        })
        .collect()
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = std::fs::metadata(path).ok()?;
    Some(Stamp {
        modified: metadata.modified().ok(),
        length: metadata.len(),
        inode: std::os::unix::fs::MetadataExt::ino(&metadata),
    })
}

/// Whether a certificate has one of these as an alternative name.
fn has_name(certificate: &CertificateDer<'_>, names: &[String]) -> bool {
    let Ok((_, certificate)) = X509Certificate::from_der(certificate) else {
        return false;
    };
    let Ok(Some(own)) = certificate.subject_alternative_name() else {
        return false;
    };
    let mut own = own.value.general_names.iter().filter_map(alternative_name);
    own.any(|own| names.contains(&own))
}

fn alternative_name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(text) | GeneralName::RFC822Name(text) | GeneralName::URI(text) => {
            Some((*text).to_owned())
        }
        GeneralName::IPAddress(bytes) => {
            let four = <[u8; 4]>::try_from(*bytes).map(std::net::IpAddr::from);
            let address =
                four.or_else(|_| <[u8; 16]>::try_from(*bytes).map(std::net::IpAddr::from));
            address.ok().map(|address| address.to_string())
        }
        GeneralName::OtherName(..)
        | GeneralName::X400Address(_)
        | GeneralName::DirectoryName(_)
        | GeneralName::EDIPartyName(_)
        | GeneralName::RegisteredID(_)
        | GeneralName::Invalid(..) => None,
    }
}
