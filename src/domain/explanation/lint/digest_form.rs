//! Pages of the lints on what a Digest challenge holds and how it is written (RFC 7616).

use crate::domain::explanation::Explanation;

/// The pages, in the order of the lints.
pub(super) static PAGES: [Explanation; 9] = [
    Explanation {
        code: "digest-realm-missing",
        title: "A Digest challenge without a realm",
        meaning: "The realm goes into the computation; clients without one either give up or \
                  compute over an empty text that the server does not expect.",
        causes: &["The challenge is written by hand or by an embedded device."],
        first_steps: &[
            "Send `realm=\"NAME\"` with the name for which the stored hashes were made; in \
             lighttpd and Apache it is the middle field of the htdigest file.",
        ],
        rule: "RFC 7616 §3.3: `realm` is part of every Digest challenge.",
        related: &["basic-realm-missing", "digest-nonce-missing"],
    },
    Explanation {
        code: "digest-nonce-missing",
        title: "A Digest challenge without a nonce",
        meaning: "No client can answer it, because the nonce is what the response is computed \
                  from.",
        causes: &["The line was cut by a proxy, or the server's random source failed."],
        first_steps: &[
            "Compare with the server behind the proxy (`curl -si URL` at both), then look at the \
             server's log for its nonce store.",
        ],
        rule: "RFC 7616 §3.3: `nonce` is required, and should be new for each 401.",
        related: &["digest-realm-missing", "challenge_malformed"],
    },
    Explanation {
        code: "digest-qop-missing",
        title: "A Digest challenge without a qop",
        meaning: "Clients fall back to the form of 1997, without a client nonce or a counter. What \
                  is captured can be replayed, and the answer of the server proves nothing.",
        causes: &["An old server or device, or `AuthDigestQop none`."],
        first_steps: &[
            "Send `qop=\"auth\"`; in Apache remove `AuthDigestQop`, in a device look for a \
             firmware update.",
        ],
        rule: "RFC 7616 §3.3: the parameter is optional only for old implementations, and every \
               new one uses it.",
        related: &["digest-qop-unknown", "digest-md5-only"],
    },
    Explanation {
        code: "digest-domain-not-quoted",
        title: "The domain of a Digest challenge is not quoted",
        meaning: "A list of addresses holds characters that end a bare word, so clients may read a \
                  part of it or reject the line.",
        causes: &["A hand-written challenge."],
        first_steps: &[
            "Write `domain=\"/a /b\"`, or leave it out where it covers the whole server.",
        ],
        rule: "RFC 7616 §3.3: `domain` is sent as a quoted string.",
        related: &["domain-foreign-origin", "domain-file-path"],
    },
    Explanation {
        code: "digest-nonce-not-quoted",
        title: "The nonce of a Digest challenge is not quoted",
        meaning: "Strict clients refuse the line, and a nonce in base64 with `=` at its end is cut \
                  short by lenient ones.",
        causes: &[
            "The server is a device or a hand-written module that treats the nonce as a plain \
             word.",
        ],
        first_steps: &[
            "Write `nonce=\"…\"`; a nonce in hexadecimal digits is the form that survives most \
             readers meanwhile.",
        ],
        rule: "RFC 7616 §3.3: `nonce` is sent as a quoted string.",
        related: &["digest-opaque-not-quoted", "digest-qop-not-quoted"],
    },
    Explanation {
        code: "digest-opaque-not-quoted",
        title: "The opaque value of a Digest challenge is not quoted",
        meaning: "The client has to send it back unchanged; one that reads bare words and quoted \
                  strings differently sends back something else, and the server refuses.",
        causes: &[
            "The value was generated without quotation marks, or a proxy normalised them away.",
        ],
        first_steps: &[
            "Write `opaque=\"…\"`, and compare what comes back as a string and not with its marks.",
        ],
        rule: "RFC 7616 §3.3: `opaque` is sent as a quoted string, and returned unchanged by the \
               client.",
        related: &["digest-nonce-not-quoted", "digest-algorithm-quoted"],
    },
    Explanation {
        code: "digest-qop-not-quoted",
        title: "The qop of a Digest challenge is not quoted",
        meaning: "In the challenge it is a list and therefore quoted; with two members and no \
                  quotation marks the second is taken for a parameter.",
        causes: &[
            "The form of the client's answer, where `qop` is a bare word, was used for the \
             challenge.",
        ],
        first_steps: &["Write `qop=\"auth\"` or `qop=\"auth, auth-int\"` in the challenge."],
        rule: "RFC 7616 §3.3: the challenge carries `qop` as a quoted string, the client's answer \
               carries it bare.",
        related: &["digest-qop-unknown", "digest-algorithm-quoted"],
    },
    Explanation {
        code: "digest-algorithm-quoted",
        title: "The algorithm of a Digest challenge is quoted",
        meaning: "Most clients accept it; strict ones see an unknown algorithm and skip the \
                  challenge.",
        causes: &[
            "The server quotes every parameter alike, as several cameras and test servers do.",
        ],
        first_steps: &["Send `algorithm=SHA-256` without quotation marks."],
        rule: "RFC 7616 §3.3: `algorithm` must not be sent as a quoted string.",
        related: &["digest-stale-quoted", "digest-algorithm-unknown"],
    },
    Explanation {
        code: "digest-stale-quoted",
        title: "The stale flag of a Digest challenge is quoted",
        meaning: "A client that looks for the bare word does not see that only the nonce is old. \
                  It asks its user for a password that was right.",
        causes: &["Every parameter is put into quotation marks without looking at its kind."],
        first_steps: &["Send `stale=true`, bare."],
        rule: "RFC 7616 §3.3: `stale` must not be sent as a quoted string.",
        related: &["digest-algorithm-quoted", "credential_rejected"],
    },
];
