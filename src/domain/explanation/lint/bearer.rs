//! Pages of the lints on Bearer challenges (RFC 6750) and what builds on them (RFC 9470, RFC 9728).

use crate::domain::explanation::Explanation;

/// The pages, in the order of the lints.
pub(super) static PAGES: [Explanation; 11] = [
    Explanation {
        code: "bearer-no-auth-param",
        title: "A Bearer challenge without any parameter",
        meaning: "The caller learns that a token is wanted, and not from whom or for what.",
        causes: &[
            "A hand-written `WWW-Authenticate: Bearer`, or a framework without a configured realm.",
        ],
        first_steps: &[
            "Add what is known: `realm`, `scope`, or `resource_metadata` for clients that discover \
             the issuer by themselves.",
        ],
        rule: "RFC 6750 §3: the scheme must be followed by one or more parameters.",
        related: &["bearer-token68", "challenge_missing"],
    },
    Explanation {
        code: "bearer-token68",
        title: "A bare word follows Bearer",
        meaning: "It reads as one opaque value and not as a parameter, so that clients see a \
                  challenge without realm or error.",
        causes: &[
            "The realm's name was sent without `realm=`, or a value ends in `=` and lost its \
             quotation marks.",
        ],
        first_steps: &["Write `Bearer realm=\"NAME\"`."],
        rule: "RFC 6750 §3: Bearer is followed by parameters, and defines no opaque form.",
        related: &["token68", "bearer-no-auth-param"],
    },
    Explanation {
        code: "bearer-error-without-credentials",
        title: "Error details for a caller who sent no token",
        meaning: "A client that meets `invalid_token` may throw away a good token or its refresh \
                  token. It has no token at fault here; it has not sent one.",
        causes: &["The framework treats a missing token as an invalid one, a widespread default."],
        first_steps: &[
            "Leave out `error`, `error_description` and `error_uri` where the request had no \
             credentials: a separate branch in the entry point of Spring Security, or before the \
             verifying middleware in Express.",
        ],
        rule: "RFC 6750 §3.1: without authentication information in the request, the answer should \
               not include an error code or other error information.",
        related: &["dpop-error-without-credentials", "bearer-error-unknown"],
    },
    Explanation {
        code: "bearer-error-unknown",
        title: "An error code that is not registered",
        meaning: "Clients decide by the code whether to refresh, to ask for more scope, or to give \
                  up; one that they do not know leads to the last.",
        causes: &[
            "The service put a code of its own, or a sentence, where the standard has words.",
        ],
        first_steps: &[
            "Use `invalid_request`, `invalid_token` or `insufficient_scope`, and put the sentence \
             into `error_description`.",
        ],
        rule: "RFC 6750 §3.1: these codes are defined, and others are registered by the \
               specifications that add them.",
        related: &["bearer-error-status", "bearer-param-characters"],
    },
    Explanation {
        code: "bearer-error-status",
        title: "The error code does not fit the status",
        meaning: "Status and code tell the client two different stories: to get a new token, or \
                  that no token will help. Refresh loops come from this.",
        causes: &["One handler answers every failure with 401, or with 403, whatever its code."],
        first_steps: &[
            "Send `invalid_request` with 400, `invalid_token` with 401, and `insufficient_scope` \
             with 403.",
        ],
        rule: "RFC 6750 §3.1: each code is given together with the status that belongs to it.",
        related: &["bearer-error-unknown", "credential_forbidden"],
    },
    Explanation {
        code: "bearer-param-characters",
        title: "A Bearer value holds characters that it may not",
        meaning: "Clients that check the value drop the challenge or the parameter, mostly for a \
                  line of text in another language or a quotation mark in a message.",
        causes: &["An exception's message is passed on as `error_description`."],
        first_steps: &[
            "Send a fixed English text without `\"` and `\\`, or leave the description out; \
             details belong into the body or the log.",
        ],
        rule: "RFC 6750 §3: `error_description` is limited to printable ASCII without `\"` and \
               `\\`, and `scope` to such words with single spaces between them.",
        related: &["bearer-error-unknown", "realm-non-ascii"],
    },
    Explanation {
        code: "step-up-requirement-missing",
        title: "A step-up challenge does not say what it wants",
        meaning: "The client is told that its login is too weak or too old, and cannot know which \
                  stronger one to ask for, so it repeats the same.",
        causes: &["The error code was set without the parameters that belong to it."],
        first_steps: &[
            "Add `acr_values` with the wanted class, or `max_age` with the longest age in seconds, \
             or both.",
        ],
        rule: "RFC 9470 §3: with `insufficient_user_authentication` these parameters tell what the \
               resource needs.",
        related: &["step-up-max-age-not-integer", "bearer-error-unknown"],
    },
    Explanation {
        code: "step-up-max-age-not-integer",
        title: "The max_age of a step-up challenge is not a number of seconds",
        meaning: "Clients pass the value on to the authorization server, which refuses the request \
                  or ignores the limit.",
        causes: &["A duration with a unit (`5m`), a negative number, or a decimal fraction."],
        first_steps: &["Send whole seconds, such as `max_age=300`."],
        rule: "RFC 9470 §3: the value is a non-negative integer.",
        related: &["step-up-requirement-missing", "bearer-param-characters"],
    },
    Explanation {
        code: "resource-metadata-not-url",
        title: "The resource_metadata is not an absolute URL",
        meaning: "Clients fetch this address before they have a token; from a bare path or a host \
                  name they cannot.",
        causes: &[
            "The service builds it from a request whose `Host` or scheme a proxy has not passed \
             on.",
        ],
        first_steps: &[
            "Configure the public base address of the service, and send \
             `https://HOST/.well-known/oauth-protected-resource/PATH`.",
        ],
        rule: "RFC 9728 §5.1: the parameter is the URL of the protected resource's metadata.",
        related: &["resource-metadata-not-https", "bearer-no-auth-param"],
    },
    Explanation {
        code: "resource-metadata-not-https",
        title: "The resource_metadata is fetched over clear text",
        meaning: "Whoever sits on the path can answer in the server's stead and name an \
                  authorization server of their own, to which clients then log in.",
        causes: &["TLS ends at a proxy, and the service writes the scheme that it sees itself."],
        first_steps: &[
            "Pass `X-Forwarded-Proto` on and have the service trust it, or configure the public \
             address.",
        ],
        rule: "RFC 9728 §3: the metadata is to be had by `https`.",
        related: &["resource-metadata-not-url", "challenge_insecure"],
    },
    Explanation {
        code: "mcp-scope-missing",
        title: "The 401 of an MCP server does not name a scope",
        meaning: "Clients then ask for every scope that the metadata lists, and users are shown a \
                  longer list of rights than the work needs.",
        causes: &[
            "The server's library does not fill it in, because the scope of an operation is not \
             known to it.",
        ],
        first_steps: &[
            "Add `scope=\"…\"` with the least that the request needs to the Bearer challenge.",
        ],
        rule: "MCP authorization 2025-11-25: the challenge of the 401 should include `scope`.",
        related: &["bearer-no-auth-param", "resource-metadata-not-url"],
    },
];
