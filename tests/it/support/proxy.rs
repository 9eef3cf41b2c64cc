//! Proxies: one that works and records what it saw, and some that refuse.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::background::{Background, adopt, listen};

/// What a proxy does with whoever comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    /// It lets everyone through.
    Open,
    /// It lets those through who know this user and password; others meet 407.
    Locked(&'static str, &'static str),
    /// 403.
    Forbidden,
    /// 502.
    BadGateway,
    /// Bytes that are no answer.
    Garbage,
    /// It closes without an answer.
    Close,
    /// It says nothing.
    Hang,
}

/// A running HTTP proxy, for CONNECT and for requests in absolute form.
///
/// It takes every host name for 127.0.0.1: names can be made up, and nothing leaves the machine.
#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
    _background: Background,
}

impl Proxy {
    /// Starts one.
    pub(crate) fn start(policy: Policy) -> Self {
        let (listener, address) = listen(Ipv4Addr::LOCALHOST.into());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&seen);
        let serve = move || async move {
            let listener = adopt(listener);
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(relay(stream, policy, Arc::clone(&record)));
            }
        };
        Self {
            address,
            seen,
            _background: Background::run(serve),
        }
    }

    /// What a `proxy_url` holds.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The same with a user and a password.
    pub(crate) fn url_as(&self, user: &str, password: &str) -> String {
        format!("http://{user}:{password}@{}", self.address)
    }

    /// The address that it listens on.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The heads of all requests that were meant for the proxy, as they came.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

/// One connection; its failure is the client's to report.
async fn relay(mut client: TcpStream, policy: Policy, seen: Arc<Mutex<Vec<String>>>) {
    let Ok(head) = read_head(&mut client).await else {
        return;
    };
    seen.lock().unwrap().push(head.clone());
    let refusal = match policy {
        Policy::Open => return drop(forward(client, &head).await),
        Policy::Locked(user, password) if knows(&head, user, password) => {
            return drop(forward(client, &head).await);
        }
        Policy::Locked(..) => {
            "HTTP/1.1 407 Proxy Authentication Required\r\n\
             Proxy-Authenticate: Basic realm=\"proxy\"\r\nContent-Length: 0\r\n\r\n"
        }
        Policy::Forbidden => "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        Policy::BadGateway => "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
        Policy::Garbage => "\u{1}\u{2}no answer at all\r\n\r\n",
        Policy::Close => "",
        Policy::Hang => std::future::pending().await,
    };
    drop(client.write_all(refusal.as_bytes()).await);
}

async fn read_head(client: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn knows(head: &str, user: &str, password: &str) -> bool {
    let expected = STANDARD.encode(format!("{user}:{password}"));
    head.lines().any(|line| {
        let field = line.split_once(": ");
        field.is_some_and(|(name, value)| {
            name.eq_ignore_ascii_case("proxy-authorization") && value == format!("Basic {expected}")
        })
    })
}

/// Opens the tunnel, or passes the request on in origin form; then bytes go both ways.
async fn forward(mut client: TcpStream, head: &str) -> io::Result<()> {
    let (method, rest) = head.split_once(' ').ok_or(io::ErrorKind::InvalidData)?;
    let (target, rest) = rest.split_once(' ').ok_or(io::ErrorKind::InvalidData)?;
    let mut server;
    if method == "CONNECT" {
        server = dial(target, 443).await?;
        let opened = b"HTTP/1.1 200 Connection Established\r\n\r\n";
        client.write_all(opened).await?;
    } else {
        let target = target.strip_prefix("http://").unwrap_or(target);
        let (authority, path) = target.split_at(target.find('/').unwrap_or(target.len()));
        server = dial(authority, 80).await?;
        let path = if path.is_empty() { "/" } else { path };
        let head = format!("{method} {path} {rest}");
        server.write_all(head.as_bytes()).await?;
    }
    tokio::io::copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

/// Connects to the port of an authority, on 127.0.0.1 whatever its host is.
async fn dial(authority: &str, default_port: u16) -> io::Result<TcpStream> {
    let port = authority
        .rsplit_once(':')
        .and_then(|(_, port)| port.parse().ok());
    TcpStream::connect((Ipv4Addr::LOCALHOST, port.unwrap_or(default_port))).await
}
