//! Expectations: what an answer must be.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entries, Given, OneOrMany, Period, Statuses};

/// What a check must meet. What is left out has the default of the persona.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a map of expectations")]
pub(crate) struct Expectation {
    /// The statuses that are agreed: `401`, `2xx`, `200..=299`, `200-299`, or a list of these;
    /// `tls_refused` stands for a TLS handshake that the server refuses.
    pub(crate) status: Given<Statuses>,
    /// The challenges that are agreed, in the syntax of `WWW-Authenticate` and compared by meaning:
    /// `Basic realm="orders"`, or `Bearer realm=*` for any value. A list means that each must be on
    /// offer. `optional`: none needed. `none`: no `WWW-Authenticate` at all. Left out: any well-formed
    /// one.
    pub(crate) challenge: Given<OneOrMany>,
    /// Header name to exact text, `~regex`, `!~regex` (quoted), `absent` or `present`. Expressions are
    /// not anchored; a header passes if any of its field lines does, and `!~` if none does.
    pub(crate) headers: Given<Entries<String>>,
    /// What the body must say.
    pub(crate) body: Given<BodyRules>,
    /// The longest that a probe may take.
    pub(crate) max_duration: Given<Period>,
    /// `Location` of the first answer: exact text, `~regex` or `!~regex` (quoted).
    pub(crate) location: Given<String>,
    /// The least that must remain of a certificate's lifetime. Left out: `14d` or a quarter of the
    /// lifetime, whichever is less.
    pub(crate) certificate_min_remaining: Given<Period>,
    /// The least that must remain of the time for which the credential holds: to `exp` of a JWT, to
    /// the end of a client certificate. Left out: it may run out without a word.
    pub(crate) credential_min_remaining: Given<Period>,
}

/// What the body must say; all of it.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a map with `contains`, `matches`, `not_matches` or `json`"
)]
pub(crate) struct BodyRules {
    /// A text, or a list of texts, that must stand somewhere in the body.
    pub(crate) contains: Given<OneOrMany>,
    /// A regular expression, or a list of them, that must match somewhere in the body.
    pub(crate) matches: Given<OneOrMany>,
    /// A regular expression, or a list of them, that must not match anywhere in the body.
    pub(crate) not_matches: Given<OneOrMany>,
    /// JSONPath (RFC 9535) to the value that it must select: `$.status: up`.
    pub(crate) json: BTreeMap<String, serde_json::Value>,
}
