//! What each reason comes to in a few words, for the subject of a mail.

use crate::domain::finding::Reason;

/// What is wrong, in a few words that go on after the name of a check and a colon.
///
/// ```
/// use authvigil::domain::explanation::phrase;
/// use authvigil::domain::finding::Reason;
/// assert_eq!(phrase(Reason::AnonymousAdmitted), "let in without credentials");
/// ```
pub fn phrase(reason: Reason) -> &'static str {
    match reason {
        Reason::AnonymousAdmitted => "let in without credentials",
        Reason::InvalidAdmitted => "let in with a made-up credential",
        Reason::ImpostorAdmitted => "let in with a credential that must be refused",
        Reason::CredentialRejected => "the rightful credential is rejected",
        Reason::CredentialExpired => "the rightful credential has expired",
        Reason::CredentialForbidden => "the rightful credential is forbidden",
        Reason::CredentialRedirected => "the rightful holder is sent elsewhere",
        Reason::AccountLocked => "the account is locked",
        Reason::TokenUnavailable => "no token or session to be had",
        Reason::DnsFailure => "the name does not resolve",
        Reason::ConnectRefused => "connection refused",
        Reason::ConnectTimeout => "no connection in time",
        Reason::Unreachable => "no route to the host",
        Reason::ConnectionReset => "the connection breaks before an answer",
        Reason::TlsFailure => "the TLS handshake fails",
        Reason::TlsRefused => "the client certificate, or its absence, is refused",
        Reason::CertificateInvalid => "the server's certificate does not hold",
        Reason::ProxyFailure => "the proxy does not pass the request on",
        Reason::Timeout => "no whole answer in time",
        Reason::ProtocolError => "the answer is not HTTP",
        Reason::ResponseTooLarge => "the answer is beyond what is read",
        Reason::ServerError => "server error",
        Reason::RateLimited => "rate limited",
        Reason::ForbiddenInstead => "refused with 403 in place of the agreed answer",
        Reason::NotFound => "not found",
        Reason::Redirected => "refused with a redirect",
        Reason::LoginPage => "a login page in place of a refusal",
        Reason::UnexpectedStatus => "another status than the agreed one",
        Reason::ChallengeMissing => "a 401 without a challenge",
        Reason::ChallengeMalformed => "the challenge breaks the grammar",
        Reason::ChallengeMismatch => "not the challenge that was agreed",
        Reason::ChallengeUnexpected => "a challenge where none was agreed",
        Reason::ChallengeChanged => "the challenge has changed",
        Reason::ChallengeInsecure => "a weak way to log in is on offer",
        Reason::HeaderMismatch => "a header is not as expected",
        Reason::BodyMismatch => "the body is not as expected",
        Reason::TooSlow => "slower than agreed",
        Reason::CertificateExpiring => "a certificate expires soon",
        Reason::CredentialExpiring => "the credential expires soon",
        Reason::Cacheable => "a shared cache may keep the answer",
        Reason::AuthenticationInfoMismatch => "the server's proof of the password is wrong",
        Reason::SecretUnavailable => "a secret cannot be read",
        Reason::NotProbed => "no recent verdict",
        Reason::ProbeFailed => "the probe itself fails",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_reason_has_a_short_phrase_of_its_own() {
        let phrases: BTreeSet<&str> = Reason::ALL.iter().map(|reason| phrase(*reason)).collect();
        assert_eq!(phrases.len(), Reason::ALL.len());
        for text in phrases {
            assert!((5..=50).contains(&text.len()), "{text}");
            assert!(!text.ends_with('.') && text.is_ascii(), "{text}");
        }
    }
}
