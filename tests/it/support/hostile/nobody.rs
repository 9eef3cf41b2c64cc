//! Addresses where nobody answers.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::support::background::Background;

/// A name that no resolver may know (RFC 6761 §6.4).
pub(crate) const UNRESOLVABLE: &str = "http://lock.invalid/";

/// An address that TCP cannot have a route to: a group (multicast), so nothing leaves the machine.
pub(crate) const UNREACHABLE: &str = "http://224.0.0.1/";

/// A port that refuses connections and stays ours: it is bound, and nobody listens.
#[derive(Debug)]
pub(crate) struct ClosedPort {
    address: SocketAddr,
    _background: Background,
}

impl ClosedPort {
    /// Takes a port on 127.0.0.1.
    pub(crate) fn take() -> Self {
        let (tell, told) = std::sync::mpsc::channel();
        let background = Background::run(move || async move {
            let socket = TcpSocket::new_v4().unwrap();
            socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
            tell.send(socket.local_addr().unwrap()).unwrap();
            std::future::pending::<()>().await;
            drop(socket);
        });
        Self {
            address: told.recv().unwrap(),
            _background: background,
        }
    }

    /// Where nobody listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// A port where connecting takes for ever: its queue is full, and nobody accepts.
#[derive(Debug)]
pub(crate) struct Blackhole {
    address: SocketAddr,
    _background: Background,
}

impl Blackhole {
    /// Opens a port on 127.0.0.1 and fills its queue.
    pub(crate) fn open() -> Self {
        let (tell, told) = std::sync::mpsc::channel();
        let background = Background::run(move || async move {
            let (listener, address) = unaccepting();
            let queue = fill(address).await;
            tell.send(address).unwrap();
            std::future::pending::<()>().await;
            drop((listener, queue));
        });
        Self {
            address: told.recv().unwrap(),
            _background: background,
        }
    }

    /// Where connecting hangs.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

fn unaccepting() -> (TcpListener, SocketAddr) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Connects until the system no longer lets anybody in.
async fn fill(address: SocketAddr) -> Vec<TcpStream> {
    const REFUSAL: Duration = Duration::from_millis(200);
    let mut queue = Vec::new();
    while let Ok(stream) = tokio::time::timeout(REFUSAL, TcpStream::connect(address)).await {
        queue.push(stream.unwrap());
    }
    queue
}
