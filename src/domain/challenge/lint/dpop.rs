//! Rules of RFC 9449.

use super::bearer::told_to_stranger;
use super::{Findings, shown};
use crate::domain::advice::AdviceCode;
use crate::domain::challenge::Challenge;
use crate::domain::challenge::excerpt::excerpt;

/// The error that asks for a nonce, §9; it goes to callers that know `DPoP`, with or without a
/// token.
const NONCE_WANTED: &str = "use_dpop_nonce";

/// Judges a `DPoP` challenge.
pub(super) fn lint(challenge: &Challenge, out: &mut Findings<'_>) {
    let error = challenge.param("error");
    match challenge.find("algs") {
        // Whoever gets an error has sent a proof, and so knows an algorithm: §9 shows it without.
        None => out.add_if(error.is_none(), AdviceCode::DpopAlgsMissing, || {
            "dpop without `algs`; it should say which algorithms a proof may use".to_owned()
        }),
        Some(algs) => {
            let symmetric = algs
                .value
                .split_ascii_whitespace()
                .find(|alg| is_symmetric(alg));
            if let Some(alg) = symmetric {
                out.add(AdviceCode::DpopAlgsSymmetric, || {
                    format!(
                        "`algs` offers `{}`, which proves no possession of a key",
                        excerpt(alg)
                    )
                });
            }
        }
    }
    if error == Some(NONCE_WANTED) {
        return lint_nonce(out);
    }
    if let Some(param) = told_to_stranger(challenge, out) {
        out.add(AdviceCode::DpopErrorWithoutCredentials, || {
            format!(
                "{} tells of an error, yet no credentials were sent",
                shown(param)
            )
        });
    }
}

fn lint_nonce(out: &mut Findings<'_>) {
    let Some(count) = out.context.dpop_nonces.filter(|count| *count != 1) else {
        return;
    };
    out.add(AdviceCode::DpopNonceMissing, || {
        format!("a nonce is asked for with {count} DPoP-Nonce fields; there is to be one")
    });
}

/// Whether the algorithm needs no private key, so that its proof proves nothing.
fn is_symmetric(alg: &str) -> bool {
    alg.eq_ignore_ascii_case("none")
        || alg
            .get(..2)
            .is_some_and(|start| start.eq_ignore_ascii_case("hs"))
}
