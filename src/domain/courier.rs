//! How those who hold credentials send a request of their own, to a token endpoint or a login form:
//! the contract between them and those who knock.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use http::{HeaderName, Method};
use url::Url;

use super::endpoint::Transport;
use super::observation::Observation;
use super::secret::Secret;

/// Carries one request to a server and brings back what was seen.
///
/// It makes one attempt over one fresh connection and follows no redirect; silence is an observation.
/// What it brings back is not redacted: it is what was fetched.
pub trait Courier: fmt::Debug + Send + Sync {
    /// Sends the request and waits for the answer, no longer than it allows.
    fn carry<'a>(&'a self, call: &'a Call) -> Carrying<'a>;
}

/// The future of what was seen.
pub type Carrying<'a> = Pin<Box<dyn Future<Output = Observation> + Send + 'a>>;

/// One request to a server that hands out tokens or sessions.
#[derive(Clone, Debug)]
pub struct Call {
    /// Where to.
    pub url: Url,
    /// The method.
    pub method: Method,
    /// Header fields; any of them may be a secret.
    pub headers: Vec<(HeaderName, Secret)>,
    /// The body, if any.
    pub body: Option<Secret>,
    /// How it travels.
    pub transport: Transport,
    /// From name resolution to the last byte.
    pub timeout: Duration,
    /// How many bytes of the answer's body are read.
    pub body_size_limit: usize,
}
