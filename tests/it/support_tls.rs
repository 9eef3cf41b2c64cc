//! The lab server's side of TLS does what it says.

use std::time::Duration;

use http::Version;
use http_body_util::Empty;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::support::certificates::{self, Certificate, ClientCertificate};
use crate::support::lab::{Answer, Clients, Lab, Versions, door};
use crate::support::wire::{End, TlsClient, get};

const LIMIT: usize = 1 << 20;

async fn ask_tls(lab: &Lab, client: &TlsClient) -> Result<String, std::io::Error> {
    let heard = client.exchange(lab.address(), &get("/"), LIMIT).await?;
    match heard.end {
        End::Closed => Ok(heard.text),
        End::Broken | End::Silent | End::Endless => Err(std::io::Error::other("broken off")),
    }
}

#[tokio::test]
async fn each_certificate_has_the_flaw_that_it_is_named_for() {
    let client = TlsClient::new("http/1.1", None);
    for certificate in Certificate::ALL {
        let lab = Lab::https(certificate);
        let flaw = match certificate {
            Certificate::Valid | Certificate::ExpiringSoon => None,
            Certificate::Expired => Some("certificate expired"),
            Certificate::NotYetValid => Some("certificate not valid yet"),
            Certificate::WrongName => Some("not valid for name"),
            Certificate::SelfSigned | Certificate::UnknownAuthority => Some("UnknownIssuer"),
        };
        match (ask_tls(&lab, &client).await, flaw) {
            (Ok(answer), None) => assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}"),
            (Err(error), Some(flaw)) => {
                assert!(error.to_string().contains(flaw), "{certificate:?}: {error}");
            }
            (result, _) => panic!("{certificate:?}: {result:?}"),
        }
    }
}

#[tokio::test]
async fn a_tls_lab_records_the_session() {
    let lab = Lab::https(Certificate::Valid);
    let client = TlsClient::new("http/1.1", None);
    assert!(lab.url("/").starts_with("https://127.0.0.1:"));
    ask_tls(&lab, &client).await.unwrap();
    ask_tls(&lab, &client).await.unwrap();
    let resumed: Vec<bool> = lab
        .requests()
        .iter()
        .map(|r| r.tls.as_ref().unwrap().resumed)
        .collect();
    assert_eq!(resumed, [false, true]);
    assert_eq!(lab.requests()[0].tls.as_ref().unwrap().name, None);
}

#[tokio::test]
async fn a_swapped_certificate_goes_unseen_by_a_client_that_resumes() {
    let lab = Lab::https(Certificate::Valid);
    let client = TlsClient::new("http/1.1", None);
    ask_tls(&lab, &client).await.unwrap();
    lab.present(Certificate::Expired);
    assert!(ask_tls(&lab, &client).await.is_ok());
    assert!(
        ask_tls(&lab, &TlsClient::new("http/1.1", None))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_client_certificate_is_asked_for_and_recorded() {
    let valid = ClientCertificate::Valid.issue();
    let lab = Lab::builder()
        .tls(Certificate::Valid)
        .clients(Clients::Optional)
        .start();
    lab.route("/", door::client_certificate());
    let with = ask_tls(&lab, &TlsClient::new("http/1.1", Some(&valid)))
        .await
        .unwrap();
    let without = ask_tls(&lab, &TlsClient::new("http/1.1", None))
        .await
        .unwrap();
    assert!(with.starts_with("HTTP/1.1 200 ") && without.starts_with("HTTP/1.1 403 "));
    let shown = lab.requests()[0]
        .tls
        .clone()
        .unwrap()
        .client_certificate
        .unwrap();
    assert_eq!(shown, valid.certificate_der().to_vec());
}

#[tokio::test]
async fn a_required_client_certificate_is_enforced_by_the_handshake() {
    for versions in [Versions::Tls12, Versions::Tls13, Versions::Both] {
        let lab = Lab::builder()
            .tls(Certificate::Valid)
            .clients(Clients::Required)
            .versions(versions)
            .start();
        let bad = [
            ClientCertificate::Expired,
            ClientCertificate::UnknownAuthority,
        ];
        for identity in bad.map(ClientCertificate::issue) {
            let client = TlsClient::new("http/1.1", Some(&identity));
            assert!(ask_tls(&lab, &client).await.is_err(), "{versions:?}");
        }
        assert!(
            ask_tls(&lab, &TlsClient::new("http/1.1", None))
                .await
                .is_err()
        );
        let valid = ClientCertificate::Valid.issue();
        assert!(
            ask_tls(&lab, &TlsClient::new("http/1.1", Some(&valid)))
                .await
                .is_ok()
        );
        assert_eq!((lab.requests().len(), lab.connections()), (1, 4));
    }
}

#[tokio::test]
async fn http2_is_spoken_where_it_is_offered_and_asked_for() {
    let lab = Lab::builder().tls(Certificate::Valid).http2().start();
    lab.route("/", |_| Answer::unauthorized("Basic realm=\"two\""));
    let stream = TlsClient::new("h2", None).connect(lab.address()).await;
    let io = TokioIo::new(stream.unwrap());
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    let request = http::Request::get("https://orders.lab.test/").body(Empty::<bytes::Bytes>::new());
    let answer = sender.send_request(request.unwrap()).await.unwrap();
    assert_eq!(
        (answer.version(), answer.status().as_u16()),
        (Version::HTTP_2, 401)
    );
    assert_eq!(answer.headers()["www-authenticate"], "Basic realm=\"two\"");
    assert_eq!(lab.requests()[0].header("host"), Some("orders.lab.test"));
    assert!(
        ask_tls(&lab, &TlsClient::new("http/1.1", None))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_handshake_waits_as_long_as_it_is_told() {
    let wait = Duration::from_millis(60);
    let lab = Lab::builder()
        .tls(Certificate::Valid)
        .handshake_after(wait)
        .start();
    let start = tokio::time::Instant::now();
    TlsClient::new("http/1.1", None)
        .connect(lab.address())
        .await
        .unwrap();
    assert!(start.elapsed() >= wait);
}

#[test]
fn certificates_are_written_as_pem() {
    let directory = tempfile::tempdir().unwrap();
    let issued = ClientCertificate::Valid.issue();
    let (certificate, key) = issued.write(directory.path(), "client");
    assert_eq!(
        CertificateDer::from_pem_file(certificate).unwrap(),
        issued.certificate_der()
    );
    assert_eq!(PrivateKeyDer::from_pem_file(key).unwrap(), issued.key_der());
    let authority = certificates::write_authority(directory.path());
    assert!(CertificateDer::from_pem_file(authority).is_ok());
}
