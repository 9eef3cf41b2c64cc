//! What the keeper has others do, because it neither knocks nor writes letters.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::oneshot;

use crate::domain::check::CheckId;
use crate::domain::endpoint::Endpoint;
use crate::domain::incident::{Incident, IncidentId};
use crate::domain::notice::Owed;

/// The open incidents that each Alertmanager was told of, by its address: they are to be told again
/// each minute.
pub type ToldAlertmanagers = Vec<(String, Vec<Arc<Incident>>)>;

/// Something to be done outside.
#[derive(Debug)]
pub enum Errand {
    /// A bypass was seen: knock again at once, and tell what came of it with
    /// [`Event::Reprobed`](super::Event::Reprobed).
    Reprobe(Reprobe),
    /// A notice is owed, and on the disk if the disk can be written. What each try comes to is told
    /// with [`Event::Tried`](super::Event::Tried).
    Tell(Arc<Owed>),
    /// All that was to be done before was handed over; whoever waits for that is answered.
    Caught(oneshot::Sender<()>),
}

/// A few more probes, over new connections, within a second.
#[derive(Clone, Debug)]
pub struct Reprobe {
    /// The incident that wants to know.
    pub incident: IncidentId,
    /// Which check.
    pub check: CheckId,
    /// The endpoint as it was when the bypass was seen.
    pub endpoint: Arc<Endpoint>,
    /// The address that answered: the first re-probe goes there again.
    pub address: Option<SocketAddr>,
}
