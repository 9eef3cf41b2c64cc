//! Rules of RFC 7617.

use super::{Findings, shown};
use crate::domain::advice::AdviceCode;
use crate::domain::challenge::Challenge;

/// Judges a Basic challenge.
pub(super) fn lint(challenge: &Challenge, out: &mut Findings<'_>) {
    out.add_if(
        challenge.find("realm").is_none(),
        AdviceCode::BasicRealmMissing,
        || "basic without a realm; the realm is required, and may be empty".to_owned(),
    );
    if let Some(charset) = challenge.find("charset") {
        let utf8 = charset.value.eq_ignore_ascii_case("utf-8");
        out.add_if(!utf8, AdviceCode::BasicCharsetNotUtf8, || {
            format!(
                "{} of basic; the only charset allowed is UTF-8",
                shown(charset)
            )
        });
    }
    let mut extra = challenge
        .params
        .iter()
        .filter(|param| !is_defined(&param.name));
    if let Some(param) = extra.next() {
        out.add(AdviceCode::BasicExtraParam, || {
            format!(
                "{} is not defined for basic; clients ignore it",
                shown(param)
            )
        });
    }
}

fn is_defined(name: &str) -> bool {
    matches!(name, "realm" | "charset")
}
