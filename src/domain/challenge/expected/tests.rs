//! Claims on what meets an expectation.

use super::*;
use crate::domain::challenge::read;

fn offered(header: &[u8]) -> Vec<Challenge> {
    read(&[header]).challenges
}

fn is_met(expected: &str, header: &str) -> bool {
    let expected = ExpectedChallenge::parse(expected).unwrap();
    offered(header.as_bytes())
        .iter()
        .any(|challenge| expected.is_met_by(challenge))
}

/// What the row shows, the expectation, the header, and whether it is met.
#[rustfmt::skip]
const ROWS: &[(&str, &str, &str, bool)] = &[
    ("scheme without case", "BASIC", "basic realm=\"x\"", true),
    ("a bare scheme takes any of it", "Negotiate", "Negotiate YII=", true),
    ("another scheme", "Basic", "Bearer", false),
    ("name without case", "Basic Realm=x", "Basic rEALM=\"x\"", true),
    ("token equals quoted", "Basic realm=x", "Basic realm=\"x\"", true),
    ("escapes mean nothing", "Basic realm=\"a\\bc\"", "Basic realm=\"ab\\c\"", true),
    ("value with case", "Basic realm=x", "Basic realm=\"X\"", false),
    ("others may be there", "Basic realm=x", "Basic charset=UTF-8, realm=x", true),
    ("a named one is missing", "Basic realm=x, charset=UTF-8", "Basic realm=x", false),
    ("charset without case", "Basic charset=\"utf-8\"", "Basic charset=UTF-8", true),
    ("algorithm without case", "Digest algorithm=sha-256", "Digest algorithm=\"SHA-256\"", true),
    ("stale without case", "Digest stale=true", "Digest stale=\"TRUE\"", true),
    ("userhash without case", "Digest userhash=TRUE", "Digest userhash=true", true),
    ("qop is a set", "Digest qop=auth", "Digest qop=\"auth-int,auth\"", true),
    ("qop in another order", "Digest qop=\"auth, auth-int\"", "Digest qop=\"auth-int,auth\"", true),
    ("qop lacks a member", "Digest qop=\"auth,auth-int\"", "Digest qop=\"auth\"", false),
    ("no part of a member", "Digest qop=auth", "Digest qop=auth-int", false),
    ("scope is a set", "Bearer scope=\"a b\"", "Bearer scope=\"c b a\"", true),
    ("scope with commas inside", "Bearer scope=\"repo:x:pull,push\"", "Bearer scope=\"repo:x:pull,push\"", true),
    ("scope lacks a member", "Bearer scope=\"a b\"", "Bearer scope=\"a c\"", false),
    ("algs is a set", "DPoP algs=ES256", "DPoP algs=\"ES256 PS256\"", true),
    ("star is any value", "Digest nonce=*", "Digest nonce=\"f00\"", true),
    ("star is any value of a set", "Bearer scope=*", "Bearer scope=\"a\"", true),
    ("star wants the parameter", "Digest nonce=*", "Digest realm=x", false),
    ("a quoted star is a star", "Basic realm=\"*\"", "Basic realm=\"x\"", false),
    ("a quoted star meets a star", "Basic realm=\"*\"", "Basic realm=*", true),
    ("token68 equal", "Negotiate YII=", "Negotiate YII=", true),
    ("token68 with case", "Negotiate YII=", "Negotiate yii=", false),
    ("token68 missing", "Negotiate YII=", "Negotiate", false),
    ("the second of a scheme", "Basic realm=b", "Basic realm=a, Basic realm=b", true),
];

#[test]
fn rows_of_meeting_and_missing() {
    for &(name, expected, header, met) in ROWS {
        assert_eq!(is_met(expected, header), met, "{name}");
        let difference = ExpectedChallenge::parse(expected)
            .unwrap()
            .difference(&offered(header.as_bytes()));
        assert_eq!(difference.is_none(), met, "{name}");
    }
}

#[test]
fn a_realm_beyond_ascii_meets_both_encodings() {
    let expected = ExpectedChallenge::parse("Basic realm=\"Caf\u{e9}\"").unwrap();
    let utf8 = offered("Basic realm=\"Caf\u{e9}\"".as_bytes());
    let latin1 = offered(b"Basic realm=\"Caf\xE9\"");
    assert_eq!(expected.difference(&utf8), None);
    assert_eq!(expected.difference(&latin1), None);
    assert!(
        expected
            .difference(&offered(b"Basic realm=\"Cafe\""))
            .is_some()
    );
}

#[test]
fn a_realm_beyond_latin1_meets_utf8() {
    let expected = ExpectedChallenge::parse("Basic realm=\"東京\"").unwrap();
    assert_eq!(
        expected.difference(&offered("Basic realm=\"東京\"".as_bytes())),
        None
    );
}

#[test]
fn a_difference_says_what_is_missing_or_other() {
    let expected = ExpectedChallenge::parse("Digest realm=\"orders\", qop=auth, nonce=*").unwrap();
    let rows: [(&[u8], &str); 4] = [
        (b"", "no digest challenge on offer, nor any other"),
        (
            b"Bearer, Basic realm=x",
            "no digest challenge on offer, only bearer, basic",
        ),
        (
            b"Digest realm=\"custom\\ners\", qop=\"auth\"",
            "digest: `realm` is \"customners\" instead of \"orders\"; `nonce` is missing",
        ),
        (
            b"Digest, Digest realm=orders, nonce=1, qop=\"auth-int\"",
            "digest: `qop` is \"auth-int\" without all of \"auth\"",
        ),
    ];
    for (header, difference) in rows {
        assert_eq!(
            expected.difference(&offered(header)).as_deref(),
            Some(difference)
        );
    }
}

#[test]
fn a_text_of_none_or_two_challenges_is_a_fault() {
    let kind = |text: &str| {
        let fault = ExpectedChallenge::parse(text).unwrap_err();
        (fault.column, fault.kind)
    };
    assert_eq!(kind(""), (0, SyntaxFaultKind::NoChallenge));
    assert_eq!(kind(" , "), (0, SyntaxFaultKind::NoChallenge));
    assert_eq!(
        kind("Basic realm=x, Bearer"),
        (15, SyntaxFaultKind::SeveralChallenges)
    );
    assert_eq!(
        kind("charset=\"UTF-8\""),
        (
            0,
            SyntaxFaultKind::ParamWithoutScheme {
                name: "charset".to_owned()
            }
        )
    );
}

#[test]
fn an_expected_challenge_prints_as_it_was_written() {
    let text = "Digest realm=\"Caf\u{e9} \\\"x\\\"\", nonce=*";
    let expected: ExpectedChallenge = format!(" {text}\n").parse().unwrap();
    assert_eq!(expected.to_string(), text);
    assert_eq!(expected.scheme(), "digest");
}
