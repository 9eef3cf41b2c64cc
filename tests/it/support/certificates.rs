//! A test authority, and certificates with every flaw that a probe has to tell apart.
//!
//! Keys are P-256: they take well under a millisecond to make, so nothing is kept on disk.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use authvigil::clock::{Clock, SystemClock};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// The names that a good server certificate speaks for.
const LOOPBACK_NAMES: [&str; 4] = ["localhost", "*.lab.test", "127.0.0.1", "::1"];

/// A server certificate, by what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Certificate {
    /// Good for `localhost`, `*.lab.test`, `127.0.0.1` and `::1`, for 90 days.
    Valid,
    /// It ran out two days ago.
    Expired,
    /// It begins in five days.
    NotYetValid,
    /// It is good, for `elsewhere.test` alone.
    WrongName,
    /// Nobody but itself vouches for it.
    SelfSigned,
    /// An authority vouches for it that nobody knows.
    UnknownAuthority,
    /// It is good, for another three days of its 90.
    ExpiringSoon,
}

impl Certificate {
    /// All of them.
    pub(crate) const ALL: [Self; 7] = [
        Self::Valid,
        Self::Expired,
        Self::NotYetValid,
        Self::WrongName,
        Self::SelfSigned,
        Self::UnknownAuthority,
        Self::ExpiringSoon,
    ];

    /// Issues one.
    pub(crate) fn issue(self) -> Issued {
        let names: &[&str] = match self {
            Self::WrongName => &["elsewhere.test"],
            Self::Valid
            | Self::Expired
            | Self::NotYetValid
            | Self::SelfSigned
            | Self::UnknownAuthority
            | Self::ExpiringSoon => &LOOPBACK_NAMES,
        };
        let days = match self {
            Self::Valid | Self::WrongName | Self::SelfSigned | Self::UnknownAuthority => (-1, 90),
            Self::Expired => (-60, -2),
            Self::NotYetValid => (5, 95),
            Self::ExpiringSoon => (-87, 3),
        };
        let params = leaf(
            names,
            "lab server",
            days,
            ExtendedKeyUsagePurpose::ServerAuth,
        );
        match self {
            Self::SelfSigned => self_signed(&params),
            Self::UnknownAuthority => signed(&params, stranger()),
            Self::Valid
            | Self::Expired
            | Self::NotYetValid
            | Self::WrongName
            | Self::ExpiringSoon => signed(&params, authority()),
        }
    }
}

/// A client certificate, by what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientCertificate {
    /// The test authority vouches for it.
    Valid,
    /// It ran out two days ago.
    Expired,
    /// An authority vouches for it that nobody knows.
    UnknownAuthority,
}

impl ClientCertificate {
    /// Issues one, for `CN=lab client`.
    pub(crate) fn issue(self) -> Issued {
        let days = match self {
            Self::Valid | Self::UnknownAuthority => (-1, 90),
            Self::Expired => (-60, -2),
        };
        let params = leaf(&[], "lab client", days, ExtendedKeyUsagePurpose::ClientAuth);
        match self {
            Self::UnknownAuthority => signed(&params, stranger()),
            Self::Valid | Self::Expired => signed(&params, authority()),
        }
    }
}

/// A good client certificate with these alternative names.
pub(crate) fn client_named(names: &[&str]) -> Issued {
    let usage = ExtendedKeyUsagePurpose::ClientAuth;
    signed(&leaf(names, "lab client", (-1, 90), usage), authority())
}

/// A certificate with its key.
#[derive(Debug)]
pub(crate) struct Issued {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Issued {
    /// The certificate as PEM.
    pub(crate) fn certificate_pem(&self) -> String {
        self.certificate.pem()
    }

    /// The certificate as DER.
    pub(crate) fn certificate_der(&self) -> CertificateDer<'static> {
        self.certificate.der().clone()
    }

    /// The key as PKCS #8 in PEM.
    pub(crate) fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    /// The key as PKCS #8 in DER.
    pub(crate) fn key_der(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key.serialize_der()).into()
    }

    /// Signs with the key: ECDSA over P-256 and SHA-256, in DER form.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        rcgen::SigningKey::sign(&self.key, message).unwrap()
    }

    /// Writes `NAME.pem` and `NAME.key` into a directory and tells their paths.
    pub(crate) fn write(&self, directory: &Path, name: &str) -> (PathBuf, PathBuf) {
        let certificate = directory.join(format!("{name}.pem"));
        let key = directory.join(format!("{name}.key"));
        std::fs::write(&certificate, self.certificate_pem()).unwrap();
        std::fs::write(&key, self.key_pem()).unwrap();
        std::fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
        (certificate, key)
    }
}

/// The certificate of the test authority, as PEM: what a `ca_file` holds.
pub(crate) fn authority_pem() -> String {
    authority().pem()
}

/// Writes the test authority's certificate as `ca.pem` into a directory and tells the path.
pub(crate) fn write_authority(directory: &Path) -> PathBuf {
    let path = directory.join("ca.pem");
    std::fs::write(&path, authority_pem()).unwrap();
    path
}

/// Trust in the test authority and in nobody else.
pub(crate) fn roots() -> Arc<RootCertStore> {
    let mut roots = RootCertStore::empty();
    roots.add(authority().der().clone()).unwrap();
    Arc::new(roots)
}

/// The cryptography of the tests' side, named so that no test depends on a process-wide default.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> &'static Authority {
    static AUTHORITY: OnceLock<Authority> = OnceLock::new();
    AUTHORITY.get_or_init(|| new_authority("authvigil test authority"))
}

fn stranger() -> &'static Authority {
    static STRANGER: OnceLock<Authority> = OnceLock::new();
    STRANGER.get_or_init(|| new_authority("an authority that nobody knows"))
}

fn new_authority(name: &str) -> Authority {
    let mut params = named(&[], name, (-100, 3650));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn leaf(
    names: &[&str],
    common_name: &str,
    days: (i64, i64),
    usage: ExtendedKeyUsagePurpose,
) -> CertificateParams {
    let mut params = named(names, common_name, days);
    params.is_ca = IsCa::ExplicitNoCa;
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![usage];
    params
}

/// Parameters with a lifetime that is given in days from now.
fn named(names: &[&str], common_name: &str, days: (i64, i64)) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + from_epoch(days.0);
    params.not_after = epoch + from_epoch(days.1);
    params
}

fn from_epoch(days: i64) -> Duration {
    let now = Duration::from_secs(SystemClock.now().as_second().cast_unsigned());
    let distance = Duration::from_hours(days.unsigned_abs() * 24);
    if days < 0 {
        now.saturating_sub(distance)
    } else {
        now + distance
    }
}

fn signed(params: &CertificateParams, authority: &Authority) -> Issued {
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    Issued { certificate, key }
}

fn self_signed(params: &CertificateParams) -> Issued {
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    Issued { certificate, key }
}
