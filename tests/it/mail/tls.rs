//! Nothing is sent in clear text where TLS is asked for, nor to somebody else than the relay.

use authvigil::notify::{ClientCertificate, SmtpSecurity, TlsSettings};

use super::{
    Attempt, LONG, Smtp, TAKEN, TO, deliver, delivered, letter, mailbox, reason, relay, retried,
    secured,
};
use crate::support::certificates::{self, Certificate};
use crate::support::smtp::{Act, Moment, Relay, Script, Security, say};

fn sink(security: Security) -> Relay {
    Relay::start(Script {
        security,
        ..Script::default()
    })
}

#[tokio::test]
async fn both_ways_to_tls_lead_to_a_delivery() {
    let starttls = sink(Security::StartTls(Certificate::Valid));
    let implicit = sink(Security::Implicit(Certificate::Valid));
    let attempts = [
        deliver(secured(starttls.address(), SmtpSecurity::StartTls)).await,
        deliver(secured(implicit.address(), SmtpSecurity::Implicit)).await,
    ];
    assert_eq!(attempts, [delivered(TAKEN), delivered(TAKEN)]);
}

#[tokio::test]
async fn a_certificate_that_does_not_hold_is_said_and_tried_again() {
    for (certificate, said) in [
        (Certificate::Expired, "certificate expired"),
        (Certificate::WrongName, "not valid for name"),
        (Certificate::UnknownAuthority, "UnknownIssuer"),
        (Certificate::SelfSigned, "UnknownIssuer"),
    ] {
        let sink = sink(Security::StartTls(certificate));
        let why = reason(deliver(secured(sink.address(), SmtpSecurity::StartTls)).await);
        assert!(
            why.starts_with("TLS: ") && why.contains(said),
            "{certificate:?}: {why}"
        );
        assert_eq!(sink.heard(), ["EHLO MONITOR.AUTH.TEST", "STARTTLS"]);
    }
}

#[tokio::test]
async fn a_relay_without_starttls_gets_no_mail() {
    let sink = sink(Security::Cleartext);
    let attempt = deliver(secured(sink.address(), SmtpSecurity::StartTls)).await;
    let why = "STARTTLS: the relay does not offer it, and nothing is sent in clear text";
    assert_eq!(attempt, retried(why));
    assert_eq!(sink.heard(), ["EHLO MONITOR.AUTH.TEST"]);
}

#[tokio::test]
async fn a_relay_that_takes_starttls_back_gets_no_mail() {
    let script = Script {
        security: Security::StartTls(Certificate::Valid),
        ..Script::default()
    };
    let sink = Relay::start(script.at(Moment::StartTls, [say("454 not now"), Act::Hang]));
    let attempt = deliver(secured(sink.address(), SmtpSecurity::StartTls)).await;
    assert_eq!(attempt, retried("STARTTLS: 454 not now"));
}

#[tokio::test]
async fn what_comes_in_clear_text_before_the_handshake_is_not_read_after_it() {
    let injected = say("220 go ahead\r\n250-relay.test\r\n250 AUTH PLAIN");
    let script = Script {
        security: Security::StartTls(Certificate::Valid),
        ..Script::default()
    };
    let sink = Relay::start(script.at(Moment::StartTls, [injected]));
    let why = reason(deliver(secured(sink.address(), SmtpSecurity::StartTls)).await);
    // Whether it comes in one piece with the answer is the network's to decide.
    let told = why.starts_with("TLS: the relay spoke out of turn")
        || why.starts_with("TLS: received corrupt");
    assert!(told, "{why}");
}

#[tokio::test]
async fn clear_text_on_a_port_for_tls_is_no_delivery() {
    let sink = sink(Security::Cleartext);
    let why = reason(deliver(secured(sink.address(), SmtpSecurity::Implicit)).await);
    assert!(why.starts_with("TLS: "), "{why}");
}

#[tokio::test]
async fn another_name_is_expected_where_one_is_configured() {
    let sink = sink(Security::Implicit(Certificate::WrongName));
    let mut settings = secured(sink.address(), SmtpSecurity::Implicit);
    settings.tls.server_name = Some("elsewhere.test".to_owned());
    assert_eq!(deliver(settings).await, delivered(TAKEN));
}

#[tokio::test]
async fn any_certificate_will_do_where_that_is_configured() {
    let sink = sink(Security::Implicit(Certificate::SelfSigned));
    let settings = Smtp {
        tls: TlsSettings {
            insecure_skip_verify: true,
            ..TlsSettings::default()
        },
        ..secured(sink.address(), SmtpSecurity::Implicit)
    };
    assert_eq!(deliver(settings).await, delivered(TAKEN));
}

#[tokio::test]
async fn a_client_certificate_is_shown_to_a_relay_that_asks_for_one() {
    let scene = tempfile::tempdir().unwrap();
    let issued = certificates::ClientCertificate::Valid.issue();
    let (cert_file, key_file) = issued.write(scene.path(), "client");
    let sink = sink(Security::Mutual);
    let mut settings = secured(sink.address(), SmtpSecurity::Implicit);
    let without = deliver(settings.clone()).await;
    settings.tls.identity = Some(ClientCertificate {
        cert_file,
        key_file,
    });
    let with = deliver(settings).await;
    assert!(matches!(without, Attempt::Retried(_)), "{without:?}");
    assert_eq!(with, delivered(TAKEN));
}

#[tokio::test]
async fn a_client_certificate_that_cannot_be_read_names_its_file() {
    let sink = sink(Security::Mutual);
    let mut settings = secured(sink.address(), SmtpSecurity::Implicit);
    settings.tls.identity = Some(ClientCertificate {
        cert_file: "/nonexistent/client.pem".into(),
        key_file: "/nonexistent/client.key".into(),
    });
    let why = reason(deliver(settings).await);
    assert!(
        why.starts_with("TLS: `/nonexistent/client.pem` cannot be read: "),
        "{why}"
    );
}

#[tokio::test]
async fn a_trial_tells_the_version_and_the_certificate() {
    let sink = sink(Security::StartTls(Certificate::Valid));
    let relay = relay(secured(sink.address(), SmtpSecurity::StartTls), LONG);
    let trial = relay.try_out(&letter(), &mailbox(TO)).await;
    let tls = trial
        .steps
        .iter()
        .find(|step| step.stage == authvigil::notify::Stage::Tls);
    let said = tls.map(|step| step.said.clone()).unwrap();
    let expected =
        "TLS 1.3, certificate of `CN=lab server` by `CN=authvigil test authority`, valid until 20";
    assert!(said.starts_with(expected), "{said}");
}
