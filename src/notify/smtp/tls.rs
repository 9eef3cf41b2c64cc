//! The TLS side of the connection to a relay.

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore, SignatureScheme,
};
use tokio_rustls::TlsConnector;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::Inner;
use super::wire::Stream;
use crate::domain::endpoint::{Authorities, TlsVersion};
use crate::domain::presenter::Presenter;
use crate::domain::secret::SecretRef;
use crate::notify::settings::{ClientCertificate, TlsSettings};

/// What a relay's certificates are held against; made at the first use that succeeds.
#[derive(Debug, Default)]
pub(super) struct Trust(OnceLock<Arc<dyn ServerCertVerifier>>);

/// Shakes hands, and tells with whom; an error is a text for people.
pub(super) async fn shake_hands(
    stream: Box<dyn Stream>,
    relay: &Inner,
) -> Result<(Box<dyn Stream>, String), String> {
    let settings = &relay.settings;
    let name = settings.tls.server_name.as_ref().unwrap_or(&settings.host);
    let name = ServerName::try_from(name.clone())
        .map_err(|_invalid| format!("`{name}` is no name for a certificate"))?;
    let config = configure(&settings.tls, &relay.trust, &*relay.secrets).await?;
    let connector = TlsConnector::from(Arc::new(config));
    let shaken = connector.connect(name, stream).await;
    let stream = shaken.map_err(|error| error.to_string())?;
    let said = describe(stream.get_ref().1);
    Ok((Box::new(stream), said))
}

async fn configure(
    settings: &TlsSettings,
    trust: &Trust,
    secrets: &dyn Presenter,
) -> Result<ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = trust.verifier(settings, &provider)?;
    let versions: &[_] = match settings.min_version {
        TlsVersion::Tls12 => &[&rustls::version::TLS13, &rustls::version::TLS12],
        TlsVersion::Tls13 => &[&rustls::version::TLS13],
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let Some(identity) = &settings.identity else {
        return Ok(builder.with_no_client_auth());
    };
    let (chain, key) = identity_of(identity, secrets).await?;
    builder
        .with_client_auth_cert(chain, key)
        .map_err(|error| format!("the client certificate cannot be used: {error}"))
}

impl Trust {
    fn verifier(
        &self,
        settings: &TlsSettings,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Arc<dyn ServerCertVerifier>, String> {
        if let Some(verifier) = self.0.get() {
            return Ok(Arc::clone(verifier));
        }
        let provider = Arc::clone(provider);
        let made: Arc<dyn ServerCertVerifier> = match &settings.authorities {
            _ if settings.insecure_skip_verify => Arc::new(AnyCertificate(provider)),
            Some(authorities) => only(authorities, provider)?,
            None => system(provider)?,
        };
        Ok(Arc::clone(self.0.get_or_init(|| made)))
    }
}

fn system(provider: Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, String> {
    match rustls_platform_verifier::Verifier::new(provider) {
        Ok(verifier) => Ok(Arc::new(verifier)),
        Err(error) => Err(format!(
            "the system's certificate authorities cannot be read ({error}); name a `ca_file`"
        )),
    }
}

fn only(
    authorities: &Authorities,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, String> {
    let unusable =
        |error: String| format!("`{}` cannot be used: {error}", authorities.path.display());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&authorities.pem).flatten() {
        roots
            .add(certificate)
            .map_err(|error| unusable(error.to_string()))?;
    }
    let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
    let verifier = builder
        .build()
        .map_err(|error| unusable(error.to_string()))?;
    Ok(verifier)
}

/// Reads the client certificate at the moment of use, so that a renewed one counts at once.
async fn identity_of(
    identity: &ClientCertificate,
    secrets: &dyn Presenter,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), String> {
    let (cert_file, key_file) = (&identity.cert_file, &identity.key_file);
    let chain = SecretRef::File(cert_file.clone());
    let chain = secrets.read(&chain).await.map_err(|it| it.detail)?;
    let key = SecretRef::File(key_file.clone());
    let key = secrets.read(&key).await.map_err(|it| it.detail)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain.expose()).collect();
    let chain = match chain {
        Ok(chain) if !chain.is_empty() => chain,
        Ok(_) => return Err(format!("`{}` holds no certificate", cert_file.display())),
        Err(error) => return Err(format!("`{}` is no PEM file: {error}", cert_file.display())),
    };
    let key = PrivateKeyDer::from_pem_slice(key.expose()).map_err(|error| {
        format!(
            "`{}` holds no private key that can be read ({error}); an encrypted key cannot be",
            key_file.display()
        )
    })?;
    Ok((chain, key))
}

/// The version, and the relay's certificate.
fn describe(connection: &ClientConnection) -> String {
    let version = connection.protocol_version();
    let version = version
        .and_then(|version| version.as_str())
        .unwrap_or("TLS");
    let version = version.replace("TLSv1_", "TLS 1.");
    let chain = connection.peer_certificates().unwrap_or_default();
    let own = chain
        .first()
        .and_then(|der| X509Certificate::from_der(der).ok());
    let Some((_, certificate)) = own else {
        return format!("{version}, a certificate that cannot be read");
    };
    let end = Timestamp::from_second(certificate.validity().not_after.timestamp());
    let end = end.map(|end| end.to_string()).unwrap_or_default();
    let (subject, issuer) = (certificate.subject(), certificate.issuer());
    format!("{version}, certificate of `{subject}` by `{issuer}`, valid until {end}")
}

/// Takes any certificate, where that was configured; the other side must still hold its key.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
