//! What the ways out to receivers are told.

use authvigil::config::load;
use authvigil::domain::secret::SecretRef;
use authvigil::notify::{ClientCertificate, Settings, SmtpProof};

use super::root;

/// What the configuration with every way out says of them.
fn settings() -> Settings {
    let config = load(
        root()
            .join("tests/fixtures/config/good/every-way-out.yaml")
            .as_path(),
    );
    let config = config.unwrap_or_else(|faults| panic!("{faults}"));
    config.alerting.unwrap().notify
}

#[test]
fn a_client_certificate_for_the_relay_is_two_files() {
    let expected = ClientCertificate {
        cert_file: root().join("tests/fixtures/config/good/relay.pem"),
        key_file: "$CREDENTIALS_DIRECTORY/relay.key".into(),
    };
    assert_eq!(settings().smtp.unwrap().tls.identity, Some(expected));
}

#[test]
fn a_public_client_has_a_refresh_token_and_no_secret() {
    let SmtpProof::OAuth2(token) = settings().smtp.unwrap().auth.unwrap().proof else {
        panic!("it logs in with a token")
    };
    let refresh = SecretRef::File(root().join("tests/fixtures/config/good/refresh"));
    assert_eq!(
        (token.client_secret, token.refresh_token),
        (None, Some(refresh))
    );
}

#[test]
fn a_webhook_may_have_a_secret_to_sign_with() {
    let receivers = settings().receivers;
    let webhook = receivers.into_iter().find_map(|receiver| receiver.webhook);
    let secret = webhook.and_then(|webhook| webhook.secret);
    assert_eq!(secret, Some(SecretRef::Env("SIGNING".to_owned())));
}
