//! A runtime on a thread of its own, which ends with its handle.

use std::future::Future;
use std::net::{IpAddr, SocketAddr, TcpListener as StdListener};
use std::thread::JoinHandle;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Work that goes on beside a test; dropping the handle drops every task and closes every socket.
///
/// The thread is the work's own, so that a test may block (on a child process, say) without
/// stopping the servers that it talks to, whether or not it is async itself.
#[derive(Debug)]
pub(crate) struct Background {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    /// Runs `work` until it is done or the handle is dropped.
    pub(crate) fn run<F>(work: impl FnOnce() -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()>,
    {
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                tokio::select! {
                    () = work() => {}
                    _ = stopped => {}
                }
            });
        });
        Self {
            stop: Some(stop),
            thread: Some(thread),
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in there has already been printed; a second one here would abort the test.
            drop(thread.join());
        }
    }
}

/// A listener on a port that the system chose, and its address.
///
/// It listens from here on: a client that connects before the server's first turn waits in line.
pub(crate) fn listen(ip: IpAddr) -> (StdListener, SocketAddr) {
    let listener = StdListener::bind((ip, 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// The same listener in the hands of the runtime that this is called in.
pub(crate) fn adopt(listener: StdListener) -> TcpListener {
    TcpListener::from_std(listener).unwrap()
}
