//! The relay that takes mail, and mail addresses.

use std::net::IpAddr;

use crate::config::place::Place;
use crate::config::raw::{self, SmtpTls};
use crate::config::validate::Context;
use crate::config::validate::credentials::text;
use crate::config::validate::layers::Layers;
use crate::config::validate::ledger::{Ledger, Part};
use crate::config::validate::secrets::{Forms, secret, secret_file, secret_path};
use crate::config::validate::tokens::oauth2;
use crate::config::validate::transport::{host, tls};
use crate::notify::{
    ClientCertificate, Mailbox, Smtp, SmtpAuth, SmtpProof, SmtpSecurity, TlsSettings,
};

/// Reads the relay that takes mail.
pub(super) fn smtp(
    context: &Context<'_>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &raw::Smtp,
) -> Option<Smtp> {
    let name = text(ledger, place, "host", &raw.host);
    let name = name.and_then(|text| host(ledger, &place.key("host"), text, Part::Value));
    let from = text(ledger, place, "from", &raw.from);
    let from = from.and_then(|text| mailbox(ledger, &place.key("from"), text));
    let hello = raw.hello.get();
    let hello = hello.map(|text| host(ledger, &place.key("hello"), text, Part::Value));
    let security = match raw.tls.get().copied().unwrap_or_default() {
        SmtpTls::Starttls => SmtpSecurity::StartTls,
        SmtpTls::Implicit => SmtpSecurity::Implicit,
        SmtpTls::None => SmtpSecurity::Cleartext,
    };
    let tls_place = place.key("tls_config");
    let common = raw.tls_config.get().map(raw::SmtpTlsConfig::common);
    let config = common.as_ref().map(|raw| (raw, tls_place));
    let tls = tls(context, ledger, &Layers::new(config));
    let identity = raw.tls_config.get();
    let identity = identity.and_then(|raw| identity_of(context, ledger, &tls_place, raw));
    let port = raw.port.get().copied().unwrap_or(default_port(security));
    if port == 0 {
        ledger.fault(&place.key("port"), "a port lies between 1 and 65535");
    }
    let auth = raw.auth.get();
    let auth = auth.map(|raw| auth_of(context, ledger, &place.key("auth"), raw));
    let exposed = auth.is_some() && security == SmtpSecurity::Cleartext;
    if let (Some(name), true) = (&name, exposed && !name.as_deref().is_some_and(is_loopback)) {
        ledger
            .fault(&place.key("tls"), "the login would be sent in clear text")
            .label(format!("to `{name}`"))
            .hint("use `starttls` or `implicit`, or remove `auth`");
    }
    if let (Some(found), true) = (
        raw.tls_config.get(),
        tls.insecure_skip_verify && auth.is_some(),
    ) && found.insecure_skip_verify.get().is_some()
    {
        let config = place.key("tls_config");
        ledger
            .fault(
                &config.key("insecure_skip_verify"),
                "the login would be sent to whoever answers",
            )
            .label("the relay's certificate is not verified")
            .hint("name the relay's authority with `ca_file`");
    }
    Some(Smtp {
        host: name?,
        port,
        security,
        tls: TlsSettings {
            authorities: tls.authorities,
            server_name: tls.server_name,
            min_version: tls.min_version,
            insecure_skip_verify: tls.insecure_skip_verify,
            identity,
        },
        from: from?,
        hello: hello.flatten(),
        auth: auth.flatten(),
    })
}

/// The client certificate, where one is named: both of its files, or none.
fn identity_of(
    context: &Context<'_>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &raw::SmtpTlsConfig,
) -> Option<ClientCertificate> {
    if raw.cert_file.get().is_none() && raw.key_file.get().is_none() {
        return None;
    }
    let cert_file = text(ledger, place, "cert_file", &raw.cert_file);
    let cert_file =
        cert_file.and_then(|path| secret_path(context, ledger, &place.key("cert_file"), path));
    let key_file = text(ledger, place, "key_file", &raw.key_file);
    let key_file =
        key_file.and_then(|path| secret_file(context, ledger, &place.key("key_file"), path));
    Some(ClientCertificate {
        cert_file: cert_file?,
        key_file: key_file?,
    })
}

fn default_port(security: SmtpSecurity) -> u16 {
    match security {
        SmtpSecurity::StartTls => 587,
        SmtpSecurity::Implicit => 465,
        SmtpSecurity::Cleartext => 25,
    }
}

fn is_loopback(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

fn auth_of(
    context: &Context<'_>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &raw::SmtpAuth,
) -> Option<SmtpAuth> {
    let username = text(ledger, place, "username", &raw.username);
    let forms = Forms {
        keys: ["password", "password_file", "password_env"],
        literal: &raw.password,
        file: &raw.password_file,
        env: &raw.password_env,
    };
    let proof = match raw.oauth2.get() {
        Some(_) if forms.any() => {
            ledger
                .fault(
                    &place.key("oauth2"),
                    "`oauth2` and a password exclude each other",
                )
                .on_key()
                .hint("keep one of them");
            None
        }
        Some(raw) => {
            let token = oauth2(context, ledger, &place.key("oauth2"), raw);
            token.map(|token| SmtpProof::OAuth2(Box::new(token)))
        }
        None => secret(context, ledger, place, &forms).map(SmtpProof::Password),
    };
    Some(SmtpAuth {
        username: username?.to_owned(),
        proof: proof?,
    })
}

/// Reads `local@domain`, or `name <local@domain>`.
pub(super) fn mailbox(ledger: &mut Ledger, place: &Place<'_>, text: &str) -> Option<Mailbox> {
    let parsed = parse_mailbox(text);
    if parsed.is_none() {
        let draft = ledger.fault(place, "this is no mail address");
        draft.hint(if text.contains(',') || text.contains(';') {
            "write each address as an element of a list"
        } else {
            "write `oncall@example.com`, or `On call <oncall@example.com>`"
        });
    }
    parsed
}

/// The part of RFC 5322, section 3.4, that relays agree on: no comments, no quoted local parts.
fn parse_mailbox(text: &str) -> Option<Mailbox> {
    if text.contains(char::is_control) {
        return None;
    }
    let (name, address) = match text.trim().strip_suffix('>') {
        Some(rest) => {
            let (name, address) = rest.split_once('<')?;
            (Some(name.trim().trim_matches('"')), address)
        }
        None => (None, text.trim()),
    };
    let (local, domain) = address.rsplit_once('@')?;
    let atom = |char: char| char.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(char);
    let local_fits = !local.is_empty() && local.len() <= 64 && local.chars().all(atom);
    let dots_fit = !local.starts_with('.') && !local.ends_with('.') && !local.contains("..");
    let label = |label: &str| {
        !label.is_empty()
            && label
                .chars()
                .all(|char| char.is_alphanumeric() || char == '-')
    };
    let domain_fits = domain.len() <= 253 && domain.split('.').all(label);
    let plain =
        |name: &str| !name.contains(|char: char| char.is_control() || "<>\"".contains(char));
    let name_fits = name.is_none_or(plain);
    (local_fits && dots_fit && domain_fits && name_fits).then(|| Mailbox {
        name: name.filter(|name| !name.is_empty()).map(str::to_owned),
        address: address.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_stands_alone_or_behind_a_name() {
        let mailbox = |name: Option<&str>, address: &str| {
            Some(Mailbox {
                name: name.map(str::to_owned),
                address: address.to_owned(),
            })
        };
        assert_eq!(parse_mailbox("a@b.example"), mailbox(None, "a@b.example"));
        assert_eq!(
            parse_mailbox("root@localhost"),
            mailbox(None, "root@localhost")
        );
        assert_eq!(
            parse_mailbox("On Call <a+x@b.example>"),
            mailbox(Some("On Call"), "a+x@b.example")
        );
        assert_eq!(
            parse_mailbox("\"Call, On\" <a@b>"),
            mailbox(Some("Call, On"), "a@b")
        );
    }

    #[test]
    fn what_a_relay_would_refuse_is_no_address() {
        for text in [
            "",
            "a",
            "@b",
            "a@",
            "a b@c",
            "a@b c",
            "a@b, c@d",
            "a@b\r\nBcc: c@d",
            "a..b@c",
            "a@.c",
            "<a@b",
            "x\n<a@b>",
        ] {
            assert_eq!(parse_mailbox(text), None, "`{text}`");
        }
    }
}
