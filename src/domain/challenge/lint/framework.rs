//! Rules of RFC 9110 that hold for every scheme.

use super::{Findings, scheme_of, shown};
use crate::domain::advice::AdviceCode;
use crate::domain::challenge::excerpt::excerpt;
use crate::domain::challenge::{Challenge, Form, Reading};

/// IANA's registry of HTTP authentication schemes, in lower case.
pub const REGISTERED: &[&str] = &[
    "basic",
    "bearer",
    "concealed",
    "digest",
    "dpop",
    "gnap",
    "hoba",
    "mutual",
    "negotiate",
    "oauth",
    "privatetoken",
    "scram-sha-1",
    "scram-sha-256",
    "vapid",
];

/// Schemes that define an opaque word in a challenge, or that rules of their own speak about.
const OPAQUE: &[&str] = &["bearer", "kerberos", "negotiate", "nego2", "ntlm"];

/// What can be said of the header as a whole.
pub(super) fn lint(reading: &Reading, out: &mut Findings<'_>) {
    let manners = &reading.manners;
    let asked = matches!(out.context.status, 401 | 407);
    out.add_if(
        asked && manners.lines > 0 && reading.challenges.is_empty(),
        AdviceCode::NoChallenge,
        || "the field is there and holds no challenge; at least one is due".to_owned(),
    );
    out.add_if(manners.empty_elements > 0, AdviceCode::EmptyElement, || {
        let count = manners.empty_elements;
        format!("empty list elements: {count}; a sender leaves no comma without an element")
    });
    if let Some(name) = &manners.duplicate {
        out.add(AdviceCode::DupParam, || {
            format!("`{name}` occurs twice in one challenge; each parameter is sent once")
        });
    }
    if let Some(name) = &manners.spaced_equals {
        out.add(AdviceCode::Bws, || {
            format!("whitespace around the `=` of `{name}`; a sender leaves it out")
        });
    }
    if let Some(name) = &manners.needless_escape {
        out.add(AdviceCode::NeedlessEscape, || {
            format!("`{name}` escapes more than quotes and backslashes, which alone need it")
        });
    }
    lint_lines(reading, out);
}

fn lint_lines(reading: &Reading, out: &mut Findings<'_>) {
    if let Some(name) = &reading.manners.orphan {
        out.add(AdviceCode::OrphanParamLine, || {
            format!("a field line starts with `{name}`; clients that read line by line lose it")
        });
    }
    if let Some(scheme) = &reading.manners.crowded {
        out.add(AdviceCode::MultiOnOneLine, || {
            format!(
                "`{scheme}` shares its field line; a line for each challenge is understood best"
            )
        });
    }
    let mut challenges = reading.challenges.iter();
    let Some(first) = challenges.next().filter(|first| !is_known(&first.scheme)) else {
        return;
    };
    if let Some(known) = challenges.find(|challenge| is_registered(&challenge.scheme)) {
        out.add(AdviceCode::UnknownSchemeFirst, || {
            let (first, known) = (scheme_of(first), scheme_of(known));
            format!(
                "`{first}` stands before `{known}`; many clients stop at a scheme they do not know"
            )
        });
    }
}

/// What can be said of any one challenge.
pub(super) fn lint_challenge(challenge: &Challenge, out: &mut Findings<'_>) {
    out.add_if(
        !is_registered(&challenge.scheme),
        AdviceCode::SchemeUnregistered,
        || {
            format!(
                "`{}` is not in the registry of authentication schemes",
                scheme_of(challenge)
            )
        },
    );
    if let Some(word) = &challenge.token68 {
        let opaque = OPAQUE.contains(&challenge.scheme.as_str());
        out.add_if(!opaque, AdviceCode::Token68, || {
            let (scheme, word) = (scheme_of(challenge), excerpt(word));
            format!("`{scheme} {word}` carries an opaque word; parameters have names and values")
        });
    }
    lint_realm(challenge, out);
}

fn lint_realm(challenge: &Challenge, out: &mut Findings<'_>) {
    let Some(realm) = challenge.find("realm") else {
        return;
    };
    out.add_if(
        realm.form == Form::Token,
        AdviceCode::RealmNotQuoted,
        || {
            let (shown, scheme) = (shown(realm), scheme_of(challenge));
            format!("{shown} of {scheme} is not quoted; a realm is sent as a quoted string")
        },
    );
    out.add_if(!realm.value.is_ascii(), AdviceCode::RealmNonAscii, || {
        format!(
            "{} holds bytes outside ASCII, whose meaning is not defined",
            shown(realm)
        )
    });
}

fn is_registered(scheme: &str) -> bool {
    REGISTERED.contains(&scheme)
}

/// Whether clients at large know the scheme; NTLM is not registered and known all the same.
fn is_known(scheme: &str) -> bool {
    scheme == "ntlm" || is_registered(scheme)
}
