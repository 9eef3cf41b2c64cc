//! Client certificates: read from PEM files, or made up for somebody who does not exist.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use rustls::InconsistentKeys;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use sha2::{Digest as _, Sha256};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::source::Source;
use crate::domain::finding::Reason;
use crate::domain::presenter::{Identity, Presentation, PrivateKey, Unpresentable, Validity};
use crate::domain::secret::Secret;

/// How often files that do not fit each other are read again, and after how long.
const MORE_READS: usize = 4;
const BETWEEN_READS: Duration = Duration::from_millis(250);

/// What is wrong with a certificate and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Unfit {
    why: String,
    /// Whether one of both may only have been replaced before the other.
    may_pass: bool,
}

/// What the holder of a certificate shows, and the key file that it must never show.
///
/// Whoever renews a certificate replaces one file after the other. For that moment the two do not
/// fit, so they are read again within a second before that counts.
pub(super) async fn of_files(
    source: &Source,
    cert_file: &Path,
    key_file: &Path,
) -> Result<(Presentation, Secret), Unpresentable> {
    let mut reads = 0;
    loop {
        let chain = source.file(cert_file).await?;
        let key = source.file(key_file).await?;
        match presentation(&chain, &key) {
            Ok(presentation) => return Ok((presentation, key)),
            Err(unfit) if unfit.may_pass && reads < MORE_READS => {
                reads += 1;
                tokio::time::sleep(BETWEEN_READS).await;
                source.forget();
            }
            Err(unfit) => return Err(unavailable(unfit.why)),
        }
    }
}

fn presentation(chain: &Secret, key: &Secret) -> Result<Presentation, Unfit> {
    let fingerprint = Sha256::new()
        .chain_update(chain.expose())
        .chain_update(key.expose());
    let identity = identity(chain, key)?;
    Ok(Presentation {
        validity: validity(&identity.chain),
        identity: Some(identity),
        fingerprint: Some(fingerprint.finalize().into()),
        ..Presentation::default()
    })
}

fn identity(chain: &Secret, key: &Secret) -> Result<Identity, Unfit> {
    // What a reader of PEM says of a fault may quote the line, which may be the whole key.
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain.expose()).collect();
    let chain =
        certificates.map_err(|_quotes| Unfit::half_written("`cert_file` is no PEM file"))?;
    if chain.is_empty() {
        return Err(Unfit::half_written("`cert_file` holds no certificate"));
    }
    let key = key_in(key.expose())?;
    fits(&chain, &key)?;
    Ok(Identity {
        chain: chain.iter().map(|der| der.to_vec()).collect(),
        key: private_key(&key)?,
    })
}

fn key_in(pem: &[u8]) -> Result<PrivateKeyDer<'static>, Unfit> {
    if has(pem, b"ENCRYPTED") {
        return Err(Unfit::for_good(
            "`key_file` holds an encrypted key, and nobody is there to type its password; write it \
             without one (`openssl pkey -in FILE -out FILE`) where authvigil alone can read it",
        ));
    }
    PrivateKeyDer::from_pem_slice(pem)
        .map_err(|_quotes| Unfit::half_written("`key_file` holds no private key that can be read"))
}

fn has(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

/// Whether the key is that of the first certificate.
fn fits(chain: &[CertificateDer<'static>], key: &PrivateKeyDer<'static>) -> Result<(), Unfit> {
    let key = aws_lc_rs::sign::any_supported_type(key).map_err(|error| {
        Unfit::for_good(format!("the key in `key_file` cannot be used: {error}"))
    })?;
    let is_of = |certificates: &[CertificateDer<'static>]| {
        match CertifiedKey::new(certificates.to_vec(), std::sync::Arc::clone(&key)).keys_match() {
            // A key that cannot say which it is may be the right one.
            Ok(()) | Err(rustls::Error::InconsistentKeys(InconsistentKeys::Unknown)) => Ok(true),
            Err(rustls::Error::InconsistentKeys(_)) => Ok(false),
            Err(other) => Err(Unfit::half_written(format!(
                "the certificate in `cert_file` cannot be read: {other}"
            ))),
        }
    };
    if is_of(chain)? {
        return Ok(());
    }
    // Those behind the first are looked at for a better word alone.
    let others = chain.iter().skip(1);
    if others
        .map(std::slice::from_ref)
        .any(|it| is_of(it) == Ok(true))
    {
        return Err(Unfit::for_good(
            "the client's own certificate must come first in `cert_file`, and those of the \
             authorities that vouch for it after it",
        ));
    }
    Err(Unfit::half_written(
        "the key in `key_file` is not that of the certificate in `cert_file`",
    ))
}

fn private_key(key: &PrivateKeyDer<'_>) -> Result<PrivateKey, Unfit> {
    let der = Secret::new(key.secret_der());
    match key {
        PrivateKeyDer::Pkcs1(_) => Ok(PrivateKey::Pkcs1(der)),
        PrivateKeyDer::Pkcs8(_) => Ok(PrivateKey::Pkcs8(der)),
        PrivateKeyDer::Sec1(_) => Ok(PrivateKey::Sec1(der)),
        _ => Err(Unfit::for_good("`key_file` holds a key of an unknown kind")),
    }
}

/// The key within a PEM file, if it is one: it may be quoted without its frame and line breaks.
pub(super) fn key_of(pem: &[u8]) -> Option<Secret> {
    if !has(pem, b"-----BEGIN") {
        return None;
    }
    let key = PrivateKeyDer::from_pem_slice(pem).ok()?;
    Some(Secret::new(key.secret_der()))
}

/// From when to when all of a chain holds: whoever verifies it needs each of its certificates.
fn validity(chain: &[Vec<u8>]) -> Validity {
    let dates = chain.iter().filter_map(|der| {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let validity = certificate.validity();
        Some((
            validity.not_before.timestamp(),
            validity.not_after.timestamp(),
        ))
    });
    let (from, until): (Vec<i64>, Vec<i64>) = dates.unzip();
    let instant = |seconds| Timestamp::from_second(seconds).ok();
    Validity {
        from: from.into_iter().max().and_then(instant),
        until: until.into_iter().min().and_then(instant),
    }
}

/// A certificate that nobody vouches for.
pub(super) fn made_up(name: &str) -> Result<Identity, Unpresentable> {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).map_err(|error| {
        let detail = format!("no certificate can be made up: {error}");
        Unpresentable::new(Reason::ProbeFailed, detail)
    })?;
    Ok(Identity {
        chain: vec![made.cert.der().to_vec()],
        key: PrivateKey::Pkcs8(Secret::new(made.signing_key.serialize_der())),
    })
}

impl Unfit {
    /// Another read may find it whole.
    fn half_written(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            may_pass: true,
        }
    }

    fn for_good(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            may_pass: false,
        }
    }
}

fn unavailable(detail: String) -> Unpresentable {
    Unpresentable::new(Reason::SecretUnavailable, detail)
}

#[cfg(test)]
mod tests;
