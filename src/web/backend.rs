//! What the port shows, as somebody else knows it.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::domain::check::Name;
use crate::domain::status::{Change, Snapshot};

/// What the web port shows, and the one thing that it may ask for.
///
/// Nobody here waits for long: whoever cannot answer in time says so. A future is dropped when its
/// visitor leaves, or after 30 seconds; what must be done all the same is done elsewhere.
pub trait Backend: Send + Sync + 'static {
    /// The live state; `None` where it is not to be had in time.
    fn snapshot(&self) -> BoxFuture<'_, Option<Arc<Snapshot>>>;

    /// Whether the daemon does its work.
    fn readiness(&self) -> BoxFuture<'_, Readiness>;

    /// The metrics in the text format, piece by piece; a piece is made when it is asked for, and
    /// holds some 64 KiB at most. `None` where they are not to be had in time.
    fn exposition(&self) -> BoxFuture<'_, Option<Box<dyn Iterator<Item = Bytes> + Send>>>;

    /// The last changes of an endpoint's checks, the newest first.
    fn changes<'a>(&'a self, endpoint: &'a Name) -> BoxFuture<'a, Vec<Change>>;

    /// Reads the configuration again; all its faults as text, if there are any.
    fn reload(&self) -> BoxFuture<'_, Result<(), String>>;
}

/// Whether the daemon does its work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It does.
    Ready,
    /// It does not, for these reasons, each a sentence.
    NotReady(Vec<String>),
}
