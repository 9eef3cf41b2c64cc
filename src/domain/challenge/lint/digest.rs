//! Rules of RFC 7616.

use std::collections::BTreeSet;

use super::address::WebAddress;
use super::{Findings, shown};
use crate::domain::advice::AdviceCode;
use crate::domain::challenge::excerpt::excerpt;
use crate::domain::challenge::{Challenge, Form, Param};

/// Values that have to be quoted strings, §3.3; the realm has a rule for every scheme.
const QUOTED: &[(&str, AdviceCode)] = &[
    ("domain", AdviceCode::DigestDomainNotQuoted),
    ("nonce", AdviceCode::DigestNonceNotQuoted),
    ("opaque", AdviceCode::DigestOpaqueNotQuoted),
    ("qop", AdviceCode::DigestQopNotQuoted),
];

/// Values that must not be quoted strings, §3.3.
const UNQUOTED: &[(&str, AdviceCode)] = &[
    ("algorithm", AdviceCode::DigestAlgorithmQuoted),
    ("stale", AdviceCode::DigestStaleQuoted),
];

/// What a challenge cannot do without, §3.3.
const REQUIRED: &[(&str, AdviceCode)] = &[
    ("realm", AdviceCode::DigestRealmMissing),
    ("nonce", AdviceCode::DigestNonceMissing),
    ("qop", AdviceCode::DigestQopMissing),
];

/// Judges one Digest challenge.
pub(super) fn lint(challenge: &Challenge, out: &mut Findings<'_>) {
    for (name, code) in REQUIRED {
        out.add_if(challenge.find(name).is_none(), *code, || {
            format!("digest without `{name}`, which every challenge carries")
        });
    }
    lint_forms(challenge, out);
    lint_values(challenge, out);
    if let Some(domain) = challenge.find("domain") {
        lint_domain(domain, out);
    }
}

fn lint_forms(challenge: &Challenge, out: &mut Findings<'_>) {
    for (name, code) in QUOTED {
        let found = challenge
            .find(name)
            .filter(|param| param.form == Form::Token);
        if let Some(param) = found {
            out.add(*code, || {
                format!("{} of digest is not quoted; it has to be", shown(param))
            });
        }
    }
    for (name, code) in UNQUOTED {
        let found = challenge
            .find(name)
            .filter(|param| param.form == Form::Quoted);
        if let Some(param) = found {
            out.add(*code, || {
                format!("{} of digest is quoted; it must not be", shown(param))
            });
        }
    }
}

fn lint_values(challenge: &Challenge, out: &mut Findings<'_>) {
    if let Some(algorithm) = challenge.find("algorithm") {
        out.add_if(
            !is_known(&algorithm.value),
            AdviceCode::DigestAlgorithmUnknown,
            || {
                format!(
                    "{} is not registered; clients skip the challenge",
                    shown(algorithm)
                )
            },
        );
    }
    if let Some(qop) = challenge.find("qop") {
        let known = qop
            .value
            .split(',')
            .any(|value| is_known_qop(value.trim_ascii()));
        out.add_if(!known, AdviceCode::DigestQopUnknown, || {
            format!("{} offers neither auth nor auth-int", shown(qop))
        });
    }
    if let Some(charset) = challenge.find("charset") {
        let utf8 = charset.value.eq_ignore_ascii_case("utf-8");
        out.add_if(!utf8, AdviceCode::DigestCharsetNotUtf8, || {
            format!(
                "{} of digest; the only charset allowed is UTF-8",
                shown(charset)
            )
        });
    }
    if let Some(userhash) = challenge.find("userhash") {
        let known = ["true", "false"]
            .iter()
            .any(|word| userhash.value.eq_ignore_ascii_case(word));
        out.add_if(!known, AdviceCode::DigestUserhashUnknown, || {
            format!("{} is neither true nor false", shown(userhash))
        });
    }
}

fn lint_domain(domain: &Param, out: &mut Findings<'_>) {
    for uri in domain.value.split_ascii_whitespace() {
        out.add_if(is_file_path(uri), AdviceCode::DomainFilePath, || {
            format!(
                "domain names `{}`, a path on a disk; it takes URIs",
                excerpt(uri)
            )
        });
        let foreign = is_foreign(uri, &out.context.origin);
        out.add_if(foreign, AdviceCode::DomainForeignOrigin, || {
            format!(
                "domain names `{}`, another origin; it gets the credentials too",
                excerpt(uri)
            )
        });
    }
}

/// Judges what a client may choose from, §3.7: the strongest first, each algorithm once.
pub(super) fn lint_choice(challenges: &[Challenge], out: &mut Findings<'_>) {
    let digests = || {
        challenges
            .iter()
            .filter(|challenge| challenge.scheme == "digest")
    };
    let Some(first) = digests().next() else {
        return;
    };
    let stronger = digests().find(|challenge| !is_md5(challenge));
    match stronger {
        None => out.add(AdviceCode::DigestMd5Only, || {
            "digest with MD5 only; SHA-256 is what every implementation has".to_owned()
        }),
        Some(challenge) => out.add_if(is_md5(first), AdviceCode::Md5First, || {
            let stronger = excerpt(algorithm(challenge));
            format!("digest with MD5 stands before `{stronger}`; the strongest comes first")
        }),
    }
    let mut seen = BTreeSet::new();
    let twice = digests().find(|challenge| {
        let realm = challenge.param("realm");
        !seen.insert((algorithm(challenge).to_ascii_lowercase(), realm))
    });
    if let Some(challenge) = twice {
        out.add(AdviceCode::DigestSameAlgorithm, || {
            let algorithm = excerpt(algorithm(challenge));
            format!("two digest challenges for one realm with `{algorithm}`; each takes another")
        });
    }
}

/// The algorithm asked for; MD5 where none is named.
fn algorithm(challenge: &Challenge) -> &str {
    challenge.param("algorithm").unwrap_or("MD5")
}

fn is_md5(challenge: &Challenge) -> bool {
    let algorithm = algorithm(challenge);
    algorithm.eq_ignore_ascii_case("md5") || algorithm.eq_ignore_ascii_case("md5-sess")
}

/// Whether IANA lists the algorithm, here or for Digest AKA (RFC 3310, RFC 4169).
fn is_known(algorithm: &str) -> bool {
    let lower = excerpt(algorithm).to_ascii_lowercase();
    let base = lower.strip_suffix("-sess").unwrap_or(&lower);
    matches!(base, "md5" | "sha-256" | "sha-512-256") || lower.starts_with("akav")
}

fn is_known_qop(value: &str) -> bool {
    value.eq_ignore_ascii_case("auth") || value.eq_ignore_ascii_case("auth-int")
}

fn is_foreign(uri: &str, origin: &str) -> bool {
    match (WebAddress::of(uri), WebAddress::of(origin)) {
        (Some(named), Some(own)) => !named.is_same_origin(&own),
        (None, _) | (_, None) => false,
    }
}

/// Whether the word names a file rather than a resource, in a way that no URI does by chance.
fn is_file_path(word: &str) -> bool {
    let drive =
        matches!(word.as_bytes(), [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic());
    let file = word
        .get(..5)
        .is_some_and(|start| start.eq_ignore_ascii_case("file:"));
    drive || file || word.contains('\\') || word.starts_with("/var/www/")
}
