//! The talk with a relay, from the first address to the answer to the last line (RFC 5321 §3).

use std::fmt::Display;

use lettre::address::Address;
use lettre::transport::smtp::commands::{Data, Ehlo, Mail, Quit, Rcpt, Starttls};
use lettre::transport::smtp::extension::{ClientId, MailParameter};

use super::patience::within;
use super::record::{Failure, Record, Stage};
use super::reply::{Offer, Reply};
use super::wire::Wire;
use super::{Inner, Patience, dial, tls};
use crate::domain::secret::{Redactor, Secret};
use crate::notify::mime;
use crate::notify::settings::{Mailbox, SmtpSecurity};

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
    pub(super) record: &'a mut Record,
    patience: Patience,
    hello: ClientId,
    pub(super) offer: Offer,
    /// Takes out what was shown to log in, should the relay repeat it.
    pub(super) shown: Redactor,
}

impl<'a> Talk<'a> {
    /// Connects, and shakes hands where TLS comes first.
    pub(super) async fn open(relay: &Inner, record: &'a mut Record) -> Result<Self, Failure> {
        let settings = &relay.settings;
        let patience = relay.patience;
        record.begin(Stage::Resolve);
        let addresses = dial::resolve(&settings.host, settings.port, patience).await?;
        let names: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        record.done(names.join(", "));
        record.begin(Stage::Connect);
        let stream = dial::connect(&addresses, patience).await?;
        let (local, peer) = (stream.local_addr(), stream.peer_addr());
        record.done(peer.map(|peer| peer.to_string()).unwrap_or_default());
        let local = local.map(|local| local.ip()).ok();
        let mut talk = Self {
            wire: Wire::new(Box::new(stream)),
            record,
            patience,
            hello: dial::hello(settings.hello.as_deref(), local),
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
        if !self.offer.has("STARTTLS") {
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
        let stream = self.wire.into_stream()?;
        let shaking = tls::shake_hands(stream, relay);
        let (stream, said) = within(self.patience.step, shaking).await?;
        self.record.done(said);
        Ok(Self {
            wire: Wire::new(stream),
            offer: Offer::default(),
            ..self
        })
    }

    /// Hands over the mail, and tells what the relay said when it took it.
    pub(super) async fn send(mut self, envelope: &Envelope<'_>) -> Result<String, Failure> {
        let mut parameters = Vec::new();
        if envelope.is_international() {
            if !self.offer.has("SMTPUTF8") {
                self.record.begin(Stage::Sender);
                return Err(Failure::Never(
                    "an address is not in ASCII, and the relay does not offer SMTPUTF8".to_owned(),
                ));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if self.offer.has("SIZE") {
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
        let written = self.wire.write(&content);
        within(self.patience.step, written).await?;
        // The total deadline holds here, and no other: see `Patience::total`.
        let mut reply = self.wire.reply().await?;
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

    /// Sends a line, if any, and reads the answer to it.
    pub(super) async fn exchange(
        &mut self,
        command: Option<&Secret>,
        good: &[u16],
    ) -> Result<Reply, Failure> {
        let wire = &mut self.wire;
        let talk = async {
            if let Some(command) = command {
                let line = Secret::new([command.expose(), b"\r\n"].concat());
                wire.write(line.expose()).await?;
            }
            wire.reply().await
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
}
