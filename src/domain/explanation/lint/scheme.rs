//! Pages of the lints on other schemes.

use crate::domain::explanation::Explanation;

/// The pages, in the order of the lints.
pub(super) static PAGES: [Explanation; 8] = [
    Explanation {
        code: "connection-auth-over-h2",
        title: "A scheme bound to its connection is on offer over HTTP/2",
        meaning: "`NTLM`, and `Negotiate` where it falls back to NTLM, authenticate the connection \
                  and not the request. HTTP/2 shares one connection among requests, and through a \
                  proxy among users, so logins fail, or count for the wrong caller.",
        causes: &["HTTP/2 was switched on in front of a service that uses Windows authentication."],
        first_steps: &[
            "Serve this host over HTTP/1.1 only (in IIS and nginx by leaving `http2` off), or move \
             to a scheme that authenticates each request.",
        ],
        rule: "RFC 7236, note on Negotiate: the scheme violates HTTP in being bound to its \
               connection; RFC 4559 §6 forbids proxies to share such a connection among clients.",
        related: &["ntlm-exposed", "challenge_mismatch"],
    },
    Explanation {
        code: "ntlm-exposed",
        title: "NTLM is on offer",
        meaning: "Its second message tells host and domain names to anyone who asks, and its \
                  responses can be relayed to other services or guessed offline.",
        causes: &["IIS has NTLM among its providers, by default beside Negotiate."],
        first_steps: &[
            "Remove the provider NTLM and keep `Negotiate:Kerberos`, or put the service behind an \
             identity provider; at the least demand TLS with channel binding.",
        ],
        rule: "MS-NTHT §4: the protocol has the weaknesses of NTLM itself, and clients log in \
               without seeing a realm.",
        related: &["challenge_insecure", "connection-auth-over-h2"],
    },
    Explanation {
        code: "oauth1",
        title: "OAuth 1.0 is on offer",
        meaning: "Few libraries still speak it, and its signatures rest on HMAC-SHA1 by custom.",
        causes: &["An old interface that was never retired."],
        first_steps: &[
            "Offer `Bearer` beside it, move the callers that the access log shows, and then take \
             it away.",
        ],
        rule: "RFC 5849 §3.5.1: the scheme `OAuth` is that of OAuth 1.0, which OAuth 2.0 replaces \
               (RFC 6749 §1).",
        related: &["scheme-unregistered", "scram-sha-1-only"],
    },
    Explanation {
        code: "scram-sha-1-only",
        title: "SCRAM is on offer with SHA-1 only",
        meaning: "What is stored on the server and what is captured on the wire can both be \
                  searched faster than with SHA-256.",
        causes: &["The accounts were made before the server knew better."],
        first_steps: &[
            "Offer `SCRAM-SHA-256` as well; the stored keys have to be made anew at each user's \
             next password change.",
        ],
        rule: "RFC 7804 §5: SCRAM-SHA-256 is the mechanism to implement, SHA-1 the older one.",
        related: &["digest-md5-only", "oauth1"],
    },
    Explanation {
        code: "hoba-param-missing",
        title: "A HOBA challenge lacks a required parameter",
        meaning: "Without `challenge` or `max-age` the client has nothing to sign, or does not \
                  know how long the signature counts.",
        causes: &["An unfinished or hand-written implementation."],
        first_steps: &["Send both: `HOBA max-age=\"180\", challenge=\"…\"`."],
        rule: "RFC 7486 §3: `challenge` and `max-age` are required, `realm` is not.",
        related: &["mutual-param-missing", "scheme-unregistered"],
    },
    Explanation {
        code: "mutual-param-missing",
        title: "A Mutual challenge lacks a required parameter",
        meaning: "The client cannot start the key exchange, because version, algorithm and \
                  validation method have to be agreed on first.",
        causes: &["The implementation follows an early draft."],
        first_steps: &[
            "Send `version`, `algorithm`, `validation`, `realm` and `reason` in the first 401, as \
             the final specification lists them.",
        ],
        rule: "RFC 8120 §4: each message of the scheme has a fixed set of parameters.",
        related: &["hoba-param-missing", "scheme-unregistered"],
    },
    Explanation {
        code: "private-token-challenge-missing",
        title: "A PrivateToken challenge without the token challenge",
        meaning: "The client has nothing to have a token issued for, so it passes the challenge \
                  by.",
        causes: &["A part of the issuer's settings is missing at the origin."],
        first_steps: &["Send both `challenge` and `token-key`, each in base64url."],
        rule: "RFC 9577 §2.1: `challenge` carries the token challenge and is required.",
        related: &["scheme-unregistered", "hoba-param-missing"],
    },
    Explanation {
        code: "gnap-as-uri-missing",
        title: "A GNAP challenge does not name its authorization server",
        meaning: "The client learns that a grant is needed, and not where to ask for one.",
        causes: &["The resource server was not told the address of its authorization server."],
        first_steps: &["Add `as_uri=\"https://…\"` to the challenge."],
        rule: "RFC 9635 §9.1: the challenge names the grant endpoint in `as_uri`.",
        related: &["resource-metadata-not-url", "scheme-unregistered"],
    },
];
