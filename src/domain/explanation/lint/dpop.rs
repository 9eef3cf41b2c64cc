//! Pages of the lints on `DPoP` challenges (RFC 9449).

use crate::domain::explanation::Explanation;

/// The pages, in the order of the lints.
pub(super) static PAGES: [Explanation; 4] = [
    Explanation {
        code: "dpop-algs-missing",
        title: "A DPoP challenge does not say which algorithms it takes",
        meaning: "The client has to guess how to sign its proof, and a wrong guess costs a round \
                  trip or the login.",
        causes: &["The parameter is optional in the library and was left at its default."],
        first_steps: &["Add `algs=\"ES256\"` or the list that the server verifies."],
        rule: "RFC 9449 §7.1: the challenge should carry `algs`, a list of signature algorithms \
               separated by spaces.",
        related: &["dpop-algs-symmetric", "dpop-nonce-missing"],
    },
    Explanation {
        code: "dpop-algs-symmetric",
        title: "A DPoP challenge offers an algorithm that proves nothing",
        meaning: "`none` is no signature, and one of the `HS` family uses a key that both sides \
                  hold. Neither shows that the sender owns a key pair, which is all that DPoP is \
                  for.",
        causes: &["The list was copied from the algorithms of access tokens."],
        first_steps: &[
            "Offer asymmetric algorithms only, such as `ES256`, `PS256` or `EdDSA`, and refuse \
             proofs made with others.",
        ],
        rule: "RFC 9449 §7.1: `algs` names the algorithms for proofs, which must be asymmetric \
               digital signatures.",
        related: &["dpop-algs-missing", "impostor_admitted"],
    },
    Explanation {
        code: "dpop-error-without-credentials",
        title: "DPoP error details for a caller who sent no token",
        meaning: "A client cannot tell a first invitation from a failed proof, and may discard a \
                  key or a token that is in order.",
        causes: &["Missing and failed proofs share a handler."],
        first_steps: &[
            "Leave `error` out where the request had no `Authorization`, save for \
             `use_dpop_nonce`, which asks for a nonce.",
        ],
        rule: "RFC 9449 §7.1: error information belongs to an answer to a request that tried to \
               authenticate.",
        related: &["bearer-error-without-credentials", "dpop-nonce-missing"],
    },
    Explanation {
        code: "dpop-nonce-missing",
        title: "A nonce is demanded and not given",
        meaning: "`use_dpop_nonce` tells the client to repeat its request with the nonce of this \
                  answer. Without exactly one `DPoP-Nonce` field the next proof fails as this one \
                  did.",
        causes: &[
            "A proxy strips the unknown field or adds a second one, or the error is sent by a \
             layer that does not issue nonces.",
        ],
        first_steps: &[
            "Send one `DPoP-Nonce` with that 401, let it through every proxy, and expose it to \
             browsers with `Access-Control-Expose-Headers`.",
        ],
        rule: "RFC 9449 §9: the server that wants a nonce supplies it in the `DPoP-Nonce` field of \
               the answer.",
        related: &["dpop-algs-missing", "dpop-error-without-credentials"],
    },
];
