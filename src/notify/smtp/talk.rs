//! The talk with a relay, from the first address to the answer to the last line (RFC 5321 §3).

use std::fmt::Display;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use lettre::address::Address;
use lettre::transport::smtp::commands::{Data, Ehlo, Mail, Quit, Rcpt, Starttls};
use lettre::transport::smtp::extension::{ClientId, MailParameter};
use tokio::net::TcpStream;

use super::auth::{Mechanism, Script};
use super::record::{Failure, Record, Stage};
use super::reply::{Offer, Reply};
use super::wire::{Wire, WireError};
use super::{Inner, Patience, tls};
use crate::domain::secret::{Redactor, Secret};
use crate::notify::mime;
use crate::notify::settings::{Mailbox, SmtpAuth, SmtpProof, SmtpSecurity};

/// More addresses than this of one name are not tried.
const MOST_ADDRESSES: usize = 4;

/// A mail with the two addresses that a relay goes by.
#[derive(Debug)]
pub(super) struct Envelope<'a> {
    from: Address,
    to: Address,
    mail: &'a [u8],
}

impl<'a> Envelope<'a> {
    pub(super) fn new(from: &Mailbox, to: &Mailbox, mail: &'a [u8]) -> Result<Self, Failure> {
        let address = |mailbox| mime::address(mailbox).map_err(|it| Failure::Never(it.to_string()));
        let (from, to) = (address(from)?, address(to)?);
        Ok(Self { from, to, mail })
    }

    /// Whether it needs RFC 6531. The domains are in ASCII already.
    fn is_international(&self) -> bool {
        !(self.from.user().is_ascii() && self.to.user().is_ascii())
    }
}

/// A talk that is under way.
pub(super) struct Talk<'a> {
    wire: Wire,
    record: &'a mut Record,
    patience: Patience,
    hello: ClientId,
    offer: Offer,
    /// Takes out what was shown to log in, should the relay repeat it.
    shown: Redactor,
}

impl<'a> Talk<'a> {
    /// Connects, and shakes hands where TLS comes first.
    pub(super) async fn open(relay: &Inner, record: &'a mut Record) -> Result<Self, Failure> {
        let settings = &relay.settings;
        let patience = relay.patience;
        record.begin(Stage::Resolve);
        let lookup = tokio::net::lookup_host((settings.host.as_str(), settings.port));
        let found = within(patience.step, async { Ok(lookup.await?) }).await?;
        let addresses: Vec<SocketAddr> = found.take(MOST_ADDRESSES).collect();
        let names: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        record.done(names.join(", "));
        record.begin(Stage::Connect);
        let stream = connect(&addresses, patience).await?;
        let (local, peer) = (stream.local_addr(), stream.peer_addr());
        record.done(peer.map(|peer| peer.to_string()).unwrap_or_default());
        let local = local.map(|local| local.ip()).ok();
        let mut talk = Self {
            wire: Wire::new(Box::new(stream)),
            record,
            patience,
            hello: hello(settings.hello.as_deref(), local),
            offer: Offer::default(),
            shown: Redactor::default(),
        };
        if settings.security == SmtpSecurity::Implicit {
            talk = talk.shake_hands(relay).await?;
        }
        Ok(talk)
    }

    /// Reads the greeting and greets back.
    pub(super) async fn greet(&mut self) -> Result<(), Failure> {
        self.record.begin(Stage::Greeting);
        self.exchange(None, &[220]).await?;
        self.say_hello().await
    }

    async fn say_hello(&mut self) -> Result<(), Failure> {
        let hello = Ehlo::new(self.hello.clone());
        let reply = self.ask(Stage::Hello, hello, &[250]).await?;
        self.offer = Offer::read(&reply);
        Ok(())
    }

    /// Goes on under TLS, where that is not so yet and is asked for.
    pub(super) async fn secure(mut self, relay: &Inner) -> Result<Self, Failure> {
        match relay.settings.security {
            SmtpSecurity::Implicit | SmtpSecurity::Cleartext => return Ok(self),
            SmtpSecurity::StartTls => {}
        }
        if !self.offer.start_tls {
            self.record.begin(Stage::StartTls);
            return Err(Failure::Broken(
                "the relay does not offer it, and nothing is sent in clear text".to_owned(),
            ));
        }
        self.ask(Stage::StartTls, Starttls, &[220]).await?;
        let mut talk = self.shake_hands(relay).await?;
        // What was offered before could have been put there by anybody (RFC 3207 §4.2).
        talk.say_hello().await?;
        Ok(talk)
    }

    async fn shake_hands(self, relay: &Inner) -> Result<Self, Failure> {
        self.record.begin(Stage::Tls);
        let stream = self.wire.into_stream().map_err(broken)?;
        let shaking = tls::shake_hands(stream, relay);
        let (stream, said) = match tokio::time::timeout(self.patience.step, shaking).await {
            Ok(done) => done.map_err(Failure::Broken)?,
            Err(_elapsed) => return Err(too_late(self.patience.step)),
        };
        self.record.done(said);
        Ok(Self {
            wire: Wire::new(stream),
            offer: Offer::default(),
            ..self
        })
    }

    /// Logs in, where somebody is configured to.
    pub(super) async fn log_in(&mut self, relay: &Inner) -> Result<(), Failure> {
        let Some(auth) = &relay.settings.auth else {
            return Ok(());
        };
        self.record.begin(Stage::Login);
        let script = self.script(relay, auth).await?;
        self.shown = Redactor::new(script.secrets());
        let mut reply = self.exchange(Some(&script.command()), &[235, 334]).await?;
        for answer in &script.answers {
            if reply.code != 334 {
                break;
            }
            reply = self.exchange(Some(answer), &[235, 334]).await?;
        }
        match reply.code {
            235 => {
                let mechanism = script.mechanism.as_str();
                let who = &auth.username;
                self.record
                    .done(format!("{mechanism} as {who}: {}", reply.words()));
                Ok(())
            }
            _ => Err(Failure::Broken(
                "the relay asks for more than there is to say".to_owned(),
            )),
        }
    }

    async fn script(&self, relay: &Inner, auth: &SmtpAuth) -> Result<Script, Failure> {
        let unavailable =
            |error: crate::domain::presenter::Unpresentable| Failure::Broken(error.detail);
        let (mechanism, proof) = match &auth.proof {
            SmtpProof::Password(password) => {
                let mechanism = Mechanism::for_password(&self.offer);
                let proof = relay.secrets.read(password).await.map_err(unavailable)?;
                (mechanism, proof)
            }
            SmtpProof::OAuth2(wanted) => {
                let mechanism = self.offer.has("XOAUTH2").then_some(Mechanism::Xoauth2);
                let token = relay.tokens.token(wanted).await.map_err(unavailable)?;
                (mechanism, token.value)
            }
        };
        let offered = || match self.offer.mechanisms.as_slice() {
            [] => "no login".to_owned(),
            mechanisms => mechanisms.join(", "),
        };
        let mechanism = mechanism.ok_or_else(|| {
            let wanted = match &auth.proof {
                SmtpProof::Password(_) => "PLAIN or LOGIN",
                SmtpProof::OAuth2(_) => "XOAUTH2",
            };
            Failure::Broken(format!("the relay offers {} and not {wanted}", offered()))
        })?;
        Ok(mechanism.script(&auth.username, &proof))
    }

    /// Hands over the mail, and tells what the relay said when it took it.
    pub(super) async fn send(mut self, envelope: &Envelope<'_>) -> Result<String, Failure> {
        let mut parameters = Vec::new();
        if envelope.is_international() {
            if !self.offer.smtputf8 {
                self.record.begin(Stage::Sender);
                return Err(Failure::Never(
                    "an address is not in ASCII, and the relay does not offer SMTPUTF8".to_owned(),
                ));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if self.offer.size {
            parameters.push(MailParameter::Size(envelope.mail.len()));
        }
        let sender = Mail::new(Some(envelope.from.clone()), parameters);
        self.ask(Stage::Sender, sender, &[250]).await?;
        let recipient = Rcpt::new(envelope.to.clone(), Vec::new());
        self.ask(Stage::Recipient, recipient, &[250, 251]).await?;
        self.ask(Stage::Data, Data, &[354]).await?;
        let taken = self.hand_over(envelope.mail).await?;
        self.say_goodbye().await;
        Ok(taken.words())
    }

    async fn hand_over(&mut self, mail: &[u8]) -> Result<Reply, Failure> {
        self.record.begin(Stage::Content);
        let content = stuffed(mail);
        let written = async { Ok(self.wire.write(&content).await?) };
        within(self.patience.step, written).await?;
        // The total deadline holds here, and no other: see `Patience::total`.
        let mut reply = self.wire.reply().await.map_err(broken)?;
        self.conceal(&mut reply);
        if reply.code != 250 {
            return Err(unwelcome(reply));
        }
        self.record.done(reply.words());
        Ok(reply)
    }

    /// The mail is delivered; how the talk ends changes nothing.
    async fn say_goodbye(&mut self) {
        let farewell = async {
            self.wire.write(Quit.to_string().as_bytes()).await?;
            self.wire.reply().await?;
            self.wire.close().await
        };
        drop(tokio::time::timeout(self.patience.farewell, farewell).await);
    }

    /// Sends a command as a step of its own.
    async fn ask(
        &mut self,
        stage: Stage,
        command: impl Display,
        good: &[u16],
    ) -> Result<Reply, Failure> {
        self.record.begin(stage);
        let command = command.to_string();
        let reply = self
            .exchange(Some(&Secret::new(command.trim_end())), good)
            .await?;
        Ok(reply)
    }

    async fn exchange(&mut self, command: Option<&Secret>, good: &[u16]) -> Result<Reply, Failure> {
        let wire = &mut self.wire;
        let talk = async {
            if let Some(command) = command {
                let line = Secret::new([command.expose(), b"\r\n"].concat());
                wire.write(line.expose()).await?;
            }
            Ok(wire.reply().await?)
        };
        let mut reply = within(self.patience.step, talk).await?;
        self.conceal(&mut reply);
        if !good.contains(&reply.code) {
            return Err(unwelcome(reply));
        }
        if self.record.stage() != Stage::Login {
            self.record.done(reply.words());
        }
        Ok(reply)
    }

    fn conceal(&self, reply: &mut Reply) {
        for line in &mut reply.lines {
            *line = self.shown.text(line).into_owned();
        }
    }
}

async fn connect(addresses: &[SocketAddr], patience: Patience) -> Result<TcpStream, Failure> {
    let mut last = Failure::Broken("the name has no address".to_owned());
    for address in addresses {
        let dialling = async { Ok(TcpStream::connect(address).await?) };
        match within(patience.connect, dialling).await {
            Ok(stream) => return Ok(stream),
            Err(Failure::Broken(why)) => last = Failure::Broken(format!("{address}: {why}")),
            Err(other @ (Failure::Refused(_) | Failure::Never(_))) => return Err(other),
        }
    }
    Err(last)
}

/// An answer that the command does not have: a refusal, or nonsense.
fn unwelcome(reply: Reply) -> Failure {
    if reply.code >= 400 {
        Failure::Refused(reply)
    } else {
        Failure::Broken(format!(
            "the relay answers `{}`, which makes no sense here",
            reply.words()
        ))
    }
}

/// Dots at the beginning of lines are doubled (RFC 5321 §4.5.2), and the last line is a dot.
fn stuffed(mail: &[u8]) -> Vec<u8> {
    let mut content = Vec::with_capacity(mail.len() + 64);
    for line in mail.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            content.push(b'.');
        }
        content.extend_from_slice(line);
    }
    if !content.ends_with(b"\r\n") {
        content.extend_from_slice(b"\r\n");
    }
    content.extend_from_slice(b".\r\n");
    content
}

/// The name to greet with: the configured one, else this host's where it has a domain, else its
/// address (RFC 5321 §4.1.4).
fn hello(configured: Option<&str>, local: Option<IpAddr>) -> ClientId {
    let own = || {
        let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
        let name = name.trim();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
        (name.contains('.') && name.bytes().all(plain)).then(|| name.to_owned())
    };
    match (configured.map(str::to_owned).or_else(own), local) {
        (Some(name), _) => match name.parse() {
            Ok(address) => literal(address),
            Err(_no_address) => ClientId::Domain(name),
        },
        (None, Some(address)) => literal(address),
        (None, None) => ClientId::Domain("localhost".to_owned()),
    }
}

fn literal(address: IpAddr) -> ClientId {
    match address.to_canonical() {
        IpAddr::V4(address) => ClientId::Ipv4(address),
        IpAddr::V6(address) => ClientId::Ipv6(address),
    }
}

async fn within<T>(
    patience: Duration,
    step: impl Future<Output = Result<T, WireError>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(patience, step).await {
        Ok(done) => done.map_err(broken),
        Err(_elapsed) => Err(too_late(patience)),
    }
}

fn broken(error: WireError) -> Failure {
    Failure::Broken(error.to_string())
}

fn too_late(patience: Duration) -> Failure {
    Failure::Broken(format!("nothing came within {} s", patience.as_secs_f32()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_a_mail_ends_it() {
        let content = stuffed(b"a\r\n.\r\n..b\r\n");
        assert_eq!(content, b"a\r\n..\r\n...b\r\n.\r\n");
    }

    #[test]
    fn a_mail_without_a_last_line_break_gets_one() {
        assert_eq!(stuffed(b"a"), b"a\r\n.\r\n");
    }

    #[test]
    fn an_address_greets_in_brackets() {
        let greeting = |name| hello(Some(name), None).to_string();
        assert_eq!(greeting("192.0.2.1"), "[192.0.2.1]");
        assert_eq!(greeting("2001:db8::1"), "[IPv6:2001:db8::1]");
        assert_eq!(greeting("monitor.example.com"), "monitor.example.com");
    }
}
