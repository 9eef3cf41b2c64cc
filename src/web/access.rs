//! Who may come in, and how; replaced as a whole when the configuration is read again.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use tokio::sync::watch;

use super::hosts::Hosts;
use super::server::WebError;
use super::settings::{ClientCertificates, Protection, Settings};
use super::tls::Terminal;
use super::tokens::Tokens;
use super::users::{Doorkeeper, Past};

/// What holds for requests from now on; a handle that can be cloned.
#[derive(Clone, Debug)]
pub struct Access {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// Where the port listens, whatever the settings say by now.
    address: SocketAddr,
    provider: CryptoProvider,
    past: Past,
    rules: watch::Sender<Arc<Rules>>,
}

/// What holds for a request.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) settings: Settings,
    pub(super) hosts: Hosts,
    pub(super) doorkeeper: Doorkeeper,
    pub(super) terminal: Option<Arc<Terminal>>,
    pub(super) tokens: Option<Tokens>,
}

impl Access {
    /// The rules of a port that listens at this address.
    pub(super) fn new(settings: Settings, address: SocketAddr) -> Result<Self, WebError> {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let past = Past::default();
        let rules = rules(settings, address, &provider, &past)?;
        let inner = Inner {
            address,
            provider,
            past,
            rules: watch::Sender::new(Arc::new(rules)),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Takes up new settings: hosts, users, TLS, headers, limits and the lifecycle switch hold from
    /// now on, `listen` from the next start; what is put off is said, a sentence each. What was
    /// remembered of passwords is forgotten. After an error everything stays as it was. Reads the
    /// files of certificates.
    pub fn replace(&self, settings: Settings) -> Result<Vec<String>, WebError> {
        let Inner {
            address,
            provider,
            past,
            rules: sender,
        } = &*self.inner;
        let before = self.rules().settings.listen;
        let mut put_off = Vec::new();
        if settings.listen != before {
            put_off.push(format!(
                "`web.listen` was {before} and is {} now; it takes effect at the next start.",
                settings.listen
            ));
        }
        // What was not done yet stays to be said at the next reload as well.
        let settings = Settings {
            listen: before,
            ..settings
        };
        sender.send_replace(Arc::new(rules(settings, *address, provider, past)?));
        Ok(put_off)
    }

    /// What is unwise about the rules, a sentence each.
    pub fn warnings(&self) -> Vec<String> {
        let Settings {
            listen,
            protection,
            enable_lifecycle,
            ..
        } = &self.rules().settings;
        let address = self.inner.address;
        let mut warnings = Vec::new();
        if *listen != address && listen.port() != 0 {
            warnings.push(format!(
                "the web port listens at {address}, as whoever started the program has bound it, and \
                 not at {listen}, as `web.listen` has it."
            ));
        }
        if address.ip().to_canonical().is_loopback() {
            return warnings;
        }
        if !asks_for_anything(protection) {
            warnings.push(format!(
                "the web port listens at {address}, beyond loopback, and lets everybody in: give it \
                 `basic_auth_users` or client certificates in `web.config_file`."
            ));
            if *enable_lifecycle {
                warnings.push(format!(
                    "`web.enable_lifecycle` lets everybody who reaches {address} have the \
                     configuration read again."
                ));
            }
        }
        if protection.tls.is_none() {
            warnings.push(format!(
                "the web port listens at {address}, beyond loopback, without TLS: what it shows, and \
                 the passwords of its users, can be read on the way; give it `tls_server_config` in \
                 `web.config_file`."
            ));
        }
        warnings
    }

    /// How many passwords of users were hashed so far, right or wrong.
    pub fn passwords_hashed(&self) -> u64 {
        self.inner.past.hashed()
    }

    /// What holds now.
    pub(super) fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.inner.rules.borrow())
    }

    /// Gives tokens back for as long as it is polled, whatever the rules become.
    pub(super) async fn refill(&self) -> Infallible {
        let mut news = self.inner.rules.subscribe();
        loop {
            let rules = Arc::clone(&news.borrow_and_update());
            let changed = match &rules.tokens {
                None => news.changed().await,
                Some(tokens) => tokio::select! {
                    changed = news.changed() => changed,
                    never = tokens.refill() => match never {},
                },
            };
            if changed.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

fn asks_for_anything(protection: &Protection) -> bool {
    let certificate = protection
        .tls
        .as_ref()
        .is_some_and(|tls| match tls.clients {
            ClientCertificates::Required { .. } => true,
            ClientCertificates::Optional { .. } | ClientCertificates::Unasked => false,
        });
    certificate || !protection.users.0.is_empty()
}

fn rules(
    settings: Settings,
    address: SocketAddr,
    provider: &CryptoProvider,
    past: &Past,
) -> Result<Rules, WebError> {
    let protection = &settings.protection;
    let terminal = match &protection.tls {
        None => None,
        Some(tls) => Some(Arc::new(Terminal::new(tls.clone(), provider)?)),
    };
    let doorkeeper = Doorkeeper::new(protection.users.clone(), provider, past);
    Ok(Rules {
        hosts: Hosts::new(address, terminal.is_some(), settings.hosts.clone()),
        doorkeeper: doorkeeper.ok_or(WebError::Randomness)?,
        terminal,
        tokens: protection.rate_limit.map(Tokens::new),
        settings,
    })
}
