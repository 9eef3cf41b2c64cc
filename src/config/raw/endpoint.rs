//! Endpoints: what is watched.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Confirm, Entries, Expectation, Given, OneOrMany, Period, SecretText, Size, TextOr, TextOrForms,
    WordOrPair, defaults,
};

/// A URL that is watched.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a map with `name` and `url`"
)]
#[schemars(extend("required" = ["name", "url"]), transform = endpoint_defaults)]
pub(crate) struct Endpoint {
    /// The name: letters, digits, `.`, `_` and `-`, at most 63 of them.
    pub(crate) name: Given<String>,
    /// Where to knock: `http` or `https`, without a user or a password.
    pub(crate) url: Given<String>,
    /// The profile whose keys hold where this endpoint has none of its own.
    pub(crate) profile: Given<String>,
    /// The credential whose holder must be admitted. Stands for three checks: `anonymous` and
    /// `invalid` must be refused, `valid` must be admitted. Without it there is `anonymous` alone.
    pub(crate) credential: Given<String>,
    /// Short for `challenge` in `refused`.
    pub(crate) challenge: Given<OneOrMany>,
    /// Tunes the checks that must be refused.
    pub(crate) refused: Given<Expectation>,
    /// Tunes the check that must be admitted.
    pub(crate) admitted: Given<Expectation>,
    /// Checks in place of the three that `credential` stands for.
    pub(crate) checks: Given<Vec<CheckEntry>>,
    /// The request's method.
    pub(crate) method: Given<String>,
    /// Headers of the request: a text, or where to read one.
    pub(crate) headers: Given<Entries<TextOr<HeaderSource>>>,
    /// The request's body.
    pub(crate) body: Given<String>,
    /// Trust and TLS.
    pub(crate) tls_config: Given<TlsConfig>,
    /// A proxy: `http`, `https`, `socks5` or `socks5h`. The environment's proxy variables are never used.
    pub(crate) proxy_url: Given<String>,
    /// Which family of addresses to dial.
    pub(crate) ip_protocol: Given<IpProtocol>,
    /// Host to the address that is dialled in place of name resolution.
    pub(crate) resolve: Given<Entries<String>>,
    /// The HTTP version to speak.
    pub(crate) http_version: Given<HttpVersion>,
    /// How far redirects are followed.
    pub(crate) follow_redirects: Given<FollowRedirects>,
    /// How much of an answer's body is read, up to `1MiB`.
    pub(crate) body_size_limit: Given<BodyLimit>,
    /// Whether credentials may be sent, and Basic or Bearer be offered, over clear text.
    pub(crate) allow_cleartext: Given<bool>,
    /// Whether a credential may be sent to a server whose certificate is not verified.
    pub(crate) allow_unverified: Given<bool>,
    /// What a change of the challenge is worth.
    pub(crate) drift: Given<Drift>,
    /// The time between two probes of a check; at least `1s`. Left out: that of `global`.
    pub(crate) interval: Given<Period>,
    /// How long a probe may take; shorter than `interval`. Left out: that of `global`.
    pub(crate) timeout: Given<Period>,
    /// The time between two probes with a credential that must be refused. Left out: that of `global`.
    pub(crate) refused_interval: Given<Period>,
    /// Class to severity, where it differs from the class's own. A bypass is always critical.
    pub(crate) severity: Given<Entries<SeverityWord>>,
    /// How many bad verdicts in a row confirm a regression. Left out: that of `alerting`.
    pub(crate) confirm: Given<Confirm>,
    /// Labels of this endpoint, on top of those of `global` and the profile.
    pub(crate) labels: Given<Entries<String>>,
    /// Where the on-call engineer reads on.
    pub(crate) runbook_url: Given<String>,
}

fn endpoint_defaults(schema: &mut Schema) {
    let values = json!({
        "method": Endpoint::METHOD,
        "ip_protocol": IpProtocol::default(),
        "http_version": HttpVersion::default(),
        "follow_redirects": FollowRedirects::default(),
        "body_size_limit": BodyLimit::default(),
        "allow_cleartext": bool::default(),
        "allow_unverified": bool::default(),
        "drift": Drift::default(),
    });
    defaults::set(schema, values);
}

impl Endpoint {
    /// The method of a request, unless configured.
    pub(crate) const METHOD: &str = "GET";
}

/// Endpoint keys under a name.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Profile(pub(crate) Endpoint);

impl Profile {
    /// Keys that only an endpoint can have.
    pub(crate) const NOT_HERE: [&str; 3] = ["name", "url", "profile"];
}

impl JsonSchema for Profile {
    fn schema_name() -> Cow<'static, str> {
        "Profile".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Endpoint::json_schema(generator);
        schema.insert(
            "description".to_owned(),
            "Endpoint keys that hold for every endpoint with this profile.".into(),
        );
        schema.remove("required");
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            properties.retain(|key, _| !Self::NOT_HERE.contains(&key.as_str()));
        }
        schema
    }
}

/// One question that is asked of an endpoint.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a map with `as`")]
#[schemars(extend("required" = ["as"]))]
pub(crate) struct CheckEntry {
    /// Who knocks: `anonymous`, `invalid`, a credential's name, or an impostor such as
    /// `{tampered: NAME}`.
    #[serde(rename = "as")]
    pub(crate) persona: Given<WordOrPair>,
    /// The check's name. Left out: `anonymous`, `invalid`, the credential's name, or the impostor's
    /// and the credential's joined, such as `tampered-ci`.
    pub(crate) name: Given<String>,
    /// What must be met, key by key on top of the endpoint's `refused` or `admitted`.
    pub(crate) expect: Given<Expectation>,
}

/// Where to read the value of a header.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a map with `value_file` or `value_env`"
)]
pub(crate) struct HeaderSource {
    /// The value, kept out of every output. Allowed and warned about: use `value_file` or `value_env`.
    pub(crate) value: Given<SecretText>,
    /// A file with the value; one trailing line break is dropped.
    pub(crate) value_file: Given<String>,
    /// An environment variable with the value.
    pub(crate) value_env: Given<String>,
}

impl TextOrForms for HeaderSource {
    const FORMS: &str = "a text, `{value_file: …}` or `{value_env: …}`";
    const NAME: &str = "HeaderValue";
    const TEXT: &str = "A text, `{value_file: …}` or `{value_env: …}`.";
}

/// Trust and TLS.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a map of TLS settings")]
#[schemars(transform = tls_defaults)]
pub(crate) struct TlsConfig {
    /// A PEM file with certificate authorities, in place of the system's.
    pub(crate) ca_file: Given<String>,
    /// The name to expect in the certificate and to send as SNI. Left out: the URL's host.
    pub(crate) server_name: Given<String>,
    /// The oldest TLS version to accept.
    pub(crate) min_version: Given<TlsVersion>,
    /// Whether any certificate will do. With a credential it needs `allow_unverified` as well.
    pub(crate) insecure_skip_verify: Given<bool>,
}

/// The defaults of a `tls_config`.
pub(crate) fn tls_defaults(schema: &mut Schema) {
    let values = json!({
        "min_version": TlsVersion::default(),
        "insecure_skip_verify": bool::default(),
    });
    defaults::set(schema, values);
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) enum TlsVersion {
    /// TLS 1.2 (RFC 5246).
    #[default]
    #[serde(rename = "TLS12", alias = "TLS1.2")]
    Tls12,
    /// TLS 1.3 (RFC 8446).
    #[serde(rename = "TLS13", alias = "TLS1.3")]
    Tls13,
}

/// A family of addresses.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IpProtocol {
    /// Whichever answers first.
    #[default]
    Any,
    /// IPv4 only.
    Ip4,
    /// IPv6 only.
    Ip6,
}

/// An HTTP version.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) enum HttpVersion {
    /// What the server prefers.
    #[default]
    #[serde(rename = "any")]
    Any,
    /// HTTP/1.1 and nothing else.
    #[serde(rename = "1.1")]
    Http11,
    /// HTTP/2 and nothing else; over clear text with prior knowledge.
    #[serde(rename = "2")]
    Http2,
}

/// How far redirects are followed.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FollowRedirects {
    /// Not at all: a redirect is an answer like any other.
    #[default]
    Never,
    /// Up to five hops, as long as scheme, host and port stay the same; expectations judge the last
    /// answer.
    SameOrigin,
}

/// What a change of the challenge is worth.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Drift {
    /// It is shown and advised.
    #[default]
    Record,
    /// It is a finding until it is accepted.
    Alert,
    /// Nothing.
    Ignore,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SeverityWord {
    /// A ticket.
    Warning,
    /// A page.
    Critical,
}

/// How much of a body is read.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(crate) struct BodyLimit(pub(crate) Size);

impl Default for BodyLimit {
    fn default() -> Self {
        Self(Size(64 << 10))
    }
}

impl BodyLimit {
    /// Bodies are held in memory, one for each probe in flight.
    pub(crate) const MAX: Size = Size(1 << 20);
}
