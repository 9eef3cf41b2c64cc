//! Files of certificate authorities.

use std::io::ErrorKind;
use std::path::Path;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::domain::endpoint::Authorities;

/// More than any bundle of authorities holds.
const MAX_SIZE: u64 = 16 << 20;

/// Reads a PEM file with at least one certificate; on failure, says why in words that follow
/// `ca_file`.
pub(crate) fn read(path: &Path) -> Result<Authorities, String> {
    let size = std::fs::metadata(path).map_err(|error| cannot_be_read(&error))?;
    if size.len() > MAX_SIZE {
        return Err("is larger than 16MiB".to_owned());
    }
    let pem = std::fs::read(path).map_err(|error| cannot_be_read(&error))?;
    let mut count = 0;
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        count += 1;
        let sound = certificate.is_ok_and(|it| X509Certificate::from_der(&it).is_ok());
        if !sound {
            return Err(format!("holds a broken certificate, number {count}"));
        }
    }
    if count == 0 {
        return Err("holds no certificate in PEM form".to_owned());
    }
    Ok(Authorities {
        path: path.to_owned(),
        pem: pem.into(),
    })
}

/// Why a file cannot be read, in words that follow its name.
pub(crate) fn cannot_be_read(error: &std::io::Error) -> String {
    let known = [
        (ErrorKind::NotFound, "does not exist"),
        (
            ErrorKind::PermissionDenied,
            "cannot be read: permission denied",
        ),
        (ErrorKind::IsADirectory, "is a directory"),
    ];
    let why = known.iter().find(|(kind, _)| *kind == error.kind());
    why.map_or("cannot be read", |(_, why)| why).to_owned()
}
