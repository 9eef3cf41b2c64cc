//! Mail gets out, or it is said why not: held against a relay that does as it is told, and against a
//! real one.

mod answers;
mod login;
mod postfix;
mod silence;
mod tls;
mod tokens;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use authvigil::clock::{SharedClock, SystemClock};
use authvigil::credential::Keyring;
use authvigil::domain::endpoint::Authorities;
use authvigil::domain::notice::{Attempt, MessageId, NoticeId, Thread};
use authvigil::domain::presenter::Presenter;
use authvigil::domain::secret::{Secret, SecretRef};
use authvigil::notify::{
    Letter, Mailbox, Patience, Relay, Smtp, SmtpAuth, SmtpProof, SmtpSecurity, TlsSettings,
};
use authvigil::probe::Prober;

use crate::support::certificates::authority_pem;
use crate::support::smtp::USER;

/// Patience that a busy machine never wears out.
const LONG: Patience = Patience {
    connect: Duration::from_secs(20),
    step: Duration::from_secs(20),
    total: Duration::from_secs(25),
    farewell: Duration::from_secs(5),
};

/// Patience for relays that never answer.
const SHORT: Patience = Patience {
    connect: Duration::from_secs(20),
    step: Duration::from_secs(2),
    total: Duration::from_secs(6),
    farewell: Duration::from_millis(200),
};

fn settings(address: SocketAddr) -> Smtp {
    Smtp {
        host: "localhost".to_owned(),
        port: address.port(),
        security: SmtpSecurity::Cleartext,
        tls: TlsSettings::default(),
        from: mailbox("watch@auth.test"),
        hello: Some("monitor.auth.test".to_owned()),
        auth: None,
    }
}

fn secured(address: SocketAddr, security: SmtpSecurity) -> Smtp {
    Smtp {
        security,
        tls: TlsSettings {
            authorities: Some(authorities()),
            ..TlsSettings::default()
        },
        ..settings(address)
    }
}

fn with_password(settings: Smtp, password: &str) -> Smtp {
    let proof = SmtpProof::Password(SecretRef::Literal(Secret::new(password)));
    let username = USER.to_owned();
    let auth = Some(SmtpAuth { username, proof });
    Smtp { auth, ..settings }
}

fn authorities() -> Authorities {
    Authorities {
        path: "ca.pem".into(),
        pem: authority_pem().into_bytes().into(),
    }
}

fn relay(settings: Smtp, patience: Patience) -> Relay {
    let clock: SharedClock = Arc::new(SystemClock);
    let keyring = authvigil::credential::Settings::default();
    let courier = Arc::new(Prober::new(Arc::clone(&clock)));
    let keyring = Arc::new(Keyring::new(keyring, Arc::clone(&clock), courier));
    let secrets: Arc<dyn Presenter> = Arc::<Keyring>::clone(&keyring);
    Relay::new(settings, secrets, keyring, clock, patience)
}

fn mailbox(address: &str) -> Mailbox {
    Mailbox {
        name: None,
        address: address.to_owned(),
    }
}

fn letter() -> Letter {
    let notice = NoticeId::parse("00112233445566778899").unwrap();
    Letter {
        subject: "[authvigil] CRITICAL bypass orders/anonymous: let in".to_owned(),
        date: "2026-11-22T21:22:42Z".parse().unwrap(),
        thread: Thread {
            message_id: MessageId::of(&notice, "auth.test"),
            in_reply_to: None,
            references: Vec::new(),
        },
        text: "Let in without credentials.\n.\nSince 21:22.\n".to_owned(),
        html: "<p>Let in without credentials.</p>\n".to_owned(),
    }
}

const TO: &str = "oncall@auth.test";

async fn deliver(settings: Smtp) -> Attempt {
    relay(settings, LONG).deliver(&letter(), &mailbox(TO)).await
}

fn delivered(said: &str) -> Attempt {
    Attempt::Delivered(said.to_owned())
}

fn retried(said: &str) -> Attempt {
    Attempt::Retried(said.to_owned())
}

fn rejected(said: &str) -> Attempt {
    Attempt::Rejected(said.to_owned())
}

/// The reason of a try that is to be repeated.
fn reason(attempt: Attempt) -> String {
    match attempt {
        Attempt::Retried(why) => why,
        other @ (Attempt::Delivered(_) | Attempt::Rejected(_)) => panic!("{other:?}"),
    }
}

const TAKEN: &str = "250 2.0.0 taken as 4711";
