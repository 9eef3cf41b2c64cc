//! The port over TLS.

use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use authvigil::domain::endpoint::TlsVersion;
use authvigil::domain::secret::Secret;
use authvigil::web::{ClientCertificates, Limits, Pem, Protection, Server, Tls, TlsRange};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, ProtocolVersion, StreamOwned};

use super::port::{Port, settings};
use super::visitor::{Answer, connect, converse, listen, request};
use crate::support::certificates::{self, Certificate, ClientCertificate, Issued, provider, roots};

fn tls(directory: &Path, issued: &Issued) -> Tls {
    let (certificate, key) = issued.write(directory, "server");
    Tls {
        certificate: Pem::File(certificate),
        key: Pem::File(key),
        clients: ClientCertificates::Unasked,
        range: TlsRange::default(),
        cipher_suites: Vec::new(),
        groups: Vec::new(),
        server_order: true,
    }
}

fn protection(tls: Tls) -> Protection {
    Protection {
        tls: Some(tls),
        ..Protection::default()
    }
}

/// What a handshake led to.
struct Met {
    answer: Option<Answer>,
    certificate: Option<CertificateDer<'static>>,
    version: Option<ProtocolVersion>,
}

fn meet(port: &Port, identity: Option<&Issued>) -> Met {
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots());
    let config = match identity {
        Some(issued) => builder
            .with_client_auth_cert(vec![issued.certificate_der()], issued.key_der())
            .unwrap(),
        None => builder.with_no_client_auth(),
    };
    let name = ServerName::from(port.address.ip());
    let session = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream: StreamOwned<_, TcpStream> = StreamOwned::new(session, connect(port.address));
    let answer = converse(
        &mut stream,
        &request("GET /-/healthy", &[("Host", "localhost")]),
    );
    let chain = stream.conn.peer_certificates();
    Met {
        answer,
        certificate: chain.and_then(|chain| Some(chain.first()?.clone().into_owned())),
        version: stream.conn.protocol_version(),
    }
}

fn status(met: &Met) -> Option<u16> {
    met.answer.as_ref().map(|answer| answer.status)
}

#[test]
fn a_port_with_a_certificate_speaks_tls() {
    let directory = tempfile::tempdir().unwrap();
    let issued = Certificate::Valid.issue();
    let port = Port::protected(protection(tls(directory.path(), &issued)));
    let met = meet(&port, None);
    assert_eq!(status(&met), Some(200));
    assert_eq!(met.certificate, Some(issued.certificate_der()));
    assert_eq!(met.version, Some(ProtocolVersion::TLSv1_3));
}

#[test]
fn whoever_speaks_clear_text_to_it_is_told_in_words() {
    let directory = tempfile::tempdir().unwrap();
    let port = Port::protected(protection(tls(
        directory.path(),
        &Certificate::Valid.issue(),
    )));
    let answer = port.get("/");
    assert_eq!(
        (answer.status, answer.text()),
        (400, "this port speaks HTTPS\n")
    );
}

#[test]
fn a_handshake_that_does_not_begin_is_cut_off() {
    let directory = tempfile::tempdir().unwrap();
    let tls = tls(directory.path(), &Certificate::Valid.issue());
    let limits = Limits {
        handshake: Duration::from_millis(200),
        ..Limits::default()
    };
    let port = Port::with(&settings(protection(tls)), limits);
    assert_eq!(listen(&mut connect(port.address)), b"");
}

#[test]
fn a_renewed_certificate_is_shown_without_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let port = Port::protected(protection(tls(
        directory.path(),
        &Certificate::Valid.issue(),
    )));
    assert_eq!(status(&meet(&port, None)), Some(200));
    // As it is done: written aside, and moved into place.
    let renewed = Certificate::Valid.issue();
    renewed.write(directory.path(), "renewed");
    for kind in ["pem", "key"] {
        let path = |name: &str| directory.path().join(format!("{name}.{kind}"));
        std::fs::rename(path("renewed"), path("server")).unwrap();
    }
    assert_eq!(
        meet(&port, None).certificate,
        Some(renewed.certificate_der())
    );
}

#[test]
fn in_the_middle_of_a_renewal_the_old_certificate_is_shown() {
    let directory = tempfile::tempdir().unwrap();
    let old = Certificate::Valid.issue();
    let port = Port::protected(protection(tls(directory.path(), &old)));
    let renewed = Certificate::Valid.issue();
    let write =
        |name: &str, text: String| std::fs::write(directory.path().join(name), text).unwrap();
    write("server.pem", renewed.certificate_pem());
    assert_eq!(meet(&port, None).certificate, Some(old.certificate_der()));
    write("server.key", "no key at all".to_owned());
    assert_eq!(meet(&port, None).certificate, Some(old.certificate_der()));
    write("server.key", renewed.key_pem());
    assert_eq!(
        meet(&port, None).certificate,
        Some(renewed.certificate_der())
    );
}

#[test]
fn clients_need_a_certificate_of_the_right_authority() {
    let directory = tempfile::tempdir().unwrap();
    let mut tls = tls(directory.path(), &Certificate::Valid.issue());
    tls.clients = ClientCertificates::Required {
        authorities: Pem::File(certificates::write_authority(directory.path())),
        names: Vec::new(),
    };
    let port = Port::protected(protection(tls));
    assert_eq!(
        status(&meet(&port, Some(&ClientCertificate::Valid.issue()))),
        Some(200)
    );
    assert_eq!(status(&meet(&port, None)), None);
    for bad in [
        ClientCertificate::Expired,
        ClientCertificate::UnknownAuthority,
    ] {
        assert_eq!(status(&meet(&port, Some(&bad.issue()))), None, "{bad:?}");
    }
}

#[test]
fn a_certificate_that_is_optional_is_still_verified() {
    let directory = tempfile::tempdir().unwrap();
    let mut tls = tls(directory.path(), &Certificate::Valid.issue());
    let authorities = Secret::new(certificates::authority_pem());
    tls.clients = ClientCertificates::Optional {
        authorities: Pem::Text(authorities),
    };
    let port = Port::protected(protection(tls));
    assert_eq!(status(&meet(&port, None)), Some(200));
    assert_eq!(
        status(&meet(&port, Some(&ClientCertificate::Valid.issue()))),
        Some(200)
    );
    let unknown = ClientCertificate::UnknownAuthority.issue();
    assert_eq!(status(&meet(&port, Some(&unknown))), None);
}

#[test]
fn a_client_needs_one_of_the_allowed_names() {
    let directory = tempfile::tempdir().unwrap();
    let mut tls = tls(directory.path(), &Certificate::Valid.issue());
    let names = ["other.example.com", "prometheus.example.com", "10.0.0.9"];
    tls.clients = ClientCertificates::Required {
        authorities: Pem::File(certificates::write_authority(directory.path())),
        names: names[1..].iter().map(|&name| name.to_owned()).collect(),
    };
    let port = Port::protected(protection(tls));
    let met = |names: &[&str]| status(&meet(&port, Some(&certificates::client_named(names))));
    assert_eq!(met(&[]), None);
    assert_eq!(met(&names[..1]), None);
    assert_eq!(met(&names[..2]), Some(200));
    assert_eq!(met(&names[2..]), Some(200));
}

#[test]
fn a_range_of_versions_is_kept_to() {
    let directory = tempfile::tempdir().unwrap();
    let mut tls = tls(directory.path(), &Certificate::Valid.issue());
    tls.range.max = TlsVersion::Tls12;
    let port = Port::protected(protection(tls));
    assert_eq!(meet(&port, None).version, Some(ProtocolVersion::TLSv1_2));
}

#[test]
fn tls_can_be_switched_on_while_the_port_is_open() {
    let directory = tempfile::tempdir().unwrap();
    let port = Port::open();
    assert_eq!(port.get("/-/healthy").status, 200);
    let tls = tls(directory.path(), &Certificate::Valid.issue());
    port.access.replace(settings(protection(tls))).unwrap();
    assert_eq!(status(&meet(&port, None)), Some(200));
}

#[test]
fn a_key_of_another_certificate_is_an_error_and_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let mut tls = tls(directory.path(), &Certificate::Valid.issue());
    tls.key = Pem::Text(Secret::new(Certificate::Valid.issue().key_pem()));
    let bad = settings(protection(tls));
    let error = Server::bind(&bad, None).unwrap_err().to_string();
    assert_eq!(
        error,
        "certificate, key or settings of the web port's TLS do not fit together"
    );
    let port = Port::open();
    assert!(port.access.replace(bad).is_err());
    assert_eq!(port.get("/-/healthy").status, 200);
}

#[test]
fn named_suites_and_groups_are_the_only_ones() {
    let directory = tempfile::tempdir().unwrap();
    let mut tls = tls(directory.path(), &Certificate::Valid.issue());
    tls.range.max = TlsVersion::Tls12;
    tls.cipher_suites = vec!["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256".to_owned()];
    tls.groups = vec!["secp384r1".to_owned()];
    let port = Port::protected(protection(tls));
    assert_eq!(status(&meet(&port, None)), Some(200));
}
