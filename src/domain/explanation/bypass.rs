//! Pages of the class `bypass`: somebody got in who must not.

use super::Explanation;

pub(super) static ANONYMOUS_ADMITTED: Explanation = Explanation {
    code: "anonymous_admitted",
    title: "A caller without credentials was let in",
    meaning: "A request that carried no credential at all met a 2xx. Whoever can reach this \
              address can read what the lock was to guard, and it stays exposed until a probe is \
              refused again.",
    causes: &[
        "The last deployment or reload dropped the rule: `auth_basic off`, a `permitAll()` that \
         matches more than it should, a middleware registered after the route it protects, or a \
         switch such as `AUTH_ENABLED=false` in the new environment.",
        "Another block now answers for this path: a more specific `location` or `<Location>`, a \
         variant with or without the trailing slash, or the default virtual host because the \
         `Host` is no longer known.",
        "A rule with alternatives is satisfied by the monitor's address alone: nginx `satisfy any` \
         with an `allow` line, or in Apache `Require ip` or `Require all granted` beside `Require \
         valid-user`, where one of them is enough.",
        "The server answers before it authenticates: nginx `return 200` runs ahead of \
         `auth_basic`, and Apache admits everybody where `AuthType` stands without a `Require` or \
         where `AllowOverride None` leaves an `.htaccess` unread.",
        "A shared cache or CDN hands strangers the copy that a rightful caller fetched.",
        "One replica came up without its configuration, so that only some connections get in.",
    ],
    first_steps: &[
        "Repeat it from another network with `curl -si URL`, without `-u`, cookie or key: a 2xx \
         there as well means exposed to all, a 401 there points at an address allow-list or a \
         health-check exemption.",
        "Look for `Age`, `X-Cache: HIT` or `CF-Cache-Status: HIT` in the answer; if one is there, \
         purge the path at the cache before anything else.",
        "Ask each replica by itself with `curl -si --resolve HOST:443:ADDRESS URL`, and take the \
         one that answers 2xx out of the load balancer.",
        "Compare the configuration in force with that of the last release: `nginx -T`, `apachectl \
         -S`, `kubectl diff`, the route table of the gateway; roll back if the cause is not plain \
         within minutes.",
        "Once it is shut, read the access log since the incident began for 2xx without a user \
         (`$remote_user` is `-`), to know who came in meanwhile.",
    ],
    rule: "RFC 9110 §11.4: a request for a protected resource that omits credentials should be \
           answered with 401 and a challenge. A 2xx to a stranger is told at the first answer, \
           however its body ends.",
    related: &["invalid_admitted", "login_page", "cacheable", "not_found"],
};

pub(super) static INVALID_ADMITTED: Explanation = Explanation {
    code: "invalid_admitted",
    title: "A made-up credential was let in",
    meaning: "A user, token, key or certificate that this monitor invented met a 2xx. Where \
              `anonymous` is refused at the same time, something still asks for a credential, but \
              nobody checks it any more: any value opens the door.",
    causes: &[
        "The gate tests only that a credential is present (a gateway rule on the existence of \
         `Authorization`, a cookie or `X-API-Key`), and the component that verified it has been \
         bypassed or removed.",
        "Tokens are decoded and not verified: a `decode` call where `verify` was meant, \
         `verify_signature: false`, a mock issuer or a development profile in production.",
        "Verification fails open because the directory, the introspection endpoint or the session \
         store is down: Envoy `failure_mode_allow: true`, an error handler that calls the next \
         middleware.",
        "Client certificates are requested but not required: nginx `ssl_verify_client \
         optional_no_ca` or Apache `SSLVerifyClient optional_no_ca`, with nobody reading \
         `$ssl_client_verify` or `SSL_CLIENT_VERIFY`.",
        "The route is not protected at all, and `anonymous` gets in as well.",
    ],
    first_steps: &[
        "Read the verdict of `anonymous` on the same endpoint: admitted as well, go on with \
         `anonymous_admitted`; refused, look for what verifies and not for what asks.",
        "Send two different inventions, `curl -si -H 'Authorization: Bearer a.b.c' URL` and `curl \
         -si -u nobody:nothing URL`; if both pass, no verifier is in the path.",
        "Look in the log of the identity provider, directory or authorizer for the second of the \
         probe: no line means never asked, a timeout means it failed open.",
        "Search the running configuration for `failure_mode_allow`, `optional_no_ca`, `permitAll` \
         and `verify`, and compare it with the last release.",
    ],
    rule: "RFC 9110 §11.4: a request with invalid credentials should be answered with 401 and a \
           challenge, as one without any. The made-up user cannot exist, so an account that \
           happens to match is ruled out.",
    related: &[
        "anonymous_admitted",
        "impostor_admitted",
        "token_unavailable",
    ],
};

pub(super) static IMPOSTOR_ADMITTED: Explanation = Explanation {
    code: "impostor_admitted",
    title: "A forged, spoilt or foreign credential was let in",
    meaning: "Something that resembles a real credential, but must be refused, met a 2xx. The name \
              of the check says what was done to it: `tampered`, `unsigned`, `truncated`, \
              `expired`, `empty`, `wrong_password`, or a `token_file` that is meant for somebody \
              else.",
    causes: &[
        "With `expired`: nobody checks `exp`, the leeway is hours rather than seconds, or a \
         positive answer of the introspection endpoint is cached beyond the token's life.",
        "With `tampered` or `truncated`: the signature is not verified, because the service trusts \
         a gateway in front that no longer verifies either; of a key that is no JWT, only a part is \
         compared, or case makes no difference.",
        "With `unsigned`: the verifier takes the algorithm from the token's own header and so \
         accepts `alg: none`; it has to be given the list of algorithms it may use.",
        "With `token_file`: the audience or issuer is not compared, or a revocation does not reach \
         this server (cached introspection, no list of revoked certificates, a self-contained \
         token that lives on until `exp`).",
        "With `empty`: the directory treats a simple bind with an empty password as anonymous and \
         reports success (RFC 4513 §5.1.2), and the application takes that for a login.",
        "With `wrong_password`: an authentication cache is keyed by the user alone, or an old hash \
         compares only the first eight characters.",
    ],
    first_steps: &[
        "Read which disguise it is in the name of the check, and confirm that the holder's own \
         check passes; a login page or a public document would admit everyone.",
        "Take the claims apart with `cut -d. -f2 FILE | basenc --base64url -d`, and hold `iss`, \
         `aud`, `exp` and the header's `alg` against what the service is configured to require.",
        "Find the validator's settings: `algorithms`, `audience`, `issuer`, `leeway` or \
         `clockSkew`, and whether verification is done in the service or assumed of the gateway.",
        "Ask the service directly, behind the gateway; a refusal there and an admission at the \
         edge says which of the two is at fault.",
        "If it is the signature, treat every token as forgeable: shut the endpoint, then look for \
         tokens in the log that the issuer never made (unknown `jti`, unknown `sub`).",
    ],
    rule: "RFC 9110 §11.4: invalid credentials are answered with 401. For JWTs, RFC 8725 §3.1, \
           §3.8 and §3.9 want algorithm, issuer and audience checked, and RFC 7519 §4.1.4 forbids \
           accepting one at or after its `exp`.",
    related: &["invalid_admitted", "credential_expired", "clock-skew"],
};
