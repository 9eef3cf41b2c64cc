//! Client certificates: read from PEM files, or made up for somebody who does not exist.

use jiff::Timestamp;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest as _, Sha256};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::domain::finding::Reason;
use crate::domain::presenter::{Identity, Presentation, PrivateKey, Unpresentable, Validity};
use crate::domain::secret::Secret;

/// What the holder of a certificate and its key shows in the handshake.
pub(super) fn presentation(chain: &Secret, key: &Secret) -> Result<Presentation, Unpresentable> {
    let fingerprint = Sha256::new()
        .chain_update(chain.expose())
        .chain_update(key.expose());
    let identity = identity(chain, key)?;
    let validity = identity.chain.first().map(|der| validity(der));
    Ok(Presentation {
        identity: Some(identity),
        fingerprint: Some(fingerprint.finalize().into()),
        validity: validity.unwrap_or_default(),
        ..Presentation::default()
    })
}

fn identity(chain: &Secret, key: &Secret) -> Result<Identity, Unpresentable> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain.expose())
        .map(|certificate| certificate.map(|der| der.to_vec()))
        .collect();
    let chain = certificates
        .map_err(|error| unavailable(format!("`cert_file` is no PEM file: {error}")))?;
    if chain.is_empty() {
        return Err(unavailable("`cert_file` holds no certificate".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_slice(key.expose()).map_err(|error| {
        unavailable(format!(
            "`key_file` holds no private key that can be read ({error}); an encrypted key cannot be"
        ))
    })?;
    Ok(Identity {
        chain,
        key: private_key(&key)?,
    })
}

fn private_key(key: &PrivateKeyDer<'_>) -> Result<PrivateKey, Unpresentable> {
    let der = Secret::new(key.secret_der());
    match key {
        PrivateKeyDer::Pkcs1(_) => Ok(PrivateKey::Pkcs1(der)),
        PrivateKeyDer::Pkcs8(_) => Ok(PrivateKey::Pkcs8(der)),
        PrivateKeyDer::Sec1(_) => Ok(PrivateKey::Sec1(der)),
        _ => Err(unavailable(
            "`key_file` holds a key of an unknown kind".to_owned(),
        )),
    }
}

fn validity(der: &[u8]) -> Validity {
    let Ok((_, certificate)) = X509Certificate::from_der(der) else {
        return Validity::default();
    };
    let (from, until) = (
        certificate.validity().not_before.timestamp(),
        certificate.validity().not_after.timestamp(),
    );
    Validity {
        from: Timestamp::from_second(from).ok(),
        until: Timestamp::from_second(until).ok(),
    }
}

/// A certificate that nobody vouches for.
pub(super) fn made_up(name: &str) -> Result<Identity, Unpresentable> {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).map_err(|error| {
        let detail = format!("no certificate can be made up: {error}");
        Unpresentable {
            reason: Reason::ProbeFailed,
            detail,
            rejected: false,
        }
    })?;
    Ok(Identity {
        chain: vec![made.cert.der().to_vec()],
        key: PrivateKey::Pkcs8(Secret::new(made.signing_key.serialize_der())),
    })
}

fn unavailable(detail: String) -> Unpresentable {
    Unpresentable {
        reason: Reason::SecretUnavailable,
        detail,
        rejected: false,
    }
}
