//! What can be wrong: classes, severities, the closed list of reasons, findings and verdicts.

use std::fmt;

/// What a check concludes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The lock holds, and everything expected was met.
    Pass,
    /// Something is wrong, and an answer shows it.
    Fail,
    /// No verdict on the lock is possible.
    Unknown,
}

impl Verdict {
    /// The stable name: a metric label and a JSON value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
        }
    }
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// A ticket.
    Warning,
    /// A page.
    Critical,
}

impl Severity {
    /// The stable name: a metric label and a JSON value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// What kind of thing is wrong: incidents, routes and severities go by class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Somebody got in who must not.
    Bypass,
    /// The rightful holder did not get in.
    Lockout,
    /// No usable answer.
    Outage,
    /// Refused, or lost, but not in the agreed way.
    Denial,
    /// The challenge is not the agreed one.
    Challenge,
    /// The answer is not the agreed one in some other way.
    Response,
    /// This monitor could not do its work.
    Internal,
}

impl Class {
    /// Every class, gravest first.
    pub const ALL: [Self; 7] = [
        Self::Bypass,
        Self::Lockout,
        Self::Outage,
        Self::Denial,
        Self::Challenge,
        Self::Response,
        Self::Internal,
    ];

    /// The stable name: a metric label, a JSON value and a configuration key.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bypass => "bypass",
            Self::Lockout => "lockout",
            Self::Outage => "outage",
            Self::Denial => "denial",
            Self::Challenge => "challenge",
            Self::Response => "response",
            Self::Internal => "internal",
        }
    }

    /// Whether a finding of this class means that no verdict on the lock is possible.
    pub fn is_unknown(self) -> bool {
        matches!(self, Self::Outage | Self::Internal)
    }
}

/// Declares the reasons once: name, class, rule.
macro_rules! reasons {
    ($($(#[$doc:meta])+ $variant:ident, $name:literal, $class:ident, $rule:literal;)+) => {
        /// Why a verdict is what it is. The list is closed; names are stable.
        ///
        /// The order is the order in which ties between equally grave findings are settled.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason { $($(#[$doc])+ $variant,)+ }

        impl Reason {
            /// Every reason, in table order.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The stable name: a metric label, a JSON value and a page of `explain`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The class that the reason belongs to.
            pub fn class(self) -> Class {
                match self { $(Self::$variant => Class::$class,)+ }
            }

            /// The rule behind it: a section of a standard, or a promise of this program.
            pub fn rule(self) -> &'static str {
                match self { $(Self::$variant => $rule,)+ }
            }
        }
    };
}

reasons! {
    /// A stranger without credentials met a 2xx.
    AnonymousAdmitted, "anonymous_admitted", Bypass, "RFC 9110 §11.4";
    /// A made-up credential met a 2xx.
    InvalidAdmitted, "invalid_admitted", Bypass, "RFC 9110 §11.4";
    /// An impostor met a 2xx.
    ImpostorAdmitted, "impostor_admitted", Bypass, "RFC 9110 §11.4";
    /// The rightful credential met a 401.
    CredentialRejected, "credential_rejected", Lockout, "RFC 9110 §15.5.2";
    /// The rightful credential met a 401 and is known to be past its expiry.
    CredentialExpired, "credential_expired", Lockout, "RFC 9110 §15.5.2";
    /// The rightful credential met a 403.
    CredentialForbidden, "credential_forbidden", Lockout, "RFC 9110 §15.5.4";
    /// The rightful credential met a redirect or a login page.
    CredentialRedirected, "credential_redirected", Lockout, "RFC 9110 §15.4";
    /// The rightful credential met a 423.
    AccountLocked, "account_locked", Lockout, "RFC 4918 §11.3";
    /// The token endpoint or the login gave no token.
    TokenUnavailable, "token_unavailable", Lockout, "RFC 6749 §5.2";
    /// The name did not resolve.
    DnsFailure, "dns_failure", Outage, "RFC 1035 §4.1.1";
    /// The port is closed.
    ConnectRefused, "connect_refused", Outage, "RFC 9293 §3.5.2";
    /// No TCP connection in time.
    ConnectTimeout, "connect_timeout", Outage, "RFC 9293 §3.8.3";
    /// No route to the host.
    Unreachable, "unreachable", Outage, "RFC 1122 §3.2.2.1";
    /// The connection broke before an answer.
    ConnectionReset, "connection_reset", Outage, "RFC 9293 §3.5.2";
    /// The TLS handshake failed.
    TlsFailure, "tls_failure", Outage, "RFC 8446 §6.2";
    /// The server refused the client certificate or its absence.
    TlsRefused, "tls_refused", Outage, "RFC 8446 §6.2";
    /// The server's certificate does not hold.
    CertificateInvalid, "certificate_invalid", Outage, "RFC 5280 §6";
    /// The proxy could not be reached or would not pass the request on.
    ProxyFailure, "proxy_failure", Outage, "RFC 9110 §9.3.6";
    /// No whole answer in time.
    Timeout, "timeout", Outage, "setting `timeout`";
    /// What came back is not HTTP.
    ProtocolError, "protocol_error", Outage, "RFC 9112 §2.2";
    /// The header section is beyond reason, or the body was cut where an expectation needed it.
    ResponseTooLarge, "response_too_large", Outage, "setting `body_size_limit`";
    /// The server answered 5xx.
    ServerError, "server_error", Outage, "RFC 9110 §15.6";
    /// The server answered 429.
    RateLimited, "rate_limited", Outage, "RFC 6585 §4";
    /// Refused with 403 in place of the agreed status.
    ForbiddenInstead, "forbidden_instead", Denial, "RFC 9110 §15.5.4";
    /// 404 or 410.
    NotFound, "not_found", Denial, "RFC 9110 §15.5.5";
    /// Refused with a redirect.
    Redirected, "redirected", Denial, "RFC 9110 §15.4";
    /// Refused with a login page that answers 2xx.
    LoginPage, "login_page", Denial, "RFC 9110 §11.4";
    /// Another status than the agreed one.
    UnexpectedStatus, "unexpected_status", Denial, "RFC 9110 §15";
    /// A 401 without a challenge.
    ChallengeMissing, "challenge_missing", Challenge, "RFC 9110 §11.6.1";
    /// A challenge that breaks the grammar.
    ChallengeMalformed, "challenge_malformed", Challenge, "RFC 9110 §11.3";
    /// Not the challenge that the expectation names.
    ChallengeMismatch, "challenge_mismatch", Challenge, "RFC 9110 §11.6.1";
    /// A challenge where none was expected.
    ChallengeUnexpected, "challenge_unexpected", Challenge, "RFC 9110 §11.6.1";
    /// A challenge that differs from every accepted baseline.
    ChallengeChanged, "challenge_changed", Challenge, "setting `drift`";
    /// A weak scheme on offer, or any over clear text.
    ChallengeInsecure, "challenge_insecure", Challenge, "RFC 7617 §4";
    /// A header is not as expected.
    HeaderMismatch, "header_mismatch", Response, "expectation `headers`";
    /// The body is not as expected.
    BodyMismatch, "body_mismatch", Response, "expectation `body`";
    /// The answer took longer than `max_duration`.
    TooSlow, "too_slow", Response, "expectation `max_duration`";
    /// A certificate in the chain expires soon.
    CertificateExpiring, "certificate_expiring", Response, "RFC 5280 §4.1.2.5";
    /// A credential expires soon.
    CredentialExpiring, "credential_expiring", Response, "RFC 7519 §4.1.4";
    /// A shared cache may keep what only the holder should see.
    Cacheable, "cacheable", Response, "RFC 9111 §3.5";
    /// The server's proof that it knows the password is wrong.
    AuthenticationInfoMismatch, "authentication_info_mismatch", Response, "RFC 7616 §3.5";
    /// A secret could not be read; the probe was not sent.
    SecretUnavailable, "secret_unavailable", Internal, "fail closed: nothing is sent without its secret";
    /// The last verdict is too old, or the probe was held back.
    NotProbed, "not_probed", Internal, "safety for accounts";
    /// The probe itself failed.
    ProbeFailed, "probe_failed", Internal, "a fault of this monitor or its configuration";
}

impl Reason {
    /// The reason with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|reason| reason.as_str() == name)
    }

    /// Whether it says that something ends soon: told once, beside the verdicts of the check where it
    /// is told.
    pub fn is_expiry(self) -> bool {
        matches!(self, Self::CertificateExpiring | Self::CredentialExpiring)
    }

    /// The severity unless an endpoint says otherwise for the class.
    pub fn severity(self) -> Severity {
        match (self, self.class()) {
            (Self::RateLimited, _) => Severity::Warning,
            (_, Class::Bypass | Class::Lockout | Class::Outage) => Severity::Critical,
            (_, Class::Denial | Class::Challenge | Class::Response | Class::Internal) => {
                Severity::Warning
            }
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Why.
    pub reason: Reason,
    /// The severity, after the endpoint's own settings.
    pub severity: Severity,
    /// What should have been met, in words.
    pub expected: String,
    /// What was met, in words.
    pub saw: String,
}

impl Finding {
    /// A finding of the reason's own severity.
    pub fn new(reason: Reason, expected: impl Into<String>, saw: impl Into<String>) -> Self {
        let (expected, saw) = (expected.into(), saw.into());
        Self {
            reason,
            severity: reason.severity(),
            expected,
            saw,
        }
    }
}
