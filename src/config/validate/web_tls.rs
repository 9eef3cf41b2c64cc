//! The TLS settings of a web configuration file.

use rustls::SupportedCipherSuite;
use rustls::crypto::aws_lc_rs::ALL_CIPHER_SUITES;

use super::ledger::Ledger;
use super::secrets::file_path;
use super::{Context, cannot_be_read};
use crate::config::hint::nearest;
use crate::config::place::Place;
use crate::config::printable::printable;
use crate::config::raw::{Given, SecretText, TlsServerConfig};
use crate::domain::endpoint::TlsVersion;
use crate::domain::secret::Secret;
use crate::web::{ClientCertificates, Pem, Tls, TlsRange};

/// Groups as Go names them, and as rustls does.
const GROUPS: [(&str, &str); 4] = [
    ("CurveP256", "secp256r1"),
    ("CurveP384", "secp384r1"),
    ("X25519", "X25519"),
    ("X25519MLKEM768", "X25519MLKEM768"),
];

/// Reads a `tls_server_config`; `None` where it says nothing, or something is missing.
pub(crate) fn tls(
    context: &Context<'_>,
    ledger: &mut Ledger,
    place: &Place<'_>,
    raw: &TlsServerConfig,
) -> Option<Tls> {
    let mut reader = Reader {
        context,
        ledger,
        place,
    };
    let certificate = reader.pem(("cert", &raw.cert), ("cert_file", &raw.cert_file));
    let key = reader.pem(("key", &raw.key), ("key_file", &raw.key_file));
    let certificate = reader.needed("cert_file", certificate);
    let key = reader.needed("key_file", key);
    let clients = reader.clients(raw);
    let range = reader.range(raw);
    let cipher_suites = reader.cipher_suites(&raw.cipher_suites);
    let groups = reader.groups(&raw.curve_preferences);
    Some(Tls {
        certificate: certificate?,
        key: key?,
        clients: clients?,
        range,
        cipher_suites,
        groups,
        server_order: raw.prefer_server_cipher_suites,
    })
}

/// What a pair of keys says: nothing, something that can be used, or something wrong.
enum Read {
    Absent,
    Wrong,
    Pem(Pem),
}

struct Reader<'r, 'c> {
    context: &'r Context<'c>,
    ledger: &'r mut Ledger,
    place: &'r Place<'r>,
}

impl Reader<'_, '_> {
    /// Something in PEM form, in the file itself or in one of its own.
    fn pem(
        &mut self,
        (text_key, text): (&'static str, &Given<SecretText>),
        (file_key, file): (&'static str, &Given<String>),
    ) -> Read {
        match (text.get(), file.get()) {
            (Some(_), Some(_)) => {
                self.ledger
                    .fault(
                        &self.place.key(file_key),
                        format!("`{text_key}` and `{file_key}` exclude each other"),
                    )
                    .on_key()
                    .hint("remove one of them");
                Read::Wrong
            }
            (Some(text), None) => Read::Pem(Pem::Text(Secret::new(text.expose()))),
            (None, Some(path)) => self.file(file_key, path),
            (None, None) => Read::Absent,
        }
    }

    fn file(&mut self, key: &'static str, text: &str) -> Read {
        let place = self.place.key(key);
        let Some(path) = file_path(self.context, self.ledger, &place, text) else {
            return Read::Wrong;
        };
        // A key is a secret, and is read by whoever needs it.
        let wrong = if key == "key_file" {
            let there = std::fs::metadata(&path);
            there.err().map(|error| cannot_be_read(&error))
        } else {
            self.context.authorities(&path).err()
        };
        match wrong {
            None => Read::Pem(Pem::File(path)),
            Some(why) => {
                self.ledger.fault(&place, format!("`{key}` {why}"));
                Read::Wrong
            }
        }
    }

    fn needed(&mut self, key: &'static str, read: Read) -> Option<Pem> {
        match read {
            Read::Pem(pem) => Some(pem),
            Read::Wrong => None,
            Read::Absent => {
                self.ledger.missing(self.place, key);
                None
            }
        }
    }

    fn clients(&mut self, raw: &TlsServerConfig) -> Option<ClientCertificates> {
        let authorities = self.pem(
            ("client_ca", &raw.client_ca),
            ("client_ca_file", &raw.client_ca_file),
        );
        let kind = raw.client_auth_type.get().map(String::as_str);
        let clients = match kind {
            None | Some("" | "NoClientCert") => self.unasked(&authorities),
            Some("VerifyClientCertIfGiven") => {
                let authorities = self.needed("client_ca_file", authorities)?;
                ClientCertificates::Optional { authorities }
            }
            Some("RequireAndVerifyClientCert") => ClientCertificates::Required {
                authorities: self.needed("client_ca_file", authorities)?,
                names: raw.client_allowed_sans.clone(),
            },
            Some(other) => {
                self.refuse_kind(other);
                return None;
            }
        };
        if !raw.client_allowed_sans.is_empty() && kind != Some("RequireAndVerifyClientCert") {
            self.ledger
                .fault(
                    &self.place.key("client_allowed_sans"),
                    "without a certificate that is verified there are no names to compare",
                )
                .on_key()
                .hint("set `client_auth_type: RequireAndVerifyClientCert`");
        }
        Some(clients)
    }

    fn unasked(&mut self, authorities: &Read) -> ClientCertificates {
        if let Read::Pem(_) = authorities {
            self.ledger
                .fault(
                    self.place,
                    "no client is asked for a certificate that these authorities could verify",
                )
                .on_key()
                .hint(
                    "set `client_auth_type: RequireAndVerifyClientCert`, or remove the authorities",
                );
        }
        ClientCertificates::Unasked
    }

    fn refuse_kind(&mut self, kind: &str) {
        const KINDS: [&str; 3] = [
            "NoClientCert",
            "VerifyClientCertIfGiven",
            "RequireAndVerifyClientCert",
        ];
        let place = self.place.key("client_auth_type");
        let unverified = [
            "RequestClientCert",
            "RequireClientCert",
            "RequireAnyClientCert",
        ];
        if unverified.contains(&kind) {
            self.ledger
                .fault(
                    &place,
                    format!("`{kind}` takes any certificate unverified, which proves nothing"),
                )
                .hint("write `RequireAndVerifyClientCert`, with `client_ca_file`");
            return;
        }
        let message = "`client_auth_type` is one of `NoClientCert`, `VerifyClientCertIfGiven` or \
                       `RequireAndVerifyClientCert`";
        let draft = self.ledger.fault(&place, message);
        if let Some(near) = nearest(kind, KINDS) {
            draft.hint(format!("did you mean `{near}`?"));
        }
    }

    fn range(&mut self, raw: &TlsServerConfig) -> TlsRange {
        let defaults = TlsRange::default();
        let min = self.version("min_version", &raw.min_version);
        let max = self.version("max_version", &raw.max_version);
        let range = TlsRange {
            min: min.unwrap_or(defaults.min),
            max: max.unwrap_or(defaults.max),
        };
        if (range.min, range.max) == (TlsVersion::Tls13, TlsVersion::Tls12) {
            let place = self.place.key("max_version");
            let message = "`max_version` is older than `min_version`";
            self.ledger
                .fault(&place, message)
                .see(&self.place.key("min_version"));
        }
        range
    }

    fn version(&mut self, key: &'static str, text: &Given<String>) -> Option<TlsVersion> {
        let place = self.place.key(key);
        match text.get()?.as_str() {
            "TLS12" => Some(TlsVersion::Tls12),
            "TLS13" => Some(TlsVersion::Tls13),
            "TLS10" | "TLS11" => {
                self.ledger
                    .fault(&place, "TLS 1.0 and 1.1 are not spoken (RFC 8996)")
                    .hint("write `TLS12` or `TLS13`");
                None
            }
            _ => {
                let message = format!("`{key}` is one of `TLS12` or `TLS13`");
                self.ledger.fault(&place, message);
                None
            }
        }
    }

    /// The names of the suites as rustls has them; those of TLS 1.3 are always spoken, as in Go.
    fn cipher_suites(&mut self, names: &[String]) -> Vec<String> {
        let all = ALL_CIPHER_SUITES.iter();
        let known: Vec<&str> = all.filter_map(go_name).collect();
        let place = self.place.key("cipher_suites");
        let mut suites = Vec::new();
        for (index, name) in names.iter().enumerate() {
            if known.contains(&name.as_str()) {
                suites.push(name.clone());
            } else if !name.starts_with("TLS_AES_") && !name.starts_with("TLS_CHACHA20_") {
                let message = format!("the cipher suite `{}` is not spoken", printable(name));
                let hint = format!("those of TLS 1.2 are `{}`", known.join("`, `"));
                self.ledger.fault(&place.index(index), message).hint(hint);
            }
        }
        suites
    }

    fn groups(&mut self, names: &[String]) -> Vec<String> {
        let place = self.place.key("curve_preferences");
        let mut groups = Vec::new();
        for (index, name) in names.iter().enumerate() {
            if let Some((_, group)) = GROUPS.iter().find(|(go, _)| go == name) {
                groups.push((*group).to_owned());
                continue;
            }
            let message = format!("the curve `{}` is not spoken", printable(name));
            let hint = format!("there are `{}`", GROUPS.map(|(go, _)| go).join("`, `"));
            self.ledger.fault(&place.index(index), message).hint(hint);
        }
        groups
    }
}

/// The name of a suite of TLS 1.2, which Go and rustls write alike.
fn go_name(suite: &SupportedCipherSuite) -> Option<&'static str> {
    suite.suite().as_str().filter(|_| suite.tls13().is_none())
}

#[cfg(test)]
mod tests {
    use rustls::crypto::aws_lc_rs::DEFAULT_KX_GROUPS;

    use super::*;

    #[test]
    fn every_group_has_the_name_that_rustls_gives_it() {
        for (go, name) in GROUPS {
            let mut all = DEFAULT_KX_GROUPS.iter();
            assert!(all.any(|group| group.name().as_str() == Some(name)), "{go}");
        }
    }

    #[test]
    fn the_suites_of_tls_1_2_have_the_names_that_go_gives_them() {
        let names: Vec<&str> = ALL_CIPHER_SUITES.iter().filter_map(go_name).collect();
        assert_eq!(names.len(), 6);
        assert!(names.contains(&"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"));
        assert!(names.contains(&"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"));
    }
}
