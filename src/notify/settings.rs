//! How a person configured the ways to tell receivers.

use std::path::PathBuf;

use url::Url;

use crate::domain::check::Name;
use crate::domain::endpoint::{Authorities, TlsVersion};
use crate::domain::notice::Way;
use crate::domain::oauth2::OAuth2;
use crate::domain::secret::SecretRef;

/// Everything that is needed to tell receivers.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The relay that takes mail; there is one wherever a receiver wants mail.
    pub smtp: Option<Smtp>,
    /// Who can be told, each name once.
    pub receivers: Vec<Receiver>,
}

/// The relay that takes mail.
#[derive(Clone, Debug)]
pub struct Smtp {
    /// The relay's name or address.
    pub host: String,
    /// The relay's port.
    pub port: u16,
    /// How the connection is secured.
    pub security: SmtpSecurity,
    /// Trust and TLS.
    pub tls: TlsSettings,
    /// The sender.
    pub from: Mailbox,
    /// The name to greet the relay with; where there is none, this host's if it has a domain, else its
    /// address.
    pub hello: Option<String>,
    /// Who logs in. Never with `SmtpSecurity::Cleartext` but on loopback.
    pub auth: Option<SmtpAuth>,
}

/// How a connection to a relay is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// `STARTTLS`, and nothing is sent without it (RFC 3207).
    StartTls,
    /// TLS from the first byte (RFC 8314).
    Implicit,
    /// Clear text.
    Cleartext,
}

/// Trust and TLS of a connection that is no probe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsSettings {
    /// Certificate authorities in place of the system's.
    pub authorities: Option<Authorities>,
    /// The name to expect in the certificate, if not the host's.
    pub server_name: Option<String>,
    /// The oldest TLS version to accept.
    pub min_version: TlsVersion,
    /// Whether any certificate will do.
    pub insecure_skip_verify: bool,
    /// What to show to a server that asks for a client certificate.
    pub identity: Option<ClientCertificate>,
}

/// A client certificate and its key, in PEM files that are read at the moment of use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The certificate, and the chain that leads to an authority.
    pub cert_file: PathBuf,
    /// Its private key, not encrypted.
    pub key_file: PathBuf,
}

/// Who logs in at a relay.
#[derive(Clone, Debug)]
pub struct SmtpAuth {
    /// The user's name.
    pub username: String,
    /// What proves it.
    pub proof: SmtpProof,
}

/// What proves who logs in at a relay.
#[derive(Clone, Debug)]
pub enum SmtpProof {
    /// A password, for PLAIN or LOGIN.
    Password(SecretRef),
    /// A token, for XOAUTH2.
    OAuth2(Box<OAuth2>),
}

/// A mail address, with a name for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// The name.
    pub name: Option<String>,
    /// The address: `local@domain`.
    pub address: String,
}

/// Somebody who can be told, in at least one way.
#[derive(Clone, Debug)]
pub struct Receiver {
    /// The name that routes use.
    pub name: Name,
    /// Who gets mail, each a mail of its own.
    pub email: Vec<Mailbox>,
    /// Instances of Prometheus' Alertmanager; every one is told.
    pub alertmanager: Vec<Url>,
    /// Where JSON is posted.
    pub webhook: Option<Webhook>,
    /// The directory that takes mail files.
    pub directory: Option<PathBuf>,
}

impl Receiver {
    /// The name, and every way that leads to it.
    pub fn ways(&self) -> (Name, Vec<Way>) {
        let mails = self.email.iter().map(|it| Way::Email(it.address.clone()));
        let alertmanagers = self.alertmanager.iter();
        let alertmanagers = alertmanagers.map(|url| Way::Alertmanager(url.to_string()));
        let webhook = self.webhook.iter().map(|_| Way::Webhook);
        let file = self.directory.iter().map(|_| Way::File);
        let ways = mails.chain(alertmanagers).chain(webhook).chain(file);
        (self.name.clone(), ways.collect())
    }
}

/// Where JSON is posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// The URL: a secret, because many of them hold one.
    pub url: SecretRef,
    /// What the documents are signed with, so that their reader knows who sent them.
    pub secret: Option<SecretRef>,
}
