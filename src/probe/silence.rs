//! Why no usable answer came: reads reqwest's errors and the marks of the trace.
//!
//! An error of reqwest is a chain in which the telling cause sits deep, and `io::Error` hides what
//! it wraps from `source`, so the chain is walked by hand.

use std::error::Error;
use std::io;

use rustls::{AlertDescription, CertificateError};

use super::trace::{Marks, Stage};
use crate::domain::finding::Reason;
use crate::domain::observation::Silence;

fn silence(reason: Reason, detail: impl Into<String>) -> Silence {
    Silence {
        reason,
        detail: detail.into(),
    }
}

/// Why the header section of an answer did not come.
pub(super) fn of_error(error: &reqwest::Error, marks: &Marks, proxied: bool) -> Silence {
    if let Some(tls) = find::<rustls::Error>(error) {
        return of_tls(tls, marks);
    }
    if refused_after_handshake(error, marks) {
        return silence(
            Reason::TlsRefused,
            "the server asked for a client certificate and closed the connection",
        );
    }
    if proxied && marks.stage() < Stage::Handshake {
        return silence(
            Reason::ProxyFailure,
            format!("no connection by the proxy: {}", innermost(error)),
        );
    }
    if error.is_dns() || marks.stage() == Stage::Resolving {
        return silence(Reason::DnsFailure, innermost(error));
    }
    if let Some(found) = of_http(error) {
        return found;
    }
    match innermost_io(error) {
        Some(io) => of_io(io, marks.stage()),
        None => silence(Reason::ProbeFailed, innermost(error)),
    }
}

/// Why nothing came in time: the phase that the deadline cut.
pub(super) fn of_timeout(marks: &Marks, proxied: bool) -> Silence {
    match (marks.stage(), proxied) {
        (Stage::Resolving | Stage::Connecting, true) => {
            silence(Reason::ProxyFailure, "no connection by the proxy in time")
        }
        (Stage::Resolving, false) => {
            silence(Reason::DnsFailure, "the name did not resolve in time")
        }
        (Stage::Connecting, false) => silence(Reason::ConnectTimeout, "no TCP connection in time"),
        (Stage::Handshake, _) => silence(Reason::Timeout, "the TLS handshake did not end in time"),
        (Stage::Exchange, _) => silence(
            Reason::Timeout,
            "the connection was made, but no whole header section came",
        ),
    }
}

/// Why a body broke off.
pub(super) fn of_body_error(error: &reqwest::Error) -> Silence {
    if let Some(found) = of_http(error) {
        return found;
    }
    match innermost_io(error) {
        Some(io) => of_io(io, Stage::Exchange),
        None => silence(Reason::ProtocolError, innermost(error)),
    }
}

/// The body did not end before the deadline.
pub(super) fn of_stalled_body() -> Silence {
    silence(Reason::Timeout, "the body did not end in time")
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the enum of another crate may grow"
)]
fn of_tls(error: &rustls::Error, marks: &Marks) -> Silence {
    match error {
        rustls::Error::InvalidCertificate(fault) => {
            silence(Reason::CertificateInvalid, certificate_fault(fault))
        }
        rustls::Error::AlertReceived(alert) if is_refusal(*alert, marks) => silence(
            Reason::TlsRefused,
            format!("the server refused the client certificate or its absence (alert {alert:?})"),
        ),
        rustls::Error::AlertReceived(alert) => silence(
            Reason::TlsFailure,
            format!("the server sent the alert {alert:?}"),
        ),
        rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType) => silence(
            Reason::TlsFailure,
            "what came back is not TLS: does the port speak plain HTTP?",
        ),
        other => silence(Reason::TlsFailure, other.to_string()),
    }
}

/// Whether an alert is about the client's certificate (RFC 8446 §6.2).
fn is_refusal(alert: AlertDescription, marks: &Marks) -> bool {
    let of_certificate = [
        AlertDescription::CertificateRequired,
        AlertDescription::BadCertificate,
        AlertDescription::UnsupportedCertificate,
        AlertDescription::CertificateRevoked,
        AlertDescription::CertificateExpired,
        AlertDescription::CertificateUnknown,
        AlertDescription::UnknownCA,
        AlertDescription::AccessDenied,
    ];
    // TLS 1.2 has no alert of its own for a missing certificate.
    let may_be = [
        AlertDescription::HandshakeFailure,
        AlertDescription::DecryptError,
    ];
    of_certificate.contains(&alert) || marks.certificate_requested && may_be.contains(&alert)
}

/// Under TLS 1.3 the server refuses after the client has begun to send; its alert can then be lost
/// to the reset that follows.
fn refused_after_handshake(error: &reqwest::Error, marks: &Marks) -> bool {
    let broke = innermost_io(error).is_some_and(|io| {
        matches!(
            io.kind(),
            io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::UnexpectedEof
        )
    });
    let closed = find::<hyper::Error>(error)
        .is_some_and(|http| http.is_incomplete_message() || http.is_closed() || http.is_canceled());
    marks.certificate_requested && (broke || closed)
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the enum of another crate may grow"
)]
fn certificate_fault(fault: &CertificateError) -> String {
    match fault {
        CertificateError::Expired => "the certificate has expired".to_owned(),
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("the certificate expired on {}", date(not_after.as_secs()))
        }
        CertificateError::NotValidYet => "the certificate is not valid yet".to_owned(),
        CertificateError::NotValidYetContext { not_before, .. } => {
            format!(
                "the certificate is not valid before {}",
                date(not_before.as_secs())
            )
        }
        CertificateError::UnknownIssuer => {
            "no trusted authority issued the certificate (self-signed, or an unknown or missing \
             intermediate)"
                .to_owned()
        }
        CertificateError::NotValidForName => "the certificate is for another name".to_owned(),
        CertificateError::NotValidForNameContext {
            expected,
            presented,
        } => format!(
            "the certificate is not for `{}` but for {}",
            expected.to_str(),
            names(presented)
        ),
        CertificateError::Revoked => "the certificate was revoked".to_owned(),
        other => other.to_string(),
    }
}

/// The names that a certificate speaks for, which rustls gives in the form of its own types:
/// `DnsName("a.example.com")`.
fn names(presented: &[String]) -> String {
    let plain = |name: &String| {
        let inner = name
            .split_once('(')
            .map_or(name.as_str(), |(_, inner)| inner);
        inner.trim_end_matches(')').trim_matches('"').to_owned()
    };
    match presented {
        [] => "no name".to_owned(),
        some => some.iter().map(plain).collect::<Vec<_>>().join(", "),
    }
}

fn date(seconds: u64) -> String {
    let timestamp = i64::try_from(seconds)
        .ok()
        .and_then(|s| jiff::Timestamp::from_second(s).ok());
    timestamp.map_or_else(|| format!("{seconds} s"), |timestamp| timestamp.to_string())
}

/// What the HTTP libraries say.
fn of_http(error: &reqwest::Error) -> Option<Silence> {
    if let Some(h2) = find::<h2::Error>(error).filter(|h2| h2.get_io().is_none()) {
        let reason = if h2.is_remote() {
            Reason::ConnectionReset
        } else {
            Reason::ProtocolError
        };
        return Some(silence(reason, format!("HTTP/2: {h2}")));
    }
    let http = find::<hyper::Error>(error)?;
    if http.is_parse_too_large() {
        return Some(silence(
            Reason::ResponseTooLarge,
            "the header section is too large to read",
        ));
    }
    if http.is_parse() || http.is_parse_status() {
        return Some(silence(
            Reason::ProtocolError,
            format!("not HTTP: {}", innermost(error)),
        ));
    }
    if http.is_incomplete_message() {
        let detail = "the server closed the connection before the end of its answer";
        return Some(silence(Reason::ConnectionReset, detail));
    }
    if innermost_io(error).is_none() && (http.is_closed() || http.is_canceled()) {
        return Some(silence(
            Reason::ConnectionReset,
            "the connection was closed",
        ));
    }
    None
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the enum of another crate may grow"
)]
fn of_io(error: &io::Error, stage: Stage) -> Silence {
    /// `EMFILE` and `ENFILE`, which have no kind of their own.
    const NO_MORE_FILES: [i32; 2] = [24, 23];
    let text = innermost(error);
    if error
        .raw_os_error()
        .is_some_and(|code| NO_MORE_FILES.contains(&code))
    {
        return silence(
            Reason::ProbeFailed,
            format!("this process may open no more files: {text}"),
        );
    }
    let reason = match error.kind() {
        io::ErrorKind::ConnectionRefused => Reason::ConnectRefused,
        io::ErrorKind::TimedOut if stage < Stage::Handshake => Reason::ConnectTimeout,
        io::ErrorKind::TimedOut => Reason::Timeout,
        io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkDown
        | io::ErrorKind::AddrNotAvailable
        | io::ErrorKind::PermissionDenied => Reason::Unreachable,
        io::ErrorKind::UnexpectedEof if stage == Stage::Handshake => Reason::TlsFailure,
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::NotConnected
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => Reason::ConnectionReset,
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Reason::ProtocolError,
        _ if stage == Stage::Handshake => Reason::TlsFailure,
        _ if stage < Stage::Handshake => Reason::Unreachable,
        _ => Reason::ConnectionReset,
    };
    silence(reason, text)
}

/// The first error of this type in the chain, also inside an `io::Error` or an error of h2.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(current) = next {
        if let Some(found) = current.downcast_ref::<T>() {
            return Some(found);
        }
        next = below(current);
    }
    None
}

/// The deepest `io::Error`: those around it only say that there is one.
fn innermost_io<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a io::Error> {
    let mut deepest = None;
    let mut next = Some(error);
    while let Some(current) = next {
        deepest = current.downcast_ref::<io::Error>().or(deepest);
        next = below(current);
    }
    deepest
}

fn below<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    if let Some(io) = error.downcast_ref::<io::Error>() {
        return io.get_ref().map(|inner| inner as &(dyn Error + 'static));
    }
    if let Some(io) = error
        .downcast_ref::<h2::Error>()
        .and_then(h2::Error::get_io)
    {
        return Some(io);
    }
    error.source()
}

/// The text of the deepest cause, which is the one that tells something.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut current = error;
    while let Some(deeper) = below(current) {
        current = deeper;
    }
    current.to_string()
}
