//! Pages of the lints on what a Digest challenge offers, and to whom (RFC 7616).

use crate::domain::explanation::Explanation;

/// The pages, in the order of the lints.
pub(super) static PAGES: [Explanation; 9] = [
    Explanation {
        code: "digest-algorithm-unknown",
        title: "A Digest algorithm that is not registered",
        meaning: "Clients must skip a challenge whose algorithm they do not know; if it is the \
                  only one, nobody can log in.",
        causes: &["A spelling of one's own, such as `SHA256` or `SHA-512/256`."],
        first_steps: &[
            "Use a registered name: `SHA-256`, `SHA-512-256` or `MD5`, each also with `-sess`.",
        ],
        rule: "RFC 7616 §6.1: algorithm names are kept in a registry at IANA.",
        related: &["digest-md5-only", "unknown-scheme-first"],
    },
    Explanation {
        code: "digest-qop-unknown",
        title: "No known value in the qop",
        meaning: "Clients ignore the values that they do not know, and are left with none, which \
                  means the weak form of 1997 or a refusal.",
        causes: &["A misspelt value, or the list was written with semicolons."],
        first_steps: &[
            "Offer `auth`, and `auth-int` beside it only where the server really hashes bodies.",
        ],
        rule: "RFC 7616 §3.3: the defined values are `auth` and `auth-int`; unknown ones are \
               ignored.",
        related: &["digest-qop-missing", "digest-qop-not-quoted"],
    },
    Explanation {
        code: "digest-charset-not-utf8",
        title: "Digest asks for a charset other than UTF-8",
        meaning: "Users with characters outside ASCII in name or password are hashed differently \
                  by client and server, and cannot log in.",
        causes: &["The server's own encoding was written into the challenge."],
        first_steps: &["Send `charset=UTF-8`, and make the stored hashes from UTF-8 as well."],
        rule: "RFC 7616 §3.3: the only allowed value is `UTF-8`.",
        related: &["basic-charset-not-utf8", "digest-userhash-unknown"],
    },
    Explanation {
        code: "digest-userhash-unknown",
        title: "The userhash flag is neither true nor false",
        meaning: "Clients treat anything but `true` as `false` and send the user's name in clear, \
                  which is what the flag was to prevent.",
        causes: &["A number or `yes` was written where a word of the standard belongs."],
        first_steps: &[
            "Send `userhash=true` if the server can look up hashed names, otherwise leave it out.",
        ],
        rule: "RFC 7616 §3.3: the valid values are `true` and `false`.",
        related: &["digest-charset-not-utf8", "digest-qop-unknown"],
    },
    Explanation {
        code: "digest-md5-only",
        title: "Digest is on offer with MD5 only",
        meaning: "A captured exchange can be searched offline for the password at great speed, and \
                  the stored hashes are as good as the passwords themselves.",
        causes: &[
            "The server knows nothing else: Apache's `mod_auth_digest` is such a one.",
            "It was never configured beyond its default.",
        ],
        first_steps: &[
            "Offer `SHA-256` first and keep MD5 behind it until the last old client is gone: \
             `auth.require` with `\"algorithm\" => \"SHA-256\"` in lighttpd.",
            "Where the server cannot, use Basic or Bearer over TLS, which is the stronger choice \
             today.",
        ],
        rule: "RFC 7616 §3.7: SHA-256 is to be implemented, and MD5 is there for old clients \
               alone.",
        related: &[
            "md5-first",
            "digest-algorithm-unknown",
            "challenge_insecure",
        ],
    },
    Explanation {
        code: "md5-first",
        title: "MD5 stands before a stronger algorithm",
        meaning: "Clients take the first challenge that they can answer, so most of them answer \
                  the weak one although a better one follows.",
        causes: &["The challenges are sent in alphabetical order or in that of the user files."],
        first_steps: &["Send the strongest first: `SHA-512-256`, `SHA-256`, then `MD5`."],
        rule: "RFC 7616 §3.7: several Digest challenges are sent in the order of preference, the \
               most preferred first.",
        related: &["digest-md5-only", "digest-same-algorithm"],
    },
    Explanation {
        code: "digest-same-algorithm",
        title: "Two Digest challenges ask for the same algorithm",
        meaning: "A client answers one of them, and which one is chance; if they differ in realm \
                  file or nonce, it is refused every other time.",
        causes: &["Two modules protect the path, or two proxies each add one."],
        first_steps: &[
            "Remove one of the two; `curl -si URL` at edge and origin tells who adds which. For \
             two realms, protect two paths.",
        ],
        rule: "RFC 7616 §3.7: if several challenges are sent, each must name another algorithm.",
        related: &["md5-first", "dup-param"],
    },
    Explanation {
        code: "domain-foreign-origin",
        title: "The domain names another origin",
        meaning: "Clients may send their Digest answer to every address listed there without being \
                  asked again, so a foreign host gets what it needs to guess the password.",
        causes: &["The public and the internal name of one service, or leftovers of a move."],
        first_steps: &["List only paths of this origin, or leave `domain` out."],
        rule: "RFC 7616 §3.3: `domain` is a list of addresses that share the credentials, and may \
               name other servers.",
        related: &["credential-redirect-foreign", "domain-file-path"],
    },
    Explanation {
        code: "domain-file-path",
        title: "The domain is a path on the server's disk",
        meaning: "Clients read it as a path of the URL, find that it does not cover the request, \
                  and ask for the password again for each page. It also tells strangers where the \
                  files lie.",
        causes: &[
            "A directive that wants a URI was given the document root, such as `AuthDigestDomain \
             /var/www/html`.",
        ],
        first_steps: &[
            "Write the path as it stands in URLs, such as `AuthDigestDomain /private/`.",
        ],
        rule: "RFC 7616 §3.3: the members of `domain` are URIs.",
        related: &["domain-foreign-origin", "digest-domain-not-quoted"],
    },
];
