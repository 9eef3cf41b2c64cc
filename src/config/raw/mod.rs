//! What a person may write, key by key.
//!
//! Every type here mirrors a block of the file, with the defaults that do not depend on anything
//! else. Doc comments are what the schema and the reference page say, so they are written for an
//! operator. Keys that no type knows are refused.
//!
//! **Invariant:** no `flatten` and no `untagged`; nothing after `validate` can see these types.

mod alerting;
mod credential;
mod defaults;
mod endpoint;
mod expectation;
mod forms;
mod given;
mod global;
mod interval;
mod oauth2;
mod quantity;
mod secret;
mod web_file;

pub(crate) use alerting::{
    Alerting, AlertmanagerReceiver, Confirm, EmailReceiver, FileReceiver, Receiver, Route, Smtp,
    SmtpAuth, SmtpTls, SmtpTlsConfig, WebhookReceiver,
};
pub(crate) use credential::{
    ApiKey, Authorization, ClientCertificate, Credential, LoginForm, RegistryToken, UserPassword,
};
pub(crate) use endpoint::{
    BodyLimit, CheckEntry, Drift, Endpoint, FollowRedirects, HeaderSource, HttpVersion, IpProtocol,
    Profile, SeverityWord, TlsConfig, TlsVersion, tls_defaults,
};
pub(crate) use expectation::{BodyRules, Expectation};
pub(crate) use forms::{OneOrMany, Statuses, TextOr, TextOrForms, WordOrPair};
pub(crate) use given::{Entries, Given, or_empty};
pub(crate) use global::{Global, Retention, State, Web};
pub(crate) use interval::{TimeInterval, TimeRange, TimeSpan};
pub(crate) use oauth2::{ClientAuth, FETCH_TIMEOUT, OAuth2};
pub(crate) use quantity::{Period, Size};
use schemars::JsonSchema;
pub(crate) use secret::SecretText;
use serde::{Deserialize, Serialize};
pub(crate) use web_file::{RateLimit, TlsServerConfig, WebFile};

/// What is watched, with which credentials, and who is told.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a map of sections")]
#[schemars(title = "authvigil configuration")]
pub(crate) struct File {
    /// Defaults for every endpoint.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) global: Global,
    /// The port with metrics, status page and API.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) web: Web,
    /// Where incidents, owed notices and baselines are kept.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) state: State,
    /// Named secrets and the way to present each, by name.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) credentials: Entries<Credential>,
    /// Sets of endpoint keys, by name; an endpoint takes one up with `profile`, and its own keys win.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) profiles: Entries<Profile>,
    /// What is watched.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) endpoints: Vec<Endpoint>,
    /// More files with `endpoints`, `credentials` and `profiles`: patterns, relative to this file.
    /// A pattern that matches nothing is a fault, unless its entry says `optional: true`.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) endpoint_files: Vec<TextOr<EndpointFiles>>,
    /// Who is told about incidents, and how.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) alerting: Option<Alerting>,
}

/// A file that `endpoint_files` names.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a map of sections")]
pub(crate) struct DropIn {
    /// Named secrets and the way to present each, by name.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) credentials: Entries<Credential>,
    /// Sets of endpoint keys, by name.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) profiles: Entries<Profile>,
    /// What is watched.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) endpoints: Vec<Endpoint>,
}

/// A pattern of files that need not be there.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a map with `path`")]
#[schemars(extend("required" = ["path"]))]
pub(crate) struct EndpointFiles {
    /// The pattern, relative to this file: `endpoints.d/*.yaml`.
    pub(crate) path: Given<String>,
    /// Whether the pattern may match nothing.
    pub(crate) optional: bool,
}

impl TextOrForms for EndpointFiles {
    const FORMS: &str = "a pattern such as `endpoints.d/*.yaml`, or `{path: …, optional: true}`";
    const NAME: &str = "EndpointFilesEntry";
    const TEXT: &str = "A pattern such as `endpoints.d/*.yaml`, or `{path: …, optional: true}`.";
}
