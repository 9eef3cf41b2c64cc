//! The connection to a relay: writes commands, reads answers, and takes no more than it has to.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::reply::{Line, Reply};

/// The longest line of an answer, in bytes; RFC 5321 §4.5.3.1.5 asks for 512.
const LONGEST_LINE: usize = 4096;

/// The largest answer, in bytes.
const LARGEST_REPLY: usize = 128 * 1024;

/// A connection, in clear text or not.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Why nothing can be read or written any more.
#[derive(Debug, thiserror::Error)]
pub(super) enum WireError {
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(#[from] io::Error),
    /// The relay closed the connection.
    #[error("the relay closed the connection")]
    Closed,
    /// What came is no answer.
    #[error("the relay does not speak SMTP: it sent `{0}`")]
    Garbage(String),
    /// What came is longer than an answer may be.
    #[error("the relay's answer has no end")]
    Endless,
    /// Something came that nobody asked for.
    #[error("the relay spoke out of turn: `{0}`")]
    OutOfTurn(String),
}

/// A connection to a relay.
pub(super) struct Wire {
    stream: Box<dyn Stream>,
    /// What was read and not yet used.
    pending: Vec<u8>,
}

impl Wire {
    pub(super) fn new(stream: Box<dyn Stream>) -> Self {
        let pending = Vec::new();
        Self { stream, pending }
    }

    /// The bare connection, for a handshake. What came before it in clear text could have been put
    /// there by anybody, and must not be read as if it had come after it.
    pub(super) fn into_stream(self) -> Result<Box<dyn Stream>, WireError> {
        self.in_turn()?;
        Ok(self.stream)
    }

    /// Writes all of it. An answer that came before its question would be taken for the next one's.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), WireError> {
        self.in_turn()?;
        self.stream.write_all(bytes).await?;
        self.stream.flush().await?;
        Ok(())
    }

    /// Reads one answer.
    pub(super) async fn reply(&mut self) -> Result<Reply, WireError> {
        let mut lines = Vec::new();
        let mut codes = None;
        let mut read = 0;
        loop {
            let bytes = self.line().await?;
            read += bytes.len() + 1;
            if read > LARGEST_REPLY {
                return Err(WireError::Endless);
            }
            let line = Line::parse(&bytes);
            let line = line.filter(|line| codes.is_none_or(|code| code == line.code));
            let line = line.ok_or_else(|| WireError::Garbage(shown(&bytes)))?;
            codes = Some(line.code);
            lines.push(line.text);
            if !line.goes_on {
                let code = line.code;
                return Ok(Reply { code, lines });
            }
        }
    }

    /// Tells the other side that nothing more will come.
    pub(super) async fn close(&mut self) -> Result<(), WireError> {
        Ok(self.stream.shutdown().await?)
    }

    /// Reads up to the next line feed, and gives what stands before it and before a carriage return.
    async fn line(&mut self) -> Result<Vec<u8>, WireError> {
        let mut searched = 0;
        loop {
            let mut fresh = self.pending.iter().skip(searched);
            if let Some(at) = fresh.position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.pending.drain(..=searched + at).collect();
                line.pop();
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return Ok(line);
            }
            searched = self.pending.len();
            if searched > LONGEST_LINE {
                return Err(WireError::Endless);
            }
            let mut room = [0; 1024];
            match self.stream.read(&mut room).await? {
                0 => return Err(WireError::Closed),
                count => self
                    .pending
                    .extend_from_slice(room.get(..count).unwrap_or_default()),
            }
        }
    }

    fn in_turn(&self) -> Result<(), WireError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        Err(WireError::OutOfTurn(shown(&self.pending)))
    }
}

/// All of it: it is cut when secrets have been taken out, not before.
fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}
