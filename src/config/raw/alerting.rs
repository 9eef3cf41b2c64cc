//! Alerting: who is told, when and how. The words are Alertmanager's.

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Entries, Given, OAuth2, OneOrMany, Period, SecretText, TimeInterval, TlsConfig, TlsVersion,
    defaults, or_empty, tls_defaults,
};

/// Who is told about incidents, and how.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a map of alerting settings")]
pub(crate) struct Alerting {
    /// How many bad verdicts in a row confirm a regression. A bypass is told at the first answer.
    pub(crate) confirm: Given<Confirm>,
    /// The relay that takes mail.
    pub(crate) smtp: Given<Smtp>,
    /// Who can be told.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) receivers: Vec<Receiver>,
    /// Who is told of what: a tree, walked from its root.
    pub(crate) route: Given<Route>,
    /// Named times of the week or the year, for routes.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) time_intervals: Vec<TimeInterval>,
    /// A regular mail that proves that mail gets out.
    pub(crate) heartbeat: Given<Heartbeat>,
}

/// How many verdicts in a row confirm a regression and a recovery.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a map with `failures` and `recoveries`"
)]
#[schemars(transform = confirm_defaults)]
pub(crate) struct Confirm {
    /// Bad verdicts in a row that open an incident.
    pub(crate) failures: Given<u32>,
    /// Good answers in a row that resolve it.
    pub(crate) recoveries: Given<u32>,
    /// Class by class: `lockout`, `outage`, `denial`, `challenge`, `response` or `internal`.
    pub(crate) classes: Given<Entries<ClassConfirm>>,
}

impl Confirm {
    /// What holds where nothing is configured: two in a row, and three for an outage.
    pub(crate) fn built_in() -> Self {
        let outage = ClassConfirm {
            failures: 3.into(),
            recoveries: Given::default(),
        };
        Self {
            failures: 2.into(),
            recoveries: 2.into(),
            classes: Entries::from_iter([("outage".to_owned(), outage)]).into(),
        }
    }
}

fn confirm_defaults(schema: &mut Schema) {
    let built_in = Confirm::built_in();
    let values = json!({ "failures": built_in.failures, "recoveries": built_in.recoveries });
    defaults::set(schema, values);
}

/// How many verdicts in a row for one class.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a map with `failures` and `recoveries`"
)]
pub(crate) struct ClassConfirm {
    /// Bad verdicts in a row that open an incident of this class. For an outage, left out: 3.
    pub(crate) failures: Given<u32>,
    /// Good answers in a row that resolve it.
    pub(crate) recoveries: Given<u32>,
}

/// The relay that takes mail.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a map with `host` and `from`"
)]
#[schemars(extend("required" = ["host", "from"]), transform = smtp_defaults)]
pub(crate) struct Smtp {
    /// The relay's name or address.
    pub(crate) host: Given<String>,
    /// The relay's port. Left out: 587 for `starttls`, 465 for `implicit`, 25 for `none`.
    pub(crate) port: Given<u16>,
    /// How the connection is secured.
    pub(crate) tls: Given<SmtpTls>,
    /// Trust and TLS.
    pub(crate) tls_config: Given<SmtpTlsConfig>,
    /// The sender: `authvigil <authvigil@example.com>`.
    pub(crate) from: Given<String>,
    /// The name to greet the relay with. Left out: this host's, or its address where that name has
    /// no domain.
    pub(crate) hello: Given<String>,
    /// Who logs in at the relay.
    pub(crate) auth: Given<SmtpAuth>,
}

fn smtp_defaults(schema: &mut Schema) {
    defaults::set(schema, json!({ "tls": SmtpTls::default() }));
}

/// Trust and TLS of a relay.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a map of TLS settings")]
#[schemars(transform = tls_defaults)]
pub(crate) struct SmtpTlsConfig {
    /// A PEM file with certificate authorities, in place of the system's.
    pub(crate) ca_file: Given<String>,
    /// The name to expect in the certificate and to send as SNI. Left out: the relay's `host`.
    pub(crate) server_name: Given<String>,
    /// The oldest TLS version to accept.
    pub(crate) min_version: Given<TlsVersion>,
    /// Whether any certificate will do. Not with `auth`.
    pub(crate) insecure_skip_verify: Given<bool>,
    /// A PEM file with the client certificate to show, and its chain. Needs `key_file`.
    pub(crate) cert_file: Given<String>,
    /// A PEM file with the private key of the client certificate, not encrypted.
    pub(crate) key_file: Given<String>,
}

impl SmtpTlsConfig {
    /// What endpoints have as well.
    pub(crate) fn common(&self) -> TlsConfig {
        TlsConfig {
            ca_file: self.ca_file.clone(),
            server_name: self.server_name.clone(),
            min_version: self.min_version.clone(),
            insecure_skip_verify: self.insecure_skip_verify.clone(),
        }
    }
}

/// How a connection to a relay is secured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SmtpTls {
    /// `STARTTLS`, and nothing is sent without it.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Implicit,
    /// Clear text.
    None,
}

/// Who logs in at the relay: with a password, or with a token (XOAUTH2).
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a map with `username` and `password_file` or `oauth2`"
)]
#[schemars(extend("required" = ["username"]))]
pub(crate) struct SmtpAuth {
    /// The user's name.
    pub(crate) username: Given<String>,
    /// The password. Allowed and warned about: use `password_file` or `password_env`.
    pub(crate) password: Given<SecretText>,
    /// A file with the password; one trailing line break is dropped.
    pub(crate) password_file: Given<String>,
    /// An environment variable with the password.
    pub(crate) password_env: Given<String>,
    /// Where to get a token for XOAUTH2, in place of a password.
    pub(crate) oauth2: Given<OAuth2>,
}

/// Somebody who can be told, in one or several ways.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a map with `name`")]
#[schemars(extend("required" = ["name"]))]
pub(crate) struct Receiver {
    /// The name that routes use.
    pub(crate) name: Given<String>,
    /// By mail.
    pub(crate) email: Given<EmailReceiver>,
    /// Through Prometheus' Alertmanager.
    pub(crate) alertmanager: Given<AlertmanagerReceiver>,
    /// By a JSON document that is posted to a URL.
    pub(crate) webhook: Given<WebhookReceiver>,
    /// By mail files in a directory.
    pub(crate) file: Given<FileReceiver>,
}

/// Mail.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a map with `to`")]
#[schemars(extend("required" = ["to"]))]
pub(crate) struct EmailReceiver {
    /// One address, or a list of them; each gets a mail of its own.
    pub(crate) to: Given<OneOrMany>,
}

/// Prometheus' Alertmanager, API v2.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a map with `urls`")]
#[schemars(extend("required" = ["urls"]))]
pub(crate) struct AlertmanagerReceiver {
    /// Every instance of the cluster, such as `http://127.0.0.1:9093`.
    pub(crate) urls: Given<Vec<String>>,
}

/// A JSON document that is posted to a URL.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a map with `url_file`")]
pub(crate) struct WebhookReceiver {
    /// The URL; it is treated as a secret, because many of them hold one.
    pub(crate) url: Given<SecretText>,
    /// A file with the URL; one trailing line break is dropped.
    pub(crate) url_file: Given<String>,
    /// An environment variable with the URL.
    pub(crate) url_env: Given<String>,
    /// What every document is signed with (HMAC with SHA-256). Allowed and warned about: use
    /// `secret_file` or `secret_env`.
    pub(crate) secret: Given<SecretText>,
    /// A file with what every document is signed with; one trailing line break is dropped.
    pub(crate) secret_file: Given<String>,
    /// An environment variable with what every document is signed with.
    pub(crate) secret_env: Given<String>,
}

/// Mail files in a directory.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a map with `directory`")]
#[schemars(extend("required" = ["directory"]))]
pub(crate) struct FileReceiver {
    /// The directory that takes the `.eml` files.
    pub(crate) directory: Given<String>,
}

/// A branch of the routing tree. What is left out is taken from the branch above.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a map of a route's settings"
)]
#[schemars(transform = route_defaults)]
pub(crate) struct Route {
    /// Who is told. The root must name a receiver.
    pub(crate) receiver: Given<String>,
    /// What must hold, all of it: `class="bypass"`, `team!="payments"`, `endpoint=~"billing-.*"`,
    /// `env!~"dev|test"`. Expressions are anchored. Not at the root.
    pub(crate) matchers: Vec<String>,
    /// Whether the next sibling is asked as well.
    #[serde(rename = "continue")]
    pub(crate) goes_on: bool,
    /// Labels whose values must be equal for incidents to share a notice.
    pub(crate) group_by: Given<Vec<String>>,
    /// How long a first notice waits for company. A bypass does not wait.
    pub(crate) group_wait: Given<Period>,
    /// The least time between two notices of a group.
    pub(crate) group_interval: Given<Period>,
    /// How often an open incident is told again.
    pub(crate) repeat_interval: Given<Period>,
    /// Names of time intervals during which nothing but a bypass is told.
    pub(crate) mute_time_intervals: Vec<String>,
    /// Names of time intervals outside of which nothing but a bypass is told.
    pub(crate) active_time_intervals: Vec<String>,
    /// The branches, asked in order.
    pub(crate) routes: Vec<Route>,
}

impl Route {
    /// What holds at the root where nothing is configured.
    pub(crate) fn built_in() -> Self {
        Self {
            group_by: vec!["endpoint".to_owned()].into(),
            group_wait: Period::secs(10).into(),
            group_interval: Period::secs(300).into(),
            repeat_interval: Period::secs(4 * 3_600).into(),
            ..Self::default()
        }
    }
}

fn route_defaults(schema: &mut Schema) {
    let root = Route::built_in();
    let values = json!({
        "group_by": root.group_by,
        "group_wait": root.group_wait,
        "group_interval": root.group_interval,
        "repeat_interval": root.repeat_interval,
    });
    defaults::set(schema, values);
}

/// A regular mail that proves that mail gets out.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a map with `every`")]
#[schemars(extend("required" = ["every"]))]
pub(crate) struct Heartbeat {
    /// The time between two of them, such as `24h`; at least `1m`.
    pub(crate) every: Given<Period>,
    /// Who gets it. Left out: the root route's receiver.
    pub(crate) receiver: Given<String>,
}
