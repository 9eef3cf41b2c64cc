//! A visitor of the port who shows everything that is sent and received.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longer than anything takes; only a port that hangs is waited for so long.
pub(super) const DEADLINE: Duration = Duration::from_mins(1);

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    /// Whether the body came to its end.
    pub(super) whole: bool,
}

impl Answer {
    /// The value of a header that stands there once at most; empty where it does not.
    pub(super) fn header(&self, name: &str) -> &str {
        let mut values = self.headers.iter().filter(|(it, _)| it == name);
        let value = values.next().map_or("", |(_, value)| value.as_str());
        assert_eq!(values.next(), None, "`{name}` stands there twice");
        value
    }

    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|at| at == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().unwrap();
        let pairs = lines.map(|line| line.split_once(':').unwrap());
        let headers = pairs.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
        let mut answer = Self {
            status,
            headers: headers.collect(),
            body: Vec::new(),
            whole: true,
        };
        let rest = &bytes[end + 4..];
        if answer.header("transfer-encoding") == "chunked" {
            (answer.body, answer.whole) = dechunked(rest);
        } else {
            answer.body = rest.to_vec();
        }
        Some(answer)
    }
}

fn dechunked(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    loop {
        let Some(line) = rest.windows(2).position(|at| at == b"\r\n") else {
            return (body, false);
        };
        let size = std::str::from_utf8(&rest[..line]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        rest = &rest[line + 2..];
        if size == 0 {
            return (body, true);
        }
        if rest.len() < size + 2 {
            return (body, false);
        }
        body.extend_from_slice(&rest[..size]);
        rest = &rest[size + 2..];
    }
}

/// A connection to the port.
pub(super) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.set_write_timeout(Some(DEADLINE)).unwrap();
    stream
}

/// Says something and listens to the end; `None` where there was no answer.
pub(super) fn converse(stream: &mut (impl Read + Write), request: &str) -> Option<Answer> {
    // A port that refuses early may not listen to the end.
    let _said = stream.write_all(request.as_bytes()).is_ok();
    Answer::parse(&listen(stream))
}

/// Everything that comes until the end, however it ends; a port that hangs fails the test.
pub(super) fn listen(stream: &mut impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return bytes,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                panic!("the port neither answers nor closes")
            }
            Err(_) => return bytes,
        }
    }
}

/// A request in one text: the request line without its version, and header lines.
pub(super) fn request(line: &str, headers: &[(&str, &str)]) -> String {
    let headers = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"));
    let headers: String = headers.collect();
    format!("{line} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n")
}
