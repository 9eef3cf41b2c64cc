//! Rules of the schemes that have only a few.

use super::address::WebAddress;
use super::{Findings, first_missing, scheme_of};
use crate::domain::advice::AdviceCode;
use crate::domain::challenge::Challenge;

/// RFC 7486 §3.
const HOBA: &[&str] = &["challenge", "max-age"];
/// RFC 8120 §4, as far as each of its three challenges carries it.
const MUTUAL: &[&str] = &["version", "algorithm", "validation", "realm"];

/// Judges a challenge of another scheme than the common ones.
pub(super) fn lint(challenge: &Challenge, out: &mut Findings<'_>) {
    match challenge.scheme.as_str() {
        "negotiate" => lint_connection(challenge, out),
        "ntlm" => {
            lint_connection(challenge, out);
            out.add(AdviceCode::NtlmExposed, || {
                "ntlm on offer; its second leg tells host and domain names to anyone".to_owned()
            });
        }
        "oauth" => out.add(AdviceCode::Oauth1, || {
            "oauth is the scheme of OAuth 1.0; OAuth 2 challenges with bearer or dpop".to_owned()
        }),
        "hoba" => lint_required(challenge, HOBA, AdviceCode::HobaParamMissing, out),
        "mutual" => lint_required(challenge, MUTUAL, AdviceCode::MutualParamMissing, out),
        "privatetoken" => {
            let code = AdviceCode::PrivateTokenChallengeMissing;
            lint_required(challenge, &["challenge"], code, out);
        }
        "gnap" => lint_gnap(challenge, out),
        _ => {}
    }
}

/// Judges what a client may choose from.
pub(super) fn lint_choice(challenges: &[Challenge], out: &mut Findings<'_>) {
    let offers = |scheme: &str| {
        challenges
            .iter()
            .any(|challenge| challenge.scheme == scheme)
    };
    let weak = offers("scram-sha-1") && !offers("scram-sha-256");
    out.add_if(weak, AdviceCode::ScramSha1Only, || {
        "scram-sha-1 on offer without scram-sha-256".to_owned()
    });
}

fn lint_connection(challenge: &Challenge, out: &mut Findings<'_>) {
    out.add_if(
        out.context.http_version_2,
        AdviceCode::ConnectionAuthOverH2,
        || {
            let scheme = scheme_of(challenge);
            format!("{scheme} binds to its connection and is on offer over HTTP/2, which shares it")
        },
    );
}

fn lint_required(challenge: &Challenge, names: &[&str], code: AdviceCode, out: &mut Findings<'_>) {
    if let Some(name) = first_missing(challenge, names) {
        out.add(code, || {
            format!(
                "{} without `{name}`, which it requires",
                scheme_of(challenge)
            )
        });
    }
}

fn lint_gnap(challenge: &Challenge, out: &mut Findings<'_>) {
    let address = challenge.param("as_uri").and_then(WebAddress::of);
    out.add_if(address.is_none(), AdviceCode::GnapAsUriMissing, || {
        "gnap without an absolute URL in `as_uri`, where its grants are given".to_owned()
    });
}
