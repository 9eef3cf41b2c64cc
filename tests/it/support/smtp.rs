//! A mail relay that does as a table says: it takes mail, refuses it, hangs, lies and breaks off.

mod login;
mod talk;

use std::collections::{BTreeMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::server::WebPkiClientVerifier;

use super::background::{Background, adopt, listen};
use super::certificates::{Certificate, provider, roots};

/// The user of the relay.
pub(crate) const USER: &str = "watch";

/// That user's password.
pub(crate) const PASSWORD: &str = "h0neybadger-9";

/// A moment in a talk, at which the table may have something to say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Moment {
    /// Somebody connected.
    Greeting,
    /// `EHLO`.
    Hello,
    /// `STARTTLS`.
    StartTls,
    /// The first byte of a handshake is awaited.
    Handshake,
    /// `AUTH`.
    Auth,
    /// `MAIL FROM`.
    Mail,
    /// `RCPT TO` with this address.
    Recipient(&'static str),
    /// `DATA`.
    Data,
    /// The first line of the mail was read.
    Within,
    /// The final dot was read.
    Dot,
}

/// What the relay does at a moment, in place of what it would do.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// What it would do.
    Usual,
    /// It writes these bytes, and goes on.
    Say(Vec<u8>),
    /// It says nothing more.
    Hang,
    /// It closes the connection.
    Close,
    /// It writes these bytes again and again, with this pause between.
    Repeat(&'static [u8], Duration),
}

/// Says one line.
pub(crate) fn say(line: &str) -> Act {
    Act::Say(format!("{line}\r\n").into_bytes())
}

/// How the relay's connections are secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Security {
    /// Not at all, and nothing is on offer.
    Cleartext,
    /// `STARTTLS` is on offer, with this certificate.
    StartTls(Certificate),
    /// TLS from the first byte, with this certificate.
    Implicit(Certificate),
    /// TLS from the first byte, with a good certificate, for clients that have one as well.
    Mutual,
}

/// The table.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) security: Security,
    /// The mechanisms of `AUTH` that are on offer.
    pub(crate) mechanisms: &'static str,
    /// The tokens that are taken for `XOAUTH2`.
    pub(crate) tokens: Vec<&'static str>,
    /// More lines of the answer to `EHLO`.
    pub(crate) extensions: &'static [&'static str],
    pub(crate) acts: BTreeMap<Moment, VecDeque<Act>>,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            security: Security::Cleartext,
            mechanisms: "",
            tokens: Vec::new(),
            extensions: &["8BITMIME"],
            acts: BTreeMap::new(),
        }
    }
}

impl Script {
    /// At this moment, these acts in turn; afterwards the usual.
    pub(crate) fn at(mut self, moment: Moment, acts: impl IntoIterator<Item = Act>) -> Self {
        self.acts.entry(moment).or_default().extend(acts);
        self
    }
}

/// A mail that the relay took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) content: String,
}

/// What the relay remembers.
#[derive(Debug)]
struct State {
    script: Script,
    taken: Vec<Taken>,
    heard: Vec<String>,
}

/// A running relay.
#[derive(Debug)]
pub(crate) struct Relay {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    _background: Background,
}

impl Relay {
    /// Starts one.
    pub(crate) fn start(script: Script) -> Self {
        let (listener, address) = listen(Ipv4Addr::LOCALHOST.into());
        let acceptor = acceptor(script.security);
        let state = Arc::new(Mutex::new(State {
            script,
            taken: Vec::new(),
            heard: Vec::new(),
        }));
        let shared = Arc::clone(&state);
        let serve = move || async move {
            let listener = adopt(listener);
            while let Ok((stream, _)) = listener.accept().await {
                let talk = talk::serve(stream, Arc::clone(&shared), acceptor.clone());
                // How a talk ends is what the tests are about.
                tokio::spawn(async { drop(talk.await) });
            }
        };
        Self {
            address,
            state,
            _background: Background::run(serve),
        }
    }

    /// The address that it listens on.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on it closes every connection without a word.
    pub(crate) fn go_away(&self) {
        let acts = &mut self.state.lock().unwrap().script.acts;
        let closes = std::iter::repeat_n(Act::Close, 10_000);
        acts.insert(Moment::Greeting, closes.collect());
    }

    /// From now on it does nothing but the usual.
    pub(crate) fn come_back(&self) {
        self.state.lock().unwrap().script.acts.clear();
    }

    /// The mails that it took.
    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.state.lock().unwrap().taken.clone()
    }

    /// Every command that it heard, without what follows its first two words.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.state.lock().unwrap().heard.clone()
    }
}

impl State {
    fn next(&mut self, moment: &Moment) -> Act {
        let acts = self.script.acts.get_mut(moment);
        acts.and_then(VecDeque::pop_front).unwrap_or(Act::Usual)
    }
}

fn acceptor(security: Security) -> Option<TlsAcceptor> {
    let (certificate, mutual) = match security {
        Security::Cleartext => return None,
        Security::StartTls(certificate) | Security::Implicit(certificate) => (certificate, false),
        Security::Mutual => (Certificate::Valid, true),
    };
    let issued = certificate.issue();
    let builder = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = if mutual {
        let verifier = WebPkiClientVerifier::builder_with_provider(roots(), provider());
        builder.with_client_cert_verifier(verifier.build().unwrap())
    } else {
        builder.with_no_client_auth()
    };
    let chain = vec![issued.certificate_der()];
    let config = builder.with_single_cert(chain, issued.key_der()).unwrap();
    Some(TlsAcceptor::from(Arc::new(config)))
}
