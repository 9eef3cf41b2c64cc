//! One talk with a client.

use std::io;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::{Act, Moment, Security, State, Taken, login};

pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

pub(super) type Line = BufReader<Box<dyn Duplex>>;

/// A talk that is over before its time.
const OVER: io::ErrorKind = io::ErrorKind::ConnectionAborted;

pub(super) struct Talk {
    pub(super) stream: Line,
    pub(super) state: Arc<Mutex<State>>,
    encrypted: bool,
    from: String,
    to: Vec<String>,
}

pub(super) async fn serve(
    stream: TcpStream,
    state: Arc<Mutex<State>>,
    acceptor: Option<TlsAcceptor>,
) -> io::Result<()> {
    let security = state.lock().unwrap().script.security;
    let mut talk = Talk {
        stream: BufReader::new(Box::new(stream)),
        state,
        encrypted: false,
        from: String::new(),
        to: Vec::new(),
    };
    if matches!(security, Security::Implicit(_) | Security::Mutual) {
        talk = talk.shake_hands(acceptor.clone()).await?;
    }
    talk.act(&Moment::Greeting, "220 relay.test ESMTP").await?;
    loop {
        let line = talk.hear().await?;
        let upper = line.to_ascii_uppercase();
        let words: Vec<&str> = upper.split_whitespace().take(2).collect();
        talk.state.lock().unwrap().heard.push(words.join(" "));
        match upper.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => talk.hello().await?,
            "STARTTLS" => {
                talk.act(&Moment::StartTls, "220 go ahead").await?;
                talk = talk.shake_hands(acceptor.clone()).await?;
            }
            "AUTH" => {
                if !talk.acts(&Moment::Auth).await? {
                    login::log_in(&mut talk, &line).await?;
                }
            }
            "MAIL" => {
                talk.from = between(&line);
                talk.act(&Moment::Mail, "250 2.1.0 ok").await?;
            }
            "RCPT" => talk.recipient(&between(&line)).await?,
            "DATA" => {
                if !talk.acts(&Moment::Data).await? {
                    talk.say("354 go ahead").await?;
                    talk.take().await?;
                }
            }
            "QUIT" => {
                talk.say("221 bye").await?;
                return Ok(());
            }
            _ => talk.say("500 what?").await?,
        }
    }
}

fn between(line: &str) -> String {
    let inner = line.split(['<', '>']).nth(1);
    inner.unwrap_or_default().to_owned()
}

impl Talk {
    pub(super) async fn hear(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            return Err(OVER.into());
        }
        Ok(line.trim_end().to_owned())
    }

    pub(super) async fn say(&mut self, line: &str) -> io::Result<()> {
        self.write(format!("{line}\r\n").as_bytes()).await
    }

    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    async fn act(&mut self, moment: &Moment, usual: &str) -> io::Result<()> {
        if self.acts(moment).await? {
            return Ok(());
        }
        self.say(usual).await
    }

    /// Does what the table has for a moment, if anything.
    async fn acts(&mut self, moment: &Moment) -> io::Result<bool> {
        let act = self.state.lock().unwrap().next(moment);
        match act {
            Act::Usual => return Ok(false),
            Act::Say(bytes) => self.write(&bytes).await?,
            Act::Hang => std::future::pending().await,
            Act::Close => return Err(OVER.into()),
            Act::Repeat(bytes, pause) => loop {
                self.write(bytes).await?;
                tokio::time::sleep(pause).await;
            },
        }
        Ok(true)
    }

    async fn shake_hands(mut self, acceptor: Option<TlsAcceptor>) -> io::Result<Self> {
        self.acts(&Moment::Handshake).await?;
        let Some(acceptor) = acceptor else {
            return Err(OVER.into());
        };
        let stream = acceptor.accept(self.stream.into_inner()).await?;
        Ok(Self {
            stream: BufReader::new(Box::new(stream)),
            encrypted: true,
            ..self
        })
    }

    async fn hello(&mut self) -> io::Result<()> {
        let script = self.state.lock().unwrap().script.clone();
        let mut lines = vec!["relay.test".to_owned()];
        if matches!(script.security, Security::StartTls(_)) && !self.encrypted {
            lines.push("STARTTLS".to_owned());
        }
        if !script.mechanisms.is_empty() {
            lines.push(format!("AUTH {}", script.mechanisms));
        }
        lines.extend(script.extensions.iter().map(|line| (*line).to_owned()));
        let answer = format!(
            "250-{}",
            lines.join(
                "
250-"
            )
        );
        // The last line says that it is.
        let last = answer.rfind("250-").unwrap();
        let answer = format!("{}250 {}", &answer[..last], &answer[last + 4..]);
        self.act(&Moment::Hello, &answer).await
    }

    async fn recipient(&mut self, address: &str) -> io::Result<()> {
        let moment = {
            let state = self.state.lock().unwrap();
            let named =
                |moment: &&Moment| matches!(moment, Moment::Recipient(it) if *it == address);
            state.script.acts.keys().find(named).cloned()
        };
        if let Some(moment) = moment
            && self.acts(&moment).await?
        {
            return Ok(());
        }
        self.to.push(address.to_owned());
        self.say("250 2.1.5 ok").await
    }

    /// Reads a mail up to the final dot.
    async fn take(&mut self) -> io::Result<()> {
        let mut content = String::new();
        loop {
            let mut line = String::new();
            let limited = (&mut self.stream)
                .take(1 << 20)
                .read_line(&mut line)
                .await?;
            if limited == 0 {
                return Err(OVER.into());
            }
            if line == ".\r\n" {
                break;
            }
            content.push_str(line.strip_prefix('.').unwrap_or(&line));
            self.acts(&Moment::Within).await?;
        }
        if self.acts(&Moment::Dot).await? {
            return Ok(());
        }
        let taken = Taken {
            from: std::mem::take(&mut self.from),
            to: std::mem::take(&mut self.to),
            content,
        };
        self.state.lock().unwrap().taken.push(taken);
        self.say("250 2.0.0 taken as 4711").await
    }
}
