//! Logging in, in the middle of a talk.

use super::Inner;
use super::auth::{Mechanism, Script};
use super::record::{Failure, Stage};
use super::talk::Talk;
use crate::domain::presenter::Unpresentable;
use crate::domain::secret::{Redactor, Secret};
use crate::notify::settings::{SmtpAuth, SmtpProof};

impl Talk<'_> {
    /// Logs in, where somebody is configured to.
    pub(super) async fn log_in(&mut self, relay: &Inner) -> Result<(), Failure> {
        let Some(auth) = &relay.settings.auth else {
            return Ok(());
        };
        self.record.begin(Stage::Login);
        let mechanism = self.mechanism(auth)?;
        let proof = proof(relay, auth).await?;
        let script = mechanism.script(&auth.username, &proof);
        self.shown = Redactor::new(script.secrets());
        let said = self.follow(&script).await;
        if let (Err(Failure::Refused(_)), SmtpProof::OAuth2(wanted)) = (&said, &auth.proof) {
            relay.tokens.refuse(wanted, &proof);
        }
        let (mechanism, who, said) = (mechanism.as_str(), &auth.username, said?);
        self.record.done(format!("{mechanism} as {who}: {said}"));
        Ok(())
    }

    /// Says all that there is to say, and tells what the relay said when it was content.
    async fn follow(&mut self, script: &Script) -> Result<String, Failure> {
        let mut reply = self.exchange(Some(&script.command()), &[235, 334]).await?;
        for answer in &script.answers {
            if reply.code == 334 {
                reply = self.exchange(Some(answer), &[235, 334]).await?;
            }
        }
        if reply.code == 334 {
            let why = "the relay asks for more than there is to say";
            return Err(Failure::Broken(why.to_owned()));
        }
        Ok(reply.words())
    }

    fn mechanism(&self, auth: &SmtpAuth) -> Result<Mechanism, Failure> {
        let (mechanism, wanted) = match &auth.proof {
            SmtpProof::Password(_) => (Mechanism::for_password(&self.offer), "PLAIN or LOGIN"),
            SmtpProof::OAuth2(_) => {
                let known = self.offer.knows(Mechanism::Xoauth2.as_str());
                (known.then_some(Mechanism::Xoauth2), "XOAUTH2")
            }
        };
        mechanism.ok_or_else(|| {
            let offered = match self.offer.mechanisms.as_slice() {
                [] => "no login".to_owned(),
                mechanisms => mechanisms.join(", "),
            };
            Failure::Broken(format!("the relay offers {offered} and not {wanted}"))
        })
    }
}

async fn proof(relay: &Inner, auth: &SmtpAuth) -> Result<Secret, Failure> {
    let proof = match &auth.proof {
        SmtpProof::Password(password) => relay.secrets.read(password).await,
        SmtpProof::OAuth2(wanted) => relay.tokens.token(wanted).await.map(|token| token.value),
    };
    proof.map_err(|Unpresentable { detail, .. }| Failure::Broken(detail))
}
