//! Who is told about incidents, and how: the valid form of `alerting`.

use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;
use regex::Regex;
use url::Url;

use crate::credential::OAuth2;
use crate::domain::check::Name;
use crate::domain::endpoint::{Authorities, Confirm, TlsVersion};
use crate::domain::secret::SecretRef;

/// Who is told about incidents, and how.
#[derive(Clone, Debug)]
pub struct Alerting {
    /// How verdicts are confirmed; the endpoints have it already.
    pub confirm: Confirm,
    /// The relay that takes mail; there is one wherever a receiver wants mail.
    pub smtp: Option<Smtp>,
    /// Who can be told, each name once.
    pub receivers: Vec<Receiver>,
    /// The root of the routing tree; there is one wherever there are receivers.
    pub route: Option<Route>,
    /// Named times, for routes.
    pub time_intervals: Vec<TimeInterval>,
    /// A regular mail that proves that mail gets out.
    pub heartbeat: Option<Heartbeat>,
}

/// The relay that takes mail.
#[derive(Clone, Debug)]
pub struct Smtp {
    /// The relay's name or address.
    pub host: String,
    /// The relay's port.
    pub port: u16,
    /// How the connection is secured.
    pub security: SmtpSecurity,
    /// Trust and TLS.
    pub tls: TlsSettings,
    /// The sender.
    pub from: Mailbox,
    /// The name to greet the relay with; this host's where there is none.
    pub hello: Option<String>,
    /// Who logs in. Never with `SmtpSecurity::Cleartext` but on loopback.
    pub auth: Option<SmtpAuth>,
}

/// How a connection to a relay is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// `STARTTLS`, and nothing is sent without it (RFC 3207).
    StartTls,
    /// TLS from the first byte (RFC 8314).
    Implicit,
    /// Clear text.
    Cleartext,
}

/// Trust and TLS of a connection that is no probe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsSettings {
    /// Certificate authorities in place of the system's.
    pub authorities: Option<Authorities>,
    /// The name to expect in the certificate, if not the host's.
    pub server_name: Option<String>,
    /// The oldest TLS version to accept.
    pub min_version: TlsVersion,
    /// Whether any certificate will do.
    pub insecure_skip_verify: bool,
}

/// Who logs in at a relay.
#[derive(Clone, Debug)]
pub struct SmtpAuth {
    /// The user's name.
    pub username: String,
    /// What proves it.
    pub proof: SmtpProof,
}

/// What proves who logs in at a relay.
#[derive(Clone, Debug)]
pub enum SmtpProof {
    /// A password, for PLAIN or LOGIN.
    Password(SecretRef),
    /// A token, for XOAUTH2.
    OAuth2(Box<OAuth2>),
}

/// A mail address, with a name for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// The name.
    pub name: Option<String>,
    /// The address: `local@domain`.
    pub address: String,
}

/// Somebody who can be told, in at least one way.
#[derive(Clone, Debug)]
pub struct Receiver {
    /// The name that routes use.
    pub name: Name,
    /// Who gets mail, each a mail of its own.
    pub email: Vec<Mailbox>,
    /// Instances of Prometheus' Alertmanager; every one is told.
    pub alertmanager: Vec<Url>,
    /// Where JSON is posted.
    pub webhook: Option<Webhook>,
    /// The directory that takes mail files.
    pub directory: Option<PathBuf>,
}

/// Where JSON is posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// The URL: a secret, because many of them hold one.
    pub url: SecretRef,
}

/// A branch of the routing tree, with what it took over from the branch above.
#[derive(Clone, Debug)]
pub struct Route {
    /// Who is told.
    pub receiver: Name,
    /// What must hold, all of it; nothing at the root.
    pub matchers: Vec<Matcher>,
    /// Whether the next sibling is asked as well.
    pub goes_on: bool,
    /// Labels whose values must be equal for incidents to share a notice.
    pub group_by: Vec<String>,
    /// How long a first notice waits for company.
    pub group_wait: Duration,
    /// The least time between two notices of a group.
    pub group_interval: Duration,
    /// How often an open incident is told again.
    pub repeat_interval: Duration,
    /// Times during which nothing but a bypass is told.
    pub mute_time_intervals: Vec<Name>,
    /// Times outside of which nothing but a bypass is told; empty for always.
    pub active_time_intervals: Vec<Name>,
    /// The branches, asked in order.
    pub routes: Vec<Route>,
}

/// What one label must say. A label that is absent counts as empty.
#[derive(Clone, Debug)]
pub struct Matcher {
    /// The label.
    pub label: String,
    /// What it must say.
    pub rule: MatchRule,
}

/// What a label must say.
#[derive(Clone, Debug)]
pub enum MatchRule {
    /// `=`: this.
    Is(String),
    /// `!=`: anything but this.
    IsNot(String),
    /// `=~`: a text that the anchored expression matches.
    Matches(Regex),
    /// `!~`: a text that it does not match.
    MatchesNot(Regex),
}

impl Matcher {
    /// Whether a label's value satisfies the matcher.
    pub fn is_met_by(&self, value: &str) -> bool {
        match &self.rule {
            MatchRule::Is(wanted) => value == wanted,
            MatchRule::IsNot(unwanted) => value != unwanted,
            MatchRule::Matches(regex) => regex.is_match(value),
            MatchRule::MatchesNot(regex) => !regex.is_match(value),
        }
    }
}

/// A named set of times.
#[derive(Clone, Debug)]
pub struct TimeInterval {
    /// The name that routes use.
    pub name: Name,
    /// The times; one that fits is enough.
    pub spans: Vec<TimeSpan>,
}

/// Times that fit all that is given here; an empty list leaves open what it is about.
#[derive(Clone, Debug)]
pub struct TimeSpan {
    /// Minutes of the day, from the first to before the second: 0 to 1440.
    pub times: Vec<(u16, u16)>,
    /// Days of the week from first to last, Monday being 1 and Sunday 7.
    pub weekdays: Vec<(u8, u8)>,
    /// Days of the month from first to last; negative ones count from its end.
    pub days_of_month: Vec<(i8, i8)>,
    /// Months from first to last.
    pub months: Vec<(u8, u8)>,
    /// Years from first to last.
    pub years: Vec<(i16, i16)>,
    /// The time zone.
    pub zone: TimeZone,
}

/// A regular mail that proves that mail gets out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// The time between two of them.
    pub every: Duration,
    /// Who gets it.
    pub receiver: Name,
}
