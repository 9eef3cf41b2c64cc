//! What a hostile script is made of.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

/// The pause between two dripped bytes.
const DRIP: Duration = Duration::from_millis(100);

/// A flood is written in pieces of at least this size.
const WAVE: usize = 64 * 1024;

/// One step of a hostile script.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Reads to the empty line at the end of a request's head.
    ReadHead,
    /// Reads whatever comes first, such as a `ClientHello`.
    ReadSome,
    /// Reads to the end of the first HTTP/2 HEADERS frame.
    ReadHttp2Head,
    /// Writes.
    Send(Vec<u8>),
    /// Writes one byte every 100 ms.
    Drip(Vec<u8>),
    /// Writes the same again and again until the peer has had enough.
    Flood(Vec<u8>),
    /// Neither reads nor writes any more, and keeps the connection.
    Hang,
    /// Breaks the connection off with a reset.
    Reset,
}

impl Step {
    /// Writes text.
    pub(crate) fn send(text: impl Into<String>) -> Self {
        Self::Send(text.into().into_bytes())
    }
}

/// A stream that knows the TCP connection beneath it.
pub(super) trait Wire: AsyncRead + AsyncWrite + Unpin {
    /// The TCP connection.
    fn tcp(&self) -> &TcpStream;
}

impl Wire for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Wire for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// Performs all steps, then closes.
pub(super) async fn perform(mut stream: impl Wire, steps: &[Step]) -> io::Result<()> {
    stream.tcp().set_nodelay(true)?;
    for step in steps {
        match step {
            Step::ReadHead => read_head(&mut stream).await?,
            Step::ReadSome => drop(stream.read(&mut vec![0; 16 * 1024]).await?),
            Step::ReadHttp2Head => read_http2_head(&mut stream).await?,
            Step::Send(bytes) => stream.write_all(bytes).await?,
            Step::Drip(bytes) => drip(&mut stream, bytes).await?,
            Step::Flood(bytes) => flood(&mut stream, bytes).await?,
            Step::Hang => std::future::pending().await,
            Step::Reset => return stream.tcp().set_zero_linger(),
        }
        stream.flush().await?;
    }
    stream.shutdown().await
}

async fn read_head(stream: &mut impl Wire) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(())
}

/// Reads the connection preface (RFC 9113 §3.4), then frames (§4.1) up to the first HEADERS.
async fn read_http2_head(stream: &mut impl Wire) -> io::Result<()> {
    const HEADERS: u8 = 1;
    stream.read_exact(&mut [0; 24]).await?;
    loop {
        let mut header = [0; 9];
        stream.read_exact(&mut header).await?;
        let [a, b, c, kind, ..] = header;
        let length = u32::from_be_bytes([0, a, b, c]);
        stream
            .read_exact(&mut vec![0; usize::try_from(length).unwrap()])
            .await?;
        if kind == HEADERS {
            return Ok(());
        }
    }
}

async fn drip(stream: &mut impl Wire, bytes: &[u8]) -> io::Result<()> {
    for byte in bytes {
        stream.write_all(&[*byte]).await?;
        stream.flush().await?;
        tokio::time::sleep(DRIP).await;
    }
    Ok(())
}

async fn flood(stream: &mut impl Wire, bytes: &[u8]) -> io::Result<()> {
    let wave = bytes.repeat(WAVE.div_ceil(bytes.len()));
    loop {
        stream.write_all(&wave).await?;
    }
}
