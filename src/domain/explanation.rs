//! What each reason and each lint means, and what to do about it.
//!
//! In comes a code; out goes its page, for `authvigil explain`, for mails and for the reference.
//! The pages are data: a title is one line, every other text is sentences with backticks round what
//! what is typed or seen literally, and whoever shows them wraps them.
//! Capitals such as `URL`, `HOST`, `FILE` and `NAME` are for the reader to fill in.
//!
//! **Invariant:** every reason has a page, and no page holds what a server or a user wrote.

mod answer;
mod bypass;
mod challenge;
mod denial;
mod internal;
mod lint;
mod lockout;
mod network;
mod phrase;
mod piece;
mod reference;
mod response;
mod tls;

pub use phrase::phrase;
pub use piece::{Piece, pieces};
pub use reference::reference;

use super::finding::Reason;

/// The page for a reason or a lint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The stable name of the reason or lint.
    pub code: &'static str,
    /// One line, without a period.
    pub title: &'static str,
    /// What is known when this is reported, in one to three sentences.
    pub meaning: &'static str,
    /// What may lie behind it, likeliest first.
    pub causes: &'static [&'static str],
    /// What to look at or change, in this order; for a lint, how to mend it.
    pub first_steps: &'static [&'static str],
    /// The section of a standard, or the promise, that is broken, and what it says.
    pub rule: &'static str,
    /// Codes of pages worth reading next.
    pub related: &'static [&'static str],
}

/// The page of a reason.
pub fn of_reason(reason: Reason) -> &'static Explanation {
    match reason {
        Reason::AnonymousAdmitted => &bypass::ANONYMOUS_ADMITTED,
        Reason::InvalidAdmitted => &bypass::INVALID_ADMITTED,
        Reason::ImpostorAdmitted => &bypass::IMPOSTOR_ADMITTED,
        Reason::CredentialRejected => &lockout::CREDENTIAL_REJECTED,
        Reason::CredentialExpired => &lockout::CREDENTIAL_EXPIRED,
        Reason::CredentialForbidden => &lockout::CREDENTIAL_FORBIDDEN,
        Reason::CredentialRedirected => &lockout::CREDENTIAL_REDIRECTED,
        Reason::AccountLocked => &lockout::ACCOUNT_LOCKED,
        Reason::TokenUnavailable => &lockout::TOKEN_UNAVAILABLE,
        Reason::DnsFailure => &network::DNS_FAILURE,
        Reason::ConnectRefused => &network::CONNECT_REFUSED,
        Reason::ConnectTimeout => &network::CONNECT_TIMEOUT,
        Reason::Unreachable => &network::UNREACHABLE,
        Reason::ConnectionReset => &network::CONNECTION_RESET,
        Reason::TlsFailure => &tls::TLS_FAILURE,
        Reason::TlsRefused => &tls::TLS_REFUSED,
        Reason::CertificateInvalid => &tls::CERTIFICATE_INVALID,
        Reason::ProxyFailure => &network::PROXY_FAILURE,
        Reason::Timeout => &answer::TIMEOUT,
        Reason::ProtocolError => &answer::PROTOCOL_ERROR,
        Reason::ResponseTooLarge => &answer::RESPONSE_TOO_LARGE,
        Reason::ServerError => &answer::SERVER_ERROR,
        Reason::RateLimited => &answer::RATE_LIMITED,
        Reason::ForbiddenInstead => &denial::FORBIDDEN_INSTEAD,
        Reason::NotFound => &denial::NOT_FOUND,
        Reason::Redirected => &denial::REDIRECTED,
        Reason::LoginPage => &denial::LOGIN_PAGE,
        Reason::UnexpectedStatus => &denial::UNEXPECTED_STATUS,
        Reason::ChallengeMissing => &challenge::CHALLENGE_MISSING,
        Reason::ChallengeMalformed => &challenge::CHALLENGE_MALFORMED,
        Reason::ChallengeMismatch => &challenge::CHALLENGE_MISMATCH,
        Reason::ChallengeUnexpected => &challenge::CHALLENGE_UNEXPECTED,
        Reason::ChallengeChanged => &challenge::CHALLENGE_CHANGED,
        Reason::ChallengeInsecure => &challenge::CHALLENGE_INSECURE,
        Reason::HeaderMismatch => &response::HEADER_MISMATCH,
        Reason::BodyMismatch => &response::BODY_MISMATCH,
        Reason::TooSlow => &response::TOO_SLOW,
        Reason::CertificateExpiring => &response::CERTIFICATE_EXPIRING,
        Reason::CredentialExpiring => &response::CREDENTIAL_EXPIRING,
        Reason::Cacheable => &response::CACHEABLE,
        Reason::AuthenticationInfoMismatch => &response::AUTHENTICATION_INFO_MISMATCH,
        Reason::SecretUnavailable => &internal::SECRET_UNAVAILABLE,
        Reason::NotProbed => &internal::NOT_PROBED,
        Reason::ProbeFailed => &internal::PROBE_FAILED,
    }
}

/// The page with this code, whatever its letter case, with `-` and `_` alike.
///
/// ```
/// use authvigil::domain::explanation::find;
/// assert_eq!(find("Anonymous-Admitted").map(|page| page.code), Some("anonymous_admitted"));
/// assert_eq!(find("no-such-code"), None);
/// ```
pub fn find(code: &str) -> Option<&'static Explanation> {
    all().find(|page| is_same_code(page.code, code))
}

/// Every page: reasons in table order, then the lints.
pub fn all() -> impl Iterator<Item = &'static Explanation> {
    let reasons = Reason::ALL.iter().map(|reason| of_reason(*reason));
    reasons.chain(lints())
}

/// The pages of the lints, by subject.
pub fn lints() -> impl Iterator<Item = &'static Explanation> {
    lint::GROUPS.iter().flat_map(|(_, pages)| pages.iter())
}

fn is_same_code(left: &str, right: &str) -> bool {
    let folded = |byte: u8| match byte {
        b'_' => b'-',
        other => other.to_ascii_lowercase(),
    };
    left.bytes().map(folded).eq(right.bytes().map(folded))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::advice::AdviceCode;

    fn sentences(page: &Explanation) -> impl Iterator<Item = &'static str> {
        let lists = page.causes.iter().chain(page.first_steps).copied();
        [page.meaning, page.rule].into_iter().chain(lists)
    }

    #[test]
    fn the_page_of_a_reason_bears_its_name_and_begins_its_rule_alike() {
        for reason in Reason::ALL {
            let page = of_reason(*reason);
            assert_eq!(page.code, reason.as_str());
            let (rule, short) = (page.rule.to_lowercase(), reason.rule().to_lowercase());
            assert!(rule.starts_with(&short), "{reason}: {rule}");
        }
    }

    #[test]
    fn the_lints_have_a_page_each_that_names_the_same_rule() {
        let codes: BTreeSet<&str> = AdviceCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(
            lints().map(|page| page.code).collect::<BTreeSet<_>>(),
            codes
        );
        for code in AdviceCode::ALL {
            let rule = find(code.as_str()).map(|page| page.rule.to_lowercase());
            let short = code.rule().to_lowercase();
            assert!(
                rule.is_some_and(|rule| rule.contains(&short)),
                "{code}: {short}"
            );
        }
    }

    #[test]
    fn codes_are_unique_however_they_are_spelt() {
        let codes: BTreeSet<String> = all()
            .map(|page| page.code.to_lowercase().replace('_', "-"))
            .collect();
        assert_eq!(codes.len(), all().count());
    }

    #[test]
    fn every_list_has_entries_and_those_of_reasons_three_to_six() {
        for page in all() {
            assert!(!page.causes.is_empty(), "{}", page.code);
            assert!(!page.first_steps.is_empty(), "{}", page.code);
            assert!(!page.related.is_empty(), "{}", page.code);
        }
        for page in Reason::ALL.iter().map(|reason| of_reason(*reason)) {
            assert!((3..=6).contains(&page.causes.len()), "{}", page.code);
            assert!((3..=6).contains(&page.first_steps.len()), "{}", page.code);
        }
    }

    #[test]
    fn a_title_is_one_short_line_without_a_period() {
        for page in all() {
            assert!(page.title.chars().count() <= 80, "{}", page.code);
            assert!(!page.title.ends_with('.'), "{}", page.code);
            assert!(!page.title.contains('\n'), "{}", page.code);
        }
    }

    #[test]
    fn a_text_ends_with_a_period_closes_its_backticks_and_holds_no_line_break() {
        for (page, text) in all().flat_map(|page| sentences(page).map(move |text| (page, text))) {
            assert!(text.ends_with('.'), "{}: {text}", page.code);
            assert_eq!(text.matches('`').count() % 2, 0, "{}: {text}", page.code);
            assert!(!text.contains(['\n', '\t']), "{}: {text}", page.code);
            assert!(!text.contains("  "), "{}: {text}", page.code);
        }
    }

    #[test]
    fn no_text_stands_on_two_pages() {
        let mut seen = BTreeSet::new();
        for text in all().flat_map(sentences) {
            assert!(seen.insert(text), "twice: {text}");
        }
    }

    #[test]
    fn first_steps_name_a_command_a_header_or_a_key() {
        for page in all() {
            let is_concrete = page.first_steps.iter().any(|step| step.contains('`'));
            assert!(is_concrete, "{}", page.code);
        }
    }

    #[test]
    fn related_codes_lead_to_other_pages_and_are_spelt_as_these_are() {
        for page in all() {
            for code in page.related {
                assert_eq!(
                    find(code).map(|other| other.code),
                    Some(*code),
                    "{}",
                    page.code
                );
                assert_ne!(*code, page.code);
            }
        }
    }

    #[test]
    fn a_page_is_found_by_either_spelling() {
        for page in all() {
            for spelling in [page.code.replace('_', "-"), page.code.replace('-', "_")] {
                assert_eq!(find(&spelling), Some(page));
                assert_eq!(find(&spelling.to_uppercase()), Some(page));
            }
        }
        assert_eq!(find(""), None);
    }
}
