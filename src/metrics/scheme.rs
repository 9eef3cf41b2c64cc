//! Schemes as labels: those that have a name of their own here, and all others together.
//!
//! What a server calls its scheme is its own choice, so that no label may be made from it.

use std::collections::BTreeSet;

use crate::domain::challenge::{Challenge, REGISTERED, read};
use crate::domain::observation::Answer;

/// Schemes that are met without being registered, in lower case.
pub(super) const WELL_KNOWN: [&str; 9] = [
    "apikey",
    "aws4-hmac-sha256",
    "hawk",
    "jwt",
    "kerberos",
    "ntlm",
    "signature",
    "token",
    "xbasic",
];

/// The label of every other scheme.
pub(super) const OTHER: &str = "other";

/// How much is read of one line, and of all lines, in bytes.
///
/// It is read anew at each scrape, so that a server that sends tens of thousands of challenges must
/// not hold a scrape up. A token of Negotiate may be longer; its scheme stands at the start.
const LINE: usize = 4 * 1024;
const LINES: usize = 8 * 1024;

/// The labels of the schemes that an answer offers, each once, in order.
pub(super) fn labels(answer: &Answer) -> BTreeSet<&'static str> {
    let mut left = LINES;
    let mut lines: Vec<&[u8]> = Vec::new();
    for field in answer.lines("www-authenticate") {
        let readable = field.value.len().min(LINE).min(left);
        left -= readable;
        lines.extend(field.value.get(..readable));
    }
    read(&lines).challenges.iter().map(label).collect()
}

fn label(challenge: &Challenge) -> &'static str {
    let mut known = REGISTERED.iter().chain(&WELL_KNOWN);
    known
        .find(|scheme| **scheme == challenge.scheme)
        .map_or(OTHER, |scheme| scheme)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::advice::AdviceCode;
    use crate::domain::challenge::{LintContext, lint};
    use crate::domain::observation::{Body, Field, HttpVersion};

    fn of(lines: &[&str]) -> Vec<&'static str> {
        let field = |line: &&str| Field {
            name: http::header::WWW_AUTHENTICATE,
            value: line.as_bytes().to_vec(),
        };
        let answer = Answer {
            status: 401,
            http_version: HttpVersion::Http11,
            fields: lines.iter().map(field).collect(),
            body: Body::default(),
            first_location: None,
        };
        labels(&answer).into_iter().collect()
    }

    fn passes_for_registered(scheme: &str) -> bool {
        let advice = lint(&read(&[scheme]), &LintContext::default());
        advice
            .iter()
            .all(|advice| advice.code != AdviceCode::SchemeUnregistered)
    }

    #[test]
    fn a_scheme_that_is_offered_twice_is_one_label() {
        let lines = [
            "Basic realm=a",
            "BASIC realm=b, Digest realm=c, nonce=d",
            "NTLM",
        ];
        assert_eq!(of(&lines), ["basic", "digest", "ntlm"]);
    }

    #[test]
    fn what_a_server_makes_up_is_other() {
        assert_eq!(
            of(&["Newauth a=b", "x-evil", "Basic realm=a"]),
            ["basic", "other"]
        );
    }

    #[test]
    fn no_challenge_is_no_label() {
        assert_eq!(of(&[]), [""; 0]);
    }

    #[test]
    fn a_long_token_hides_no_scheme_behind_it() {
        let negotiate = format!("Negotiate {}", "a".repeat(12_000));
        assert_eq!(of(&[&negotiate, "Basic realm=a"]), ["basic", "negotiate"]);
    }

    #[test]
    fn tens_of_thousands_of_challenges_are_not_read_to_their_end() {
        let crowd = "A,".repeat(30_000);
        assert_eq!(of(&[&crowd, "B", &crowd, "Basic realm=a"]), ["other"]);
    }

    #[test]
    fn the_lint_for_unregistered_schemes_knows_the_same_registry() {
        assert!(
            REGISTERED
                .iter()
                .all(|scheme| passes_for_registered(scheme))
        );
        assert!(
            WELL_KNOWN
                .iter()
                .all(|scheme| !passes_for_registered(scheme))
        );
    }
}
