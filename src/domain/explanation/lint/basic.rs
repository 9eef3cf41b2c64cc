//! Pages of the lints on Basic challenges (RFC 7617).

use crate::domain::explanation::Explanation;

/// The pages, in the order of the lints.
pub(super) static PAGES: [Explanation; 3] = [
    Explanation {
        code: "basic-realm-missing",
        title: "A Basic challenge without a realm",
        meaning: "Clients store passwords by origin and realm. Without one, some do not prompt and \
                  others mix the passwords of separate areas.",
        causes: &[
            "A hand-written `WWW-Authenticate: Basic`, common in small services and functions.",
        ],
        first_steps: &[
            "Add `realm=\"NAME\"`: `auth_basic \"NAME\"` in nginx, `AuthName \"NAME\"` in Apache, \
             `basic_auth` with a realm in Caddy, `challenge: true, realm: 'NAME'` in \
             express-basic-auth.",
        ],
        rule: "RFC 7617 §2: the parameter `realm` is required.",
        related: &["realm-not-quoted", "digest-realm-missing"],
    },
    Explanation {
        code: "basic-charset-not-utf8",
        title: "Basic asks for a charset other than UTF-8",
        meaning: "The one allowed value is `UTF-8`; clients ignore any other and go on guessing, \
                  so that passwords with an umlaut fail for a part of the users.",
        causes: &["The charset of the page, such as `ISO-8859-1`, was written into the challenge."],
        first_steps: &[
            "Send `charset=\"UTF-8\"` and decode what arrives as UTF-8, or leave the parameter \
             out.",
        ],
        rule: "RFC 7617 §2.1: the only allowed value is `UTF-8`, in any letter case.",
        related: &["digest-charset-not-utf8", "realm-non-ascii"],
    },
    Explanation {
        code: "basic-extra-param",
        title: "A Basic challenge with an undefined parameter",
        meaning: "Clients ignore it, so whatever it was to bring about does not happen.",
        causes: &[
            "Parameters of another scheme were copied, such as `error=` or `scope=` of Bearer.",
        ],
        first_steps: &[
            "Remove it, or move it to the challenge of the scheme that defines it, as `Bearer` \
             does `error` and `scope`.",
        ],
        rule: "RFC 7617 §2: Basic defines `realm` and `charset` and nothing else; unknown \
               parameters are ignored.",
        related: &["bearer-error-unknown", "dup-param"],
    },
];
