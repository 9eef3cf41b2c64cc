//! Receivers: who can be told.

use super::smtp::mailbox;
use crate::config::place::Place;
use crate::config::raw;
use crate::config::validate::Context;
use crate::config::validate::ledger::Ledger;
use crate::config::validate::secrets::{Forms, file_path, secret};
use crate::config::validate::urls::{HTTP, url};
use crate::domain::check::Name;
use crate::domain::secret::SecretRef;
use crate::notify::{Mailbox, Receiver, Webhook};

/// Reads the receivers.
pub(super) fn receivers(
    context: &Context<'_>,
    ledger: &mut Ledger,
    alerting: &Place<'_>,
    raw: &raw::Alerting,
) -> Vec<Receiver> {
    let list = alerting.key("receivers");
    let mut receivers = Vec::new();
    for (index, raw_receiver) in raw.receivers.iter().enumerate() {
        let place = list.index(index);
        let read = receiver(context, ledger, &place, raw_receiver);
        if raw_receiver.email.get().is_some() && raw.smtp.get().is_none() {
            ledger
                .fault(&place.key("email"), "there is no relay that takes mail")
                .on_key()
                .hint("describe it under `alerting: {smtp: …}`");
        }
        receivers.extend(read);
    }
    receivers
}

fn receiver(
    context: &Context<'_>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &raw::Receiver,
) -> Option<Receiver> {
    let email = raw.email.get();
    let email = email.map(|raw| recipients(ledger, &place.key("email"), raw));
    let alertmanager = raw.alertmanager.get();
    let alertmanager = alertmanager.map(|raw| instances(ledger, &place.key("alertmanager"), raw));
    let webhook = raw.webhook.get();
    let webhook = webhook.map(|raw| webhook_of(context, ledger, &place.key("webhook"), raw));
    let file = raw.file.get();
    let file = file.map(|raw| directory(context, ledger, &place.key("file"), raw));
    let none = email.is_none() && alertmanager.is_none() && webhook.is_none() && file.is_none();
    if none && raw.name.get().is_some() {
        ledger
            .fault(&place.key("name"), "this receiver tells nobody")
            .hint("give it `email`, `alertmanager`, `webhook` or `file`");
    }
    Some(Receiver {
        name: Name::parse(raw.name.get()?)?,
        email: email.unwrap_or_default(),
        alertmanager: alertmanager.unwrap_or_default(),
        webhook: webhook.flatten(),
        directory: file.flatten(),
    })
}

fn recipients(ledger: &mut Ledger, place: &Place<'_>, raw: &raw::EmailReceiver) -> Vec<Mailbox> {
    let Some(to) = raw.to.get() else {
        ledger.missing(place, "to");
        return Vec::new();
    };
    let place = place.key("to");
    let mut recipients: Vec<Mailbox> = Vec::new();
    for (index, text) in to.iter() {
        let place = index.map_or(place, |index| place.index(index));
        let Some(mailbox) = mailbox(ledger, &place, text) else {
            continue;
        };
        if recipients
            .iter()
            .any(|other| other.address == mailbox.address)
        {
            ledger.fault(&place, "this address stands here twice");
            continue;
        }
        recipients.push(mailbox);
    }
    if to.iter().next().is_none() {
        ledger.fault(&place, "the list names nobody");
    }
    recipients
}

fn instances(
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &raw::AlertmanagerReceiver,
) -> Vec<url::Url> {
    let Some(urls) = raw.urls.get() else {
        ledger.missing(place, "urls");
        return Vec::new();
    };
    let place = place.key("urls");
    if urls.is_empty() {
        ledger.fault(&place, "the list names no instance");
    }
    let urls = urls.iter().enumerate();
    urls.filter_map(|(index, text)| url(ledger, &place.index(index), text, HTTP))
        .collect()
}

fn webhook_of(
    context: &Context<'_>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &raw::WebhookReceiver,
) -> Option<Webhook> {
    let forms = Forms {
        keys: ["url", "url_file", "url_env"],
        literal: &raw.url,
        file: &raw.url_file,
        env: &raw.url_env,
    };
    let reference = secret(context, ledger, place, &forms);
    let signing = Forms {
        keys: ["secret", "secret_file", "secret_env"],
        literal: &raw.secret,
        file: &raw.secret_file,
        env: &raw.secret_env,
    };
    let signed = signing.any();
    let signing = signed.then(|| secret(context, ledger, place, &signing));
    let reference = reference?;
    if let (SecretRef::Literal(_), Some(text)) = (&reference, raw.url.get()) {
        url(ledger, &place.key("url"), text.expose(), HTTP)?;
    }
    Some(Webhook {
        url: reference,
        secret: signing.flatten(),
    })
}

fn directory(
    context: &Context<'_>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &raw::FileReceiver,
) -> Option<std::path::PathBuf> {
    let Some(text) = raw.directory.get() else {
        ledger.missing(place, "directory");
        return None;
    };
    file_path(context, ledger, &place.key("directory"), text)
}
