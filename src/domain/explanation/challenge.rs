//! Pages of the class `challenge`: how the server asks for credentials.

use super::Explanation;

pub(super) static CHALLENGE_MISSING: Explanation = Explanation {
    code: "challenge_missing",
    title: "A 401 without a challenge",
    meaning: "The refusal does not say how to authenticate. Browsers show an error in place of a \
              login, and clients that negotiate (Git, container tools, many OAuth libraries) give \
              up instead of fetching a credential.",
    causes: &[
        "A handler of the application makes the 401 itself and forgets the field: \
         `res.status(401)` in Express, `HttpStatusEntryPoint` in Spring Security, a global \
         exception mapper.",
        "nginx adds it with `add_header` but without `always`, which leaves it out on a 401.",
        "A gateway, CDN or custom error page rewrites the 401 and drops `WWW-Authenticate`; \
         `proxy_hide_header` does so on purpose.",
        "Somebody removed it to keep the browser's password dialog away from a web application.",
    ],
    first_steps: &[
        "Ask the application behind the edge: `curl -si --resolve HOST:443:ORIGIN URL | grep -i \
         www-authenticate`; there and not at the edge means that something in front drops it.",
        "In the code, find who writes the 401: a middleware ahead of the authentication's own \
         handler is the usual suspect.",
        "In nginx write `add_header WWW-Authenticate 'Bearer realm=\"NAME\"' always;` beside \
         `return 401`.",
        "To keep dialogs away and the standard kept, send a scheme that browsers do not prompt \
         for, such as `Bearer`, to requests from scripts.",
        "If the endpoint is agreed to go without, set `refused: {challenge: optional}`.",
    ],
    rule: "RFC 9110 §11.6.1: a server that generates a 401 must send a `WWW-Authenticate` field \
           with at least one challenge.",
    related: &["challenge_mismatch", "forbidden_instead", "no-challenge"],
};

pub(super) static CHALLENGE_MALFORMED: Explanation = Explanation {
    code: "challenge_malformed",
    title: "A challenge breaks the grammar",
    meaning: "The strict reading of `WWW-Authenticate` failed at the byte that is shown. What a \
              lenient reading recovered is shown and matched beside it, but real clients recover \
              differently: some see another realm, some see no challenge at all.",
    causes: &[
        "Quotation marks inside a quoted realm are not escaped; nginx, for one, puts the text of \
         `auth_basic` on the wire as it is.",
        "The parameters are separated by spaces or semicolons in place of commas.",
        "A URL, a space or an `=` stands unquoted in a value.",
        "A proxy or gateway joined, cut or re-quoted the lines of several challenges.",
        "The scheme is followed by a colon, or is missing altogether.",
    ],
    first_steps: &[
        "See the byte: `authvigil probe URL` shows the line as received, the byte at which the \
         strict reading stopped, and what was recovered.",
        "Compare with the origin behind the edge; if only one of the two is malformed, you know \
         whose fault it is.",
        "Search the configuration or code for the text of the realm, and let a library write the \
         field where one is at hand.",
        "Write it as `Scheme name=\"value\", name=\"value\"`, with a backslash before any `\"` or \
         `\\` in a value; in nginx choose a realm without either.",
    ],
    rule: "RFC 9110 §11.3: a challenge is a scheme and then either one token68 or a \
           comma-separated list of `name=value` pairs whose values are tokens or quoted strings.",
    related: &[
        "challenge_mismatch",
        "orphan-param-line",
        "multi-on-one-line",
    ],
};

pub(super) static CHALLENGE_MISMATCH: Explanation = Explanation {
    code: "challenge_mismatch",
    title: "The challenge is not the one that was agreed",
    meaning: "There is a well-formed challenge, and it is not the one the expectation names: \
              another scheme, realm or parameter. Clients choose the stored credential by realm \
              and the method by scheme, so a change here breaks logins that are otherwise in \
              order.",
    causes: &[
        "The realm or scheme was changed by a release or a new default of the framework.",
        "Another component answers now: a gateway or sign-on proxy in front, or the default \
         virtual host, each with a realm of its own.",
        "Of several challenges one was lost: a proxy keeps only the first or last \
         `WWW-Authenticate` line.",
        "A value differs by a detail that counts: case or spacing of the realm, a missing `scope`, \
         a `qop` without the wanted member.",
    ],
    first_steps: &[
        "Lay expected and seen side by side in the finding; names and schemes are compared without \
         case, values byte for byte.",
        "An unknown realm: search for it in the configuration of everything between edge and \
         application to find who speaks.",
        "Count the lines at the edge and at the origin: `curl -si URL | grep -ic \
         '^www-authenticate'`.",
        "If the new challenge is right, change `challenge:` on the endpoint; write `*` for a value \
         that may vary.",
    ],
    rule: "RFC 9110 §11.6.1: the field tells which schemes and parameters apply to the resource, \
           and RFC 9110 §11.5 lets clients reuse credentials by realm. Proxies must not change it.",
    related: &[
        "challenge_changed",
        "challenge_missing",
        "challenge_insecure",
    ],
};

pub(super) static CHALLENGE_UNEXPECTED: Explanation = Explanation {
    code: "challenge_unexpected",
    title: "A challenge where none was agreed",
    meaning: "The expectation says `challenge: none`, and a `WWW-Authenticate` field came. In a \
              web application that logs in by script this makes the browser's own password dialog \
              appear over the page.",
    causes: &[
        "An update of the framework restored its default of offering Basic.",
        "A proxy in front authenticates as well, or passes on the field of its authentication \
         subrequest, as nginx `auth_request` does.",
        "The check expects `none` for a server that is in fact right to challenge.",
    ],
    first_steps: &[
        "Read scheme and realm in the evidence; they name the component that challenges.",
        "Compare edge and origin with `curl -si URL | grep -i www-authenticate` at each, to see \
         where it is added.",
        "Take it away at its source, or with `proxy_hide_header WWW-Authenticate` in an nginx in \
         front; Apache's `Header always unset` does not reach the challenge that Apache itself \
         adds.",
        "If a 401 is what this endpoint answers, drop `challenge: none`: the standard demands a \
         challenge there.",
    ],
    rule: "RFC 9110 §11.6.1: `WWW-Authenticate` is required with a 401 and allowed with any other \
           status. That it must be absent here is the agreement of this check.",
    related: &[
        "challenge_missing",
        "challenge-on-success",
        "challenge_changed",
    ],
};

pub(super) static CHALLENGE_CHANGED: Explanation = Explanation {
    code: "challenge_changed",
    title: "The challenge differs from every accepted one",
    meaning: "With `drift: alert`, the offer of schemes, realm and parameters was compared with \
              what has been accepted before, and it is new. Values that differ from answer to \
              answer, such as a nonce, are left out of the comparison.",
    causes: &[
        "A planned upgrade or move changed it, and nobody told the monitoring.",
        "A failover or a new replica answers with another configuration than its siblings.",
        "The address of the authorization server, token service or `resource_metadata` changed; a \
         foreign host there would collect the tokens of everyone who follows it.",
        "A scheme was added or lost: Basic as a fallback, MD5 in place of SHA-256.",
        "Somebody else answers: a proxy on the way, or a server that took over the name.",
    ],
    first_steps: &[
        "Read before and after in the notice, and look first at host names in URLs and at schemes \
         that were added.",
        "Ask several times, `for i in 1 2 3 4 5 6; do curl -si URL | grep -i www-authenticate; \
         done`: answers that alternate mean replicas that disagree.",
        "Find the change that explains it, in the deployment log of the service and of what stands \
         in front.",
        "Once it is explained, accept it with `authvigil accept NAME`; several accepted forms may \
         stand side by side.",
        "If nothing explains it, compare the certificate's issuer and fingerprint with the last \
         good answer before any credential is used there.",
    ],
    rule: "Setting `drift`: `record` shows a change and advises, `alert` makes it a finding until \
           it is accepted, `ignore` is silent. A change is never learnt while the rightful holder \
           fails.",
    related: &[
        "challenge_mismatch",
        "challenge_insecure",
        "certificate_invalid",
        "challenge-drift",
    ],
};

pub(super) static CHALLENGE_INSECURE: Explanation = Explanation {
    code: "challenge_insecure",
    title: "A weak way to log in is on offer",
    meaning: "Either Basic or Bearer is asked for over clear text, where everyone on the path can \
              read what the caller sends; or Basic or NTLM is on offer beside the stronger scheme \
              that the expectation names, and a client may choose it.",
    causes: &[
        "The plain HTTP listener serves the protected path where it should redirect to HTTPS or be \
         shut.",
        "A fallback is switched on: `GssapiBasicAuth On` beside Kerberos, IIS with Basic or NTLM \
         among its providers, a second filter chain with `httpBasic()`.",
        "TLS ends in front, and the endpoint's `url` names the internal listener behind it.",
        "A migration to a stronger scheme was begun and the old one never removed.",
    ],
    first_steps: &[
        "Read the line of the evidence that offers it, and whether the URL begins with `http://`.",
        "On port 80, answer with `return 301 https://$host$request_uri;` in nginx and no \
         `auth_basic`, so that no challenge ever invites a password there.",
        "For a fallback, find who still uses it (user agents with `Authorization: Basic` in the \
         log), move them, then take it out.",
        "Where the clear-text hop is deliberate and private, say so with `allow_cleartext: true` \
         on the endpoint.",
    ],
    rule: "RFC 7617 §4: Basic transmits the password in clear text and should not be used without \
           TLS; RFC 6750 §5.3 demands TLS for Bearer. A client may pick any challenge on offer, so \
           the weakest decides.",
    related: &["challenge_mismatch", "ntlm-exposed", "digest-md5-only"],
};
