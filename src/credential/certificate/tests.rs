use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use super::*;
use crate::clock::SystemClock;

struct Made {
    certificate: String,
    key: String,
}

fn seconds(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_second()
}

fn params(from: &str, until: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    let date = |text: &str| {
        let [year, month, day] = [0..4, 5..7, 8..10].map(|range| text[range].parse().unwrap());
        let day = u8::try_from(day).unwrap();
        rcgen::date_time_ymd(year, u8::try_from(month).unwrap(), day)
    };
    params.not_before = date(from);
    params.not_after = date(until);
    params
}

fn authority(from: &str, until: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = params(from, until);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn issued(by: &CertifiedIssuer<'static, KeyPair>, from: &str, until: &str) -> Made {
    let key = KeyPair::generate().unwrap();
    let certificate = params(from, until).signed_by(&key, by).unwrap();
    Made {
        certificate: certificate.pem(),
        key: key.serialize_pem(),
    }
}

fn made() -> (CertifiedIssuer<'static, KeyPair>, Made) {
    let authority = authority("2026-01-01", "2026-06-01");
    let made = issued(&authority, "2026-02-01", "2027-01-01");
    (authority, made)
}

fn read(chain: &str, key: &str) -> Result<Presentation, Unfit> {
    presentation(&Secret::new(chain), &Secret::new(key))
}

fn why(chain: &str, key: &str) -> String {
    read(chain, key).unwrap_err().why
}

#[test]
fn a_chain_holds_from_its_latest_beginning_to_its_earliest_end() {
    let (authority, made) = made();
    let chain = made.certificate + &authority.pem();
    let Validity { from, until } = read(&chain, &made.key).unwrap().validity;
    assert_eq!(
        (from.unwrap().as_second(), until.unwrap().as_second()),
        (
            seconds("2026-02-01T00:00:00Z"),
            seconds("2026-06-01T00:00:00Z")
        )
    );
}

#[test]
fn a_chain_in_the_wrong_order_says_so() {
    let (authority, made) = made();
    let chain = authority.pem() + &made.certificate;
    let unfit = read(&chain, &made.key).unwrap_err();
    assert!(unfit.why.contains("must come first"), "{}", unfit.why);
    assert!(!unfit.may_pass);
}

#[test]
fn a_key_of_another_certificate_says_so() {
    let ((_, one), (_, other)) = (made(), made());
    let unfit = read(&one.certificate, &other.key).unwrap_err();
    assert_eq!(
        unfit,
        Unfit::half_written("the key in `key_file` is not that of the certificate in `cert_file`")
    );
}

#[test]
fn an_encrypted_key_says_what_to_do() {
    let (_, made) = made();
    let pkcs8 = made.key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let old = made.key.replace(
        "-----BEGIN PRIVATE KEY-----\n",
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n",
    );
    for key in [pkcs8, old] {
        let why = why(&made.certificate, &key);
        assert!(
            why.contains("encrypted") && why.contains("openssl pkey"),
            "{why}"
        );
    }
}

#[test]
fn what_is_no_pem_is_told_by_the_file_it_is_in() {
    let (_, made) = made();
    assert!(why("garbage", &made.key).starts_with("`cert_file` "));
    assert!(why(&made.certificate, "garbage").starts_with("`key_file` "));
    let swapped = why(&made.key, &made.certificate);
    assert_eq!(swapped, "`cert_file` holds no certificate");
}

#[test]
fn the_key_within_a_file_is_known_by_itself() {
    let (_, made) = made();
    let der = key_of(made.key.as_bytes()).unwrap();
    assert!(
        matches!(read(&made.certificate, &made.key).unwrap().identity.unwrap().key,
        PrivateKey::Pkcs8(key) if key == der)
    );
    assert_eq!(key_of(b"hunter2"), None);
}

struct Files {
    directory: tempfile::TempDir,
}

impl Files {
    fn of(certificate: &str, key: &str) -> Self {
        let files = Self {
            directory: tempfile::tempdir().unwrap(),
        };
        std::fs::write(files.certificate(), certificate).unwrap();
        std::fs::write(files.key(), key).unwrap();
        files
    }

    fn certificate(&self) -> PathBuf {
        self.directory.path().join("edge.pem")
    }

    fn key(&self) -> PathBuf {
        self.directory.path().join("edge.key")
    }
}

#[tokio::test]
async fn files_that_are_replaced_one_after_the_other_are_read_until_they_fit() {
    let ((_, before), (_, after)) = (made(), made());
    let files = Files::of(&after.certificate, &before.key);
    let source = Source::new(Arc::new(SystemClock));
    let (certificate, key) = (files.certificate(), files.key());
    let reading = of_files(&source, &certificate, &key);
    // The first read finds both as they are; the task is not polled before it waits.
    let replacing = async {
        tokio::task::yield_now().await;
        tokio::fs::write(&key, &after.key).await.unwrap();
    };
    let (read, ()) = tokio::join!(reading, replacing);
    assert_eq!(read.unwrap().1.expose(), after.key.as_bytes());
}

#[tokio::test]
async fn files_that_never_fit_are_unavailable() {
    let ((_, one), (_, other)) = (made(), made());
    let files = Files::of(&one.certificate, &other.key);
    let source = Source::new(Arc::new(SystemClock));
    let read = of_files(&source, &files.certificate(), &files.key()).await;
    let unpresentable = read.unwrap_err();
    assert_eq!(unpresentable.reason, Reason::SecretUnavailable);
}
