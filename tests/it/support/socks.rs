//! A SOCKS5 proxy (RFC 1928) that lets everyone through and records whom they wanted.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::background::{Background, adopt, listen};

/// A running SOCKS5 proxy; like [`super::proxy::Proxy`], it takes every name for 127.0.0.1.
#[derive(Debug)]
pub(crate) struct Socks {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
    _background: Background,
}

impl Socks {
    /// Starts one.
    pub(crate) fn start() -> Self {
        let (listener, address) = listen(Ipv4Addr::LOCALHOST.into());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&seen);
        let serve = move || async move {
            let listener = adopt(listener);
            while let Ok((stream, _)) = listener.accept().await {
                let record = Arc::clone(&record);
                // A connection that breaks off is the client's to report.
                tokio::spawn(async move { drop(relay(stream, &record).await) });
            }
        };
        Self {
            address,
            seen,
            _background: Background::run(serve),
        }
    }

    /// What a `proxy_url` holds; the name is left for the proxy to resolve.
    pub(crate) fn url(&self) -> String {
        format!("socks5h://{}", self.address)
    }

    /// The address that it listens on.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Host and port of every connection that was asked for.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

async fn relay(mut client: TcpStream, seen: &Mutex<Vec<String>>) -> io::Result<()> {
    const VERSION: u8 = 5;
    const NO_AUTHENTICATION: u8 = 0;
    let [_version, methods] = read(&mut client).await?;
    client.read_exact(&mut vec![0; methods.into()]).await?;
    client.write_all(&[VERSION, NO_AUTHENTICATION]).await?;
    let [_version, _connect, _reserved, kind] = read(&mut client).await?;
    let host = read_host(&mut client, kind).await?;
    let port = client.read_u16().await?;
    seen.lock().unwrap().push(format!("{host}:{port}"));
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    // It succeeded; the address that it was made from is left out.
    client
        .write_all(&[VERSION, 0, 0, 1, 0, 0, 0, 0, 0, 0])
        .await?;
    tokio::io::copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

/// Reads an address by its kind: 1 is IPv4, 3 a name, 4 IPv6.
async fn read_host(client: &mut TcpStream, kind: u8) -> io::Result<String> {
    match kind {
        1 => Ok(Ipv4Addr::from(read::<4>(client).await?).to_string()),
        3 => {
            let length = client.read_u8().await?;
            let mut name = vec![0; length.into()];
            client.read_exact(&mut name).await?;
            Ok(String::from_utf8_lossy(&name).into_owned())
        }
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}

async fn read<const N: usize>(client: &mut TcpStream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    client.read_exact(&mut bytes).await?;
    Ok(bytes)
}
