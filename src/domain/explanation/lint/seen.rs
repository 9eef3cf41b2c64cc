//! Pages of the lints on what is seen around a challenge.

use crate::domain::explanation::Explanation;

/// The pages, in the order of the lints.
pub(super) static PAGES: [Explanation; 11] = [
    Explanation {
        code: "control_failing",
        title: "The rightful holder is not admitted either",
        meaning: "While the holder fails, a refusal of strangers proves little: a server that \
                  refuses everyone refuses them as well. Green checks with this mark are not \
                  evidence that the lock can tell people apart.",
        causes: &[
            "Secret, account, identity provider or the service itself is at fault, as the holder's \
             own finding says.",
        ],
        first_steps: &[
            "Mend the holder's check first, in `authvigil check NAME`; the mark goes with it.",
        ],
        rule: "A control that fails makes the experiment void: each set of refusals is read \
               together with one admission.",
        related: &["credential_rejected", "anonymous_admitted"],
    },
    Explanation {
        code: "credential-renewed",
        title: "What was kept was refused, and something new was shown",
        meaning: "A token or a session that should have held was refused. Another one was fetched \
                  and shown at once, and the verdict is about that one. The refusal is counted in \
                  `authvigil_token_fetches_total` with the outcome `refused`.",
        causes: &[
            "A session ended at the server before its cookie said so.",
            "The provider's keys were rotated, or its tokens revoked, before their time.",
            "The endpoint was restarted, and forgot whom it knew.",
            "Several servers behind one name do not share their sessions.",
        ],
        first_steps: &[
            "Now and then it is harmless. If it comes with every probe, look whether the endpoint \
             honours tokens for as long as the provider says (`expires_in`).",
            "Compare the clocks of endpoint and provider.",
        ],
        rule: "RFC 6750 §3.1: after `invalid_token` a client may ask for a new token and try again.",
        related: &["credential_rejected", "token_unavailable"],
    },
    Explanation {
        code: "challenge-drift",
        title: "The challenge differs from every accepted one",
        meaning: "The offer of schemes, realm and parameters is not the one that was first met, nor \
                  any that was accepted since. It may be a planned change; it may also be another \
                  server that answers. Values that differ from answer to answer, such as a nonce, \
                  are left out of the comparison.",
        causes: &[
            "An upgrade or a move changed realm, scheme or the address of the authorization server.",
            "One of several replicas is configured differently from the others.",
            "A proxy in front answers now, or dropped one of several challenges.",
        ],
        first_steps: &[
            "Compare the two forms in the message; look first at host names and at schemes that \
             were added or lost.",
            "If the change is meant, accept it: `authvigil accept NAME`.",
            "To be told as of a failure set `drift: alert` on the endpoint; to hear nothing of it, \
             `drift: ignore`.",
        ],
        rule: "Setting `drift`: `record`, the default, shows a change and advises; the first form \
               is learnt while the rightful holder is admitted, and later ones never by themselves.",
        related: &["challenge_changed", "challenge_mismatch"],
    },
    Explanation {
        code: "proxy-challenge-on-401",
        title: "A proxy's challenge came where the server's belongs",
        meaning: "A `Proxy-Authenticate` field, or a 407, came from what should be the origin \
                  server. Clients answer it with their proxy's password, or not at all.",
        causes: &[
            "A gateway that is a server to its callers uses the vocabulary of a proxy.",
            "A real proxy that intercepts traffic asks for a login.",
        ],
        first_steps: &[
            "Have the gateway answer 401 with `WWW-Authenticate`.",
            "If an intercepting proxy is the author, take the monitor's address out of its rule or \
             configure `proxy_url`.",
        ],
        rule: "RFC 9110 §15.5.8: 407 is for a client's own proxy and carries `Proxy-Authenticate`; \
               an origin server uses 401.",
        related: &["proxy_failure", "unexpected_status"],
    },
    Explanation {
        code: "challenge-on-success",
        title: "An answer that let the caller in carries a challenge",
        meaning: "It is allowed, as an invitation to authenticate for more; most often it is a \
                  leftover of a refusal whose status was changed, and then a page that should have \
                  been a 401.",
        causes: &[
            "nginx `error_page 401 =200` keeps the field and changes the status.",
            "A proxy adds the field to every answer, as Apache's `Header always add` does without \
             a condition, or code sets it and forgets to set the status or to stop, a classic of \
             PHP examples.",
        ],
        first_steps: &[
            "Look at the body: if it is an error or a login page, mend the status.",
            "If authentication is truly optional here, name the header in `headers:` and go on.",
        ],
        rule: "RFC 9110 §11.6.1: the field may come with other statuses, to say that credentials \
               might affect the answer.",
        related: &["login_page", "anonymous_admitted", "challenge_unexpected"],
    },
    Explanation {
        code: "cache-control-missing",
        title: "A protected answer does not keep caches away",
        meaning: "The answer to the holder has no `Cache-Control` with `private` or `no-store`. \
                  Correct shared caches leave it alone because of `Authorization`; with a cookie \
                  or key in another header, nothing tells them to, and a browser may keep it on \
                  disk.",
        causes: &["Nobody set it, and the framework has no default for it."],
        first_steps: &[
            "Send `Cache-Control: no-store` (or `private` where the browser may keep it) for \
             everything behind the lock: `add_header Cache-Control \"private, no-store\" always;` \
             in nginx, `Header always set` in Apache, `header` in Caddy, `res.set()` in Express; \
             Spring Security does so unless it was switched off.",
        ],
        rule: "RFC 9111 §5.2.2: `private` and `no-store` are the directives that keep an answer \
               out of shared caches, and out of all of them.",
        related: &["cacheable", "long-lived-refusal"],
    },
    Explanation {
        code: "cached-refusal",
        title: "A refusal came out of a cache",
        meaning: "A 401 or 403 with an `Age` was kept and is given to others, so that a caller \
                  with a good credential may be refused without the server ever seeing it.",
        causes: &[
            "The CDN caches errors for some seconds or minutes by default (\"negative caching\").",
        ],
        first_steps: &[
            "Set the lifetime of cached 401 and 403 to zero at the CDN, and send `Cache-Control: \
             no-store` with them.",
        ],
        rule: "RFC 9110 §15.1: 401 and 403 are not among the statuses that may be cached unless \
               the answer says so.",
        related: &["long-lived-refusal", "credential_rejected", "cacheable"],
    },
    Explanation {
        code: "long-lived-refusal",
        title: "A refusal may be kept for long",
        meaning: "Its `max-age` or `Expires` lets browsers and caches repeat it after the caller \
                  has logged in or got the right, which looks like a login that does not work.",
        causes: &[
            "A rule for static files sets a lifetime for every status: `add_header Cache-Control … \
             always` or `expires` for a whole server.",
        ],
        first_steps: &[
            "Limit the rule to successes (in nginx drop `always`), or send `no-store` with 401 and \
             403.",
        ],
        rule: "RFC 9111 §4.2: an answer with an explicit lifetime is reused until it ends, \
               whatever its status.",
        related: &["cached-refusal", "cache-control-missing"],
    },
    Explanation {
        code: "clock-skew",
        title: "The server's clock and this one differ",
        meaning: "The answer's `Date` is off by more than a minute from this machine. Tokens look \
                  expired or not yet valid, Digest nonces go stale at once, and signed requests \
                  are refused; logs of the two sides do not line up.",
        causes: &[
            "Time synchronisation has stopped on one of them, or a virtual machine was suspended.",
            "The answer is an old copy from a cache; then an `Age` stands beside the `Date`.",
        ],
        first_steps: &[
            "See which of the two is off: `chronyc tracking` or `timedatectl` on both, against a \
             third clock.",
            "Restart the synchronisation there; do not widen the tolerance of the token check to \
             cover it.",
        ],
        rule: "RFC 7519 §4.1.4: only a small leeway, usually no more than a few minutes, is meant \
               to account for clock skew.",
        related: &[
            "credential_expired",
            "credential_rejected",
            "certificate_invalid",
        ],
    },
    Explanation {
        code: "credential-redirect-foreign",
        title: "The holder is redirected to another origin",
        meaning: "The answer to a request with a credential points to another host, port or \
                  scheme. This monitor stops there; other clients follow, and some send cookies or \
                  key headers along to whoever is named.",
        causes: &[
            "A move to a new host name, `https` to `http` behind a proxy that ends TLS, or storage \
             that is handed out by signed addresses.",
        ],
        first_steps: &[
            "Answer at the new address, and have callers configure it rather than be redirected \
             with their credential in hand.",
            "Behind a proxy that ends TLS pass `X-Forwarded-Proto` on, so that the application \
             writes `https`.",
        ],
        rule: "RFC 9110 §15.4: when following a redirect automatically, a client should consider \
               removing fields such as `Authorization` that were made for the first server.",
        related: &[
            "credential_redirected",
            "redirected",
            "domain-foreign-origin",
        ],
    },
    Explanation {
        code: "secret-literal",
        title: "A secret stands in the configuration file",
        meaning: "Everyone who can read the file, its backups or its repository has the secret, \
                  and a rotation needs a reload.",
        causes: &["The literal form was convenient for a first try."],
        first_steps: &[
            "Put it into a file of its own and name that with the `_file` form (`password_file`, \
             `credentials_file`, `value_file`), under systemd by `LoadCredential=` and \
             `$CREDENTIALS_DIRECTORY`; then rotate it, for it has been read.",
        ],
        rule: "Secrets are references: `*_file`, `*_env`. What they name is read when a probe is \
               sent.",
        related: &["secret_unavailable", "credential_expiring"],
    },
];
