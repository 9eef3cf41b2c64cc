//! Rules of RFC 6750, of the step-up challenge (RFC 9470) and of resource metadata (RFC 9728).

use super::address::WebAddress;
use super::{Findings, scheme_of, shown};
use crate::domain::advice::AdviceCode;
use crate::domain::challenge::excerpt::excerpt;
use crate::domain::challenge::{Challenge, Param};

/// Registered error codes and the status that goes with each, 0 where none is laid down.
const ERRORS: &[(&str, u16)] = &[
    ("invalid_request", 400),
    ("invalid_token", 401),
    ("insufficient_scope", 403),
    ("insufficient_user_authentication", 401),
    ("use_dpop_nonce", 401),
    ("invalid_dpop_proof", 401),
    ("insufficient_claims", 0),
];

/// Where the metadata of a protected resource is kept, RFC 9728 §3.
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// Judges a Bearer challenge.
pub(super) fn lint(challenge: &Challenge, out: &mut Findings<'_>) {
    match &challenge.token68 {
        Some(word) => out.add(AdviceCode::BearerToken68, || {
            format!(
                "`bearer {}` carries an opaque word; it takes parameters",
                excerpt(word)
            )
        }),
        None => out.add_if(
            challenge.params.is_empty(),
            AdviceCode::BearerNoAuthParam,
            || "bearer without any parameter; at least one is due".to_owned(),
        ),
    }
    lint_error(challenge, out);
    lint_characters(challenge, out);
    lint_step_up(challenge, out);
}

fn lint_error(challenge: &Challenge, out: &mut Findings<'_>) {
    if let Some(param) = told_to_stranger(challenge, out) {
        out.add(AdviceCode::BearerErrorWithoutCredentials, || {
            format!(
                "{} tells of an error, yet no credentials were sent",
                shown(param)
            )
        });
    }
    let Some(error) = challenge.find("error") else {
        return;
    };
    let Some((_, status)) = ERRORS.iter().find(|(name, _)| *name == error.value) else {
        return out.add(AdviceCode::BearerErrorUnknown, || {
            format!("{} is not a registered error code", shown(error))
        });
    };
    let met = out.context.status;
    let other = *status != 0 && met != 0 && *status != met;
    out.add_if(other, AdviceCode::BearerErrorStatus, || {
        format!(
            "{} came with status {met}; it goes with {status}",
            shown(error)
        )
    });
}

/// The error information that a caller without credentials got, if any.
pub(super) fn told_to_stranger<'a>(
    challenge: &'a Challenge,
    out: &Findings<'_>,
) -> Option<&'a Param> {
    if out.context.credentials_sent {
        return None;
    }
    ["error", "error_description", "error_uri"]
        .iter()
        .find_map(|name| challenge.find(name))
}

fn lint_characters(challenge: &Challenge, out: &mut Findings<'_>) {
    for name in ["error", "error_description", "error_uri", "scope"] {
        let Some(param) = challenge.find(name) else {
            continue;
        };
        let found = param.value.chars().find(|character| !is_plain(*character));
        if let Some(character) = found {
            out.add(AdviceCode::BearerParamCharacters, || {
                let seen = excerpt(character.encode_utf8(&mut [0; 4]));
                format!("`{name}` holds `{seen}`; it takes visible ASCII without `\"` and `\\`")
            });
        }
    }
}

/// RFC 6750 §3: `%x20-21 / %x23-5B / %x5D-7E`.
fn is_plain(character: char) -> bool {
    matches!(character, ' '..='~') && !matches!(character, '"' | '\\')
}

/// A challenge of RFC 9470 says which authentication would do.
fn lint_step_up(challenge: &Challenge, out: &mut Findings<'_>) {
    if let Some(age) = challenge.find("max_age") {
        let whole = !age.value.is_empty() && age.value.bytes().all(|byte| byte.is_ascii_digit());
        out.add_if(!whole, AdviceCode::StepUpMaxAgeNotInteger, || {
            format!("{} is not a whole number of seconds", shown(age))
        });
    }
    let step_up = challenge.param("error") == Some("insufficient_user_authentication");
    let says = challenge
        .find("acr_values")
        .or_else(|| challenge.find("max_age"));
    out.add_if(
        step_up && says.is_none(),
        AdviceCode::StepUpRequirementMissing,
        || {
            "a stronger login is asked for without `acr_values` or `max_age` to say which"
                .to_owned()
        },
    );
}

/// Judges `resource_metadata`, which any scheme may carry, RFC 9728 §5.1.
pub(super) fn lint_metadata(challenge: &Challenge, out: &mut Findings<'_>) {
    let Some(metadata) = challenge.find("resource_metadata") else {
        return;
    };
    let Some(address) = WebAddress::of(&metadata.value) else {
        return out.add(AdviceCode::ResourceMetadataNotUrl, || {
            format!("{} is not an absolute URL", shown(metadata))
        });
    };
    let clear = !address.is_secure && !address.is_loopback();
    out.add_if(clear, AdviceCode::ResourceMetadataNotHttps, || {
        format!(
            "{} is fetched over clear text; it takes an https URL",
            shown(metadata)
        )
    });
    let unscoped = out.context.status == 401 && challenge.find("scope").is_none();
    out.add_if(
        unscoped && is_mcp(&address),
        AdviceCode::McpScopeMissing,
        || {
            let scheme = scheme_of(challenge);
            format!("{scheme} of an MCP server without `scope`; clients then ask for every scope")
        },
    );
}

/// Whether the address says in so many words that an MCP server is behind it.
fn is_mcp(address: &WebAddress<'_>) -> bool {
    let path = address.path.strip_prefix(WELL_KNOWN);
    path.is_some_and(|path| path.split('/').any(|segment| segment == "mcp"))
        || address
            .host()
            .split('.')
            .next()
            .is_some_and(|label| label.eq_ignore_ascii_case("mcp"))
}
