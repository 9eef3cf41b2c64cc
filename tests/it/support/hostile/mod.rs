//! Servers that no well-formed server is: they hang, drip, flood, lie and break off.
//!
//! ```ignore
//! let hostile = Hostile::start(Script::Stops(Stage::MidHead, How::Hang));
//! // … probe `hostile.url()`; it must end by its own timeout …
//! for script in Script::all() { let hostile = Hostile::start(script); … }
//! ```
//!
//! - [`script`]: every misdeed by name; a test that matches over [`Script`] decides on each.
//! - [`step`]: what a misdeed is made of; [`Hostile::perform`] takes a list of one's own.
//! - [`nobody`]: addresses where nobody answers at all.
//!
//! Every connection plays its script from the start. Nothing outlives the handle.

mod faults;
mod http2;
pub(crate) mod nobody;
pub(crate) mod script;
pub(crate) mod step;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;

pub(crate) use script::{BodyFault, HeadFault, How, Http2Fault, Part, Script, Stage, TlsFault};
pub(crate) use step::Step;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use super::background::{Background, adopt, listen};
use super::certificates::{Certificate, provider};

/// A running hostile server.
#[derive(Debug)]
pub(crate) struct Hostile {
    address: SocketAddr,
    scheme: &'static str,
    _background: Background,
}

impl Hostile {
    /// Plays a script; where it has a status, that is 401 with `Basic realm="lab"`.
    pub(crate) fn start(script: Script) -> Self {
        Self::perform(script.play(401))
    }

    /// Plays a script whose status, where it has one, is 200.
    pub(crate) fn admitting(script: Script) -> Self {
        Self::perform(script.play(200))
    }

    /// Plays steps of the test's own.
    pub(crate) fn perform(play: Play) -> Self {
        let (listener, address) = listen(Ipv4Addr::LOCALHOST.into());
        Self {
            address,
            scheme: play.scheme,
            _background: Background::run(move || serve(listener, play)),
        }
    }

    /// The URL to knock at: `https` where the script takes place in or under TLS.
    pub(crate) fn url(&self) -> String {
        format!("{}://{}/", self.scheme, self.address)
    }

    /// The address that it listens on.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// What happens on every connection.
#[derive(Clone, Debug)]
pub(crate) struct Play {
    /// The scheme of the URL that a client is sent to.
    pub(crate) scheme: &'static str,
    /// What the server really speaks.
    pub(crate) layer: Layer,
    /// What it does then, in order; at the end of the list it closes.
    pub(crate) steps: Vec<Step>,
}

impl Play {
    /// Steps straight on TCP, for a client that speaks plain HTTP.
    pub(crate) fn plain(steps: Vec<Step>) -> Self {
        Self {
            scheme: "http",
            layer: Layer::Tcp,
            steps,
        }
    }

    /// Steps after a TLS handshake with a good certificate.
    pub(crate) fn tls(protocol: &'static str, steps: Vec<Step>) -> Self {
        Self {
            scheme: "https",
            layer: Layer::Tls { protocol },
            steps,
        }
    }
}

/// What lies between TCP and the steps.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Layer {
    /// Nothing.
    Tcp,
    /// TLS, with this protocol alone by ALPN.
    Tls {
        /// `http/1.1` or `h2`.
        protocol: &'static str,
    },
}

async fn serve(listener: TcpListener, play: Play) {
    let listener = adopt(listener);
    let acceptor = match play.layer {
        Layer::Tcp => None,
        Layer::Tls { protocol } => Some(acceptor(protocol)),
    };
    let steps: Arc<[Step]> = play.steps.into();
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(connect(stream, acceptor.clone(), Arc::clone(&steps)));
    }
}

async fn connect(stream: TcpStream, acceptor: Option<TlsAcceptor>, steps: Arc<[Step]>) {
    // A peer that leaves before the end of the play is what most plays are for.
    match acceptor {
        None => drop(step::perform(stream, &steps).await),
        Some(acceptor) => {
            if let Ok(stream) = acceptor.accept(stream).await {
                drop(step::perform(stream, &steps).await);
            }
        }
    }
}

fn acceptor(protocol: &str) -> TlsAcceptor {
    let issued = Certificate::Valid.issue();
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![issued.certificate_der()], issued.key_der())
        .unwrap();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    TlsAcceptor::from(Arc::new(config))
}
